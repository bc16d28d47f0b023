"""From records to figures: costs, slopes, parity, doubts; and results as files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ocrx.bench.data.dataset import Answer, Dataset, DatasetInfo, ReadLine, Sample
from ocrx.bench.figures.result import (
    Cell,
    Component,
    Interval,
    MachineInfo,
    Parity,
    Quality,
    Result,
)
from ocrx.bench.run.doubts import doubts
from ocrx.bench.run.log import Log
from ocrx.bench.run.messages import Opened, Prepared, Round, Together
from ocrx.bench.run.parity import compare, find_reference, mismatch, reference_cell, reference_key
from ocrx.bench.run.settings import Settings
from ocrx.bench.run.summary import answers_of, cost, slope, summarise
from ocrx.bench.show.files import load_result, save_result, to_json
from ocrx.errors import InputError, OutputError


def measured(
    texts: tuple[str, ...] = ("a", "b"),
    *,
    backend: str = "onnxruntime",
    precision: str = "fp32",
    times: tuple[tuple[float | None, ...], ...] = ((10.0, 30.0), (20.0, 40.0)),
    others: float = 0.0,
    stable: bool | None = True,
) -> Log:
    """A cell's record of as many rounds as there are `times`."""
    log = Log(Prepared(False, False, "line", 123.0, 4.5))
    used = [Component("recognition", "m", backend, "cpu", precision)]
    log.opened.append(Opened(500.0, 50.0, used, [1.0, 1.0], stable, 100.0))
    for number, one in enumerate(times):
        sums = {"decode": 2.0, "recognize": sum(t or 0 for t in one) - 2}
        log.rounds.append(
            Round(
                one, sums, [], 90.0 + number, texts, {}, 1.0, [[t, [], 0.9] for t in texts], others
            )
        )
    log.together.extend([Together(10.0, 2), Together(20.0, 2), Together(40.0, 2)])
    log.add("end", {"state": "measured"})
    return log


SET = Dataset("set", Path(), "lines", [Sample("1", "1.png", "a"), Sample("2", "2.png", "b")])


def test_costs_are_of_single_pictures_over_all_rounds() -> None:
    found = cost(measured())
    assert found.p50 == 25.0
    assert found.p90 == pytest.approx(np.percentile([10, 20, 30, 40], 90))
    assert found.rounds == (20.0, 30.0)
    assert found.spread == pytest.approx(40.0)
    assert found.images_per_second == 100.0
    assert found.stages == {"decode": 1.0, "recognize": 24.0}
    assert sum(found.stages.values()) == pytest.approx(np.mean([10, 20, 30, 40]))
    assert (found.startup, found.first, found.build, found.model_mb) == (500, 50, 123, 4.5)
    assert found.peak_mb == 91.0
    unread = cost(measured(times=((10.0, None), (20.0, None))))
    assert (unread.p50, unread.rounds) == (15.0, (10.0, 20.0))
    cut = measured()
    cut.together.clear()
    assert (cost(cut).p50, cost(cut).images_per_second) == (25.0, None)


def test_the_slope_ignores_peaks_and_is_none_for_a_short_run() -> None:
    steady = [(i, 100 + i * 0.01) for i in range(0, 400, 4)]
    peaks = [(i, y + 50 * (i % 40 == 0)) for i, y in steady]
    assert slope([steady]) == pytest.approx(10.24)
    assert slope([peaks]) == pytest.approx(10.24, rel=0.2)
    assert slope([[(0, 1.0), (99, 2.0)]]) is None
    assert slope([]) is None
    many = [(i, 1.0) for i in range(5000)]
    assert slope([many, steady]) == 0


def test_answers_come_back_as_they_were_read() -> None:
    one = Round(
        [], {}, [], 1.0, [], {}, 1.0, [["a b", [[[[0, 1], [2, 3], [4, 5]], "a"]], 0.5], None]
    )
    first, second = answers_of(one)
    assert first == Answer("a b", (ReadLine(((0, 1), (2, 3), (4, 5)), "a"),), 0.5)
    assert second is None


@pytest.mark.parametrize(
    ("precisions", "equal", "change", "off"),
    [
        (["fp32"], 100.0, 0.0, False),
        (["fp32"], 99.9, 0.0, True),
        (["fp32", "bf16"], 99.5, -3.0, False),
        (["fp16"], 99.4, 0.0, True),
        (["int8", "fp32"], 10.0, -1.0, False),
        (["int8"], 99.9, -1.01, True),
        (["int8"], 50.0, 2.0, False),
    ],
)
def test_what_a_precision_may_cost(
    precisions: list[str], equal: float, change: float, off: bool
) -> None:
    assert bool(mismatch(Parity("onnxruntime", equal, change, 1000), precisions)) == off


@pytest.mark.parametrize(
    ("precision", "differing", "lines", "off"),
    [
        ("bf16", 1, 50, False),
        ("bf16", 2, 50, True),
        ("fp16", 2, 400, False),
        ("fp16", 3, 400, True),
        ("fp32", 1, 50, True),
    ],
)
def test_of_few_lines_half_precision_may_read_one_otherwise(
    precision: str, differing: int, lines: int, off: bool
) -> None:
    parity = Parity("onnxruntime", 100 * (lines - differing) / lines, 0.0, lines)
    assert bool(mismatch(parity, [precision])) == off


