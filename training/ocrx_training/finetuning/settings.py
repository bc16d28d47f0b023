"""How a recogniser is trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ocrx.errors import UsageError
from ocrx.system.suggest import did_you_mean
from ocrx.system.text import printable
from ocrx_training.files import is_number, is_text, is_whole, read_toml
from ocrx_training.synth.options import SynthOptions, from_values


@dataclass(frozen=True)
class Drawn:
    """Pictures that are drawn to learn from: a `share` of all that are."""

    share: float
    options: SynthOptions


@dataclass(frozen=True)
class FineTuning:
    """How a recogniser is trained on. Numbers of `steps` are batches.

    `recognizer` is the one to begin with, NAME or NAME:VARIANT, `options` are its options.
    `charset` are the characters of the new one; "" keeps those it has. `distillation` is the weight
    of staying with the old one where that reads rightly, beside a weight of 1 for the labels.
    `trained` is the share of the weights that learn, those next to the result; the others stay, and
    run on the fastest runtime. A picture is learnt from about `reuse` times, while the last `kept`
    are at hand.

    With `half` the weights are stored in fp16.

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
    reuse: int = 4
    kept: int = 4096
    half: bool = False
    held_out: float = 0.2
    seed: int = 0
    threads: int = 0
    validate_every: int = 50
    patience: int = 4
    save_every: int = 25
    synth: tuple[Drawn, ...] = ()
    validation: SynthOptions = field(default_factory=lambda: SynthOptions(seed=1_000_003))
    validation_pictures: int = 256

    def __post_init__(self) -> None:
        least = {"threads": 0, "seed": 0, "warm_up": 0, "distillation": 0, "weight_decay": 0}
        for one in fields(self):
            value = getattr(self, one.name)
            if is_number(value) and value < least.get(one.name, 1e-12):
                raise UsageError(f"{one.name} cannot be {value}", "Give a larger number.")
        for name, share in (("held_out", self.held_out), ("trained", self.trained)):
            if share > 1:
                raise UsageError(f"{name} cannot be {share}", "Give a share such as 0.2.")
        if any(one.options.seed == self.validation.seed for one in self.synth):
            raise UsageError(
                "validation would draw the pictures that are trained on",
                "Give [validation] another seed.",
            )

    def as_values(self) -> dict[str, Any]:
        """The settings as JSON has them."""
        values = asdict(self)
        for one in (values["validation"], *(drawn["options"] for drawn in values["synth"])):
            one["fonts"] = [str(folder) for folder in one["fonts"]]
            one["heights"] = list(one["heights"])
        return values


def read_fine_tuning(path: Path) -> FineTuning:
    """The settings of a TOML file. Each table `[[synth]]` has a `share` and options of `ocrx
    synth`, and `[validation]` such options; folders in them are relative to the file.

    Raises InputError for a file that cannot be read, UsageError for an unknown or wrong setting.
    """
    name, base, given = printable(str(path)), FineTuning(), dict[str, Any]()
    known = {one.name for one in fields(FineTuning)}
    for key, value in read_toml(path).items():
        if key not in known:
            raise UsageError(
                f"{name} has an unknown setting {printable(key)!r}",
                f"{did_you_mean(key, known)}It may have: {', '.join(sorted(known))}.",
            )
        given[key] = _typed(name, key, value, path.parent, getattr(base, key))
    return replace(base, **given)


def _typed(name: str, key: str, value: Any, folder: Path, default: Any) -> Any:
    tables = isinstance(value, list) and all(isinstance(one, dict) for one in value)
    if key == "synth" and tables:
        return tuple(_drawn(f"{name}: [[synth]]", one, folder) for one in value)
    if key == "validation" and isinstance(value, dict):
        return from_values(f"{name}: [validation]", value, folder, default)
    if key == "options" and isinstance(value, dict):
        return value
    if key == "half" and isinstance(value, bool):
        return value
    kinds = {int: is_whole, float: is_number, str: is_text}
    if not kinds.get(type(default), lambda _: False)(value):
        raise UsageError(f"{name}: {key} cannot be {value!r}", f"Write {default!r}, or so.")
    return type(default)(value)


def _drawn(name: str, values: Mapping[str, Any], folder: Path) -> Drawn:
    rest = dict(values)
    share = rest.pop("share", 1.0)
    if not is_number(share) or share <= 0:
        raise UsageError(f"{name}: share cannot be {share!r}", "Write share = 0.5, or so.")
    return Drawn(float(share), from_values(name, rest, folder, SynthOptions()))
