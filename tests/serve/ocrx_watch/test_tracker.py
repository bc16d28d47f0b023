"""Which sightings are of one object, and when it is told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.images.document import Raster
from ocrx.reading.pictures import Picture
from ocrx.types import Item, Line, Match, Page, Quad, frozen_quad
from ocrx_watch.joining.sighting import Sighting, is_cut, seen_in
from ocrx_watch.joining.track import Found
from ocrx_watch.joining.tracker import Rules, Tracker
from ocrx_watch.sources.source import Frame, Moment

BLANK = Raster.of(np.zeros((4, 4, 3), np.uint8))
WIDTH, HEIGHT = 100, 20


def frame(number: int) -> Frame:
    moment = Moment("camera", number, 0, float(number))
    return Frame(Picture("camera", number, BLANK, 0.0), moment)


def box(x: float, y: float = 50) -> Quad:
    return frozen_quad([(x, y), (x + WIDTH, y), (x + WIDTH, y + HEIGHT), (x, y + HEIGHT)])


def sighting(
    text: str, number: int, x: float = 50, y: float = 50, *, kind: str = "text", refused: str = ""
) -> Sighting:
    return Sighting(kind, text, 0.9, box(x, y), frame(number).moment, BLANK.image, refused=refused)


class Unite:
    """Reads `text` in whatever it is given, and remembers how many pictures that was."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text
        self.given: list[int] = []

    def __call__(self, sightings: Sequence[Sighting]) -> Sighting | None:
        self.given.append(len(sightings))
        if self.text is None:
            return None
        last = sightings[-1]
        return Sighting("text", self.text, 0.8, last.quad, last.moment, last.image)


def texts(found: Sequence[Found]) -> list[str]:
    return [one.sighting.text for one in found]


def told(tracker: Tracker, *frames: Sequence[Sighting]) -> list[list[str]]:
    """What is told after each frame, and at the end."""
    return [*[texts(tracker.add(one)) for one in frames], texts(tracker.end())]


def test_an_object_is_told_once_as_soon_as_its_frames_agree() -> None:
    tracker = Tracker(Rules(seen=3, gone=2), Unite())
    frames = [[sighting("SN 1234", n, 10 * n)] for n in range(6)]
    assert told(tracker, *frames) == [[], [], ["SN 1234"], [], [], [], []]
    assert (tracker.few, tracker.misread) == (0, 0)


def test_white_space_and_small_misreadings_make_no_object_of_their_own() -> None:
    tracker = Tracker(Rules(), Unite())
    read = ["SN1234", "SN12B4", "SN 1234", "5N1234", "SN1234"]
    frames = [[sighting(text, n, 20 * n)] for n, text in enumerate(read)]
    assert told(tracker, *frames) == [[], [], ["SN1234"], [], [], []]
    assert tracker.misread == 2


def test_the_same_text_on_two_objects_is_told_twice() -> None:
    tracker = Tracker(Rules(), Unite())
    frames = [[sighting("LOT7", n, 30 * n), sighting("LOT7", n, 30 * n - 400)] for n in range(6)]
    assert told(tracker, *frames)[1] == ["LOT7", "LOT7"]


def test_serial_numbers_that_follow_each_other_on_a_belt_are_all_told() -> None:
    """They differ by one character, as misreadings do, but by their places too."""
    tracker = Tracker(Rules(gone=3), Unite())
    found: list[str] = []
    for n in range(120):
        places = {f"SN{1000 + k}": 40 * n - 300 * k for k in range(12)}
        inside = [sighting(text, n, x) for text, x in places.items() if 0 < x < 700]
        found += texts(tracker.add(inside))
    assert sorted([*found, *texts(tracker.end())]) == [f"SN{1000 + k}" for k in range(12)]


def test_a_fast_belt_of_the_same_label_is_followed_once_it_is_known_how_it_moves() -> None:
    """From one frame to the next, each comes closer to where another one was."""
    tracker = Tracker(Rules(), Unite())
    starts = [0, *(-1000 - 270 * k for k in range(6))]
    found: list[str] = []
    for n in range(26):
        places = [start + 180 * n for start in starts]
        found += texts(tracker.add([sighting("LOT7", n, x) for x in places if 0 < x < 900]))
    assert [*found, *texts(tracker.end())] == ["LOT7"] * 7


def test_an_object_that_takes_the_place_of_another_is_told_too() -> None:
    tracker = Tracker(Rules(seen=2, gone=5), Unite())
    first = [[sighting("SN1001", n)] for n in range(4)]
    second = [[sighting("SN1002", n)] for n in range(4, 12)]
    assert [one for one in told(tracker, *first, *second) if one] == [["SN1001"], ["SN1002"]]


def test_an_object_whose_frames_never_agree_is_read_from_all_of_them_together() -> None:
    unite = Unite("SN1234")
    tracker = Tracker(Rules(seen=3, gone=2), unite)
    read = ["SN1284", "SN12B4", "SN1Z34", "SH1234"]
    frames = [[sighting(text, n)] for n, text in enumerate(read)]
    assert told(tracker, *frames, [], [])[-2:] == [["SN1234"], []]
    assert unite.given == [4]


