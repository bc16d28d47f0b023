"""Makes a line of a page of what was read in one place, for readers and for engines alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ocrx.page.bidi import reordered
from ocrx.page.geometry import span_quads
from ocrx.types import Char, Line, Quad, Span, Text, Word


def line_of(
    quad: Quad,
    text: Text,
    *,
    detection_score: float = 1.0,
    row: int = 0,
    paragraph: int = 0,
    block: int = 0,
) -> Line:
    """The line that was read in `quad`, in the quad's pixels. Its characters and words get their
    quads by their spans; white space parts words. `text` is not empty."""
    places = span_quads(quad, text.spans)
    chars = tuple(map(Char, text.chars, text.scores, text.spans, places))
    words = _words(chars, quad)
    return Line(
        text.text,
        text.score,
        quad,
        words,
        chars,
        detection_score,
        row,
        paragraph,
        block,
        text.match,
    )


def _words(chars: Sequence[Char], quad: Quad) -> tuple[Word, ...]:
    runs = [list(run) for blank, run in groupby(chars, lambda c: c.text.isspace()) if not blank]
    spans = [(min(c.span[0] for c in run), max(c.span[1] for c in run)) for run in runs]
    return tuple(
        Word("".join(c.text for c in run), sum(c.score for c in run) / len(run), place)
        for run, place in zip(runs, span_quads(quad, spans), strict=True)
    )


def spans_in_order(chars: Sequence[str], spans: Sequence[Span | None]) -> list[Span]:
    """The spans of a line's characters, None for blanks, as a `Text` has them.

    The boxes of many engines overlap, and some are out of order. No character begins left of the
    one before it on paper, and blanks fill the gaps between their neighbours.
    """
    order, _ = reordered("".join(char[0] for char in chars))
    found: dict[int, Span] = {}
    begun = ended = 0.0
    for rank, index in enumerate(order):
        start, end = spans[index] or (ended, _next_start(spans, order[rank + 1 :]))
        begun = min(max(begun, start), 1.0)
        ended = min(max(begun, end), 1.0)
        found[index] = (begun, ended)
    return [found[index] for index in range(len(chars))]


def _next_start(spans: Sequence[Span | None], order: Sequence[int]) -> float:
    return next((span[0] for index in order if (span := spans[index])), 1.0)
