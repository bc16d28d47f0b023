"""Cells that are killed, hang, crash or take all memory cost themselves alone; a harness that is
killed leaves no process and a journal that can be continued."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ocrx.bench.dataset import Dataset
from ocrx.bench.result import Cell, CellResult
from ocrx.bench.runner import Progress, run_matrix
from ocrx.bench.settings import Settings

Pictures = Callable[..., Dataset]
SIZES = Cell("sizes", backend="")
QUICK = Settings(rounds=2, warm_seconds=5, parity=False)
SAYS = {
    "kill": "its process was killed during a round: memory ran out, or somebody did it",
    "hog": "MemoryError",
    "raise": "RuntimeError: this engine is tired",
    "abort": "crashed during a round (SIGABRT), saying: terminate called",
    "exit": "ended during a round (exit code 3)",
}


def beside_a_sound_one(
    flag: Path, pictures: Pictures, behaviour: str, settings: Settings = QUICK
) -> CellResult:
    """The cell that misbehaves from the second round on."""
    bad = Cell(f"sizes:{behaviour}", backend="")
    rounds = 0

    def observe(progress: Progress) -> None:
        nonlocal rounds
        rounds += progress.doing == "round"
        if rounds == 3:
            flag.touch()

    result = run_matrix(pictures(), [bad, SIZES], settings, observe)
    assert psutil.Process().children(recursive=True) == []
    failed, sound = result.cells
    assert sound.state == "built-in"
    assert sound.figures is not None
    assert len(sound.figures.cost.rounds) == settings.rounds
    assert (failed.state, failed.figures) == ("failed", None)
    return failed


@pytest.mark.parametrize("behaviour", SAYS)
def test_a_cell_that_ends_in_the_middle_costs_itself(
    world: Path, pictures: Pictures, behaviour: str
) -> None:
    assert SAYS[behaviour] in beside_a_sound_one(world, pictures, behaviour).reason


@pytest.mark.parametrize("behaviour", ["hang", "family"])
def test_a_cell_that_hangs_is_ended_with_all_it_started(
    world: Path, pictures: Pictures, behaviour: str
) -> None:
    failed = beside_a_sound_one(world, pictures, behaviour, replace(QUICK, time_limit=12))
    assert failed.reason == "it had not finished a round when its time was over"
    assert "--time-limit" in failed.remedy


@pytest.mark.usefixtures("world")
def test_nothing_is_left_of_an_interrupted_run(pictures: Pictures) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.doing == "round":
            assert psutil.Process().children()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_matrix(pictures(), [SIZES, Cell("sizes:noisy", backend="")], QUICK, interrupt)
    assert psutil.Process().children(recursive=True) == []


RUN = """
import sys, sitecustomize
from pathlib import Path
from ocrx.bench.load import load_dataset
from ocrx.bench.result import Cell
from ocrx.bench.runner import run_matrix
from ocrx.bench.settings import Settings

folder, journal = map(Path, sys.argv[1:])
run_matrix(
    load_dataset(folder),
    [Cell("sizes", backend=""), Cell("sizes:noisy", backend="")],
    Settings(rounds=6, warm_seconds=5, parity=False),
    lambda progress: print(progress.doing, flush=True),
    journal=journal,
)
"""


@pytest.mark.usefixtures("world")
def test_a_harness_that_is_killed_leaves_no_process_and_can_go_on(
    pictures: Pictures, tmp_path: Path
) -> None:
    dataset, journal = pictures(), tmp_path / "journal"
    command = [sys.executable, "-c", RUN, str(tmp_path / "pictures"), str(journal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as harness:
        assert harness.stdout is not None
        for _ in range(9):  # each cell prepared and opened, then in their third round
            assert harness.stdout.readline()
        workers = psutil.Process(harness.pid).children(recursive=True)
        harness.send_signal(signal.SIGKILL)
    assert len(workers) == 2
    deadline = time.monotonic() + 30
    while any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in workers):
        assert time.monotonic() < deadline, "a worker outlived its harness"
        time.sleep(0.05)
    told: list[Progress] = []
    result = run_matrix(
        dataset,
        [SIZES, Cell("sizes:noisy", backend="")],
        Settings(rounds=6, warm_seconds=5, parity=False),
        told.append,
        journal=journal,
        resume=True,
    )
    assert [one.state for one in result.cells] == ["built-in"] * 2
    assert 6 <= [one.doing for one in told].count("round") < 12
