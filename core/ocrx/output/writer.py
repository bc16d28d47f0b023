"""The protocol of all formats."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocrx.types import Page


class Writer(ABC):
    """Turns pages into bytes, one at a time: `begin()`, `page(page)` for each, `end()`.

    What was returned so far plus `end()` is a complete document at any time, so that an interrupted
    run leaves a valid one. `several` says whether more than one page is to be expected.
    """

    def __init__(self, several: bool = False) -> None:
        self.several = several

    def begin(self) -> bytes:
        """What stands before the first page."""
        return b""

    @abstractmethod
    def page(self, page: Page) -> bytes:
        """One page."""

    def end(self) -> bytes:
        """What stands after the last page."""
        return b""
