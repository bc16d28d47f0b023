"""What an engine was built with and for, in a file beside it.

An engine is worth something to the very same TensorRT, system and kind of card alone, and does not
say so in words anyone could read.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

SUFFIX = ".json"


@dataclass(frozen=True)
class Passport:
    library: str
    version: str
    platform: str
    architecture: str
    precision: str

    def write(self, engine: Path) -> None:
        text = json.dumps(asdict(self), indent=1)
        engine.with_name(engine.name + SUFFIX).write_text(text, encoding="utf-8")

    def differs(self, here: Passport) -> str:
        """In what the engine is not for what is here; empty if it is."""
        return ", ".join(
            f"{name} {theirs} (here {ours})"
            for (name, theirs), ours in zip(
                asdict(self).items(), asdict(here).values(), strict=True
            )
            if theirs != ours
        )


def read_passport(engine: Path) -> Passport | None:
    """None for an engine that has none, such as one made by trtexec."""
    try:
        held = json.loads(engine.with_name(engine.name + SUFFIX).read_text(encoding="utf-8"))
        return Passport(**{name: str(value) for name, value in held.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
