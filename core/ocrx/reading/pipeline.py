"""The stages of reading: preprocess, find, detect, rectify, recognise, assemble.

Stages work on several pictures at once, so that crops of all of them share batches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from ocrx.errors import OcrxError, TransientError, plugin_errors
from ocrx.images.ink import has_ink, is_blank
from ocrx.interfaces.components import (
    Component,
    Detector,
    Finder,
    Orienter,
    PageReader,
    Preprocessor,
    Recognizer,
)
from ocrx.interfaces.faults import (
    fault_of_items,
    fault_of_orientation,
    fault_of_page,
    fault_of_preparation,
    fault_of_regions,
    fault_of_text,
)
from ocrx.names import Layout, Order
from ocrx.page.geometry import (
    along_text,
    crop,
    moved_line,
    rectangle,
    span_quad,
    transform,
)
from ocrx.page.gutters import parted, stretches
from ocrx.page.layout import is_single_line, looks_like_strip
from ocrx.page.views import View
from ocrx.reading.calling import Fault, Held
from ocrx.reading.items import items_in_order
from ocrx.reading.lines import Reading, in_order
from ocrx.reading.patterns import told_of
from ocrx.types import (
    Image,
    Item,
    Orientation,
    Page,
    Quad,
    Region,
    Span,
    Text,
    Timing,
    Used,
)

PATIENCE = 60.0
"""The longest wait before a second try, in seconds, even if a service asks for a longer one."""

C = TypeVar("C", bound=Component)
T = TypeVar("T")


@dataclass(frozen=True)
class Step(Generic[C, T]):
    """A call of a component: the stage that its time is booked on, the method, and the check of a
    result."""

    stage: str
    method: Callable[[C, Sequence[Image]], Sequence[T]]
    fault: Fault


PREPROCESS: Step[Preprocessor, Any] = Step(
    "preprocess", lambda one, images: one.apply(images), fault_of_preparation
)
FIND: Step[Finder, list[Item] | OcrxError] = Step(
    "find", lambda one, images: one.find(images), fault_of_items
)
DETECT: Step[Detector, list[Region] | OcrxError] = Step(
    "detect", lambda one, images: one.detect(images), fault_of_regions
)
ORIENT: Step[Orienter, Orientation] = Step(
    "orient", lambda one, images: one.orient(images), fault_of_orientation
)
READ: Step[PageReader, Page | OcrxError] = Step(
    "recognize", lambda one, images: one.read(images), fault_of_page
)


LEVEL = 0.05
"""By how much of its length a level line may rise or fall."""


@dataclass
class Candidate:
    """One line on its way through the stages: its crop, cut out along the text, and what was read
    in it.

    `tall` says that its box is taller than wide, so its text was taken to run down the page.
    `upside_down` says that its text was read the other way up than its box suggested.
    """

    view: View
    detection_score: float
    tall: bool = False
    upside_down: bool = False
    text: Text = field(default_factory=Text)

    @property
    def quad(self) -> Quad:
        """The quad of the crop, in pixels of the picture that the stages see."""
        return self.view.quad

    @property
    def crop(self) -> Image:
        """The crop, RGB uint8 of shape (height, width, 3)."""
        return self.view.crop

    @property
    def is_level(self) -> bool:
        """Whether the line runs to the right, and rises or falls by at most LEVEL."""
        along = self.quad[1] - self.quad[0]
        return bool(along[0] > 0 and abs(along[1]) <= LEVEL * along[0])


@dataclass
class Work:
    """One picture on its way through the stages.

    `image` is what the stages see. `matrix` is the (3, 3) homography from its pixels to those of
    the original picture of `width` x `height`, None if they are the same. `spent` maps stages to
    milliseconds. `error` is why this picture could not be read.

    `notes` become those of the page. Each stage adds what it reduced, cut, dropped or guessed, in
    sentences that make sense without the picture at hand.
    """

    source: str
    index: int
    image: Image
    width: int
    height: int
    matrix: NDArray[np.float64] | None = None
    layout: Literal["page", "line"] = "page"
    regions: Sequence[Region] = ()
    candidates: list[Candidate] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)
    used: dict[Used, None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    error: OcrxError | None = None
    items: list[Item] = field(default_factory=list)
    dpi: tuple[float, float] | None = None


def preprocess(works: Sequence[Work], preprocessors: Sequence[Held[Preprocessor]]) -> None:
    """Have each preprocessor change the pictures, one after the other. Notes on which pages one
    leaves nothing."""
    for held in preprocessors:
        results = run(works, PREPROCESS, held, [work.image for work in works])
        for work, (image, matrix) in zip(works, results, strict=True):
            if is_blank(image) and not is_blank(work.image):
                work.notes.append(f"{held.name} turned the page blank")
            work.image = image
            work.matrix = matrix if work.matrix is None else work.matrix @ matrix


def find(works: Sequence[Work], finders: Sequence[Held[Finder]]) -> None:
    """Find what the pages have besides text. Each finder is given all pages together."""
    for held in finders:
        works = [work for work in works if work.error is None]
        found = run(works, FIND, held, [work.image for work in works])
        for work, items in zip(works, found, strict=True):
            if isinstance(items, OcrxError):
                work.error = items
            else:
                work.items += items


def detect(works: Sequence[Work], layout: Layout, detector: Callable[[], Held[Detector]]) -> None:
    """Find the lines of each picture. `detector` is called only if a detector is needed."""
    for work in works:
        height, width = work.image.shape[:2]
        if layout != "line":
            found = run([work], DETECT, detector(), [work.image])[0]
            if isinstance(found, OcrxError):
                work.error = found
                continue
            work.regions = found
            if layout == "page" or not looks_like_strip(height, width):
                continue
            if not is_single_line(height, width, work.regions):
                continue
        work.layout = "line"
        work.regions = [Region(rectangle(width, height), 1.0)]


def rectify(works: Sequence[Work], order: Order, recognizer: Held[Recognizer]) -> None:
    """Cut out each region along its text. With the order "blocks", a region that crosses the gutter
    between columns becomes several."""
    cut = recognizer.ask(lambda one: one.cut) or crop
    for work in works:
        started = time.perf_counter()
        for region in work.regions:
            quad = along_text(region.quad)
            tall = quad is not region.quad
            with plugin_errors(f"{recognizer.name}, cutting out a line,"):
                view = View(quad, cut(work.image, quad))
            work.candidates.append(Candidate(view, region.score, tall))
        if order == "blocks":
            work.candidates = _parted(work.candidates)
        _book([work], "rectify", (time.perf_counter() - started) * 1000)


def _parted(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, with those that cross gutters cut into parts."""
    inked = [stretches(candidate.crop) for candidate in candidates]
    parts = parted([candidate.quad for candidate in candidates], inked)
    return [
        candidate if span == (0, 1) else _part(candidate, span)
        for candidate, spans in zip(candidates, parts, strict=True)
        for span in spans
    ]