def test_what_was_read_most_often_counts_where_nothing_reads_frames_together() -> None:
    tracker = Tracker(Rules(seen=4, gone=2), Unite(None))
    read = ["SN1284", "SN1234", "SN1Z34", "SN1234"]
    frames = [[sighting(text, n)] for n, text in enumerate(read)]
    assert told(tracker, *frames)[-1] == ["SN1234"]


def test_late_objects_are_told_once_they_have_gone() -> None:
    unite = Unite("SN1234")
    tracker = Tracker(Rules(seen=2, gone=2, late=True), unite)
    frames = [[sighting("SN1234", n, 10 * n)] for n in range(4)]
    assert told(tracker, *frames, [], []) == [[], [], [], [], [], ["SN1234"], []]
    assert unite.given == [], "they all agree"


def test_what_was_refused_throughout_is_told_as_refused() -> None:
    tracker = Tracker(Rules(), Unite())
    frames = [[sighting("", n, refused="SN1234")] for n in range(3)]
    for one in frames:
        assert tracker.add(one) == []
    [found] = tracker.end()
    assert (found.sighting.text, found.sighting.refused) == ("", "SN1234")


def test_objects_that_are_seen_too_rarely_are_counted() -> None:
    tracker = Tracker(Rules(), Unite())
    assert told(tracker, [sighting("SN1234", 0)], *[[]] * 6) == [[]] * 8
    assert tracker.few == 1


def test_a_bar_code_is_never_joined_with_a_text() -> None:
    tracker = Tracker(Rules(), Unite())
    both = [[sighting("4006381", n), sighting("4006381", n, kind="ean-8")] for n in range(2)]
    assert told(tracker, *both)[1] == ["4006381", "4006381"]


def test_each_picture_by_itself_tells_all_it_shows() -> None:
    tracker = Tracker(Rules(seen=1, gone=0), Unite())
    frames = [[sighting("SN1234", 0), sighting("SN1234", 0, 300)], [sighting("SN1234", 1)]]
    assert told(tracker, *frames) == [["SN1234", "SN1234"], ["SN1234"], []]


def test_where_one_frame_is_enough_nothing_is_taken_for_a_misreading() -> None:
    tracker = Tracker(Rules(seen=1, gone=5), Unite())
    frames = [[sighting(f"SN{1000 + n // 2}", n)] for n in range(6)]
    assert told(tracker, *frames) == [["SN1000"], [], ["SN1001"], [], ["SN1002"], [], []]


@settings(max_examples=25)
@given(
    speed=st.floats(-60, 60),
    texts_=st.lists(st.from_regex(r"[A-Z]{4}\d{4}", fullmatch=True), max_size=5, unique=True),
    missing=st.sets(st.tuples(st.integers(0, 4), st.integers(2, 9)), max_size=8),
)
def test_each_object_that_moves_is_told_once(
    speed: float, texts_: list[str], missing: set[tuple[int, int]]
) -> None:
    tracker = Tracker(Rules(), Unite())
    found: list[str] = []
    for n in range(10):
        shown = [
            sighting(text, n, speed * n, 100 * lane)
            for lane, text in enumerate(texts_)
            if (lane, n) not in missing
        ]
        found += texts(tracker.add(shown))
    assert sorted([*found, *texts(tracker.end())]) == sorted(texts_)


def page(*lines: Line, items: tuple[Item, ...] = ()) -> Page:
    return Page(lines, 640, 480, items=items)


def test_what_a_frame_shows() -> None:
    quad = box(50)
    off = Match("", 0.0, "LABEL")
    seen = seen_in(
        frame(3),
        page(
            Line("SN1234", 0.9, quad),
            Line("LABEL", 0.9, quad, match=off),
            Line("", 0.9, quad),
            Line("", 0.4, quad, refused="SN12?4"),
            Line("N1234", 0.9, box(0)),
            items=(Item("qr", "a", quad, fields={"error": "none"}),),
        ),
        joined=True,
    )
    kept = [(one.kind, one.text, one.refused) for one in seen.sightings]
    assert kept == [("text", "SN1234", ""), ("text", "", "SN12?4"), ("qr", "a", "")]
    assert (seen.unmatched, seen.cut) == (1, 1)


def test_under_a_pattern_a_sign_that_it_was_not_tried_on_is_left_out() -> None:
    quad = box(50)
    on = Line("SN1234", 0.9, quad, match=Match("SN.*", 0.9, "SN1234"))
    shown = frame(3), page(on, Line("0", 0.9, quad), Line("", 0.4, quad, refused="SN12?4"))
    seen = seen_in(*shown, joined=True, patterned=True)
    assert [one.text or one.refused for one in seen.sightings] == ["SN1234", "SN12?4"]
    assert seen.unmatched == 1


@pytest.mark.parametrize(
    ("quad", "cut"),
    [
        ((10, 10, 90, 30), False),
        ((0, 10, 90, 30), True),
        ((10, 10, 100, 30), True),
        ((0, 10, 100, 30), False),  # from edge to edge
        ((10, 0, 90, 30), True),
    ],
)
def test_what_ends_at_one_edge_is_cut_off(quad: tuple[float, ...], cut: bool) -> None:
    left, top, right, bottom = quad
    corners = frozen_quad([(left, top), (right, top), (right, bottom), (left, bottom)])
    assert is_cut(corners, 100, 100) is cut
