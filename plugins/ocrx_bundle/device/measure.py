"""Measures a bundle on pictures whose text is known, in the form of `ocrx bench --json`."""

import hashlib
import json
import os
import platform
import sys
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np

from ocrx_bundle.device.engines import Array, CannotRun
from ocrx_bundle.device.pictures import files_of, load

NOT_SCORED = "###"
RESAMPLES = 1000
WORST = 20

Read = Callable[[Array], str]
Sample = Tuple[str, Path, Optional[str], Any]
"""Name, picture, text (None if it is unknown), and the places of a page's lines."""


def samples_of(folder: Path) -> List[Sample]:
    """The pictures of a folder with labels.tsv (`path<TAB>text`, for pages a third column), or all
    pictures of one without."""
    labels = folder / "labels.tsv" if folder.is_dir() else folder
    if not labels.is_file():
        return [(path.name, path, None, None) for path in files_of([str(folder)])]
    try:
        rows = labels.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"{labels} cannot be read: {error}") from error
    found: List[Sample] = []
    for row in rows:
        parts = row.rstrip("\r").split("\t")
        if len(parts) < 2 or (len(parts) == 2 and parts[1] == NOT_SCORED):
            continue
        lines = None
        if len(parts) > 2:
            lines = _places(parts[2], labels)
        found.append((parts[0], labels.parent / parts[0], parts[1], lines))
    if not found:
        raise CannotRun(f"{labels} names no pictures")
    return found


