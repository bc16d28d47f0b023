"""The writer of searchable PDFs."""

from __future__ import annotations

import importlib
import io
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocrx.errors import BackendMissing, OutputError
from ocrx.interfaces.writing import Writer
from ocrx.system.text import printable
from ocrx.version import VERSION
from ocrx_pdf.archive import archived
from ocrx_pdf.font import GlyphlessFont
from ocrx_pdf.layer import text_layer
from ocrx_pdf.originals import Original, open_original, picture_page
from ocrx_pdf.places import ExistingText, user_space

if TYPE_CHECKING:
    from ocrx.types import Image, Line, Page
    from ocrx_pdf.settings import PdfOptions


class PdfWriter(Writer):
    """Writes a PDF whose pages are the originals, with the text that was read, invisible and in its
    place.

    The pages of a PDF stay as they are. All of them are written, with what else the first PDF has,
    such as bookmarks and forms. Text that they have already is not written again. Pictures keep
    their bytes where PDF can hold them, and are compressed without loss otherwise. The whole
    document comes at the end.

    Raises BackendMissing without pikepdf and img2pdf.
    """

    suffixes = (".pdf",)
    needs_image = True

    def __init__(self, options: PdfOptions) -> None:
        pikepdf = _pikepdf()
        self.notes: list[str] = []
        self._pdfa = options.pdfa
        self._pdf: Any = pikepdf.Pdf.new()
        with self._pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["xmp:CreatorTool"] = f"ocrx {VERSION}"
        self._font = GlyphlessFont()
        self._dictionary: Any = None
        self._original: Original | None = None
        self._existing: ExistingText | None = None
        self._sources: list[Any] = []  # pages hold on to the files that they were copied from
        self._first = 0
        self._known = 0

    def original(self, file: Path | bytes) -> None:
        self._leave()
        self._original = open_original(file)
        self.needs_image = self._original is None or not self._original.is_pdf
        if self._original is None or not self._original.is_pdf:
            return
        content = file.read_bytes() if isinstance(file, Path) else file
        self._existing = ExistingText(content)
        name = printable(str(file)) if isinstance(file, Path) else "the document"
        self._take(self._original.pdf, name)

    def page(self, page: Page, image: Image | None) -> bytes:
        target = self._page(page, image)
        matrix = user_space(page, target)
        lines: list[Line] = list(page.lines)
        if self._existing:
            lines, known = self._existing.missing(lines, page.index, matrix)
            self._known += known
        if lines:
            self._write(lines, target, matrix)
        return b""

    def end(self) -> bytes:
        self._leave()
        if self._dictionary is not None:
            self._font.fill(self._pdf, self._dictionary)
        if self._known:
            said = "1 word was" if self._known == 1 else f"{self._known} words were"
            again = "is" if self._known == 1 else "are"
            self.notes.append(f"{said} there as text already, and {again} not written again")
        return self._saved()

    def _take(self, pdf: Any, name: str) -> None:
        """Add all pages of a PDF. The first one is what the others are added to."""
        self._first = len(self._pdf.pages)
        if _is_signed(pdf):
            self.notes.append(f"{name} was signed, which no longer holds for what is written")
        if not self._first and self._dictionary is None:
            self._pdf = pdf
            return
        if "/Outlines" in pdf.Root:
            self.notes.append(
                f"the bookmarks of {name} are not kept: only those of a first PDF are"
            )
        self._sources.append(pdf)
        self._pdf.pages.extend(pdf.pages)

    def _page(self, page: Page, image: Image | None) -> Any:
        """The page of the PDF that shows the page."""
        original = self._original
        if original and original.is_pdf:
            return self._pdf.pages[self._first + page.index]
        if original and original.shows(page):
            source, index = original.pdf, page.index
        elif image is not None:
            source, index = picture_page(image, page), 0
        else:
            raise OutputError(
                f"{printable(page.source)} cannot be shown: its picture is missing",
                "Give the writer `pdf` the picture of each page.",
            )
        self._sources.append(source)
        self._pdf.pages.append(source.pages[index])
        return self._pdf.pages[-1]

    def _write(self, lines: list[Line], target: Any, matrix: Any) -> None:
        from pikepdf import Dictionary, Name

        if self._dictionary is None:
            self._dictionary = self._pdf.make_indirect(Dictionary())
        taken = target.resources.get("/Font", {})
        free = next(one for one in map("/Ocrx{}".format, count()) if one not in taken)
        name = target.add_resource(self._dictionary, Name.Font, name=Name(free))
        # Before the page's own content, which may leave the graphics state as it likes.
        target.contents_add(text_layer(lines, matrix, self._font, str(name)[1:]), prepend=True)

    def _saved(self) -> bytes:
        buffer = io.BytesIO()
        self._pdf.save(buffer, deterministic_id=True)
        plain = buffer.getvalue()
        if self._pdfa == "never" or not len(self._pdf.pages):
            return plain
        document, reason = archived(self._pdf)
        if document is not None:
            return document
        if self._pdfa == "always":
            raise OutputError(
                f"the document cannot be PDF/A-2b as it is: {reason}",
                "Write it with --set writer.pdf.pdfa=auto, or mend the input.",
            )
        self.notes.append(f"the PDF is not PDF/A-2b: {reason}")
        return plain

    def _leave(self) -> None:
        if self._existing:
            self._existing.close()
        self._existing = None


def _pikepdf() -> Any:
    try:
        import pikepdf
        import pikepdf.pdfa

        importlib.import_module("img2pdf")
    except ImportError as error:
        raise BackendMissing(
            f"searchable PDFs need pikepdf and img2pdf, which cannot be imported ({error})",
            "Install them: pip install 'ocrx[searchable-pdf]' (Python 3.11 or newer).",
        ) from error
    return pikepdf


def _is_signed(pdf: Any) -> bool:
    form = pdf.Root.get("/AcroForm")
    return form is not None and bool(int(form.get("/SigFlags", 0)) & 1)
