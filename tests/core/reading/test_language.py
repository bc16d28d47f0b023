"""A reader that is asked for a language."""

from __future__ import annotations

import string

import pytest

from ocrx.artifacts import ModelSpec
from ocrx.errors import UsageError
from ocrx.plugins.registrar import Registrar
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.reading.reader import Reader
from support.fakeparts import ColourDetector, ColourRecognizer


class English(ColourRecognizer):
    charset = string.printable


class Silent(ColourRecognizer):
    """Does not say what it reads."""


def model(name: str, *languages: str) -> ModelSpec:
    return ModelSpec(name, "recognition", {}, languages=languages)


def registry() -> Registry:
    registrar = Registrar("fake", "fake")
    registrar.add("detector", "paddle", lambda request: ColourDetector())
    registrar.add(
        "recognizer",
        "paddle",
        lambda request: English(),
        models=lambda: {"small": model("small", "en", "de", "ja"), "viet": model("viet", "vi")},
    )
    registrar.add(
        "recognizer",
        "silent",
        lambda request: Silent(),
        models=lambda: {"": model("silent", "en", "ja", "th")},
    )
    return Registry([PluginRecord("fake", "fake", "1", registrar.added)])


@pytest.mark.parametrize("asked", ["en", "en-GB", "ms"])
def test_a_language_whose_letters_are_all_known_is_read(asked: str) -> None:
    Reader(language=asked, registry=registry(), orienter=None).close()


def test_a_language_of_other_letters_is_refused_with_the_model_that_has_it() -> None:
    with pytest.raises(
        UsageError, match=r"'paddle' cannot read Vietnamese \(vi\): it lacks"
    ) as why:
        Reader(language="vi", registry=registry(), orienter=None)
    assert "of its letters (" in why.value.message
    assert why.value.remedy == "Read with one that can: paddle:viet."


def test_what_a_model_claims_does_not_make_up_for_letters_it_lacks() -> None:
    with pytest.raises(UsageError, match=r"cannot read German \(de\): it lacks 7 of its letters"):
        Reader(language="de", registry=registry(), orienter=None)


@pytest.mark.parametrize("recognizer", ["paddle", "silent"])
def test_where_letters_are_not_known_the_claim_counts(recognizer: str) -> None:
    Reader(recognizer=recognizer, language="ja", registry=registry(), orienter=None).close()


def test_where_nobody_can_read_a_language_the_error_says_so() -> None:
    with pytest.raises(UsageError, match="it lacks") as why:
        Reader(language="ru", registry=registry(), orienter=None)
    assert why.value.remedy.startswith("No model that is known here can")


def test_a_language_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(UsageError, match="the language 'klingon' is unknown"):
        Reader(language="klingon", registry=registry(), orienter=None)
