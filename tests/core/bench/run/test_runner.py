"""Runs of many cells, with engines that need no models: order, states, what a resumed run does."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.figures.result import Cell, CellResult
from ocrx.bench.run import environment, runner
from ocrx.bench.run.runner import RunProgress
from ocrx.bench.run.settings import Settings
from ocrx.errors import InputError, UsageError
from ocrx.system import memory
from support.fakeresults import ENVIRONMENT
from support.samples import animation, pdf

Pictures = Callable[..., Dataset]
run_matrix = partial(runner.run_matrix, machine=ENVIRONMENT)
SIZES = Cell("sizes", backend="")
QUICK = Settings(rounds=2, warm_seconds=5, parity=False)


def by_name(cells: tuple[CellResult, ...]) -> dict[str, CellResult]:
    return {one.cell.name: one for one in cells}


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_every_cell_gets_its_state_and_figures(pictures: Pictures) -> None:
    cells = [
        Cell("widths", backend=backend, precision=precision)
        for backend, precision in [
            ("onnxruntime", "fp32"), ("openvino", "fp32"), ("crooked", "fp32"), ("crooked", "int8"),
            ("onnxruntime", "bf16"), ("absent", "auto"), ("narrow", "auto"),
        ]
    ]  # fmt: skip
    cells += [Cell("gone", backend="onnxruntime"), SIZES, Cell("sizes:refuse", backend="")]
    cells.append(Cell("widths", backend="onnxruntime", device="cuda:0"))
    result = run_matrix(pictures(str), cells, replace(QUICK, parity=True))
    found = by_name(result.cells)
    assert {name: one.state for name, one in found.items()} == {
        "widths onnxruntime fp32": "ok",
        "widths openvino fp32": "ok",
        "widths crooked fp32": "mismatch",
        "widths crooked int8": "mismatch",
        "widths onnxruntime bf16": "no route",
        "widths absent": "missing",
        "widths narrow": "no route",
        "gone onnxruntime": "missing",
        "sizes": "built-in",
        "sizes:refuse": "failed",
        "widths onnxruntime cuda:0": "missing",
    }
    for one in result.cells:
        assert (one.figures is None) == (one.state not in ("ok", "built-in", "mismatch"))
        assert bool(one.reason) == (one.state not in ("ok", "built-in"))
    assert found["widths absent"].remedy == "Get it with: pip install absent"
    assert "ocrx models pull gone.onnx" in found["gone onnxruntime"].remedy
    assert "buy it" in found["widths onnxruntime cuda:0"].remedy
    assert "no licence" in found["sizes:refuse"].reason
    wrong = found["widths crooked fp32"]
    assert wrong.reason.startswith("62.5 % of 8 texts equal those of onnxruntime in fp32")
    assert wrong.figures is not None
    assert wrong.figures.parity is not None
    assert (wrong.figures.parity.equal, wrong.figures.parity.reference) == (62.5, "onnxruntime")
    assert "int8 may lose 1" in found["widths crooked int8"].reason


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_figures_are_of_every_round_and_picture(pictures: Pictures) -> None:
    result = runner.run_matrix(pictures(), [SIZES], replace(QUICK, rounds=3))
    (cell,) = result.cells
    assert cell.figures is not None
    quality, cost = cell.figures.quality, cell.figures.cost
    assert quality.exact is not None
    assert (quality.samples, quality.exact.value, quality.folding) == (8, 100.0, "none")
    assert len(cost.rounds) == 3
    assert 2 < min(cost.rounds) <= cost.p50 <= cost.p90 <= cost.p99  # it sleeps for 2 ms
    assert cost.spread == pytest.approx(
        100 * (max(cost.rounds) - min(cost.rounds)) / sorted(cost.rounds)[1]
    )
    assert cost.stages["decode"] > 0
    assert 2 < cost.stages["recognize"] <= sum(cost.stages.values())
    assert cost.images_per_second is not None
    assert 100 < cost.images_per_second < 8000
    assert cost.startup > 0
    assert cost.first > 2
    assert (cost.build, cost.model_mb) == (None, None)
    assert cost.peak_mb is not None
    assert 20 < cost.peak_mb < 1000
    (used,) = cell.figures.used
    assert (used.task, used.model) == ("recognition", "sizes")
    assert result.dataset.samples == 8
    assert result.environment.packages["onnxruntime"] == "1.2.3"
    assert result.environment.devices == ("cpu",)
    assert result.environment.cores > 0


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_cells_take_turns_forwards_and_backwards(pictures: Pictures) -> None:
    cells = [SIZES, Cell("sizes:noisy", backend="")]
    told: list[RunProgress] = []
    run_matrix(pictures(), cells, replace(QUICK, rounds=3), told.append)
    steps = [(one.doing, one.cell) for one in told if one.doing in ("round", "together")]
    there, back = ["sizes", "sizes:noisy"], ["sizes:noisy", "sizes"]
    assert [cell for doing, cell in steps if doing == "round"] == [*there, *back, *there]
    assert [cell for doing, cell in steps if doing == "together"] == [*there, *back, *there]
    assert [one.done for one in told] == list(range(16))
    assert {one.total for one in told} == {16}
    assert told[0].left is None
    assert told[-1].left is not None
    assert 0 < told[-1].left < 10


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_what_a_runtime_prints_does_no_harm(pictures: Pictures) -> None:
    (cell,) = run_matrix(pictures(), [Cell("sizes:noisy", backend="")], QUICK).cells
    assert cell.state == "built-in"


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_answers_that_change_are_told(pictures: Pictures) -> None:
    result = run_matrix(pictures(), [Cell("sizes:moody", backend="")], QUICK)
    assert any("sizes:moody read 8 otherwise" in warning for warning in result.warnings)


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_a_leak_is_seen(pictures: Pictures) -> None:
    cells = [SIZES, Cell("sizes:leak", backend="")]
    found = by_name(run_matrix(pictures(), cells, replace(QUICK, rounds=4)).cells)
    slopes = {name: one.figures.cost.slope for name, one in found.items() if one.figures}
    assert slopes["sizes:leak"] == pytest.approx(100_000 / 1024, rel=0.2)
    assert slopes["sizes"] == pytest.approx(0, abs=5)


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_a_picture_that_cannot_be_read_costs_itself(pictures: Pictures, tmp_path: Path) -> None:
    dataset = pictures()
    (tmp_path / "pictures" / "53.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    result = run_matrix(dataset, [SIZES], QUICK)
    (cell,) = result.cells
    assert cell.figures is not None
    assert cell.figures.quality.exact is not None
    assert cell.figures.quality.exact.value == 87.5
    assert any(w.startswith("1 of 8 pictures could not be read") for w in result.warnings)


@pytest.mark.slow
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "document", [animation("TIFF"), animation("GIF"), pdf([(200, 100, "one"), (200, 100, "two")])]
)
def test_a_document_of_several_pages_costs_itself(
    pictures: Pictures, tmp_path: Path, document: bytes
) -> None:
    dataset = pictures()
    (tmp_path / "pictures" / "53.png").write_bytes(document)
    result = run_matrix(dataset, [SIZES], QUICK)
    (cell,) = result.cells
    assert cell.state == "built-in"
    assert cell.figures is not None
    assert cell.figures.quality.exact is not None
    assert cell.figures.quality.exact.value == 87.5
    (told,) = (one for one in result.warnings if "could not be read" in one)
    assert told.endswith(" pages. Give each page a file of its own.")


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_cells_that_do_not_fit_into_memory_wait_for_the_next_group(
    pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "free_mb", lambda: 0.0)
    cells = [SIZES, Cell("sizes:noisy", backend=""), Cell("sizes:moody", backend="")]
    told: list[RunProgress] = []
    result = run_matrix(pictures(), cells, QUICK, told.append)
    assert [one.state for one in result.cells] == ["built-in"] * 3
    order = [one.cell for one in told if one.doing == "open"]
    # The first is measured again beside each of the others, so that drift is seen.
    assert order == ["sizes", "sizes", "sizes:noisy", "sizes", "sizes:moody"]


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_cells_that_fit_into_a_container_are_measured_together(
    pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A tenth of the machine's memory is more than the container has in all.
    machine = SimpleNamespace(available=500 * 2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    sysconf, pages = os.sysconf, {"SC_PHYS_PAGES": 2**27}
    monkeypatch.setattr(os, "sysconf", lambda name: pages.get(name) or sysconf(name))
    monkeypatch.setattr(environment, "CGROUP", tmp_path)
    monkeypatch.setattr(memory, "LIMITS", (tmp_path / "memory.max",))
    (tmp_path / "memory.max").write_text(str(4 * 2**30))
    (tmp_path / "memory.current").write_text(str(2**30))
    told: list[RunProgress] = []
    run_matrix(pictures(), [SIZES, Cell("sizes:noisy", backend="")], QUICK, told.append)
    assert [one.cell for one in told if one.doing == "open"] == ["sizes", "sizes:noisy"]


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_a_run_goes_on_where_it_was_cut(pictures: Pictures, tmp_path: Path) -> None:
    dataset, journal = pictures(), tmp_path / "run" / "journal"
    cells = [SIZES, Cell("sizes:refuse", backend=""), Cell("sizes:noisy", backend="")]
    told: list[RunProgress] = []

    def cut(progress: RunProgress) -> None:
        told.append(progress)
        if [one.doing for one in told].count("round") == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_matrix(dataset, cells, replace(QUICK, rounds=3), cut, journal=journal)
    held = journal.read_bytes()
    journal.write_bytes(held + b'["0", "round", {"times": [1.0, 2.')  # cut while it was written
    later: list[RunProgress] = []
    result = run_matrix(
        dataset, cells, replace(QUICK, rounds=3), later.append, journal=journal, resume=True
    )
    assert journal.read_bytes().startswith(held)
    assert [one.state for one in result.cells] == ["built-in", "failed", "built-in"]
    assert all(one.figures is None or len(one.figures.cost.rounds) == 3 for one in result.cells)
    assert [one.doing for one in later].count("round") == 3  # of 6, 3 were there
    assert "sizes:refuse" not in [one.cell for one in later]
    once_more: list[RunProgress] = []
    again = run_matrix(
        dataset, cells, replace(QUICK, rounds=3), once_more.append, journal=journal, resume=True
    )
    assert once_more == []
    assert again.cells == result.cells


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_another_run_is_not_continued(pictures: Pictures, tmp_path: Path) -> None:
    dataset, journal = pictures(), tmp_path / "journal"
    run_matrix(dataset, [SIZES], replace(QUICK, rounds=1), journal=journal)
    cases = {
        "settings rounds was 1 and is 2": (dataset, [SIZES], QUICK),
        'cells was ["sizes"] and is ["sizes", "sizes:noisy"]': (
            dataset,
            [SIZES, Cell("sizes:noisy", backend="")],
            replace(QUICK, rounds=1),
        ),
        "dataset samples was 8 and is 7": (
            replace(dataset, samples=dataset.samples[:7]),
            [SIZES],
            replace(QUICK, rounds=1),
        ),
    }
    for says, (other, cells, settings) in cases.items():
        with pytest.raises(UsageError) as caught:
            run_matrix(other, cells, settings, journal=journal, resume=True)
        assert says in str(caught.value)


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_a_journal_damaged_in_its_middle_is_refused(pictures: Pictures, tmp_path: Path) -> None:
    dataset, journal = pictures(), tmp_path / "journal"
    run_matrix(dataset, [SIZES], replace(QUICK, rounds=1), journal=journal)
    lines = journal.read_bytes().splitlines(keepends=True)
    for broken in (b"{]\n", b'["0", "round", {}]\n', b'"round"\n'):
        journal.write_bytes(b"".join([*lines[:2], broken, *lines[2:]]))
        with pytest.raises(InputError, match="line 3 of the journal"):
            run_matrix(dataset, [SIZES], replace(QUICK, rounds=1), journal=journal, resume=True)


def test_nothing_to_measure_and_wrong_settings_are_told(pictures: Pictures) -> None:
    with pytest.raises(UsageError, match="nothing to measure"):
        run_matrix(pictures(), [])
    with pytest.raises(UsageError, match="twice"):
        run_matrix(pictures(), [SIZES, SIZES])
    with pytest.raises(UsageError, match="no cell uses it"):
        run_matrix(pictures(), [SIZES], Settings(options={"recognizer.other": {"x": "1"}}))
    with pytest.raises(UsageError, match="0 rounds"):
        Settings(rounds=0)
