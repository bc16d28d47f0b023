"""From the command line of `ocrx watch` to messages about objects."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import numpy as np

from ocrx.errors import InputError, OcrxError, OutputError, UsageError, without_errors
from ocrx.images.document import Raster
from ocrx.reading.lasting import LastingReader
from ocrx.reading.pictures import Picture
from ocrx.reading.reader import Reader
from ocrx.system.memory import MOST
from ocrx.types import Page
from ocrx_cli.asked import Asked
from ocrx_cli.shared.failures import Failures
from ocrx_cli.terminal.console import note
from ocrx_cli.terminal.progress import download_bar
from ocrx_watch.figures import Figures
from ocrx_watch.joining.sighting import seen_in
from ocrx_watch.joining.track import Found
from ocrx_watch.joining.tracker import Rules, Tracker
from ocrx_watch.joining.views import Views
from ocrx_watch.messages import Messages
from ocrx_watch.sources.capture import silence
from ocrx_watch.sources.intake import Intake
from ocrx_watch.sources.opening import open_source
from ocrx_watch.sources.source import Arrival, Back, Frame, Lost, Source
from ocrx_watch.stopping import stopped_by_signals
from ocrx_watch.targets.opening import Targets
from ocrx_watch.urls import scheme_of, without_secrets

MOVING, STANDING = Rules(seen=2, gone=5), Rules(seen=1, gone=0)
"""Of cameras and videos, and of folders, unless the user says otherwise."""

BLANK = (480, 640, 3)
"""The shape of a picture that is read before the first one."""


@dataclass(frozen=True)
class WatchArguments:
    """The command line of `ocrx watch`. `asked` is what it has of `ocrx read`. None is what the
    source decides. Times are in seconds. The reader is opened anew if the process holds more than
    `memory` bytes."""

    source: str
    asked: Asked
    to: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    seen: int | None = None
    gone: int | None = None
    late: bool = False
    every: int = 1
    size: tuple[int, int] | None = None
    existing: bool = False
    reconnect: float = math.inf
    keep: int = 10_000
    grace: float = 10.0
    memory: int = MOST
    report: float = 60.0
    seconds: float | None = None
    paid: bool = False
    debug: bool = False


def watch(arguments: WatchArguments) -> int:
    """Read until the source ends or somebody stops it, and return the exit code. Raises OcrxError
    for what ends it early; what was seen until then is told first."""
    silence()
    stop = threading.Event()
    source = open_source(
        arguments.source,
        existing=arguments.existing,
        size=arguments.size,
        every=arguments.every,
        patience=arguments.reconnect,
    )
    rules = _rules(arguments, source)
    failures = Failures(arguments.debug)
    with ExitStack() as stack:
        targets = Targets(arguments.to, arguments.headers, arguments.keep, note)
        stack.callback(targets.close, 0.0)  # if it does not come to reading
        reader = LastingReader(lambda: _reader(arguments.asked, arguments.paid), arguments.memory)
        stack.callback(reader.close)
        views = Views(lambda: _line_reader(arguments.asked), note)
        stack.callback(views.close)
        patterned = bool(arguments.asked.reader.get("patterns"))
        work = Watching(
            source, reader, Tracker(rules, views), targets, failures, patterned=patterned
        )
        stack.callback(work.account)
        stack.callback(targets.close, arguments.grace)
        stack.enter_context(stopped_by_signals(stop))
        stack.enter_context(_stopped_after(arguments.seconds, stop))
        named = arguments.source
        note(f"watching {without_secrets(named) if scheme_of(named) else named} until Ctrl-C")
        work.run(Intake(source, stop), arguments.report)
    if targets.lost:
        return OutputError.exit_code
    return InputError.exit_code if failures.count else 0


def _rules(arguments: WatchArguments, source: Source) -> Rules:
    """What was asked for, and what the source needs otherwise."""
    usual = MOVING if source.moving else STANDING
    gone = usual.gone if arguments.gone is None else arguments.gone
    seen = arguments.seen or (usual.seen if gone else 1)
    if seen > 1 and not gone:
        raise UsageError(
            f"--seen {seen} joins frames, and --gone 0 takes each by itself",
            "Give --gone as well, as the number of frames after which an object has gone.",
        )
    return Rules(seen, gone, arguments.late)


def _reader(asked: Asked, paid: bool) -> Reader:
    """The reader, with its networks loaded: what is missing is told now, and not with the first
    frame."""
    reader = Reader(**asked.reader, options=asked.settings, progress=download_bar)
    cost = reader.cost(1)
    if cost and not paid:
        reader.close()
        raise UsageError(f"reading a frame costs {cost}", "Add --yes to read them.")
    if not cost:
        blank = Picture("a blank picture", 0, Raster.of(np.full(BLANK, 255, np.uint8)), 0.0)
        try:
            without_errors(reader.read_pictures([blank]))
        except BaseException:
            reader.close()
            raise
    return reader


def _line_reader(asked: Asked) -> Reader:
    """One for pictures of single lines."""
    given = {**asked.reader, "layout": "line", "finders": ()}
    return Reader(**given, options=asked.settings, progress=download_bar)


@contextmanager
def _stopped_after(seconds: float | None, stop: threading.Event) -> Iterator[None]:
    """Within it, `stop` is set after so long."""
    if seconds is None:
        yield
        return
    timer = threading.Timer(seconds, stop.set)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Watching:
    """Reads frames, joins what they show, and sends messages."""

    def __init__(
        self,
        source: Source,
        reader: LastingReader,
        tracker: Tracker,
        targets: Targets,
        failures: Failures,
        *,
        patterned: bool,
    ) -> None:
        self._source = source
        self._reader = reader
        self._tracker = tracker
        self._targets = targets
        self._failures = failures
        self._patterned = patterned
        self._messages = Messages()
        self._figures = Figures()

    def run(self, intake: Intake, report: float) -> None:
        """Read until the source ends. How it goes is told every `report` seconds; 0 never."""
        due = time.monotonic() + report
        try:
            while arrivals := intake.take():
                self._read(arrivals)
                self._figures.dropped = intake.dropped
                if report and time.monotonic() >= due:
                    note(self._figures.told())
                    due = time.monotonic() + report
        finally:
            intake.close()
            self._tell(self._tracker.end())

    def account(self) -> None:
        """Say how it went, and what was left out."""
        figures, tracker = self._figures, self._tracker
        note(figures.told())
        counted = {
            "pictures were not read any more": self._source.left,
            "objects were seen in too few frames, and not told (see --seen)": tracker.few,
            "readings of objects differed from what was told": tracker.misread,
            "lines at the edge of a frame were cut off, and not read": figures.cut,
            "lines match no pattern, and were left out": figures.unmatched,
            **{f"messages to {name} are lost": n for name, n in self._targets.lost.items()},
        }
        for what, count in counted.items():
            if count:
                note(f"{count} {what}")

    def _read(self, arrivals: Sequence[Arrival]) -> None:
        pictures = [one.picture for one in arrivals if isinstance(one, Frame)]
        pages = iter(self._reader.read_pictures(pictures) if pictures else ())
        for one in arrivals:
            if isinstance(one, Frame):
                self._show(one, next(pages))
            elif isinstance(one, Back):
                note(f"{one.name} gives pictures again, after {one.seconds:.1f} s")
            else:
                self._failures(one.name, one.error)
            if isinstance(one, Lost):  # what it shows when it is back is another object
                self._tell(self._tracker.end())

    def _show(self, frame: Frame, page: Page | OcrxError) -> None:
        if isinstance(page, OcrxError):
            self._failures(frame.picture.source, page)
            return
        self._figures.frames += 1
        seen = seen_in(frame, page, joined=self._tracker.joins, patterned=self._patterned)
        self._figures.cut += seen.cut
        self._figures.unmatched += seen.unmatched
        self._tell(self._tracker.add(seen.sightings))
        self._figures.latencies.add(time.monotonic() - frame.arrived)

    def _tell(self, objects: Iterable[Found]) -> None:
        for found in objects:
            self._figures.objects += 1
            self._targets.put(self._messages.of(found))
