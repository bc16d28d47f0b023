"""What was read against the truth, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ocrx.bench.data.extra import bench_module

LONG = 160
"""Characters from which what is the same on both sides is shortened to what surrounds the rest."""

AROUND = 14


@dataclass(frozen=True)
class Piece:
    """`kind` "same" is in both, "missing" in the truth alone, "extra" in what was read alone;
    "gap" stands for what is left out."""

    kind: Literal["same", "missing", "extra", "gap"]
    text: str


def pieces(truth: str, read: str) -> list[Piece]:
    """The least number of edits (Levenshtein) from the truth to what was read."""
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
