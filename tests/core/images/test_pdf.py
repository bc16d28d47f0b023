"""PDF pages."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrx.errors import EncryptedDocument, InputError
from ocrx.images.opening import open_document
from ocrx.images.pdf import PAGE_PIXELS
from support.samples import mean, pdf


def test_pages_are_drawn_at_200_dpi_on_white() -> None:
    with open_document(pdf([(72, 36, "one"), (144, 72, "two")])) as document:
        assert len(document) == 2
        first, second = document.image(0), document.image(1)
    assert first.shape == (100, 200, 3)
    assert second.shape == (200, 400, 3)
    assert first.dtype == np.uint8
    assert first.flags.c_contiguous
    assert first.max() == 255
    assert first.min() == 0
    assert (second[0] == 255).all()


def test_the_resolution_can_be_chosen() -> None:
    with open_document(pdf([(72, 36, "one")]), dpi=72) as document:
        assert document.image(0).shape == (36, 72, 3)


@pytest.mark.parametrize("size", [(14400, 14400), (14400, 1), (1, 14400), (300, 200)])
def test_a_page_keeps_to_the_limit_of_pixels(size: tuple[int, int]) -> None:
    with open_document(pdf([(*size, "huge")]), max_pixels=20_000) as document:
        height, width = document.image(0).shape[:2]
    assert 5_000 < height * width <= 20_000


def test_a_huge_page_stays_small_without_a_limit_given() -> None:
    assert PAGE_PIXELS <= 64_000_000
    with open_document(pdf([(14400, 14400, "huge")])) as document:
        height, width = document.image(0).shape[:2]
    assert height * width <= PAGE_PIXELS


def test_colours_are_not_swapped() -> None:
    red = pdf([(72, 72, "x) Tj ET 1 0 0 rg 0 0 72 72 re f BT (")])
    with open_document(red) as document:
        assert mean(document.image(0)) == (255, 0, 0)


def test_a_rotated_page_is_upright() -> None:
    data = pdf([(72, 36, "one")]).replace(b"/Type /Page ", b"/Type /Page /Rotate 90 ")
    with open_document(data) as document:
        assert document.image(0).shape == (200, 100, 3)


def test_filled_forms_are_drawn() -> None:
    data = pdf([(200, 100, "filled")])
    for old, new in (
        (b"/Contents 5 0 R", b"/Annots [6 0 R]"),
        (b"<< /Length", b"<< /Subtype /Form /BBox [0 0 200 100] /Resources 6 0 R /Length"),
        (b"/Catalog", b"/Catalog /AcroForm << /Fields [6 0 R] >>"),
        (
            b"xref\n",
            b"6 0 obj << /Subtype /Widget /FT /Tx /T (a) /V (filled) /Rect [0 0 200 100] "
            b"/AP << /N 5 0 R >> /Font << /F1 3 0 R >> >> endobj\n",
        ),
    ):
        data = data.replace(old, new, 1)
    with open_document(data) as document:
        assert document.image(0).min() == 0
    with open_document(data.replace(b"/AcroForm", b"/NoForm__")) as document:
        (note,) = document.page(0).notes
        assert "fields were not drawn" in note


def test_a_pdf_is_read_from_a_path_and_may_begin_late(tmp_path: Path) -> None:
    path = tmp_path / "scan.PNG"
    path.write_bytes(b"\0" * 500 + pdf())
    with open_document(path) as document:
        assert document.name == str(path)
        assert document.image(0).min() == 0


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "secret.pdf"
    path.write_bytes(pdf(encrypted=True))
    with pytest.raises(EncryptedDocument, match=r"secret\.pdf is encrypted") as caught:
        open_document(path)
    assert "password" in caught.value.remedy


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.4", pdf()[:60], pdf()[:200].replace(b"Catalog", b"Nothing"), pdf([])],
    ids=["header", "cut early", "no catalogue", "no pages"],
)
def test_a_broken_pdf_is_an_input_error(data: bytes) -> None:
    with pytest.raises(InputError, match="bytes is damaged"):
        open_document(data)


def test_a_missing_page_costs_only_itself() -> None:
    data = pdf([(72, 72, "one"), (72, 72, "two"), (72, 72, "three")])
    with open_document(data.replace(b"6 0 obj", b"9 0 obj")) as document:
        assert len(document) == 3
        assert document.image(0).min() == 0
        with pytest.raises(InputError, match="page 2 of bytes is damaged"):
            document.image(1)
        assert document.image(2).min() == 0


def test_a_count_of_pages_is_not_believed_beyond_reason() -> None:
    data = pdf().replace(b"/Count 1", b"/Count 900000")
    with open_document(data) as document:
        assert len(document) <= len(data)
        assert document.image(0).min() == 0


def test_a_page_without_area_is_an_input_error_or_a_default_page() -> None:
    with open_document(pdf([(0, 0, "nothing")])) as document:
        assert document.image(0).size > 0


def test_threads_may_draw_different_documents() -> None:
    sources = [pdf([(100 + i, 50, f"{i}"), (50, 100 + i, f"{i}")]) for i in range(4)]
    expected = [_pages(source) for source in sources]
    results: dict[int, list[NDArray[np.uint8]]] = {}

    def work(i: int) -> None:
        for _ in range(5):
            results[i] = _pages(sources[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i in range(4):
        for page, wanted in zip(results[i], expected[i], strict=True):
            np.testing.assert_array_equal(page, wanted)


def _pages(source: bytes) -> list[NDArray[np.uint8]]:
    with open_document(source) as document:
        return [document.image(index) for index in range(len(document))]


def test_closing_twice_is_harmless_and_a_closed_document_says_so() -> None:
    document = open_document(pdf())
    document.close()
    document.close()
    with pytest.raises(InputError):
        document.image(0)
