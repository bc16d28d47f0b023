"""Parts of texts."""

from __future__ import annotations

from ocrx.types import Text


def cut(text: Text, start: int, end: int) -> Text:
    """The characters of a text from `start` to `end`, without blanks at the ends."""
    inked = [i for i in range(start, end) if not text.chars[i].isspace()]
    kept = slice(inked[0], inked[-1] + 1) if inked else slice(0)
    return Text(text.chars[kept], text.scores[kept], text.spans[kept])
