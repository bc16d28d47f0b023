"""Plugins as installed distributions, and the command line in a process that finds them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent


@dataclass(frozen=True)
class Site:
    """A folder of installed distributions, found by new processes through PYTHONPATH."""

    folder: Path

    def install(self, name: str, source: str, points: str = "") -> None:
        module = name.replace("-", "_") + "_plugin"
        info = self.folder / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[ocrx]\n{points or f'{name} = {module}'}\n")
        (self.folder / f"{module}.py").write_text(dedent(source))

    @property
    def environment(self) -> dict[str, str]:
        """Variables of a process that finds what is installed here."""
        return {**os.environ, "PYTHONPATH": str(self.folder)}

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name("ocrx"), *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
