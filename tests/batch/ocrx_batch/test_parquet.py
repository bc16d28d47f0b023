"""Parquet has what the JSON has."""

from __future__ import annotations

import io
import json

from ocrx.output.json import page_to_dict
from ocrx.types import Item, Line, Match, Page, Used, frozen_quad
from ocrx_batch.parquet import ParquetWriter

QUAD = frozen_quad([(1, 2), (9, 2), (9, 8), (1, 8)])


def pages() -> list[Page]:
    match = Match("date", 0.9, "2O26", True, (("2026", 0.9),))
    line = Line("2026", 0.5, QUAD, match=match, confidence=0.75, refused="x")
    item = Item("qr", "abc", QUAD, fields={"a": "b"})
    used = (Used("recognition", "m", "openvino", "cpu", "fp32"),)
    full = Page((line,), 10, 10, "a.png", 3, used=used, items=(item,), dpi=(300, 300), notes=("n",))
    return [full, Page((), 5, 6, "b.png")]


def test_a_row_has_the_fields_of_the_json() -> None:
    from pyarrow import parquet

    writer = ParquetWriter()
    content = b"".join([writer.begin(True), *(writer.page(p, None) for p in pages()), writer.end()])
    rows = parquet.read_table(io.BytesIO(content)).to_pylist()
    for row in rows:
        for item in row["items"]:
            item["fields"] = dict(item["fields"])
    assert rows == json.loads(json.dumps([page_to_dict(page) for page in pages()]))


def test_every_file_has_the_same_columns() -> None:
    from pyarrow import parquet

    empty = ParquetWriter()
    full = ParquetWriter()
    full.page(pages()[0], None)
    one, other = (parquet.read_schema(io.BytesIO(writer.end())) for writer in (empty, full))
    assert one == other
