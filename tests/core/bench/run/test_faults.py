"""Cells that are killed, hang, crash or take all memory cost themselves alone; a harness that is
killed leaves no process and a journal that can be continued."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.figures.result import Cell, CellResult, Result
from ocrx.bench.run.runner import RunProgress, run_matrix
from ocrx.bench.run.settings import Settings
from support import fakecells
from support.fakeresults import ENVIRONMENT

pytestmark = pytest.mark.slow

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


def rounds_of(one: CellResult) -> int:
    return len(one.figures.cost.rounds) if one.figures else 0


def beside_a_sound_one(
    flag: Path,
    pictures: Pictures,
    behaviours: Iterable[str],
    settings: Settings = QUICK,
    after: int = 1,
) -> Result:
    """Cells that misbehave after so many rounds, and last one that does not."""
    cells = [*(Cell(f"sizes:{name}", backend="") for name in behaviours), SIZES]
    rounds = 0

    def observe(progress: RunProgress) -> None:
        nonlocal rounds
        rounds += progress.doing == "round"
        if rounds == after * len(cells) + 1:
            flag.touch()

    result = run_matrix(pictures(), cells, settings, observe, machine=ENVIRONMENT)
    assert started_with(flag) == []
    assert result.cells[-1].state == "built-in"
    assert rounds_of(result.cells[-1]) == settings.rounds
    return result


def test_cells_that_end_in_the_middle_cost_themselves(world: Path, pictures: Pictures) -> None:
    *failed, _ = beside_a_sound_one(world, pictures, SAYS).cells
    for one, says in zip(failed, SAYS.values(), strict=True):
        assert (one.state, one.figures) == ("failed", None)
        assert says in one.reason


def test_cells_that_hang_are_ended_with_all_they_started(world: Path, pictures: Pictures) -> None:
    settings = replace(QUICK, time_limit=8)
    *failed, _ = beside_a_sound_one(world, pictures, ["hang", "family"], settings, after=0).cells
    for one in failed:
        assert (one.state, one.figures) == ("failed", None)
        assert one.reason == "it had not finished a round when its time was over"
        assert "--time-limit" in one.remedy


def test_a_cell_whose_time_is_over_is_measured_by_its_rounds(
    world: Path, pictures: Pictures
) -> None:
    result = beside_a_sound_one(world, pictures, ["hang"], replace(QUICK, time_limit=8))
    cut = result.cells[0]
    assert (cut.state, cut.reason, rounds_of(cut)) == ("built-in", "", 1)
    assert cut.figures is not None
    assert cut.figures.cost.images_per_second is None
    doubt = "sizes:hang had time for 1 of 2 rounds; more with --time-limit"
    assert [one for one in result.warnings if "--time-limit" in one] == [doubt]


@pytest.mark.parametrize("after", [0, 1])
def test_more_time_continues_a_cell_whose_time_was_over(
    world: Path, pictures: Pictures, tmp_path: Path, after: int
) -> None:
    run = partial(
        run_matrix,
        pictures(),
        [Cell("sizes:hang", backend="")],
        machine=ENVIRONMENT,
        journal=tmp_path / "journal",
    )
    told: list[str] = []

    def observe(progress: RunProgress) -> None:
        told.append(progress.doing)
        if told.count("round") == after + 1:
            world.touch()

    short = replace(QUICK, time_limit=8)
    assert rounds_of(run(short, observe).cells[0]) == after
    world.unlink()
    told.clear()
    assert rounds_of(run(short, observe, resume=True).cells[0]) == after
    assert told == []
    result = run(replace(QUICK, time_limit=60), lambda one: told.append(one.doing), resume=True)
    assert rounds_of(result.cells[0]) == QUICK.rounds
    assert told == ["prepare", "open", *["round"] * (QUICK.rounds - after), *["together"] * 2]
    assert not any("--time-limit" in one for one in result.warnings)


@pytest.mark.usefixtures("world")
def test_nothing_is_left_of_an_interrupted_run(pictures: Pictures) -> None:
    # Python's tracker of shared resources stays, if a test before began one.
    before = psutil.Process().children(recursive=True)

    def interrupt(progress: RunProgress) -> None:
        if progress.doing == "round":
            assert len(psutil.Process().children()) > len(before)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_matrix(
            pictures(),
            [SIZES, Cell("sizes:noisy", backend="")],
            QUICK,
            interrupt,
            machine=ENVIRONMENT,
        )
    assert psutil.Process().children(recursive=True) == before


RUN = """
import sys, sitecustomize
from pathlib import Path
from support.fakeresults import ENVIRONMENT
from ocrx.bench.data.load import load_dataset
from ocrx.bench.figures.result import Cell
from ocrx.bench.run.runner import run_matrix
from ocrx.bench.run.settings import Settings

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
    told: list[RunProgress] = []
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
