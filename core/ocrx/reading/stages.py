"""The stages that find and read the lines of pages, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from ocrx.interfaces.components import Recognizer
from ocrx.names import Layout, Order
from ocrx.reading import many_views, pipeline, second_look
from ocrx.reading.badges import read_badges
from ocrx.reading.calling import Held
from ocrx.reading.capitals import write_small
from ocrx.reading.checkboxes import read_checkboxes
from ocrx.reading.components import Components
from ocrx.reading.doubled import read_once
from ocrx.reading.headings import write_alike
from ocrx.reading.leaders import forget_leaders
from ocrx.reading.lists import read_lists
from ocrx.reading.lone_marks import read_marks
from ocrx.reading.page_numbers import read_page_numbers
from ocrx.reading.pieces import read_pieces
from ocrx.reading.pipeline import Work
from ocrx.reading.products import write_products
from ocrx.reading.zeros import write_zeros


def read_lines(
    works: Sequence[Work], components: Components, layout: Layout, order: Order, views: int
) -> list[Work]:
    """Detect and read the lines of each picture. Returns the works without an error."""
    if not works:
        return []
    recognizer = components.recognizer()
    pipeline.detect(works, layout, components.detector)
    works = [work for work in works if work.error is None]
    pipeline.rectify(works, order, recognizer)
    pipeline.recognize(works, recognizer)
    if views > 1:
        many_views.look(works, recognizer, views)
    else:
        second_look.focus(works, recognizer)
    orienter = components.orienter if components.orients else None
    second_look.orient(works, orienter, recognizer)
    second_look.follow_neighbours(works, recognizer)
    _look_again(works, recognizer)
    return works


def _look_again(works: Sequence[Work], recognizer: Held[Recognizer]) -> None:
    """Add what was overlooked, take back what is no text, and write alike what is alike."""
    read_checkboxes(works)
    read_marks(works, recognizer)
    read_pieces(works, recognizer)
    read_badges(works, recognizer)
    write_alike(works)
    read_lists(works)
    read_once(works)
    forget_leaders(works)
    read_page_numbers(works, recognizer)
    write_small(works)
    write_products(works)
    write_zeros(works)