def _part(candidate: Candidate, span: Span) -> Candidate:
    start, end = (round(edge * candidate.crop.shape[1]) for edge in span)
    view = View(span_quad(candidate.quad, span), candidate.crop[:, start:end])
    return replace(candidate, view=view)


def recognize(works: Sequence[Work], recognizer: Held[Recognizer]) -> None:
    """Read all crops of all pictures together."""
    candidates = [candidate for work in works for candidate in work.candidates]
    texts = read_crops(works, [candidate.crop for candidate in candidates], recognizer)
    for candidate, text in zip(candidates, texts, strict=True):
        candidate.text = text


def read_crops(
    works: Sequence[Work], crops: Sequence[Image], held: Held[Recognizer]
) -> Sequence[Text]:
    """The text of each crop of the works' pictures. The time is booked on the works."""
    if not crops:
        return ()
    decoding = 0.0

    def read(recognizer: Recognizer, images: Sequence[Image]) -> list[Text]:
        nonlocal decoding
        texts, decoding = recognizer.recognize_timed(images)
        return texts

    texts, spent = held.call(read, crops, fault_of_text)
    _book(works, "recognize", spent * (1 - decoding))
    _book(works, "decode_text", spent * decoding)
    _note_used(works, held)
    return texts


def assemble(work: Work, min_score: float, order: Order) -> Page:
    """The page: its lines that score at least `min_score`, in reading order and in pixels of the
    original picture."""
    read = [c for c in work.candidates if c.text.text.strip()]
    kept = [candidate for candidate in read if candidate.text.score >= min_score]
    blank = [c for c in work.candidates if not c.text.text.strip() and c.text.match is None]
    if blank and read and work.layout == "page":
        places = "1 place" if len(blank) == 1 else f"{len(blank)} places"
        work.notes.append(f"in {places} text was found, but none was read")
    upside_down = sum(candidate.upside_down for candidate in kept)
    if upside_down:
        lines = "1 line is" if upside_down == 1 else f"{upside_down} lines are"
        work.notes.append(f"{lines} upside down and read turned")
    work.notes += told_of([candidate.text for candidate in kept])
    readings = [Reading(one.quad, one.text, one.detection_score) for one in kept]
    if work.matrix is not None:
        readings = [replace(one, quad=transform(one.quad, work.matrix)) for one in readings]
    return replace(
        without_text(work),
        lines=in_order(readings, order),
        notes=notes(work, len(kept), len(read) - len(kept), min_score),
    )


