"""Pages in the formats of the command line. To add one: a Writer, and its name here."""

from __future__ import annotations

from ocrx.output.json import SCHEMA, JsonLinesWriter, JsonWriter, page_to_dict
from ocrx.output.table import CsvWriter, TsvWriter
from ocrx.output.text import TextWriter
from ocrx.output.writer import Writer

WRITERS: dict[str, type[Writer]] = {
    "text": TextWriter,
    "json": JsonWriter,
    "jsonl": JsonLinesWriter,
    "csv": CsvWriter,
    "tsv": TsvWriter,
}

__all__ = ["SCHEMA", "WRITERS", "Writer", "page_to_dict"]
