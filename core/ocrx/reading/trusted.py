"""How far each line can be trusted, and which are refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ocrx.profiles.trust import Trust, said
from ocrx.system.text import printable
from ocrx.types import Line, Page


@dataclass(frozen=True)
class Judge:
    """Gives lines their confidence, and refuses those below `accept`."""

    trust: Trust
    accept: float = 0.0

    def page(self, page: Page) -> Page:
        """The page with its lines judged, and a note if some are refused."""
        lines = tuple(map(self._line, page.lines))
        refused = [line.refused for line in lines if line.refused]
        notes = [f"{printable(one)!r} is refused: its confidence is too low" for one in refused[:3]]
        if len(refused) > len(notes):
            notes = [f"{len(refused)} lines are refused: their confidence is too low"]
        if refused and not self.trust.samples:
            notes.append("confidences are not calibrated; `ocrx calibrate` does that")
        return replace(page, lines=lines, notes=(*page.notes, *notes))

    def _line(self, line: Line) -> Line:
        confidence = self.trust.confidence(said(line))
        if confidence >= self.accept:
            return replace(line, confidence=confidence)
        return replace(line, text="", words=(), chars=(), confidence=confidence, refused=line.text)
