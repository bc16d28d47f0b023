"""What to draw: options, from the command line, a file, or Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ocrx.errors import UsageError
from ocrx.system.suggest import did_you_mean
from ocrx.system.text import printable
from ocrx_training.files import is_number, is_text, is_whole, read_toml
from ocrx_training.synth.fonts import Split
from ocrx_training.synth.kinds.table import KINDS

SMALLEST, LARGEST = 10, 256
"""Limits of a picture's height in pixels."""

SPLITS = ("all", "train", "held-out")


@dataclass(frozen=True)
class SynthOptions:
    """What pictures to draw. The same options, seed and fonts give the same pictures.

    `patterns` and `kinds` map names (of patterns also regular expressions) to weights; empty means
    all, patterns as they suit each kind. `severity` says how much may spoil a picture: 0 nothing, 1
    as much as leaves it readable. `heights` are the least and greatest height of a picture in
    pixels. `split` chooses fonts and surfaces to train with, or those held out from that. `fonts`
    are folders of further fonts.

    Raises UsageError for unknown names, and for values out of their range.
    """

    seed: int = 0
    severity: float = 0.5
    heights: tuple[int, int] = (16, 80)
    split: Split = "all"
    patterns: Mapping[str, float] = field(default_factory=dict)
    kinds: Mapping[str, float] = field(default_factory=dict)
    fonts: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        low, high = self.heights
        if not SMALLEST <= low <= high <= LARGEST:
            raise UsageError(
                f"heights from {low} to {high} cannot be drawn",
                f"Give two numbers from {SMALLEST} to {LARGEST}, the smaller first.",
            )
        if not 0 <= self.severity <= 1:
            raise UsageError(f"severity {self.severity} is not between 0 and 1", "Give 0.5.")
        if self.seed < 0:
            raise UsageError(f"seed {self.seed} is negative", "Give 0 or more.")
        if self.split not in SPLITS:
            raise UsageError(
                f"there is no split {self.split!r}", f"Choose one of: {', '.join(SPLITS)}."
            )
        for name in self.kinds:
            if name not in KINDS:
                raise UsageError(
                    f"there is no kind {name!r}",
                    f"{did_you_mean(name, KINDS)}Choose among: {', '.join(KINDS)}.",
                )
        for what, weights in (("kinds", self.kinds), ("patterns", self.patterns)):
            _check_weights(what, weights)


def _check_weights(what: str, weights: Mapping[str, float]) -> None:
    for name, weight in weights.items():
        if not 0 <= weight < float("inf"):
            raise UsageError(f"the weight of {name!r} is {weight}", "Give a number from 0 on.")
    if weights and not any(weights.values()):
        raise UsageError(f"all {what} have the weight 0", "Give one a weight above 0.")


def read_options(path: Path, base: SynthOptions | None = None) -> SynthOptions:
    """The options in a TOML file, in place of those of `base`. Folders are relative to the file.

    Raises InputError for a file that cannot be read, UsageError for an unknown or wrong option.
    """
    return from_values(printable(str(path)), read_toml(path), path.parent, base or SynthOptions())


def from_values(
    name: str, values: Mapping[str, Any], folder: Path, base: SynthOptions
) -> SynthOptions:
    """The options that a file has, in place of those of `base`. `name` stands for the file in
    errors. Raises UsageError for an unknown or wrong option."""
    known = {one.name for one in fields(SynthOptions)}
    for key in values:
        if key not in known:
            raise UsageError(
                f"{name} has an unknown option {printable(key)!r}",
                f"{did_you_mean(key, known)}It may have: {', '.join(sorted(known))}.",
            )
    return replace(base, **{key: _typed(name, key, one, folder) for key, one in values.items()})


def _typed(name: str, key: str, value: Any, above: Path) -> Any:
    """The value of an option as a file has it, checked, as SynthOptions takes it."""
    form, told = FORMS[key]
    if not form(value):
        raise UsageError(f"{name}: {key} cannot be {value!r}", f"Write it as in: {told}.")
    if key == "fonts":
        return tuple(above / folder for folder in value)
    if key in ("kinds", "patterns"):
        weights = dict.fromkeys(value, 1.0) if isinstance(value, list) else value
        return {name: float(weight) for name, weight in weights.items()}
    return tuple(value) if key == "heights" else value


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_weights(value: Any) -> bool:
    return _is_texts(value) or (isinstance(value, dict) and all(map(is_number, value.values())))


def _is_heights(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(is_whole, value))


FORMS: Mapping[str, tuple[Callable[[Any], bool], str]] = MappingProxyType(
    {
        "seed": (is_whole, "seed = 7"),
        "severity": (is_number, "severity = 0.5"),
        "split": (is_text, 'split = "train"'),
        "heights": (_is_heights, "heights = [16, 80]"),
        "fonts": (_is_texts, 'fonts = ["my-fonts"]'),
        "kinds": (_is_weights, 'kinds = ["plate"], or kinds = {plate = 3, inkjet = 1}'),
        "patterns": (_is_weights, "patterns = {date = 1, '[A-Z]{3}' = 3}"),
    }
)
"""For each option in a file, whether a value fits, and how to write it."""
