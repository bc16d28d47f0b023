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
    words = _words(text.chars)
    places = span_quads(quad, [*text.spans, *(joined(text.spans[word]) for word in words)])
    chars = tuple(map(Char, text.chars, text.scores, text.spans, places))
    return Line(
        text.text,
        text.score,
        quad,
        tuple(
            Word("".join(text.chars[word]), _mean(text.scores[word]), place)
            for word, place in zip(words, places[len(chars) :], strict=True)
        ),
        chars,
        detection_score,
        row,
        paragraph,
        block,
        text.match,
    )


def _words(chars: Sequence[str]) -> list[slice]:
    """The places of the words: the runs of characters without white space."""
    places = []
    end = 0
    for blank, run in groupby(map(str.isspace, chars)):
        begin, end = end, end + len(list(run))
        if not blank:
            places.append(slice(begin, end))
    return places


def joined(spans: Sequence[Span]) -> Span:
    """From the first start of some spans to their last end."""
    starts, ends = zip(*spans, strict=True)
    return min(starts), max(ends)


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores)


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
