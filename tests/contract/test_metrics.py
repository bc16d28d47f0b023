"""Metrics of plugins: their contract, and their way from pictures to what a run shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ocrx.bench.data.dataset import Answer, DatasetInfo, Sample
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.metric import Metric, open_metrics
from ocrx.bench.figures.quality import measure_quality
from ocrx.bench.figures.ranking import rank
from ocrx.bench.figures.result import Cell, CellResult, Figures, Quality, Result
from ocrx.bench.show.csv import to_csv
from ocrx.bench.show.files import from_json, to_json
from ocrx.bench.show.html import to_html
from ocrx.bench.show.rows import columns
from ocrx.errors import PluginError, UnknownName
from ocrx.plugins.registrar import Registrar, Request
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.reading.assembly import Assembly
from ocrx.testing import MetricContract
from ocrx.weights.store import Store
from support.fakecells import Lost
from support.fakeresults import ENVIRONMENT, cost
from support.suite_runner import failures, rules_of


class LostContract(MetricContract):
    def examples(self) -> list[tuple[Sample, Answer, float]]:
        return [
            (Sample("a", b"", "ABCD"), Answer("ABC"), 25.0),
            (Sample("b", b"", "AB"), Answer("AB"), 0.0),
        ]


def unlike(self: Lost, sample: Sample, answer: Answer, folding: Folding) -> tuple[float, float]:
    return 1, 2


def fussy(self: Lost, sample: Sample, answer: Answer, folding: Folding) -> tuple[float, float]:
    answer.text[0]
    return Lost.count(self, sample, answer, folding)


MUTANTS: dict[str, dict[str, Any]] = {
    "test_it_says_what_it_is_called": {"title": ""},
    "test_the_figures_are_right": {"count": unlike},
    "test_counts_are_numbers_whatever_was_read": {"count": fussy},
}


def test_a_sound_metric_passes(tmp_path: Path) -> None:
    assert failures(LostContract, Lost, tmp_path) == set()


@pytest.mark.parametrize("rule", MUTANTS)
def test_a_fault_is_caught(rule: str, tmp_path: Path) -> None:
    broken = type("Broken", (Lost,), MUTANTS[rule])
    assert rule in failures(LostContract, broken, tmp_path)


def test_every_rule_has_its_mutant() -> None:
    assert set(rules_of(LostContract)) == {*MUTANTS}


SAMPLES = [Sample(f"{n}", b"", "ABCD"[: n % 4 + 1]) for n in range(40)]
ANSWERS = [Answer(sample.text[: n % 3 + 1]) for n, sample in enumerate(SAMPLES)]


def quality(**metrics: Metric) -> Quality:
    return measure_quality(SAMPLES, [*ANSWERS[:-1], None], Folding(), metrics=metrics)


def test_a_metric_adds_its_figure_and_changes_no_other() -> None:
    (extra,) = quality(lost=Lost()).extra
    lost = sum(max(0, len(s.text) - len(a.text)) for s, a in zip(SAMPLES, ANSWERS, strict=True))
    lost += len(ANSWERS[-1].text)  # the last could not be read
    total = sum(len(sample.text) for sample in SAMPLES)
    assert extra.interval.value == pytest.approx(100 * lost / total)
    assert extra.interval.low < extra.interval.value < extra.interval.high
    assert replace(quality(lost=Lost()), extra=()) == quality()


def test_a_figure_may_have_another_unit() -> None:
    class PerPicture(Lost):
        unit = ""
        scale = 1.0

        def count(self, sample: Sample, answer: Answer, folding: Folding) -> tuple[float, float]:
            return 3, 2

    (extra,) = quality(x=PerPicture()).extra
    assert extra.interval.value == 1.5


def test_a_metric_that_says_nothing_has_no_figure() -> None:
    silent = type("Silent", (Lost,), {"count": lambda *_: (0, 0)})
    assert quality(x=silent()).extra == ()


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (lambda *_: 1 / 0, "metric 'x' failed: ZeroDivisionError"),
        (lambda *_: (1, float("nan")), "metric 'x' returned a count that is infinite"),
        (lambda *_: (1, -1), "metric 'x' returned .* a negative denominator"),
        (lambda *_: "ab", "metric 'x' failed: ValueError"),
    ],
)
def test_a_metric_that_fails_is_named(count: Any, told: str) -> None:
    broken = type("Broken", (Lost,), {"count": count})
    with pytest.raises(PluginError, match=told):
        quality(x=broken())


def test_it_is_shown_wherever_figures_are() -> None:
    cell = CellResult(Cell("r"), "ok", figures=Figures(quality(lost=Lost()), cost(12.0)))
    other = CellResult(Cell("s"), "ok", figures=Figures(quality(), cost(13.0)))
    result = Result(DatasetInfo("set", "lines", 40), ENVIRONMENT, (cell, other))
    result = from_json(to_json(result))
    (shown,) = [c for c in columns(result, rank(result)) if c.heading == "lost %"]
    value = f"{quality(lost=Lost()).extra[0].interval.value:.1f}"
    assert shown.values == (value, "-")
    names, first, second = (line.split(",") for line in to_csv(result).splitlines())
    at = names.index("lost")
    assert names[at : at + 3] == ["lost", "lost_low", "lost_high"]
    assert float(first[at]) == pytest.approx(float(value), abs=0.06)
    assert second[at] == ""
    assert "lost %" in to_html(result, None)


def built(make: Callable[[], object], request: Request) -> object:
    return make()


def assembly(**metrics: type) -> Assembly:
    registrar = Registrar("acme", "acme")
    for name, make in metrics.items():
        registrar.add("metric", name, partial(built, make))
    return Assembly(Registry([PluginRecord("acme", "acme", "1", registrar.added)]), Store())


def test_metrics_are_opened_by_their_names() -> None:
    assert [*open_metrics(["lost"], assembly(lost=Lost))] == ["lost"]
    with pytest.raises(UnknownName, match="Did you mean 'lost'"):
        open_metrics(["losst"], assembly(lost=Lost))
    with pytest.raises(PluginError, match="metric 'words' of plugin 'acme' has the name"):
        open_metrics(["words"], assembly(words=Lost))
    with pytest.raises(PluginError, match="made a dict in place of metric 'lost'"):
        open_metrics(["lost"], assembly(lost=dict))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": None}, "has the title None, which is no text"),
        ({"short": ""}, "has the short '', which is no text"),
        ({"better": "more"}, "says 'more' of which values are better"),
        ({"scale": "100"}, "has the scale '100', which is no number"),
        ({"digits": -1}, "has -1 digits"),
    ],
)
def test_what_it_says_of_itself_is_checked(changes: dict[str, Any], told: str) -> None:
    broken = type("Broken", (Lost,), changes)
    with pytest.raises(PluginError, match=f"metric 'x' of plugin 'acme' {told}"):
        open_metrics(["x"], assembly(x=broken))
