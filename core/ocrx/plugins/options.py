"""Options of a component: a dataclass that is filled from names and values, and checks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from ocrx.errors import UnknownOption
from ocrx.system.suggest import did_you_mean

T = TypeVar("T")

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off")


@dataclass(frozen=True)
class NoOptions:
    """The options of a component that has none."""


@dataclass(frozen=True)
class CtcOptions:
    """The base of the options of recognisers that are CTC networks. Their models take `near_tie`.

    `near_tie` is a ratio. In bf16 a line is read again in fp32 if at some step the second best
    class has at least `near_tie` times the probability of the best. Above 1 no line is read again.
    None leaves the choice to the reader.
    """

    near_tie: float | None = None

    def __post_init__(self) -> None:
        if self.near_tie is not None and not self.near_tie >= 0:
            raise ValueError(f"near_tie must be at least 0, not {self.near_tie}")


def make_options(cls: type[T], values: Mapping[str, Any], owner: str) -> T:
    """An instance of the dataclass `cls` with `values`. Strings are parsed as the field's type.

    `owner` names the component in errors. Raises UnknownOption, which lists the known options, for
    an unknown name, a value of the wrong type, or one that `cls` refuses with a ValueError.
    """
    known = describe_options(cls)
    hints = get_type_hints(cls)
    for name in values:
        if name not in known:
            raise UnknownOption(
                f"{owner} has no option {name!r}",
                f"{did_you_mean(name, known)}It knows: {', '.join(known) or 'none'}.",
            )
    try:
        return cls(**{name: _read_option(name, hints[name], values[name]) for name in values})
    except (TypeError, ValueError) as error:
        raise UnknownOption(f"{owner}: {error}", f"Its options are: {_listing(known)}.") from error


def describe_options(cls: type) -> dict[str, str]:
    """Each option of the dataclass `cls` with its type and default, for people to read."""
    hints = get_type_hints(cls)
    return {
        f.name: _type_name(hints[f.name]) + ("" if f.default is MISSING else f" = {f.default!r}")
        for f in fields(cls)
    }


def _listing(known: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {kind}" for name, kind in known.items())


def _type_name(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return "|".join(str(one) or "''" for one in get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        return "|".join(map(_type_name, get_args(hint)))
    return "none" if hint is NoneType else getattr(hint, "__name__", str(hint))


def _read_option(name: str, hint: Any, value: Any) -> Any:
    try:
        return _read(hint, value)
    except ValueError as error:
        raise ValueError(f"option {name!r}: {error}") from error


def _read(hint: Any, value: Any) -> Any:
    """`value` as the type `hint`, parsed if it is a string. Raises ValueError for a misfit."""
    if get_origin(hint) in (Union, UnionType):
        return _read_any(get_args(hint), value)
    if get_origin(hint) is Literal:
        return _read_choice(get_args(hint), value)
    if hint in _READERS:
        return _READERS[hint](value)
    raise TypeError(f"an option cannot have the type {_type_name(hint)}")


def _read_any(hints: tuple[Any, ...], value: Any) -> Any:
    for hint in sorted(hints, key=lambda h: h is str):
        try:
            return _read(hint, value)
        except ValueError:
            continue
    raise ValueError(f"{value!r} is not {'|'.join(map(_type_name, hints))}")


def _read_choice(choices: tuple[Any, ...], value: Any) -> Any:
    for choice in choices:
        if str(choice) == str(value):
            return choice
    known = ", ".join(str(choice) or "''" for choice in choices)
    raise ValueError(f"{value!r} is not one of {known}")


def _read_none(value: Any) -> None:
    if value is not None and value not in ("", "none"):
        raise ValueError(f"{value!r} is not none")


def _read_bool(value: Any) -> bool:
    word = str(value).lower()
    if word not in _TRUE + _FALSE:
        raise ValueError(f"{value!r} is not true or false")
    return word in _TRUE


def _read_int(value: Any) -> int:
    if isinstance(value, (Integral, str)) and not isinstance(value, bool):
        with suppress(ValueError):
            return int(value)
    raise ValueError(f"{value!r} is not an integer")


def _read_float(value: Any) -> float:
    if isinstance(value, (Real, str)) and not isinstance(value, bool):
        with suppress(ValueError):
            return float(value)
    raise ValueError(f"{value!r} is not a number")


def _read_str(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    return value


_READERS: dict[Any, Callable[[Any], Any]] = {
    NoneType: _read_none,
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    str: _read_str,
}
