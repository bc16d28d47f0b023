"""Measuring one cell, in a process of its own: warm up, then read every picture, round by round."""

from __future__ import annotations

import gc
import hashlib
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, fields, replace
from functools import cached_property
from itertools import cycle, islice
from pathlib import Path
from typing import Any, cast

import numpy as np

from ocrx.bench.data.extra import bench_module
from ocrx.bench.figures.result import Component
from ocrx.bench.run.messages import Job, Opened, Point, Round, Together
from ocrx.errors import InputError, OcrxError, UsageError
from ocrx.images.opening import open_document
from ocrx.names import Layout, Precision
from ocrx.reading.reader import Reader
from ocrx.types import Page, Timing, Used

STEADY = 1.05
"""The cell is warm if a pass over the pictures is at most this many times faster than the last."""

MOST_PASSES = 5
WARM_PICTURES = 50
"""The most pictures in a pass. Two passes over a whole set might take too long."""

LEAD_SECONDS = 0.25
"""Before each round pictures are read for this time without being counted. Until then another
process has used the caches and the clock of the processor."""

POINTS = 50
"""About how often memory is measured in a round."""

STAGES = tuple(one.name for one in fields(Timing))


class Measuring:
    """A reader that is open and warm, and measures itself.

    Raises what the reader raises, but not for pictures that cannot be read: these count as unread.
    If no picture can be read, opening raises InputError.
    """

    def __init__(self, job: Job) -> None:
        self._pictures = list(job.pictures)
        self._process = bench_module("psutil").Process()
        self._read = 0
        started = time.perf_counter_ns()
        self.reader = _reader(job)
        startup = _since(started)
        self._used: dict[Used, None] = {}
        first = self._first()
        passes, stable = self._warm(job.warm_seconds)
        used = [Component(**asdict(u)) for u in self._used]
        self.opened = Opened(startup, first, used, passes, stable, self._held())

    def round(self, answers: bool) -> Round:
        """Read every picture once, each by itself. `answers` says whether to return the texts."""
        cpu = time.process_time()
        self._lead_in()
        found = self.read_all(answers)
        return replace(found, cpu=(time.process_time() - cpu) * 1000)

    def read_all(self, answers: bool) -> Round:
        """A round without its lead-in. `cpu` is 0."""
        times: list[float | None] = []
        pages: list[Page | None] = []
        memory: list[Point] = []
        unread: dict[str, str] = {}
        stages = dict.fromkeys(STAGES, 0.0)
        every = max(1, len(self._pictures) // POINTS)
        for index, picture in enumerate(self._pictures):
            started = time.perf_counter_ns()
            try:
                page = self._page(picture)
            except InputError as error:
                unread[str(index)] = str(error)
                times.append(None)
                pages.append(None)
                continue
            times.append(_since(started))
            pages.append(page)
            for stage in STAGES:
                stages[stage] += getattr(page.timing, stage)
            if index % every == 0:
                memory.append((self._read, self._held()))
        return Round(
            times,
            stages,
            memory,
            peak_mb(self._process),
            [_print(page) for page in pages],
            unread,
            0.0,
            [_answer(page) for page in pages] if answers else None,
        )

    def together(self) -> Together:
        """Read every picture once, all in one call, so that batches are as full as possible."""
        pictures = self._single
        self._lead_in()
        failed: list[OcrxError] = []

        def unread(_: str, error: OcrxError) -> None:
            if not isinstance(error, InputError):
                raise error
            failed.append(error)

        started = time.perf_counter_ns()
        for _ in self.reader.read_many(pictures, unread):
            self._read += 1
        return Together(_since(started), len(pictures) - len(failed))

    @cached_property
    def _single(self) -> list[str]:
        """All pictures but documents of several pages: `read_many` would read every page."""
        return [picture for picture in self._pictures if not _has_pages(picture)]

    def _page(self, picture: str) -> Page:
        self._read += 1
        try:
            return self.reader.read(picture)
        except UsageError as error:
            if _has_pages(picture):
                raise InputError(error.message, "Give each page a file of its own.") from error
            raise  # no picture is to blame

    def _first(self) -> float:
        """The milliseconds of the first picture that can be read.

        Raises the InputError of the last picture if none can be read.
        """
        for picture in self._pictures[:-1]:
            started = time.perf_counter_ns()
            with suppress(InputError):
                return self._note(self._page(picture), started)
        started = time.perf_counter_ns()
        return self._note(self._page(self._pictures[-1]), started)

    def _note(self, page: Page, started: int) -> float:
        """Record what ran for the page. Returns the milliseconds since `started`."""
        spent = _since(started)
        self._used.update(dict.fromkeys(page.used))
        return spent

    def _warm(self, seconds: float) -> tuple[list[float], bool | None]:
        """Warm up for at most `seconds`. Returns `passes` and `stable` of `Opened`.

        Some pictures are read in passes until a pass gets no faster. In the remaining time the
        others are read once.
        """
        # The pictures that there is time for are spread over the set, and the same in every cell.
        order = np.random.default_rng(0).permutation(len(self._pictures))
        drawn = [self._pictures[index] for index in order]
        started, begun = time.perf_counter_ns(), time.perf_counter()
        # The first pass gets a third of the time, so that a second one fits.
        some = drawn[: self._try_all(drawn[:WARM_PICTURES], begun + seconds / 3)]
        passes = [_since(started)] if some else []
        while some and len(passes) < MOST_PASSES and not _steady(passes):
            started = time.perf_counter_ns()
            if self._try_all(some, begun + seconds) < len(some):
                break
            passes.append(_since(started))
        # The sizes of the others may be new, and a runtime may have to plan for them.
        self._try_all(drawn[len(some) :], begun + seconds)
        return passes, _steady(passes)

    def _try_all(self, pictures: Sequence[str], deadline: float) -> int:
        """Read the pictures until the deadline. Returns how many were begun before it."""
        for count, picture in enumerate(pictures):
            if time.perf_counter() >= deadline:
                return count
            self._try(picture)
        return len(pictures)

    def _lead_in(self) -> None:
        gc.collect()
        deadline = time.perf_counter() + LEAD_SECONDS
        for picture in cycle(islice(reversed(self._pictures), 50)):
            self._try(picture)
            if time.perf_counter() > deadline:
                return

    def _try(self, picture: str) -> None:
        with suppress(InputError):  # the round reports it
            self._note(self._page(picture), time.perf_counter_ns())

    def _held(self) -> float:
        return float(self._process.memory_info().rss) / 2**20


def peak_mb(process: Any) -> float:
    """The most memory that this process ever held, in MiB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not getrusage: on Linux it includes what the parent held when it started this process.
        line = next(x for x in status.read_text("ascii").splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    if os.name == "nt":
        return float(process.memory_info().peak_wset) / 2**20
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak) / (2**20 if sys.platform == "darwin" else 1024)


def _reader(job: Job) -> Reader:
    return Reader(
        job.detector or None,
        None if job.whole_pages else job.recognizer,
        job.backend or "auto",
        job.device,
        cast("Precision", job.precision),
        detector_backend="auto" if job.own_detector else None,
        detector_device=job.detector_device or None,
        detector_precision=cast("Precision | None", job.detector_precision or None),
        detector_threads=job.detector_threads,
        threads=job.threads,
        layout=cast("Layout", job.layout),
        decoder=job.decoder or None,
        page_reader=job.recognizer if job.whole_pages else None,
        preprocessors=job.preprocessors,
        offline=job.offline,
        options=job.options,
        **job.reading,
    )


def _has_pages(picture: str) -> bool:
    """Whether it is a document of several pages. False if it cannot be opened."""
    with suppress(InputError), open_document(picture) as document:
        return len(document) > 1
    return False


def _steady(passes: Sequence[float]) -> bool | None:
    """Whether the last pass was hardly faster than the one before; None for fewer than two."""
    return passes[-2] <= passes[-1] * STEADY if len(passes) > 1 else None


def _since(started: int) -> float:
    """The milliseconds since `started`, a time of `perf_counter_ns`."""
    return (time.perf_counter_ns() - started) / 1e6


def _text(page: Page) -> str:
    return " ".join(line.text for line in page.lines)


def _print(page: Page | None) -> str:
    return (
        hashlib.sha256(_text(page).encode("utf-8", "surrogatepass")).hexdigest()[:8] if page else ""
    )


def _answer(page: Page | None) -> Any:
    if page is None:
        return None
    if page.layout != "page":
        return _text(page), [], _confidence(page)
    lines = [
        ([(round(float(x), 1), round(float(y), 1)) for x, y in line.quad], line.text)
        for line in page.lines
    ]
    return _text(page), lines, None


def _confidence(page: Page) -> float | None:
    """How sure all lines of a page are right: as sure as the worst of them. 0 if nothing was read,
    None if there are lines that nothing is known of."""
    told = [line.confidence for line in page.lines]
    sure = [one for one in told if one is not None]
    return min(sure, default=0.0) if len(sure) == len(told) else None
