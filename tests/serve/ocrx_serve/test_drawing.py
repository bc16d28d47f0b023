"""Documents that a process of its own draws."""

from __future__ import annotations

import io
import time
import zlib
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from ocrx.errors import InputError
from ocrx.images.document import Blob
from ocrx.images.opening import open_document
from ocrx_serve.drawing import Drawn, Workers

pytestmark = pytest.mark.slow  # a process takes a second to start
LIMIT = 50_000_000


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(1, 20)
    yield made
    made.close()


def pdf(pages: int) -> Blob:
    written = io.BytesIO()
    first, *others = (Image.new("RGB", (60 + n, 40), (n, 200, 0)) for n in range(pages))
    first.save(written, "PDF", save_all=True, append_images=others)
    return Blob(written.getvalue(), "a.pdf")


def bomb() -> Blob:
    """A PDF of some kilobytes that draws millions of lines."""
    content = zlib.compress(b"0 0 m 600 700 l S\n" * 3_000_000, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(content), content),
    ]
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % each for each in enumerate(objects, 1))
    return Blob(b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R/Size 5>>\n%%EOF", "bomb.pdf")


def test_pages_are_those_that_are_drawn_here(workers: Workers) -> None:
    upload = pdf(2)
    with Drawn(upload, LIMIT, workers) as drawn, open_document(upload) as here:
        assert len(drawn) == len(here) == 2
        for index in range(2):
            ours, theirs = here.page(index), drawn.page(index)
            assert np.array_equal(ours.image, theirs.image)
            assert (ours.width, ours.dpi, ours.notes) == (theirs.width, theirs.dpi, theirs.notes)


def test_errors_are_those_of_the_document(workers: Workers) -> None:
    with pytest.raises(InputError, match=r"a\.pdf is damaged"):
        Drawn(Blob(b"%PDF-1.4 nonsense", "a.pdf"), LIMIT, workers)
    with Drawn(pdf(1), 100, workers) as drawn, pytest.raises(InputError, match="pixels"):
        drawn.page(0)


def test_a_document_that_takes_for_ever_is_given_up(workers: Workers) -> None:
    upload = bomb()
    with Drawn(pdf(1), LIMIT, workers):
        pass  # from now on there is a worker
    workers.seconds = 1
    started = time.monotonic()
    with Drawn(upload, LIMIT, workers) as drawn, pytest.raises(InputError, match="takes more than"):
        drawn.page(0)
    assert time.monotonic() - started < 10
    workers.seconds = 20
    with Drawn(pdf(1), LIMIT, workers) as drawn:
        assert drawn.page(0).width > 0
