"""Patterns: what the texts of one family of codes look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ocrx.interfaces.components import Component


@dataclass(frozen=True)
class Pattern(Component):
    r"""A family of codes.

    `expression` is a regular expression that its texts match as a whole, such as
    `[A-Z]{3}-\d{6}`: a subset of Python's, without looking ahead or back. `check` says of a text
    that matches whether its check digits hold; None if it has none. `about` says in a few words
    what the codes are.
    """

    expression: str
    check: Callable[[str], bool] | None = None
    about: str = ""
