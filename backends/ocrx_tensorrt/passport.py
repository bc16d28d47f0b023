"""A file beside each engine that says what it was built with and for.

An engine runs only on the same TensorRT, system and kind of GPU, and does not say which these are.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

SUFFIX = ".json"


@dataclass(frozen=True)
class Passport:
    """`library` and `version` are TensorRT's, `platform` is like "linux-x86_64" and `architecture`
    like "sm89"."""

    library: str
    version: str
    platform: str
    architecture: str
    precision: str

    def write(self, engine: Path) -> None:
        """Write the file beside the engine. Raises OSError."""
        text = json.dumps(asdict(self), indent=1)
        engine.with_name(engine.name + SUFFIX).write_text(text, encoding="utf-8")

    def differs(self, here: Passport) -> str:
        """What the engine was built for that is not `here`; "" if it fits."""
        return ", ".join(
            f"{name} {theirs} (here {ours})"
            for (name, theirs), ours in zip(
                asdict(self).items(), asdict(here).values(), strict=True
            )
            if theirs != ours
        )


def read_passport(engine: Path) -> Passport | None:
    """The engine's passport; None if it has none, like an engine made by trtexec."""
    try:
        held = json.loads(engine.with_name(engine.name + SUFFIX).read_text(encoding="utf-8"))
        return Passport(**{name: str(value) for name, value in held.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
