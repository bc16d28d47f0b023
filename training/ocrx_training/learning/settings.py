"""What to train and how: the config file of `ocrx train`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from ocrx.errors import UsageError
from ocrx_training.charset import CODES, Charset
from ocrx_training.learning.schedule import Schedule, check_apart, read_config
from ocrx_training.synth.options import SynthOptions

Device: TypeAlias = Literal["auto", "cpu", "cuda"]
DEVICES: tuple[Device, ...] = ("auto", "cpu", "cuda")


@dataclass(frozen=True, kw_only=True)
class Settings(Schedule):
    """How a network is trained.

    Severity rises from nothing to that of `synth` over `easy_steps`, since a network that is shown
    the hardest first may learn nothing for long. Over `guided` steps it is told, less and less,
    roughly where characters are. Each time that a picture is learnt from it is changed a little.
    `processes` draw pictures beside the one that trains. `begin` is the checkpoint of another
    network, whose weights of the same names and shapes are begun with.

    Raises UsageError for a value out of range.
    """

    network: str = "crnn"
    begin: str = ""
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
    device: Device = "auto"
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
        super().__post_init__()
        Charset(self.charset)
        device_named(self.device)
        check_apart(self.synth, self.validation)


def device_named(name: str) -> Device:
    """The device of that name. Raises UsageError if there is none."""
    for one in DEVICES:
        if one == name:
            return one
    raise UsageError(f"there is no device {name!r}", f"Choose one of: {', '.join(DEVICES)}.")


def read_settings(path: Path) -> Settings:
    """The settings of a TOML file. Raises what `read_config` raises."""
    return read_config(path, Settings())
