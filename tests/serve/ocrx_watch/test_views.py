"""Pictures of one object are read together."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ocrx.reading.reader import Reader
from ocrx.types import frozen_quad
from ocrx_watch.joining.sighting import Sighting
from ocrx_watch.joining.views import Views
from ocrx_watch.sources.source import Moment
from support import fakereader
from support.onlyplugins import install_only

QUAD = frozen_quad([(0, 0), (9, 0), (9, 9), (0, 9)])


def sightings(code: str) -> list[Sighting]:
    """The same code, ever less sharp, and each read wrongly."""
    found = []
    for number in range(3):
        picture = Image.new("RGB", (180, 50), "white")
        ImageDraw.Draw(picture).text((14, 6), code, "black", ImageFont.load_default(28))
        image = np.asarray(picture.filter(ImageFilter.GaussianBlur(number / 2)))
        moment = Moment("camera 0", number, 0, float(number))
        found.append(Sighting("text", f"no {number}", 0.9 - number / 10, QUAD, moment, image))
    return found


@pytest.mark.slow
def test_the_best_sighting_says_what_all_pictures_say() -> None:
    notes: list[str] = []
    views = Views(lambda: Reader(recognizer="paddle:v6-tiny", layout="line"), notes.append)
    given = sightings("SN410037")
    found = views(given)
    views.close()
    assert found is not None
    assert (found.text, found.moment, found.quad is QUAD) == ("SN410037", given[0].moment, True)
    assert notes == []


def test_an_engine_that_reads_pages_alone_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    install_only(monkeypatch, {"fake": fakereader.ocrx_register})
    notes: list[str] = []
    views = Views(lambda: Reader(page_reader="fake", layout="line"), notes.append)
    assert [views(sightings("SN410037")) for _ in range(2)] == [None, None]
    views.close()
    assert len(notes) == 1
    assert "are not read together: 'fake' reads whole pages only" in notes[0]
