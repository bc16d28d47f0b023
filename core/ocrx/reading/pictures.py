"""From sources to decoded pictures, before the first stage."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocrx.errors import OcrxError
from ocrx.images.document import Document, Raster
from ocrx.images.opening import ImageSource, open_document, source_name
from ocrx.reading.pipeline import Work


@dataclass(frozen=True, eq=False)
class Picture:
    """One decoded picture, or page of a document, before the first stage."""

    source: str
    index: int
    raster: Raster
    decode_ms: float


def pictures_of(sources: Iterable[ImageSource]) -> Iterator[Picture | tuple[str, OcrxError]]:
    """Every page of every source, decoded. In place of one that cannot be decoded, its name and its
    error."""
    for source in sources:
        try:
            document = open_document(source)
        except OcrxError as error:
            yield source_name(source), error
            continue
        with document:
            for index in range(len(document)):
                try:
                    yield decode(document, index)
                except OcrxError as error:
                    yield document.name, error


def decode(document: Document, index: int) -> Picture:
    """A page of a document, decoded. Raises what `Document.page` does."""
    started = time.perf_counter()
    raster = document.page(index)
    return Picture(document.name, index, raster, (time.perf_counter() - started) * 1000)


def work_of(picture: Picture) -> Work:
    """The picture at the beginning of its way through the stages."""
    raster = picture.raster
    return Work(
        picture.source,
        picture.index,
        raster.image,
        raster.width,
        raster.height,
        matrix=raster.matrix,
        spent={"decode": picture.decode_ms},
        notes=list(raster.notes),
        dpi=raster.dpi,
    )


def raised(item: Picture | tuple[str, OcrxError]) -> Picture:
    """The picture. Raises the error that stands in its place."""
    if not isinstance(item, Picture):
        raise item[1]
    return item
