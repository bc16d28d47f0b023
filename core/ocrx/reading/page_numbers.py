"""The stage that reads page numbers which the detector overlooked: see `ocrx.page.folios`."""

from __future__ import annotations

from collections.abc import Sequence

from ocrx.interfaces.components import Recognizer
from ocrx.page.folios import find_page_numbers
from ocrx.page.geometry import crop
from ocrx.page.views import View, certainty
from ocrx.reading.calling import Held
from ocrx.reading.pipeline import Candidate, Work, read_crops
from ocrx.reading.scripts import is_word
from ocrx.types import Text

WELL = 0.9
"""What reads with lower certainty is no number."""

LONGEST = 4
"""The most digits of a page number."""

AROUND = " -–—.|·"
"""What may stand on both sides of a page number."""

FOUND = "a page number was found, where the detector saw nothing"


def read_page_numbers(works: Sequence[Work], recognizer: Held[Recognizer]) -> None:
    """Read the numbers that stand alone above or below the lines of a page."""
    asked = [(work, view) for work in works if work.layout == "page" for view in _places(work)]
    texts = read_crops([work for work, _ in asked], [view.crop for _, view in asked], recognizer)
    for (work, view), text in zip(asked, texts, strict=True):
        if _is_number(text):
            work.candidates.append(Candidate(view, 0.0, text=text))
            work.notes.append(FOUND)


def _places(work: Work) -> list[View]:
    lines = [one.quad for one in work.candidates if is_word(one.text)]
    others = [one.quad for one in work.candidates if not is_word(one.text)]
    found = find_page_numbers(work.image, lines, others)
    return [View(quad, crop(work.image, quad)) for quad in found]


def _is_number(text: Text) -> bool:
    digits = text.text.strip(AROUND)
    return digits.isdecimal() and len(digits) <= LONGEST and certainty(text) >= WELL
