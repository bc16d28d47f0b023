"""How far work is, on stderr: as bars on a terminal, as lines elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ocrx_cli.terminal.console import note

if TYPE_CHECKING:
    from ocrx.bench.run.runner import RunProgress
    from ocrx.interfaces.conversion import Progress
    from ocrx.types import Page
    from ocrx.weights.download import DownloadProgress

T = TypeVar("T")

STEP = 0.25
"""A conversion gets another line when it is this fraction further."""


def download_bar(name: str) -> DownloadProgress:
    """A bar on stderr for the download of the file `name`; one line if stderr is no terminal."""
    if is_terminal(sys.stderr):
        return _DownloadBar(name)
    from ocrx.weights.download import Silent

    note(f"downloading {name}")
    return Silent(name)


class _DownloadBar:
    """A download's progress, drawn by rich."""

    def __init__(self, name: str) -> None:
        from rich import progress
        from rich.console import Console

        self._bar = progress.Progress(
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task(name, total=None)
        self._bar.start()

    def update(self, done: int, total: int | None) -> None:
        self._bar.update(self._task, completed=done, total=total)

    def close(self) -> None:
        self._bar.stop()


@contextmanager
def conversion_bar() -> Iterator[Progress]:
    """A function that shows how far a conversion is, as a bar, or as lines without a terminal."""
    if not is_terminal(sys.stderr):
        yield ConversionLines()
        return
    from rich import progress
    from rich.console import Console

    with progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda fraction, what: bar.update(task, completed=fraction, description=what)


def counted(items: Iterable[T], count: int) -> Iterator[T]:
    """The items. On a terminal a bar counts them as they are taken."""
    if not is_terminal(sys.stderr):
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(items, "Pictures", total=count, console=console, transient=True)


class ConversionLines:
    """Shows conversions as lines on stderr: when one begins, and a few times on its way.

    Called with the fraction that is done, 0 to 1, and "MODEL: what is done". Threads may share it.
    """

    def __init__(self) -> None:
        self._told: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, fraction: float, what: str) -> None:
        model = what.partition(":")[0]
        with self._lock:
            told = self._told.get(model)
            if told is not None and told <= fraction < told + STEP:
                return
            self._told[model] = fraction
        note(f"{what} ({fraction:.0%})")


class ReadingBar:
    """A progress bar while reading. Use it in a `with`.

    It is drawn if stderr is a terminal and the results do not go there too. Only then is rich
    imported.
    """

    def __init__(self, results_on_stdout: bool) -> None:
        self._pages = 0
        self._bar: Any = None
        self._lines = ConversionLines()
        if is_terminal(sys.stderr) and not (results_on_stdout and is_terminal(sys.stdout)):
            self._bar, self._task = _reading_bar()

    def count(self, sources: Iterable[T]) -> Iterator[T]:
        """The sources, counted as they are taken. For a bar all are listed first, to count them."""
        if self._bar is None:
            yield from sources
            return
        known = list(sources)
        self._bar.update(self._task, total=len(known))
        self._bar.start()
        for source in known:
            yield source
            self._bar.advance(self._task)

    def read(self, page: Page) -> None:
        """Count a page that was read."""
        self._pages += 1
        if self._bar is not None:
            self._bar.update(self._task, pages=self._pages, source=page.source)
            self._bar.start()

    def download(self, name: str) -> DownloadProgress:
        """The bar of a download, in place of this one until the next page."""
        if self._bar is not None:
            self._bar.stop()
        return download_bar(name)

    def convert(self, fraction: float, what: str) -> None:
        """Show the fraction of a conversion that is done. `what` reads "MODEL: what is done"."""
        if self._bar is None:
            self._lines(fraction, what)
            return
        self._bar.update(self._task, source=f"{what} ({fraction:.0%})")
        self._bar.start()

    def __enter__(self) -> ReadingBar:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._bar is not None:
            self._bar.stop()


class MeasuringBar:
    """A progress bar of `ocrx bench`, `matrix` and `tune`, if stderr is a terminal.

    It is drawn between measurements only, so that drawing takes no time from what is measured.
    """

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, progress: RunProgress) -> None:
        if self._bar is not None:
            left = "" if progress.left is None else f"{_clock(progress.left)} left"
            self._bar.update(
                self._task,
                completed=progress.done,
                total=progress.total,
                left=left,
                what=f"{progress.cell}: {_DOING[progress.doing]}",
                refresh=True,
            )

    def __enter__(self) -> MeasuringBar:
        if is_terminal(sys.stderr):
            from rich import progress
            from rich.console import Console

            self._bar = progress.Progress(
                progress.BarColumn(),
                progress.MofNCompleteColumn(),
                progress.TextColumn("{task.fields[left]}  {task.fields[what]}", markup=False),
                console=Console(stderr=True),
                transient=True,
                auto_refresh=False,
                redirect_stdout=False,
            )
            self._task = self._bar.add_task("", total=None, left="", what="")
            self._bar.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._bar is not None:
            self._bar.stop()


_DOING = {
    "prepare": "preparing",
    "open": "warming up",
    "round": "reading",
    "together": "reading all together",
}


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _reading_bar() -> tuple[Any, Any]:
    from rich import progress
    from rich.console import Console

    bar = progress.Progress(
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        progress.TextColumn("{task.fields[pages]} pages  {task.fields[source]}", markup=False),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
    )
    return bar, bar.add_task("", total=None, pages=0, source="")


def is_terminal(stream: Any) -> bool:
    """Whether the stream is a terminal. None, for a stream that is closed, is not."""
    return stream is not None and stream.isatty()
