"""Reading under patterns: the decoder that is chosen for them, and what is noted of lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ocrx.errors import UsageError
from ocrx.system.text import printable
from ocrx.types import Text

DECODER = "pattern"

SINGLY = 3
"""Up to so many lines of a page that do not match are noted each."""

Options = Mapping[str, Mapping[str, Any]]


def under_patterns(
    patterns: Sequence[str], charset: str, decoder: str | None, options: Options
) -> tuple[str | None, Options]:
    """The decoder for patterns and a charset, and the options with theirs; both as they are given
    if there are none. Raises UsageError for another decoder, and for patterns that are one text."""
    if not patterns and not charset:
        return decoder, options
    if isinstance(patterns, str):
        raise UsageError("`patterns` was given a single text", "Put it in a list.")
    if decoder not in (None, DECODER):
        raise UsageError(
            f"the decoder {decoder!r} knows no patterns", "Leave out the decoder or the patterns."
        )
    for one in patterns:
        if not one or "\n" in one:
            raise UsageError(
                f"a pattern cannot be {printable(one)!r}", r"Write one such as '[A-Z]{3}-\d{6}'."
            )
    key = f"decoder.{DECODER}"
    own = {"patterns": "\n".join(patterns), "charset": charset, **options.get(key, {})}
    return DECODER, {**options, key: own}


def told_of(texts: Sequence[Text]) -> Iterator[str]:
    """What is to be noted of the lines of a page that do not match, or whose check digits do not
    hold."""
    unlike = [one.text for one in texts if one.match is not None and not one.match.pattern]
    if len(unlike) > SINGLY:
        yield f"{len(unlike)} lines match no pattern and are read without"
    else:
        yield from (f"{printable(one)!r} matches no pattern and is read without" for one in unlike)
    for one in texts:
        if one.match is not None and one.match.check is False:
            yield f"the check digits of {printable(one.text)!r} do not hold"