def without_text(work: Work) -> Page:
    """The page with its items, but no lines."""
    return Page(
        lines=(),
        width=work.width,
        height=work.height,
        source=work.source,
        index=work.index,
        layout=work.layout,
        timing=Timing(**work.spent),
        used=tuple(work.used),
        notes=tuple(dict.fromkeys(work.notes)),
        items=items_in_order(work.items, work.matrix),
        dpi=work.dpi,
    )


def read_whole(works: Sequence[Work], held: Held[PageReader], min_score: float) -> list[Page]:
    """The pages of the pictures, as a page reader reads them. A picture that fails has no page, but
    an error in its work.

    After a TransientError, a picture is tried once more, on its own, after the wait that the error
    names.
    """
    answers = _answers(works, held)
    for index, answer in enumerate(answers):
        if isinstance(answer, TransientError):
            time.sleep(min(answer.retry_after, PATIENCE))
            answers[index] = _answers([works[index]], held)[0]
    pages = []
    for work, answer in zip(works, answers, strict=True):
        if isinstance(answer, OcrxError):
            work.error = answer
        else:
            pages.append(finish(work, answer, min_score))
    return pages


def _answers(works: Sequence[Work], held: Held[PageReader]) -> list[Page | OcrxError]:
    return run(works, READ, held, [work.image for work in works])


def finish(work: Work, page: Page, min_score: float) -> Page:
    """The page that a page reader returned, in pixels of the original picture, without lines that
    score below `min_score`."""
    work.items[:0] = page.items
    kept = [line for line in page.lines if line.score >= min_score]
    noted = notes(work, len(kept), len(page.lines) - len(kept), min_score)
    if work.matrix is not None:
        kept = [moved_line(line, work.matrix) for line in kept]
    return replace(
        page,
        lines=tuple(kept),
        width=work.width,
        height=work.height,
        source=work.source,
        index=work.index,
        timing=Timing(**work.spent),
        used=tuple(work.used),
        notes=tuple(dict.fromkeys((*page.notes, *noted))),
        items=items_in_order(work.items, work.matrix),
        dpi=work.dpi,
    )


def notes(work: Work, kept: int, dropped: int, min_score: float) -> tuple[str, ...]:
    """The notes of a page with `kept` lines, and `dropped` ones that scored below `min_score`. No
    note comes twice."""
    found = list(work.notes)
    if dropped:
        lines = "1 line was" if dropped == 1 else f"{dropped} lines were"
        found.append(f"{lines} dropped for scoring below {min_score:g}")
    if not kept and not work.items and has_ink(work.image):
        found.append("nothing was read, though the picture is not blank")
    return tuple(dict.fromkeys(found))


def _book(works: Sequence[Work], stage: str, spent: float) -> None:
    """Add milliseconds to the works, in proportion to the pixels of their crops; evenly if there
    are no crops yet."""
    areas = [sum(c.crop.shape[0] * c.crop.shape[1] for c in work.candidates) for work in works]
    for work, area in zip(works, areas, strict=True):
        share = area / sum(areas) if sum(areas) else 1 / len(works)
        work.spent[stage] = work.spent.get(stage, 0.0) + spent * share


def run(works: Sequence[Work], step: Step[C, T], held: Held[C], images: Sequence[Image]) -> list[T]:
    """The results of a component for the images. Its time is booked on the works."""
    if not images:
        return []
    called = held.call(step.method, images, step.fault)
    _book(works, step.stage, called.spent)
    _note_used(works, held)
    return called.results


def _note_used(works: Sequence[Work], held: Held[Any]) -> None:
    for work in works:
        work.used.update(dict.fromkeys(held.used))
