"""The difference between the truth and what was read, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ocrx.bench.data.extra import bench_module

LONG = 160
"""In texts of more characters than this, equal pieces are shortened."""

AROUND = 14
"""This many characters of a shortened piece stay beside each difference."""


@dataclass(frozen=True)
class Piece:
    """A piece of the difference. "same" is in both texts, "missing" only in the truth, "extra" only
    in what was read. "gap" stands for text that is not shown."""

    kind: Literal["same", "missing", "extra", "gap"]
    text: str


def pieces(truth: str, read: str) -> list[Piece]:
    """The truth and what was read as pieces, by the fewest edits (Levenshtein) between them. Raises
    UsageError if rapidfuzz is not installed."""
    opcodes = bench_module("rapidfuzz.distance").Levenshtein.opcodes(truth, read)
    found = [
        piece
        for tag, a, b, c, d in ((o.tag, *_range(o)) for o in opcodes)
        for piece in _pieces(tag, truth[a:b], read[c:d])
    ]
    return list(_shortened(found)) if max(len(truth), len(read)) > LONG else found


def _range(opcode: object) -> tuple[int, int, int, int]:
    return tuple(
        getattr(opcode, name) for name in ("src_start", "src_end", "dest_start", "dest_end")
    )


def _pieces(tag: str, truth: str, read: str) -> Iterator[Piece]:
    if tag == "equal":
        yield Piece("same", truth)
        return
    if truth:
        yield Piece("missing", truth)
    if read:
        yield Piece("extra", read)


def _shortened(found: list[Piece]) -> Iterator[Piece]:
    for i, piece in enumerate(found):
        head = piece.text[:AROUND] if i else ""
        tail = piece.text[-AROUND:] if i < len(found) - 1 else ""
        if piece.kind != "same" or len(piece.text) <= len(head) + len(tail) + 1:
            yield piece
            continue
        if head:
            yield Piece("same", head)
        yield Piece("gap", "…")
        if tail:
            yield Piece("same", tail)
