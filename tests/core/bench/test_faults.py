"""Cells that are killed, hang, crash or take all memory cost themselves alone; a harness that is
killed leaves no process and a journal that can be continued."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

import fakecells
from fakeresults import ENVIRONMENT
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


def started_with(flag: Path) -> list[psutil.Process]:
    """Every process on the machine that was started under that flag, whoever its parent is."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            ours = process.environ().get(fakecells.FLAG) == str(flag)
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def beside_a_sound_one(
    flag: Path, pictures: Pictures, behaviours: Iterable[str], settings: Settings = QUICK
) -> Mapping[str, CellResult]:
    """Cells that misbehave from the second round on, by what they do."""
    bad = {name: Cell(f"sizes:{name}", backend="") for name in behaviours}
    rounds = 0

    def observe(progress: Progress) -> None:
        nonlocal rounds
        rounds += progress.doing == "round"
        if rounds == len(bad) + 2:
            flag.touch()

    cells = [*bad.values(), SIZES]
    result = run_matrix(pictures(), cells, settings, observe, machine=ENVIRONMENT)
    assert started_with(flag) == []
    *failed, sound = result.cells
    assert sound.state == "built-in"
    assert sound.figures is not None
    assert len(sound.figures.cost.rounds) == settings.rounds
    assert [(one.state, one.figures) for one in failed] == [("failed", None)] * len(bad)
    return dict(zip(bad, failed, strict=True))


def test_cells_that_end_in_the_middle_cost_themselves(world: Path, pictures: Pictures) -> None:
    found = beside_a_sound_one(world, pictures, SAYS)
    for behaviour, says in SAYS.items():
        assert says in found[behaviour].reason


def test_cells_that_hang_are_ended_with_all_they_started(world: Path, pictures: Pictures) -> None:
    settings = replace(QUICK, time_limit=8)
    for one in beside_a_sound_one(world, pictures, ["hang", "family"], settings).values():
        assert one.reason == "it had not finished a round when its time was over"
        assert "--time-limit" in one.remedy


@pytest.mark.usefixtures("world")
def test_nothing_is_left_of_an_interrupted_run(pictures: Pictures) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.doing == "round":
            assert psutil.Process().children()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_matrix(
            pictures(),
            [SIZES, Cell("sizes:noisy", backend="")],
            QUICK,
            interrupt,
            machine=ENVIRONMENT,
        )
    assert psutil.Process().children(recursive=True) == []


RUN = """
import sys, sitecustomize
from pathlib import Path
from fakeresults import ENVIRONMENT
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
    machine=ENVIRONMENT,
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
        machine=ENVIRONMENT,
    )
    assert [one.state for one in result.cells] == ["built-in"] * 2
    assert 6 <= [one.doing for one in told].count("round") < 12
