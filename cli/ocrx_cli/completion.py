"""Completion in bash, which splits `paddle:v6` and `--backend=x` into three words each.

Bash ends words at the characters of COMP_WORDBREAKS. Two of them, `:` and `=`, occur in our values.
Bash passes on `paddle`, `:` and `v6`, and replaces only the last by an answer. So the pieces are
joined before typer sees them, and what bash keeps is removed from the start of each answer. Other
shells do not split words like this.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout

BREAKS = re.compile(r"[:=]+")


@contextmanager
def whole_words() -> Iterator[None]:
    """While bash asks for completions: give typer whole words, and shorten its answers."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    current = os.environ.get("COMP_CWORD", "")
    if os.environ.get("_OCRX_COMPLETE") != "complete_bash" or not current.isdecimal():
        yield
        return
    joined, index, standing = join(words, int(current))
    os.environ.update(COMP_WORDS="\n".join(joined), COMP_CWORD=str(index))
    answers = io.StringIO()
    try:
        with redirect_stdout(answers):
            yield
    finally:
        for answer in answers.getvalue().splitlines():
            sys.stdout.write(f"{answer.removeprefix(standing)}\n")


def join(words: Sequence[str], current: int) -> tuple[list[str], int, str]:
    """The words joined again, the index of the `current` one, and the start of it that bash keeps.

    Bash does not say where there was white space. A word that begins with `-` is taken to stand
    alone: `--set a.b= --debug` is more likely than `a.b=--debug`.
    """
    joined: list[str] = []
    index, standing = current, ""
    for number, word in enumerate(words):
        breaks = BREAKS.fullmatch(word) is not None
        after_break = number > 0 and BREAKS.fullmatch(words[number - 1]) is not None
        begins = number < 2 or not word or word.startswith("-")
        glued = not begins and (breaks or after_break)
        before = joined.pop() if glued else ""
        joined.append(before + word)
        if number == current:
            index = len(joined) - 1
            standing = before + word if breaks else before
    if standing.startswith("--"):  # for --option=value, typer answers with the value alone
        standing = standing.partition("=")[2]
    return joined, index, standing
