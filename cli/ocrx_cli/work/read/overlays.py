"""Pictures of pages with boxes and text, as `--overlay` writes them."""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from ocrx.errors import InputError, OcrxError
from ocrx.images.document import Blob, Document
from ocrx.images.opening import open_document
from ocrx.output.overlay import OverlayFolder
from ocrx.system.text import printable
from ocrx.types import Page
from ocrx_cli.terminal.console import note

Source: TypeAlias = Path | Blob
OnError: TypeAlias = Callable[[str, OcrxError], None]


class Overlays:
    """Draws pages in the order in which their sources were `noted`. Use it in a `with`.

    A reader returns pages without their pictures, which keeps memory small. So each picture is
    decoded a second time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = OverlayFolder(folder)
        self._sources: deque[Source] = deque()
        self._stack = ExitStack()
        self._document: Document | None = None

    def noted(self, sources: Iterable[Source]) -> Iterator[Source]:
        """The sources. Each is remembered as it is taken."""
        for source in sources:
            self._sources.append(source)
            yield source

    def draw(self, page: Page, on_error: OnError) -> None:
        """Write the overlay of the page. Raises OutputError if it cannot be written."""
        try:
            image = self._document_of(page).image(page.index)
        except InputError as error:  # the file changed since it was read
            on_error(page.source, error)
            return
        self._folder.write(image, page)

    def tell_missing(self) -> None:
        """Say which scripts could not be drawn because no font has them."""
        names = (unicodedata.name(c, "unnamed") for c in self._folder.lettering.missing)
        scripts = sorted({name.split()[0].capitalize() for name in names})
        if scripts:
            note(
                f"no font here has some characters ({', '.join(scripts)}); they are drawn as "
                "boxes. Install a font for them, such as one of Noto Sans."
            )

    def __enter__(self) -> Overlays:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def _document_of(self, page: Page) -> Document:
        if self._document is None or self._document.name != page.source:
            self._stack.close()
            source = self._sources.popleft()
            while _name(source) != page.source:
                source = self._sources.popleft()
            self._document = self._stack.enter_context(open_document(source))
        return self._document


def _name(source: Source) -> str:
    return printable(source.name if isinstance(source, Blob) else str(source))
