"""Reads the pictures of one object together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ocrx.errors import OcrxError
from ocrx.reading.reader import Reader
from ocrx_watch.joining.sighting import Sighting


class Views:
    """Reads pictures of one line with a reader that `opened` gives when it is first needed. If that
    fails, it is tried no more, and `note` is told why: not every engine reads single lines. Close
    it."""

    def __init__(self, opened: Callable[[], Reader], note: Callable[[str], None]) -> None:
        self._opened = opened
        self._note = note
        self._reader: Reader | None = None
        self._possible = True

    def __call__(self, sightings: Sequence[Sighting]) -> Sighting | None:
        """The best of these sightings, with the text on which their pictures agree. None if they
        show nothing, or cannot be read together."""
        images = [one.image for one in sightings if one.image is not None]
        if not self._possible or not images:
            return None
        try:
            self._reader = self._reader or self._opened()
            page = self._reader.read_views(images)
        except OcrxError as error:
            self._possible = False
            self._note(
                f"pictures of one object are not read together: {error.message}. What is read most "
                "often is told"
            )
            return None
        if not page.lines:
            return None
        line, best = page.lines[0], max(sightings, key=lambda one: one.score)
        return replace(
            best,
            text=line.text,
            score=line.score,
            confidence=line.confidence,
            match=line.match,
            refused=line.refused,
        )

    def close(self) -> None:
        """Close the reader."""
        if self._reader is not None:
            self._reader.close()
