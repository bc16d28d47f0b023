"""JSON in the schema "ocrx/1": one document of all pages, or one page per line (JSON Lines).

docs/reference/json.md describes the schema.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from ocrx.interfaces.writing import Writer
from ocrx.output.strings import well_formed

if TYPE_CHECKING:
    from ocrx.types import Char, Image, Item, Line, Match, Page, Quad, Word

SCHEMA = "ocrx/1"


class JsonWriter(Writer):
    """Writes one document, `{"schema": ..., "pages": [...]}`, with a page per line of the file."""

    _first = True

    def begin(self, several: bool) -> bytes:
        return f'{{"schema": "{SCHEMA}", "pages": ['.encode()

    def page(self, page: Page, image: Image | None) -> bytes:
        separator = "\n" if self._first else ",\n"
        self._first = False
        return (separator + dumps(page_to_dict(page))).encode()

    def end(self) -> bytes:
        return b"]}\n" if self._first else b"\n]}\n"


class JsonLinesWriter(Writer):
    """Writes one page per line, each an object of its own with the schema."""

    rows = True

    def page(self, page: Page, image: Image | None) -> bytes:
        return (dumps({"schema": SCHEMA, **page_to_dict(page)}) + "\n").encode()


def page_to_dict(page: Page) -> dict[str, Any]:
    """A page as the JSON has it: coordinates and milliseconds with 2 decimals, scores with 4."""
    return {
        "source": well_formed(page.source),
        "index": page.index,
        "width": page.width,
        "height": page.height,
        "dpi": None if page.dpi is None else [round(float(one), 2) for one in page.dpi],
        "orientation": page.orientation,
        "layout": page.layout,
        "text": well_formed(page.text),
        "lines": [_line(line) for line in page.lines],
        "blocks": _blocks(page),
        "items": [_item(item) for item in page.items],
        "timing": {
            **{stage: round(float(spent), 2) for stage, spent in asdict(page.timing).items()},
            "total": round(float(page.timing.total), 2),
        },
        "used": [asdict(used) for used in page.used],
        "notes": [well_formed(note) for note in page.notes],
    }


def _blocks(page: Page) -> list[dict[str, Any]]:
    """The blocks and their paragraphs. Lines are given by their index among the page's lines."""
    places = count()
    return [
        {
            "quad": corners(block.quad),
            "paragraphs": [
                {
                    "quad": corners(paragraph.quad),
                    "lines": list(islice(places, len(paragraph.lines))),
                }
                for paragraph in block.paragraphs
            ],
        }
        for block in page.blocks
    ]


def _line(line: Line) -> dict[str, Any]:
    return {
        **_piece(line),
        "detection_score": _score(line.detection_score),
        "confidence": None if line.confidence is None else round(float(line.confidence), 6),
        "refused": well_formed(line.refused),
        "row": line.row,
        "match": None if line.match is None else match_to_dict(line.match),
        "words": [_piece(word) for word in line.words],
        "chars": [
            {**_piece(char), "span": [_score(char.span[0]), _score(char.span[1])]}
            for char in line.chars
        ],
    }


def match_to_dict(match: Match) -> dict[str, Any]:
    """What is said of a line that was read under patterns."""
    return {
        "pattern": well_formed(match.pattern),
        "probability": round(float(match.probability), 6),
        "check": match.check,
        "unconstrained": well_formed(match.unconstrained),
        "alternatives": [
            {"text": well_formed(text), "probability": round(float(probability), 6)}
            for text, probability in match.alternatives
        ],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "type": well_formed(item.type),
        "value": well_formed(item.value),
        "score": _score(item.score),
        "quad": corners(item.quad),
        "fields": fields_to_dict(item),
    }


def fields_to_dict(item: Item) -> dict[str, str]:
    """The fields of an item, in valid Unicode."""
    return {well_formed(name): well_formed(value) for name, value in item.fields.items()}


def _piece(piece: Line | Word | Char) -> dict[str, Any]:
    return {
        "text": well_formed(piece.text),
        "score": _score(piece.score),
        "quad": corners(piece.quad),
    }


def corners(quad: Quad) -> list[list[float]]:
    """The four corners (x, y) of a quad, in pixels with 2 decimals."""
    return [[round(float(x), 2), round(float(y), 2)] for x, y in quad]


def _score(value: float) -> float:
    return round(float(value), 4)


def dumps(value: Any) -> str:
    """The value as JSON on one line, in Unicode."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