def test_pages_are_compared_line_by_line_in_any_order() -> None:
    def page(*lines: str) -> Answer:
        box = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
        return Answer(" ".join(lines), tuple(ReadLine(box, line) for line in lines))

    quality = Quality(2, "none", words=Interval(50.0, 40.0, 60.0))
    mine = [page("a", "b", "b"), page("c"), page(), None]
    theirs = [page("b", "a", "a", "d"), page("c"), page(), page("e")]
    parity = compare("onnxruntime", mine, theirs, quality, quality)
    assert parity == Parity("onnxruntime", 100 * 4 / 7, 0.0, 7)


def test_the_reference_is_the_first_runtime_that_ran_in_fp32() -> None:
    cells = {"0": Cell("m", backend="auto"), "1": Cell("m", backend="x"), "2": Cell("other")}
    vino = measured(backend="openvino")
    logs = {"0": vino, "1": measured(precision="bf16"), "2": measured()}
    assert find_reference(("", "m", "", ""), cells, logs) == ("openvino", vino)
    extra = measured()
    logs[reference_key(reference_cell(("", "m", "", ""), "onnxruntime"))] = extra
    assert find_reference(("", "m", "", ""), cells, logs) == ("onnxruntime", extra)
    del logs["0"], logs["1"]
    for other in (("", "nothing", "", ""), ("", "m", "beam", ""), ("", "m", "", "otsu")):
        assert find_reference(other, cells, logs) is None


def test_int8_is_judged_by_accuracy_and_fp32_by_texts() -> None:
    cells = [Cell("m", backend=name) for name in "abc"]
    logs = {
        "0": measured(),
        "1": measured(("b", "b"), backend="x"),
        "2": measured(("b", "b"), backend="x", precision="int8"),
    }
    results, _ = summarise(SET, cells, Settings(), logs)
    assert [one.state for one in results] == ["ok", "mismatch", "mismatch"]
    assert results[1].reason.startswith("50.0 % of 2 texts equal those of onnxruntime in fp32")
    assert "50.00 points below" in results[2].reason
    assert results[1].figures is not None
    assert results[1].figures.parity == Parity("onnxruntime", 50.0, -50.0, 2)


def told(log: Log, settings: Settings | None = None) -> str:
    cells, settings = {"0": Cell("m")}, settings or Settings(rounds=2, parity=False)
    results, _ = summarise(SET, list(cells.values()), settings, {"0": log})
    return "\n".join(doubts(SET, cells, settings, {"0": log}, results))


def test_doubts_are_said() -> None:
    assert "2 pictures are too few" in told(measured())
    assert "2 rounds say little" in told(measured())
    five = Settings(rounds=5, parity=False)
    noisy = "too noisy to rank"
    assert noisy in told(measured(), five)
    assert noisy not in told(measured(times=((10.0, 10.0), (10.5, 10.5))), five)
    assert "Other programs had 40 %" in told(measured(others=40.0))
    assert "Other programs" not in told(measured(others=4.0))
    faster, unknown = "still getting faster", "Whether m was warm is not known"
    for stable in (True, False, None):
        said = told(measured(stable=stable))
        assert (faster in said, unknown in said) == (stable is False, stable is None)
    assert "Nothing was there to compare" in told(measured(backend="x"), Settings())


def test_what_there_was_no_time_for_is_said() -> None:
    log = measured()
    assert "had time for" not in told(log)
    assert "m had time for 2 of 5 rounds; more with" in told(log, Settings(rounds=5, parity=False))
    del log.together[1:]
    assert "m had time for 1 of 2 rounds of all pictures together; more with" in told(log)


RESULT = Result(DatasetInfo("s", "lines", 2), MachineInfo("l", "3", "c", (), 2, 1.0), ())


def test_a_result_comes_back_as_it_was_written(tmp_path: Path) -> None:
    cells = [Cell("m", backend="a", threads=2), Cell("m", backend="b")]
    logs = {"0": measured(), "1": Log()}
    logs["1"].add("end", {"state": "missing", "reason": "gone", "remedy": "pip install it"})
    results, warnings = summarise(SET, cells, Settings(), logs)
    result = Result(RESULT.dataset, RESULT.environment, results, "now", {"a": "b"}, warnings)
    path = tmp_path / "result.json"
    save_result(result, path)
    assert load_result(path) == result
    first, second = json.loads(path.read_text("utf-8"))["cells"]
    assert set(first) == {
        "detector", "recognizer", "decoder", "backend", "precision", "device", "threads",
        "preprocessors", "detector_precision", "detector_device", "detector_threads",
        "state", "reason", "remedy", "figures",
    }  # fmt: skip
    assert (first["threads"], first["figures"]["cost"]["p50"]) == (2, 25.0)
    assert (second["state"], second["remedy"], second["figures"]) == (
        "missing", "pip install it", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no json", "is not JSON"),
        ("[]", "is not a result"),
        ('{"schema": "other"}', "is not a result"),
        ('{"schema": "ocrx-bench/1"}', "is damaged"),
        ('{"schema": "ocrx-bench/1", "cells": 3}', "is damaged"),
    ],
)
def test_what_is_no_result_is_told(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        load_result(path)
    with pytest.raises(InputError, match="does not exist"):
        load_result(tmp_path / "nothing")


def test_a_result_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        save_result(RESULT, tmp_path)
    assert to_json(RESULT)["cells"] == []
