"""Options: read from strings or values, nothing unknown, errors that name the known ones."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.errors import UnknownOption
from ocrx.plugins.options import NoOptions, describe_options, make_options


@dataclass(frozen=True)
class Options:
    size: int = 960
    ratio: float = 1.5
    fast: bool = False
    title: str = ""
    mode: Literal["min", "max", 8] = "min"
    threads: int | None = None
    limit: float | None = None
    label: int | str = 0

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("size must not be negative")


@dataclass(frozen=True)
class Required:
    name: str


@dataclass(frozen=True)
class Odd:
    places: list[int] = field(default_factory=list)


instances = st.builds(
    Options,
    size=st.integers(min_value=0),
    ratio=st.floats(allow_nan=False),
    fast=st.booleans(),
    title=st.text(),
    mode=st.sampled_from(["min", "max", 8]),
    threads=st.none() | st.integers(),
    limit=st.none() | st.floats(allow_nan=False),
    label=st.integers() | st.sampled_from(["a", "none", "1.5", "true"]),
)


@given(instances)
def test_values_come_back_as_they_are(options: Options) -> None:
    assert make_options(Options, asdict(options), "x") == options


@given(instances)
def test_strings_are_read_as_the_type_of_the_field(options: Options) -> None:
    words = {name: str(value) for name, value in asdict(options).items()}
    words = {name: "none" if word == "None" else word for name, word in words.items()}
    assert make_options(Options, {**words, "title": options.title}, "x") == options


@given(st.dictionaries(st.sampled_from([*asdict(Options())]), st.text() | st.floats() | st.none()))
def test_any_value_is_taken_or_refused_and_nothing_else(values: dict[str, Any]) -> None:
    with suppress(UnknownOption):
        assert isinstance(make_options(Options, values, "x"), Options)


def test_nothing_given_is_the_default() -> None:
    assert make_options(Options, {}, "x") == Options()
    assert make_options(NoOptions, {}, "x") == NoOptions()


def test_numbers_of_numpy_are_numbers() -> None:
    options = make_options(Options, {"size": np.int64(3), "ratio": np.float32(0.5)}, "x")
    assert (options.size, options.ratio) == (3, 0.5)
    assert (type(options.size), type(options.ratio)) == (int, float)


def test_an_unknown_option_lists_the_known_and_the_nearest() -> None:
    with pytest.raises(UnknownOption) as caught:
        make_options(Options, {"thread": 2}, "detector 'paddle'")
    assert caught.value.message == "detector 'paddle' has no option 'thread'"
    assert caught.value.remedy.startswith("Did you mean 'threads'? It knows: size, ratio, fast,")
    assert caught.value.exit_code == 2


def test_a_component_without_options_says_so() -> None:
    with pytest.raises(UnknownOption, match="It knows: none"):
        make_options(NoOptions, {"size": 1}, "x")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"size": "big"}, "option 'size': 'big' is not an integer"),
        ({"size": 1.0}, "option 'size': 1.0 is not an integer"),
        ({"size": True}, "option 'size': True is not an integer"),
        ({"size": None}, "option 'size': None is not an integer"),
        ({"ratio": "wide"}, "option 'ratio': 'wide' is not a number"),
        ({"ratio": True}, "option 'ratio': True is not a number"),
        ({"ratio": [1]}, r"option 'ratio': \[1\] is not a number"),
        ({"fast": "maybe"}, "option 'fast': 'maybe' is not true or false"),
        ({"fast": 2}, "option 'fast': 2 is not true or false"),
        ({"title": 3}, "option 'title': 3 is not a text"),
        ({"mode": "mid"}, "option 'mode': 'mid' is not one of min, max, 8"),
        ({"threads": "many"}, r"option 'threads': 'many' is not int\|none"),
        ({"limit": [1]}, r"option 'limit': \[1\] is not float\|none"),
        ({"size": -1}, "size must not be negative"),
    ],
)
def test_a_wrong_value_names_option_value_and_reason(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnknownOption, match=f"^x: {reason}.") as caught:
        make_options(Options, values, "x")
    assert "Its options are: size: int = 960; ratio: float = 1.5;" in caught.value.remedy


def test_an_option_without_default_is_required() -> None:
    assert make_options(Required, {"name": "a"}, "x") == Required("a")
    with pytest.raises(UnknownOption, match=r"x: .*name"):
        make_options(Required, {}, "x")


def test_an_option_of_a_type_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(UnknownOption, match="an option cannot have the type list"):
        make_options(Odd, {"places": "1"}, "x")


def test_options_describe_themselves() -> None:
    assert describe_options(Options) == {
        "size": "int = 960",
        "ratio": "float = 1.5",
        "fast": "bool = False",
        "title": "str = ''",
        "mode": "min|max|8 = 'min'",
        "threads": "int|none = None",
        "limit": "float|none = None",
        "label": "int|str = 0",
    }
    assert describe_options(Required) == {"name": "str"}
