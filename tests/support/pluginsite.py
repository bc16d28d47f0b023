"""Plugins as installed distributions, and the command line in a process that finds them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TypeAlias

# Runs command lines one after the other, and prints the exit code, stdout and stderr of each.
EACH = """
import json, os, sys, tempfile
from ocrx_cli.app import main

def outcome(arguments):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = ended.code
        sys.stdout.flush()
        sys.stderr.flush()
        out.seek(0)
        err.seek(0)
        return code, out.read().decode(), err.read().decode()

told = os.dup(1)
outcomes = [outcome(arguments) for arguments in json.loads(sys.argv[1])]
os.dup2(told, 1)
print(json.dumps(outcomes))
"""


Outcomes: TypeAlias = Mapping[tuple[str, ...], "subprocess.CompletedProcess[str]"]
"""What command lines have come to."""


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

    def run_each(self, commands: Sequence[tuple[str, ...]]) -> Outcomes:
        """What each command line comes to, all in one process: to start one takes a second."""
        done = subprocess.run(
            [sys.executable, "-c", EACH, json.dumps(commands)],
            env=self.environment,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            timeout=240,
            check=True,
        )
        outcomes = zip(commands, json.loads(done.stdout), strict=True)
        return {
            command: subprocess.CompletedProcess(command, code, out, err)
            for command, (code, out, err) in outcomes
        }