def _places(told: str, labels: Path) -> Any:
    """The polygon and the text of each line of a page, as the third column has them."""
    try:
        return [
            [one["poly"], None if one["text"] == NOT_SCORED else one["text"]]
            for one in json.loads(told)
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise CannotRun(f"{labels} has no lines of a page in its third column: {told}") from error


def measure(read: Read, samples: List[Sample], rounds: int) -> Dict[str, Any]:
    """Read each picture once to warm up and once in each round. Times do not include decoding the
    file."""
    texts = []
    times: List[List[float]] = []
    first = 0.0
    for turn in range(rounds + 1):
        spent = []
        for _, path, _, _ in samples:
            picture = load(path)
            started = time.perf_counter()
            text = read(picture)
            spent.append((time.perf_counter() - started) * 1000)
            if turn == 0:
                texts.append(text)
        if turn:
            times.append(spent)
        else:
            first = spent[0]
    return {"texts": texts, "times": times, "first": first}


def result(
    found: Dict[str, Any],
    samples: List[Sample],
    folder: Path,
    cell: Dict[str, Any],
    about: Dict[str, Any],
) -> Dict[str, Any]:
    """The measurement as a run of `ocrx bench`, which `ocrx matrix --compare` reads. `about` has
    the size of the models, what ran, and how long opening took."""
    pages = any(lines is not None for _, _, _, lines in samples)
    figures = {
        "quality": quality(found["texts"], samples, pages),
        "cost": cost(found, about),
        "used": about["used"],
        "parity": None,
    }
    outcome = {"state": "ok", "reason": "", "remedy": "", "figures": figures}
    return {
        "dataset": {
            "name": folder.resolve().name,
            "kind": "pages" if pages else "lines",
            "samples": len(samples),
            "path": str(folder),
            "origin": "",
            "digest": digest(samples),
        },
        "environment": machine(about["packages"]),
        "cells": [dict(cell, **outcome)],
        "started": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
        "settings": {"rounds": str(len(found["times"]))},
        "warnings": [],
        "schema": "ocrx-bench/1",
    }


def quality(texts: List[str], samples: List[Sample], pages: bool) -> Dict[str, Any]:
    """Accuracies in percent with 95 % bootstrap intervals: of characters and whole lines, or of the
    words of pages."""
    known = [(fold(s[2]), fold(text)) for s, text in zip(samples, texts) if s[2] is not None]
    found = {"samples": len(samples), "folding": "none", "confusions": [], "worst": []}
    found.update(dict.fromkeys(("characters", "exact", "words", "precision", "recall", "hmean")))
    found["extra"] = []
    if not known:
        return found
    if pages:
        counts = [(Counter(truth.split()), Counter(read.split())) for truth, read in known]
        table = [(sum((a & b).values()), sum(a.values()), sum(b.values())) for a, b in counts]
        found["words"] = interval(table, lambda s: (2 * s[0], s[1] + s[2]))
        return found
    table = [(edits(*one), len(one[0]), int(one[0] == one[1])) for one in known]
    found["characters"] = interval(table, lambda s: (np.maximum(0, s[1] - s[0]), s[1]))
    found["exact"] = interval([(e, 1, x) for e, _, x in table], lambda s: (s[2], s[1]))
    wrong: List[Dict[str, Any]] = [
        {
            "sample": sample[0],
            "truth": sample[2],
            "read": text,
            "characters": 100.0 * max(0, row[1] - row[0]) / max(1, row[1]),
        }
        for sample, text, row in zip([s for s in samples if s[2] is not None], texts, table)
        if row[0]
    ]
    found["worst"] = sorted(wrong, key=lambda one: one["characters"])[:WORST]
    return found


def fold(text: Optional[str]) -> str:
    """A text as it is compared: composed, with single spaces."""
    return unicodedata.normalize("NFC", " ".join((text or "").split()))


def edits(truth: str, read: str) -> int:
    """The Levenshtein distance."""
    row = list(range(len(read) + 1))
    for i, char in enumerate(truth, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(read, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (char != other))
    return row[-1]


def interval(table: Sequence[Tuple[int, ...]], ratio: Callable[[Any], Tuple[Any, Any]]) -> Any:
    """A ratio of sums in percent, with its 95 % bootstrap interval."""
    counts = np.array(table, dtype=np.float64)
    value = _percent(*ratio(counts.sum(axis=0)))
    random = np.random.RandomState(0)
    times = random.multinomial(len(counts), [1 / len(counts)] * len(counts), size=RESAMPLES)
    drawn = np.append(_percent(*ratio((times @ counts).T)), value)
    low, high = np.percentile(drawn, [2.5, 97.5]).tolist()
    return {"value": float(value), "low": min(low, float(value)), "high": max(high, float(value))}


def _percent(part: Any, whole: Any) -> Any:
    return 100 * np.asarray(part, np.float64) / np.maximum(whole, 1e-9)


def cost(found: Dict[str, Any], about: Dict[str, Any]) -> Dict[str, Any]:
    """Times in milliseconds, sizes in MiB."""
    times = np.array(found["times"], dtype=np.float64)
    medians = np.median(times, axis=1).tolist()
    p50, p90, p99 = np.percentile(times, (50, 90, 99)).tolist()
    return {
        "p50": p50,
        "p90": p90,
        "p99": p99,
        "images_per_second": None,
        "rounds": medians,
        "spread": 100 * (max(medians) - min(medians)) / float(np.median(medians)),
        "stages": {},
        "startup": about["startup"],
        "first": found["first"],
        "build": None,
        "model_mb": about["model_mb"],
        "peak_mb": peak_mb(),
        "slope": None,
    }


def digest(samples: List[Sample]) -> str:
    """The sha256 of names, truths and pictures, as `ocrx bench` computes it."""
    whole = hashlib.sha256()
    for name, path, text, lines in samples:
        picture = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update("{}\n".format(json.dumps([name, text or "", lines, picture])).encode())
    return "sha256:" + whole.hexdigest()


def peak_mb() -> Optional[float]:
    """The most memory that this process has had, in MiB."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def machine(packages: Dict[str, str]) -> Dict[str, Any]:
    """This machine, as a result tells of it."""
    return {
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "cpu": _processor(),
        "cpu_flags": [],
        "cores": os.cpu_count() or 1,
        "memory_mb": _memory_mb(),
        "devices": [],
        "packages": packages,
        "variables": {},
    }


def _processor() -> str:
    board = Path("/proc/device-tree/model")
    if board.is_file():
        return board.read_text("utf-8", "replace").strip("\0 \n")
    about = Path("/proc/cpuinfo")
    for row in about.read_text("utf-8", "replace").split("\n") if about.is_file() else ():
        name, _, value = row.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or sys.platform


def _memory_mb() -> float:
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) // 2**20
    except (AttributeError, OSError, ValueError):
        return 0.0
