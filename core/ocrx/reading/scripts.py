"""Characters of Chinese, Japanese and Korean print that recognisers read on pages in other scripts.

Recognisers of Chinese have one character for `°C`, full-width forms of ASCII, and characters that
look like lone signs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from ocrx.page.texts import cut
from ocrx.page.views import certainty
from ocrx.reading.pipeline import Work
from ocrx.types import Span, Text

CERTAIN = 0.5
"""A text of lower certainty is not taken for a word."""

LOOKALIKES = str.maketrans("一二十士土米", "—=+±±*")
"""Chinese characters for which recognisers take lone signs, and the signs."""

FULL_WIDTH = range(0xFF01, 0xFF5F)
"""The full-width forms of ASCII."""

PLAIN = {
    **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in FULL_WIDTH},
    **{sign: unicodedata.normalize("NFKC", sign) for sign in "℃℉￥ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ㎎㎏㎜㎝㎞\u3000"},
    "㎡": "m²",
    "㎥": "m³",
}
"""Compatibility characters, and what is written in their place in other scripts."""


def write_plainly(works: Sequence[Work]) -> None:
    """Replace compatibility characters on pages without Chinese, Japanese or Korean, except in what
    was read under a pattern. Lines lose blanks at their ends, for which recognisers take empty
    boxes."""
    for work in works:
        found = [c for c in work.candidates if not PLAIN.keys().isdisjoint(c.text.chars)]
        if found and not is_east_asian([c.text for c in work.candidates]):
            for candidate in found:
                if candidate.text.match is None:
                    candidate.text = _plain(candidate.text)
        for candidate in work.candidates:
            text = candidate.text
            if text.text.strip() != text.text and text.match is None:
                candidate.text = cut(text, 0, len(text.chars))


def _plain(text: Text) -> Text:
    """The text with the forms that PLAIN gives; their characters share the score and the span."""
    forms = [tuple(PLAIN[char]) if char in PLAIN else (char,) for char in text.chars]
    for before, i in zip(forms, range(1, len(forms)), strict=False):
        if before[-1] == forms[i][0] == "°":  # read twice
            forms[i] = forms[i][1:]
    counts = list(map(len, forms))
    return Text(
        tuple(chain.from_iterable(forms)),
        tuple(score for score, n in zip(text.scores, counts, strict=True) for _ in range(n)),
        tuple(part for span, n in zip(text.spans, counts, strict=True) for part in _parts(span, n)),
    )


def _parts(span: Span, count: int) -> list[Span]:
    start, end = span
    width = (end - start) / count
    return [(start + i * width, start + (i + 1) * width) for i in range(count)]


def is_word(text: Text) -> bool:
    """Whether a text has several characters and reads well enough."""
    return len(text.text.strip()) > 1 and is_read(text)


def is_read(text: Text) -> bool:
    """Whether a text reads well enough to be one."""
    return certainty(text) >= CERTAIN


def is_east_asian(texts: Sequence[Text]) -> bool:
    """Whether a word among the texts of a page has Chinese, Japanese or Korean characters. Words
    that may be signs count only where there are no others."""
    words = [text for text in texts if is_word(text)]
    sure = [text for text in words if any(map(str.isalnum, translated(text).chars))]
    return any(has_east_asian(text.text) for text in sure or words)


def has_east_asian(text: str) -> bool:
    """Whether a text has Chinese, Japanese or Korean characters, other than units."""
    return any(
        ("\u3040" <= sign <= "\u9fff" and sign not in PLAIN) or "\uac00" <= sign <= "\ud7af"
        for sign in text
    )


def translated(text: Text) -> Text:
    """A text of nothing but signs and what looks like them as these signs; any other unchanged."""
    signs = tuple(char.translate(LOOKALIKES) for char in text.chars)
    if any(map(str.isalnum, signs)):
        return text
    if len(signs) > 1:  # as in +-
        signs = tuple("-" if char == "一" else char.translate(LOOKALIKES) for char in text.chars)
    return replace(text, chars=signs)
