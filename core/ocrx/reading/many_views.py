"""The stage that reads pictures of a single line in many views."""

from __future__ import annotations

from collections.abc import Sequence

from ocrx.interfaces.components import Recognizer
from ocrx.interfaces.faults import fault_of_text
from ocrx.page.looks import looks
from ocrx.page.views import View, line_view
from ocrx.reading.calling import Held
from ocrx.reading.pipeline import Candidate, Step, Work, run
from ocrx.reading.second_look import Attempt, keep_better
from ocrx.types import Image, Text


def look(works: Sequence[Work], recognizer: Held[Recognizer], count: int) -> None:
    """Read pictures of a single line in `count` views each, and keep the text on which they agree.

    They are variants of one view: the crop, or the crop cut down to the rows of the line, whichever
    reads better.
    """
    candidates = _single(works)
    keep_better(works, recognizer, [Attempt(one, line_view(one.view)) for one in candidates])
    groups = [looks(candidate.view, count) for candidate in candidates]
    for candidate, (view, text) in zip(candidates, _agreed(works, recognizer, groups), strict=True):
        candidate.view, candidate.text = view, text


def unite(works: Sequence[Work], recognizer: Held[Recognizer], count: int) -> Work:
    """The picture that shows best what all pictures of one object say, each in `count` views. Each
    work is a picture of a single line."""
    look(works, recognizer, 1)
    candidates = _single(works)
    views = [(one, view) for one in candidates for view in looks(one.view, count)]
    [(agreed, text)] = _agreed(works, recognizer, [[view for _, view in views]])
    best = next(one for one, view in views if view is agreed)
    best.view, best.text = agreed, text
    return next(work for work in works if any(one is best for one in work.candidates))


def _single(works: Sequence[Work]) -> list[Candidate]:
    return [one for work in works if work.layout == "line" for one in work.candidates]


def _agreed(
    works: Sequence[Work], held: Held[Recognizer], groups: Sequence[Sequence[View]]
) -> list[tuple[View, Text]]:
    """The text on which the views of each group agree, and the view that shows it best."""
    if not groups:
        return []
    best: list[int] = []

    def read(recognizer: Recognizer, _: Sequence[Image]) -> list[Text]:
        found = recognizer.recognize_views([[view.crop for view in group] for group in groups])
        best.extend(index for index, _ in found)
        return [text for _, text in found]

    step: Step[Recognizer, Text] = Step("recognize", read, fault_of_text)
    texts = run(works, step, held, [group[0].crop for group in groups])
    return [(group[i], text) for group, i, text in zip(groups, best, texts, strict=True)]
