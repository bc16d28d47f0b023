"""`ocrx batch` as a user runs it, with processes that are killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.mortal import DEADLY
from support.pluginsite import Site
from support.samples import encode, gradient

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[2]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Pictures in the folder `in`, and a site with the mortal reader."""
    (tmp_path / "in").mkdir()
    for number in range(40):
        width = DEADLY if number == 17 else 40 + number
        (tmp_path / f"in/{number:02}.png").write_bytes(encode(gradient(width, 20)))
    site = Site(tmp_path / "site")
    path = f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
    site.install("mortal", f"{path}from support.mortal import ocrx_register")
    return site


def lines(output: Path) -> list[str]:
    """The lines of all pages, sorted."""
    parts = (output / "pages").iterdir()
    return sorted(line for part in parts for line in part.read_text("utf-8").splitlines())


def test_nothing_is_lost_or_repeated_whatever_is_killed(tmp_path: Path, site: Site) -> None:
    command = ["batch", str(tmp_path / "in"), "-r", "mortal", "--workers", "2", "--shard", "4"]
    whole, halted = tmp_path / "whole", tmp_path / "halted"
    run = site.run(*command, "-o", str(whole))
    assert run.returncode == 1, run.stderr
    assert "a worker died: it was killed by SIGKILL" in run.stderr
    assert len(lines(whole)) == 39
    [failed] = [json.loads(one) for one in (whole / "failed.jsonl").read_text("utf-8").splitlines()]
    assert failed["source"].endswith("17.png")
    assert "ends the worker that reads it" in failed["message"]

    argv = [sys.executable, "-m", "ocrx_cli", *command, "-o", str(halted)]
    killed = subprocess.Popen(argv, env=site.environment, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not list(halted.glob("done/*.json")) and time.monotonic() < until:
        time.sleep(0.02)
    killed.kill()
    killed.communicate()
    before = {path: path.stat().st_mtime_ns for path in halted.glob("done/*.json")}
    assert 0 < len(before) < 10

    other = site.run(*command, "-o", str(halted), "--set", "page_reader.mortal.suffix=!")
    assert other.returncode == 2
    assert "--output was begun with settings none" in other.stderr

    again = site.run(*command, "-o", str(halted))
    assert again.returncode == 1, again.stderr
    assert "going on" in again.stderr
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert lines(halted) == lines(whole)
    assert (halted / "failed.jsonl").read_bytes() == (whole / "failed.jsonl").read_bytes()
