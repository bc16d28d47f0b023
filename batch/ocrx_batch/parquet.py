"""Pages as rows of a Parquet file, with the fields of the JSON."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any

from ocrx.errors import BackendMissing
from ocrx.interfaces.writing import Writer
from ocrx.output.json import page_to_dict

if TYPE_CHECKING:
    from ocrx.types import Image, Page


class ParquetWriter(Writer):
    """Writes a row for each page. The file comes at the end, compressed with zstd.

    Raises BackendMissing without pyarrow.
    """

    suffixes = (".parquet",)
    rows = True

    def __init__(self) -> None:
        self._schema = _schema()
        self._pages: list[dict[str, Any]] = []

    def page(self, page: Page, image: Image | None) -> bytes:
        row = page_to_dict(page)
        for item in row["items"]:
            item["fields"] = list(item["fields"].items())  # a map, in Arrow
        self._pages.append(row)
        return b""

    def end(self) -> bytes:
        import pyarrow
        from pyarrow import parquet

        buffer = io.BytesIO()
        table = pyarrow.Table.from_pylist(self._pages, schema=self._schema)
        parquet.write_table(table, buffer, compression="zstd")
        return buffer.getvalue()


@cache
def _schema() -> Any:
    """The columns: those of a page in the schema "ocrx/1"."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise BackendMissing(
            f"Parquet needs pyarrow, which cannot be imported ({error})",
            "pip install 'ocrx[batch]'",
        ) from error
    text, real, whole = pa.string(), pa.float64(), pa.int32()
    quad = pa.list_(pa.list_(real))
    piece = {"text": text, "score": real, "quad": quad}
    alternative = pa.struct({"text": text, "probability": real})
    match = pa.struct(
        {
            "pattern": text,
            "probability": real,
            "check": pa.bool_(),
            "unconstrained": text,
            "alternatives": pa.list_(alternative),
        }
    )
    line = {
        **piece,
        "detection_score": real,
        "confidence": real,
        "refused": text,
        "row": whole,
        "match": match,
        "words": pa.list_(pa.struct(piece)),
        "chars": pa.list_(pa.struct({**piece, "span": pa.list_(real)})),
    }
    paragraph = pa.struct({"quad": quad, "lines": pa.list_(whole)})
    item = {"type": text, "value": text, "score": real, "quad": quad}
    stages = ("decode", "preprocess", "find", "detect", "rectify", "orient", "recognize")
    used = ("task", "model", "backend", "device", "precision", "decoder")
    return pa.schema(
        {
            "source": text,
            "index": whole,
            "width": whole,
            "height": whole,
            "dpi": pa.list_(real),
            "orientation": whole,
            "layout": text,
            "text": text,
            "lines": pa.list_(pa.struct(line)),
            "blocks": pa.list_(pa.struct({"quad": quad, "paragraphs": pa.list_(paragraph)})),
            "items": pa.list_(pa.struct({**item, "fields": pa.map_(text, text)})),
            "timing": pa.struct(dict.fromkeys((*stages, "decode_text", "total"), real)),
            "used": pa.list_(pa.struct(dict.fromkeys(used, text))),
            "notes": pa.list_(text),
        }
    )
