"""How a recogniser is trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocrx.errors import UsageError
from ocrx_training.files import is_number, is_table
from ocrx_training.learning.schedule import Schedule, check_apart, read_config
from ocrx_training.synth.options import SynthOptions, from_values


@dataclass(frozen=True)
class Drawn:
    """Pictures that are drawn to learn from: a `share` of all that are."""

    share: float
    options: SynthOptions


@dataclass(frozen=True, kw_only=True)
class FineTuning(Schedule):
    """How a recogniser is trained on.

    `recognizer` is the one to begin with, NAME or NAME:VARIANT, `options` are its options.
    `charset` are the characters of the new one; "" keeps those it has. `distillation` is the weight
    of staying with the old one where that reads rightly, beside a weight of 1 for the labels.
    `trained` is the share of the weights that learn, those next to the result; the others stay, and
    run on the fastest runtime.

    In the end the weights go back towards the old ones, as far as no more than `tolerance` of the
    characters are read wrongly beyond those of the best network. With `half` they are stored in
    fp16.

    `held_out` is the share of a dataset that is kept to report on. `synth` are drawn pictures, in
    place of a dataset, and `validation` those that choose among checkpoints.

    Raises UsageError for a value out of range.
    """

    recognizer: str = "paddle"
    options: Mapping[str, Any] = field(default_factory=dict)
    charset: str = ""
    steps: int = 400
    batch: int = 16
    learning_rate: float = 3e-4
    weight_decay: float = 1e-3
    warm_up: int = 20
    distillation: float = 0.5
    trained: float = 0.1
    tolerance: float = 0.0
    reuse: int = 4
    kept: int = 4096
    half: bool = False
    held_out: float = 0.2
    validate_every: int = 50
    validation_pictures: int = 256
    patience: int = 4
    save_every: int = 25
    synth: tuple[Drawn, ...] = ()
    validation: SynthOptions = field(default_factory=lambda: SynthOptions(seed=1_000_003))

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, share in (
            ("held_out", self.held_out),
            ("trained", self.trained),
            ("tolerance", self.tolerance),
        ):
            if share > 1:
                raise UsageError(f"{name} cannot be {share}", "Give a share such as 0.2.")
        for one in self.synth:
            check_apart(one.options, self.validation)


def read_fine_tuning(path: Path) -> FineTuning:
    """The settings of a TOML file. Each table `[[synth]]` has a `share` and options of `ocrx
    synth`. Raises what `read_config` raises."""
    return read_config(path, FineTuning(), {"synth": _all_drawn})


def _all_drawn(name: str, value: Any, folder: Path) -> tuple[Drawn, ...]:
    if not isinstance(value, list) or not all(map(is_table, value)):
        raise UsageError(f"{name}: synth is no list of tables", "Write [[synth]] above each.")
    return tuple(_drawn(f"{name}: [[synth]]", one, folder) for one in value)


def _drawn(name: str, values: Mapping[str, Any], folder: Path) -> Drawn:
    rest = dict(values)
    share = rest.pop("share", 1.0)
    if not is_number(share) or share <= 0:
        raise UsageError(f"{name}: share cannot be {share!r}", "Write share = 0.5, or so.")
    return Drawn(float(share), from_values(name, rest, folder, SynthOptions()))
