"""What to train and how: the config file of `ocrx train`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from ocrx.errors import UsageError
from ocrx.system.suggest import did_you_mean
from ocrx.system.text import printable
from ocrx_training.charset import CODES, Charset
from ocrx_training.files import is_number, is_text, is_whole, read_toml
from ocrx_training.synth.options import SynthOptions, from_values

Device: TypeAlias = Literal["auto", "cpu", "cuda"]
DEVICES: tuple[Device, ...] = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class Settings:
    """How a network is trained. Numbers of `steps` are batches.

    The learning rate rises over `warm_up` steps and falls to nothing as a cosine. Severity rises
    from nothing to that of `synth` over `easy_steps`, since a network that is shown the hardest
    first may learn nothing for long. Over `guided` steps it is told, less and less, roughly where
    characters are. Every `validate_every` steps the network reads
    `validation_pictures` that it was not trained on; after `patience` validations without a better
    one training stops. Each picture is learnt from about `reuse` times, changed a little each time,
    while the last `kept` are at hand. `processes` draw pictures beside the one that trains.
    `threads` are those of PyTorch; 0 leaves it the choice.

    Raises UsageError for a value out of range.
    """

    network: str = "crnn"
    charset: str = CODES
    steps: int = 60_000
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warm_up: int = 500
    easy_steps: int = 4_000
    guided: int = 500
    reuse: int = 8
    kept: int = 16_384
    seed: int = 0
    device: Device = "auto"
    threads: int = 0
    processes: int = 1
    validate_every: int = 1_000
    validation_pictures: int = 512
    patience: int = 12
    save_every: int = 250
    synth: SynthOptions = field(
        default_factory=lambda: SynthOptions(split="train", heights=(12, 80))
    )
    validation: SynthOptions = field(
        default_factory=lambda: SynthOptions(split="all", heights=(12, 80), seed=1_000_003)
    )

    def __post_init__(self) -> None:
        Charset(self.charset)
        least = {"threads": 0, "seed": 0, "warm_up": 0, "easy_steps": 0, "guided": 0}
        for one in fields(self):
            value = getattr(self, one.name)
            if is_number(value) and value < least.get(one.name, 1e-12):
                raise UsageError(f"{one.name} cannot be {value}", "Give a larger number.")
        device_named(self.device)
        if self.synth.seed == self.validation.seed:
            raise UsageError(
                "validation would draw the pictures that are trained on",
                "Give [validation] another seed.",
            )

    def as_values(self) -> dict[str, Any]:
        """The settings as JSON has them."""
        values = asdict(self)
        for name in ("synth", "validation"):
            values[name]["fonts"] = [str(folder) for folder in values[name]["fonts"]]
            values[name]["heights"] = list(values[name]["heights"])
        return values


def device_named(name: str) -> Device:
    """The device of that name. Raises UsageError if there is none."""
    for one in DEVICES:
        if one == name:
            return one
    raise UsageError(f"there is no device {name!r}", f"Choose one of: {', '.join(DEVICES)}.")


_KINDS: Mapping[type, Callable[[Any], bool]] = MappingProxyType(
    {int: is_whole, float: is_number, str: is_text}
)


def read_settings(path: Path) -> Settings:
    """The settings of a TOML file. Its tables `[synth]` and `[validation]` are options of `ocrx
    synth`; folders in them are relative to the file.

    Raises InputError for a file that cannot be read, UsageError for an unknown or wrong setting.
    """
    name, base, given = printable(str(path)), Settings(), dict[str, Any]()
    known = {one.name for one in fields(Settings)}
    for key, value in read_toml(path).items():
        if key not in known:
            raise UsageError(
                f"{name} has an unknown setting {printable(key)!r}",
                f"{did_you_mean(key, known)}It may have: {', '.join(sorted(known))}.",
            )
        default = getattr(base, key)
        if isinstance(default, SynthOptions):
            if not isinstance(value, dict):
                raise UsageError(f"{name}: {key} is not a table", f"Write [{key}] above it.")
            given[key] = from_values(f"{name}: [{key}]", value, path.parent, default)
        elif not _KINDS[type(default)](value):
            raise UsageError(f"{name}: {key} cannot be {value!r}", f"Write {default!r}, or so.")
        else:
            given[key] = type(default)(value)
    return replace(base, **given)
