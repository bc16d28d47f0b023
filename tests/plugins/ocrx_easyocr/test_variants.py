"""Which model is meant, and a user's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from ocrx import Reader
from ocrx.errors import UnknownName, UnknownOption, WeightsError
from ocrx.weights.store import Store
from ocrx_easyocr.catalogue import characters_of, charset, specs
from ocrx_easyocr.settings import RecognitionOptions
from ocrx_easyocr.variants import detector, recognizer
from support.easyocr_networks import Crnn, Resnet, Vgg, filled
from support.tiny_recognizer import write_tiny

CHARACTERS = "abcdefgh 0123"


def test_the_default_is_english() -> None:
    chosen = recognizer("", RecognitionOptions())
    assert chosen == recognizer("english_g2", RecognitionOptions())
    assert (chosen.charset, chosen.unread) == (charset("english_g2"), frozenset())
    assert detector("") == detector("craft")


@pytest.mark.parametrize("variant", specs("recognition"))
def test_every_model_reads_the_languages_that_it_lists(variant: str) -> None:
    spec = specs("recognition")[variant]
    assert {"en"} <= set(spec.languages)
    for language in spec.languages:
        chosen = recognizer(variant, RecognitionOptions(languages=language))
        allowed = set(chosen.charset) - chosen.unread
        assert set("0123456789") <= allowed <= characters_of(variant, language)
        assert len(chosen.charset) > len(chosen.unread)


def test_languages_are_read_together() -> None:
    options = RecognitionOptions(languages="de, fr")
    chosen = recognizer("latin_g2", options)
    assert set("äßçœ") & chosen.unread == set()
    assert {"ł", "ı"} <= chosen.unread


def test_an_unknown_language_lists_the_known() -> None:
    with pytest.raises(UnknownOption, match="does not read the language 'fr'") as caught:
        recognizer("cyrillic_g2", RecognitionOptions(languages="ru,fr"))
    assert "It reads: ru, sr-Cyrl" in caught.value.remedy


def test_an_unknown_model_lists_the_known() -> None:
    with pytest.raises(UnknownName, match="no EasyOCR recognition model 'latin_g3'") as caught:
        recognizer("latin_g3", RecognitionOptions())
    assert "Did you mean 'latin_g" in caught.value.remedy
    assert "english_g2" in caught.value.remedy
    with pytest.raises(UnknownName, match="detection model 'dbnet18'"):
        detector("dbnet18")


def own(folder: Path, features: torch.nn.Module, width: int, characters: str = CHARACTERS) -> Path:
    """A user's model, as EasyOCR takes it: weights, a description, and Python that must not run."""
    module = filled(Crnn(features, width, hidden=8, classes=len(CHARACTERS) + 1))
    torch.save(torch.nn.DataParallel(module).state_dict(), folder / "own.pth")
    (folder / "own.py").write_text("raise SystemExit('the code of a model was run')")
    (folder / "own.yaml").write_text(
        "network_params: {input_channel: 1, output_channel: 16, hidden_size: 8}\n"
        f"imgH: 64\nlang_list: ['en']\ncharacter_list: '{characters}'\n",
        "utf-8",
    )
    return folder / "own.pth"


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".pth", ".yaml"])
@pytest.mark.parametrize("features", [Vgg, Resnet])
def test_a_model_of_one_s_own_reads(tmp_path: Path, features: type, suffix: str) -> None:
    path = own(tmp_path, features(16), 16)
    with Reader(
        recognizer=f"easyocr:{path.with_suffix(suffix)}", layout="line", min_score=0, offline=True
    ) as reader:
        page = reader.read(np.random.default_rng(0).integers(0, 256, (40, 200, 3), np.uint8))
    assert [used.model for used in page.used] == ["own"]
    assert set(page.text) <= set(CHARACTERS)


def test_a_description_of_another_model_is_refused(tmp_path: Path) -> None:
    path = own(tmp_path, Vgg(16), 16, characters="abc")
    with pytest.raises(WeightsError, match=r"14 classes, .*own\.yaml lists 3 characters"):
        recognizer(str(path), RecognitionOptions())


def test_a_missing_or_bad_description_is_named(tmp_path: Path) -> None:
    path = own(tmp_path, Vgg(16), 16)
    for content, told in (
        (None, "cannot be read"),
        ("a: [", "is not YAML"),
        ("imgH: 64", "gives no character_list"),
        ("- a list", "gives no character_list"),
    ):
        path.with_suffix(".yaml").unlink(missing_ok=True)
        if content:
            path.with_suffix(".yaml").write_text(content)
        with pytest.raises(WeightsError, match=rf"own\.yaml.* {told}"):
            recognizer(str(path), RecognitionOptions())


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path: Path) -> None:
    path = own(tmp_path, Vgg(16), 16)
    with pytest.raises(WeightsError, match=r"it has no basenet\.slice1\.0\.weight"):
        Reader(detector=f"easyocr:{path}", offline=True)


def test_the_weights_of_the_extra_are_upstream_s() -> None:
    store = Store(offline=True)
    for spec in (specs("detection")["craft"], specs("recognition")["english_g2"]):
        (source,) = spec.artifacts.values()
        assert store.locate(source).origin == "package"
        store.path(source)  # verified
        assert source.url is not None
        assert source.url.startswith("https://github.com/JaidedAI/EasyOCR/releases/download/")
        assert source.member == source.filename


def test_a_recogniser_that_was_trained_on_says_what_it_knows(tmp_path: Path) -> None:
    path = write_tiny(tmp_path / "own.onnx")
    with pytest.raises(WeightsError, match="no charset, or no height"):
        recognizer(str(path), RecognitionOptions())
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {"character": "a\nb\n ", "height": "48"})
    onnx.save(model, str(path))
    chosen = recognizer(str(path), RecognitionOptions())
    assert chosen.charset == "ab "
    assert chosen.spec.formats == ("onnx",)
    assert next(iter(chosen.spec.shapes.values()))[2] == 48
