"""The container file names what there is."""

from __future__ import annotations

import re
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).parents[3]
FILE = ROOT / "container" / "Containerfile"


def test_every_instruction_is_one_and_every_extra_exists() -> None:
    lines = [line for line in FILE.read_text("utf-8").splitlines() if line and line[0] != "#"]
    known = {
        *("CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "RUN"),
        *("STOPSIGNAL", "USER", "VOLUME"),
    }
    assert {line.split()[0] for line in lines} <= known
    (asked,) = re.findall(r"/source\[([\w,-]+)\]", FILE.read_text("utf-8"))
    assert set(asked.split(",")) <= set(metadata("ocrx").get_all("Provides-Extra") or ())
    assert any(line.startswith("USER ocrx") for line in lines)
