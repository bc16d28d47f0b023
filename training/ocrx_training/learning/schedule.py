"""What all training has in common: how long and how fast it goes, and the files that say so."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from ocrx.errors import UsageError
from ocrx.system.suggest import did_you_mean
from ocrx.system.text import printable
from ocrx_training.files import is_number, is_table, is_text, is_truth, is_whole, read_toml
from ocrx_training.synth.options import SynthOptions, from_values

ZERO = (
    "threads", "seed", "warm_up", "weight_decay", "distillation", "tolerance", "easy_steps",
    "guided",
)  # fmt: skip
"""Settings that may be 0."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How a network learns. Numbers of `steps` are batches.

    The learning rate rises over `warm_up` steps and falls to nothing as a cosine. A picture is
    learnt from about `reuse` times, while the last `kept` are at hand. Every `validate_every` steps
    the network reads pictures that it was not trained on, `validation_pictures` of them if they are
    drawn; after `patience` validations without a better one training stops. `threads` are those of
    PyTorch; 0 leaves it the choice.

    Raises UsageError for a value out of range.
    """

    steps: int
    batch: int
    learning_rate: float
    weight_decay: float
    warm_up: int
    reuse: int
    kept: int
    validate_every: int
    validation_pictures: int
    patience: int
    save_every: int
    seed: int = 0
    threads: int = 0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if not is_number(value) or (value == 0 and one.name in ZERO):
                continue
            if not 0 < value < math.inf:
                raise UsageError(f"{one.name} cannot be {value}", "Give a number above 0.")

    def as_values(self) -> dict[str, Any]:
        """The settings as JSON has them."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return values

    def rate(self, step: int, least: float) -> float:
        """The learning rate of a step: a linear rise, then half a cosine, down to that share."""
        if step < self.warm_up:
            return self.learning_rate * (step + 1) / self.warm_up
        share = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.learning_rate * max(least, 0.5 * (1 + math.cos(math.pi * min(share, 1.0))))


AnySchedule = TypeVar("AnySchedule", bound=Schedule)

Form: TypeAlias = Callable[[str, Any, Path], Any]
"""A setting from what a file says: the file's name for errors, the value, and the file's folder."""

_KINDS: Mapping[type, Callable[[Any], bool]] = MappingProxyType(
    {bool: is_truth, int: is_whole, float: is_number, str: is_text, dict: is_table}
)


def check_apart(trained: SynthOptions, validation: SynthOptions) -> None:
    """Raise UsageError if both draw the same pictures."""
    if trained.seed == validation.seed:
        raise UsageError(
            "validation would draw the pictures that are trained on",
            "Give [validation] another seed.",
        )


def read_config(
    path: Path, base: AnySchedule, forms: Mapping[str, Form] = MappingProxyType({})
) -> AnySchedule:
    """The settings of a TOML file, in place of those of `base`. Tables for SynthOptions are options
    of `ocrx synth`; folders in them are relative to the file. `forms` are those of settings with a
    form of their own.

    Raises InputError for a file that cannot be read, UsageError for an unknown or wrong setting.
    """
    name, given = printable(str(path)), dict[str, Any]()
    known = {one.name for one in fields(base)}
    for key, value in read_toml(path).items():
        if key not in known:
            raise UsageError(
                f"{name} has an unknown setting {printable(key)!r}",
                f"{did_you_mean(key, known)}It may have: {', '.join(sorted(known))}.",
            )
        default = getattr(base, key)
        if key in forms:
            given[key] = forms[key](name, value, path.parent)
        elif isinstance(default, SynthOptions):
            if not isinstance(value, dict):
                raise UsageError(f"{name}: {key} is not a table", f"Write [{key}] above it.")
            given[key] = from_values(f"{name}: [{key}]", value, path.parent, default)
        elif not _KINDS[type(default)](value):
            raise UsageError(f"{name}: {key} cannot be {value!r}", f"Write {default!r}, or so.")
        else:
            given[key] = type(default)(value)
    return replace(base, **given)
