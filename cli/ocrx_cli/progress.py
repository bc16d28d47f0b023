"""How far reading has come, on stderr, where a person looks on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from ocrx_cli.console import note
from ocrx_cli.models import progress_bar

if TYPE_CHECKING:
    from ocrx.download import Progress
    from ocrx.types import Page

T = TypeVar("T")

STEP = 0.25
"""How much further a conversion must be for another line about it."""


class Lines:
    """Tells of conversions in lines on stderr: of each that begins, and a few times on its way.

    Called with how far one is, and "MODEL: what is done". Safe from several threads.
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


class Watch:
    """A progress bar while reading, if stderr is a terminal and the results do not go there too.

    Use it in a `with`. Only then is rich imported.
    """

    def __init__(self, results_on_stdout: bool) -> None:
        self._pages = 0
        self._bar: Any = None
        self._lines = Lines()
        if _is_terminal(sys.stderr) and not (results_on_stdout and _is_terminal(sys.stdout)):
            self._bar, self._task = _bar()

    def count(self, sources: Iterable[T]) -> Iterator[T]:
        """The sources, counted as they are taken; listed first if there is a bar to fill."""
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
        """A page was read."""
        self._pages += 1
        if self._bar is not None:
            self._bar.update(self._task, pages=self._pages, source=page.source)
            self._bar.start()

    def download(self, name: str) -> Progress:
        """Makes room for the progress of a download, until the next page."""
        if self._bar is not None:
            self._bar.stop()
        return progress_bar(name)

    def convert(self, fraction: float, what: str) -> None:
        """A Report of how far a conversion is."""
        if self._bar is None:
            self._lines(fraction, what)
            return
        self._bar.update(self._task, source=f"{what} ({fraction:.0%})")
        self._bar.start()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _bar() -> tuple[Any, Any]:
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


def _is_terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()
