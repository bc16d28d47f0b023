"""The work of `ocrx calibrate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ocrx.bench.data.dataset import Sample
from ocrx.bench.data.load import load_dataset
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.trust import calibration_error, curve, fit, read_rate
from ocrx.errors import UsageError
from ocrx.profiles.trust import key, said, save_trust
from ocrx.reading.reader import Reader
from ocrx_cli.terminal.console import print_json, print_line, print_table

LEAST = 20
"""A calibration needs this many pictures."""

PARTS = 5
"""The figures after calibration are those of pictures that took no part in it: one of so many parts
at a time."""

MISREADS = (0.001, 0.01)


def run(path: Path, form: str | None, reader: Mapping[str, Any], as_json: bool) -> None:
    """Read the dataset, keep the calibration, and print what it changes. Raises UsageError for
    pages, and for too few pictures."""
    dataset = load_dataset(path, form=form)
    if dataset.kind != "lines":
        raise UsageError(f"{path} holds pages", "Give pictures of single lines.")
    if len(dataset.samples) < LEAST:
        raise UsageError(
            f"{path} has {len(dataset.samples)} pictures", f"A calibration needs {LEAST}."
        )
    scores, found, right = _read(dataset.samples, reader)
    trust = replace(fit(found, right), dataset=dataset.name)
    decoder = "pattern" if reader["patterns"] or reader["charset"] else "greedy"
    where = save_trust(key(reader["recognizer"], decoder, reader["views"]), trust)
    points = curve(found, right)  # no calibration changes which line is surer than which
    rows = {
        "mean score": _figures(scores, right, curve(scores, right)),
        "as said": _figures(found, right, points),
        "calibrated": _figures(_held_out(found, right), right, points),
    }
    if as_json:
        told = [
            {"confidence": trust.confidence(sure), "read": read, "misread": misread}
            for sure, read, misread in points
        ]
        print_json({"trust": asdict(trust), "file": str(where), "figures": rows, "curve": told})
        return
    print_line(f"{len(right)} lines, {_percent(sum(right) / len(right))} right")
    table = [[name, *map(_percent, row.values())] for name, row in rows.items()]
    print_table([["", *rows["as said"]], *table])
    accepted = [f"{trust.confidence(read_rate(points, m)[1]):.4f} for {m:.1%}" for m in MISREADS]
    print_line(f"--accept {', '.join(accepted)} misreads")
    print_line(f"temperature {trust.temperature:.2f}, offset {trust.offset:+.2f}; kept in {where}")


def _read(
    samples: Sequence[Sample], settings: Mapping[str, Any]
) -> tuple[list[float], list[float], list[bool]]:
    """Each sample's score, what the reader says of it, and whether it is right. A picture in which
    nothing is read counts as wrong."""
    fold = Folding(code=True)
    scores, found, right = [], [], []
    with Reader(layout="line", **settings) as reader:
        for sample in samples:
            lines = reader.read(sample.source).lines
            scores.append(lines[0].score if len(lines) == 1 else 0.0)
            found.append(said(lines[0]) if len(lines) == 1 else 0.0)
            right.append(fold(" ".join(line.text for line in lines)) == fold(sample.text))
    return scores, found, right


def _held_out(found: Sequence[float], right: Sequence[bool]) -> list[float]:
    """The confidence of each line, calibrated on the other parts."""
    made = [0.0] * len(found)
    for part in range(PARTS):
        others = [i for i in range(len(found)) if i % PARTS != part]
        trust = fit([found[i] for i in others], [right[i] for i in others])
        for i in range(part, len(found), PARTS):
            made[i] = trust.confidence(found[i])
    return made


def _figures(
    confidences: Sequence[float],
    right: Sequence[bool],
    points: Sequence[tuple[float, float, float]],
) -> dict[str, float]:
    rates = {f"read at {m:.1%} misreads": read_rate(points, m)[0] for m in MISREADS}
    return {"calibration error": calibration_error(confidences, right), **rates}


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
