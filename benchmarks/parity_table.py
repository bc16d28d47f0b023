"""Shows what parity.py found: as lines on a terminal, and as a page of the documentation."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ORIGINS = {
    "sroie_codes": "receipts of ICDAR 2019 SROIE, crops",
    "plates_ar": "Argentine number plates, ankandrew/cnn-ocr-lp",
    "plates_cn": "Chinese number plates, sirius-ai/LPRNet_Pytorch",
    "scene_digits": "words with digits, ICDAR 2015 and IIIT5K",
    "ic15_words": "words of street scenes, ICDAR 2015",
    "sroie_pages": "receipts of ICDAR 2019 SROIE, pages",
    "ic15_scene": "street scenes, ICDAR 2015",
}
LEAST_EQUAL = {"fp32": 100.0, "fp16": 99.5, "bf16": 99.5}
MOST_LOST = 1.0
"""How many points of quality int8 may lose."""

SURE_OF_LINE = 0.95
"""The score from which the reference counts as sure of a line."""

ALSO = {
    "recognition": f"equal of lines of {SURE_OF_LINE} and more",
    "detection": "equal texts in the boxes",
}
"""The second share that is shown for a task."""

QUALITY = {
    "recognition": "characters",
    "detection": "F1 of words",
    "orientation": "right answers",
}


@dataclass(frozen=True)
class Share:
    """`hits` of `count`."""

    hits: int
    count: int

    @property
    def percent(self) -> float:
        return 100 * self.hits / max(1, self.count)

    def __str__(self) -> str:
        return f"{self.percent:.2f} % ({self.hits} of {self.count})"


@dataclass(frozen=True)
class Outcome:
    """One network on one runtime: what is equal to the reference, in all, in the sense of ALSO, and
    in each set; the reference's quality and the change of it, in points; its time as a multiple of
    this one's. Or, in `missing`, why it is not to be had."""

    task: str
    runtime: str
    used: str = ""
    equal: Share = Share(0, 0)
    also: Share = Share(0, 0)
    by_set: Mapping[str, Share] = field(default_factory=dict)
    quality: float = 0.0
    change: float = 0.0
    speed: float = 0.0
    missing: str = ""

    @classmethod
    def from_json(cls, read: dict[str, Any]) -> Outcome:
        sets = {name: Share(**share) for name, share in read["by_set"].items()}
        equal, also = Share(**read["equal"]), Share(**read["also"])
        return cls(**{**read, "equal": equal, "also": also, "by_set": sets})

    @property
    def precision(self) -> str:
        return self.runtime.partition(":")[2]

    @property
    def holds(self) -> bool:
        """int8 is judged by quality, all else by what is equal."""
        if self.precision == "int8":
            return self.change >= -MOST_LOST
        return self.equal.percent >= LEAST_EQUAL[self.precision]

    def line(self) -> str:
        start = f"{self.task:12} {self.runtime:18}"
        if self.missing:
            return f"{start} {self.missing}"
        sets = ", ".join(f"{name} {share.percent:.1f}" for name, share in self.by_set.items())
        return (
            f"{start} equal {self.equal.percent:6.2f} %  {QUALITY[self.task]} {self.change:+.2f}  "
            f"speed {self.speed:.2f}  {'holds' if self.holds else 'FAILS'}  [{self.used}] {sets}"
        )


def markdown(outcomes: Sequence[Outcome], versions: Mapping[str, str]) -> str:
    """The whole page."""
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    parts = [
        "# Do the runtimes read alike?",
        "Written by `python benchmarks/parity.py DATA --markdown docs/parity.md`, on "
        f"{datetime.datetime.now(datetime.timezone.utc).date()}; {machine()}; {told}.",
        "Every network in every precision that a runtime has here, against ONNX Runtime in fp32. "
        "**Equal** are lines with the same text to the last space; for detection, boxes that "
        "overlap one of the reference's by 70 %, and beside them the texts that ONNX Runtime in "
        "fp32 reads in them (a box that moves by a fraction of a pixel tips what is nearly a tie); "
        "for orientation, crops that a reader turns or leaves alone alike. **Change** is that of "
        "the quality, against the truth, in points. "
        "**Speed** is one thread's processor time: 2 is twice as fast as the reference. To hold, "
        "fp32 must be equal, fp16 and bf16 in 99.5 %, and int8 may lose one point.",
    ]
    for task in QUALITY:
        rows = sorted((one for one in outcomes if one.task == task), key=lambda one: one.runtime)
        if rows:
            parts += [f"## {task.capitalize()}", _table(task, rows), *_sets(rows), *_absent(rows)]
    return "\n\n".join(parts) + "\n"


def _table(task: str, rows: Sequence[Outcome]) -> str:
    also = f" {ALSO[task]} |" if task in ALSO else ""
    lines = [
        f"| runtime | precision | equal |{also} {QUALITY[task]} | change | speed | holds |",
        "|---|---|---|---|---|---|---|" + ("---|" if also else ""),
    ]
    for row in (row for row in rows if not row.missing):
        cells = [*row.runtime.split(":"), str(row.equal)]
        if also:
            cells.append(str(row.also))
        cells += [f"{row.quality + row.change:.2f}", f"{row.change:+.2f}", f"{row.speed:.2f}"]
        lines.append(f"| {' | '.join(cells)} | {'yes' if row.holds else '**no**'} |")
    return "\n".join(lines)


def _sets(rows: Sequence[Outcome]) -> list[str]:
    """Where the differences are: each set's share, of what is not all equal."""
    found = [row for row in rows if not row.missing and row.equal.hits < row.equal.count]
    if not found:
        return []
    names = list(found[0].by_set)
    lines = [
        "| equal, % | " + " | ".join(ORIGINS[name] for name in names) + " |",
        "|---|" + "---|" * len(names),
    ]
    lines += [
        f"| {row.runtime.replace(':', ' ')} | "
        + " | ".join(f"{row.by_set[name].percent:.1f}" for name in names)
        + " |"
        for row in found
    ]
    return ["\n".join(lines)]


def _absent(rows: Sequence[Outcome]) -> list[str]:
    told = [
        f"- {row.runtime.replace(':', ' ')}: {row.missing.partition(', and no converter')[0]}."
        for row in rows
        if row.missing
    ]
    return ["Refused here:\n\n" + "\n".join(told)] if told else []


def machine() -> str:
    """The processor, its cores and the system."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    count = 0
    if cpuinfo.exists():
        lines = cpuinfo.read_text("utf-8").splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        name, count = (models or [name])[0], len(models)
    return f"{name}{f', {count} cores' if count else ''}, {platform.system()}"
