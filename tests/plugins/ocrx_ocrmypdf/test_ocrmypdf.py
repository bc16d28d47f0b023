"""OCRmyPDF itself, with ocrx as its engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import img2pdf
import pytest
from PIL import Image as PilImage

import ocrx
from support.pdf_words import Seen, by_ocrx, by_pdfium, by_poppler

pytestmark = pytest.mark.slow

LABEL = Path(__file__).parents[3] / "examples" / "label.png"
PIXEL = 72 / 150
"""Points to a pixel of the label, at 150 dots per inch."""


def ocrmypdf(*arguments: object, code: int = 0) -> str:
    """What OCRmyPDF says on stderr."""
    command = [sys.executable, "-m", "ocrmypdf", "--plugin", "ocrx_ocrmypdf", *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == code, run.stderr
    return run.stderr


@pytest.fixture(scope="module")
def expected() -> list[Seen]:
    page = ocrx.read(LABEL, backend="openvino", precision="fp32", layout="page")
    return by_ocrx(page, (page.width * PIXEL, page.height * PIXEL))


def scan(path: Path, *turns: int) -> Path:
    """A PDF of labels, each turned anticlockwise by those degrees."""
    pictures: list[bytes] = []
    with PilImage.open(LABEL) as label:
        for turn in turns:
            name = path.with_suffix(f".{len(pictures)}.png")
            label.convert("RGB").rotate(turn, expand=True).save(name, dpi=(150, 150))
            pictures.append(name.read_bytes())
    path.write_bytes(img2pdf.convert(pictures))
    return path


def near(found: list[Seen], wanted: list[Seen], within: float) -> float:
    """The share of the wanted words that were found, at most `within` points away."""
    hits = [
        any(
            one.text == word.text
            and max(abs(a - b) for a, b in zip(one.box, word.box, strict=True)) <= within
            for one in found
        )
        for word in wanted
    ]
    return sum(hits) / len(hits)


def test_a_picture_becomes_searchable(tmp_path: Path, expected: list[Seen]) -> None:
    out = tmp_path / "out.pdf"
    ocrmypdf(
        *("--image-dpi", 150, "--output-type", "pdf"),
        *("--ocrx-backend", "openvino", "--ocrx-precision", "fp32", LABEL, out),
    )
    for reader in (by_poppler, by_pdfium):
        assert near(reader(out.read_bytes()), expected, within=8) > 0.9


def test_pages_of_a_pdf_are_turned_upright_read_and_archived(
    tmp_path: Path, expected: list[Seen]
) -> None:
    source, out, text = scan(tmp_path / "in.pdf", 0, 180), tmp_path / "out.pdf", tmp_path / "t.txt"
    ocrmypdf("--rotate-pages", "--jobs", 2, "--sidecar", text, source, out)
    for number in (1, 2):
        assert near(by_poppler(out.read_bytes(), number), expected, within=8) > 0.8
    assert text.read_text("utf-8").count("NORDLICHT") == 2


def test_tilted_pages_are_set_straight(tmp_path: Path) -> None:
    with PilImage.open(LABEL) as label:
        label.convert("RGB").rotate(6, expand=True, fillcolor="white").save(
            tmp_path / "in.png", dpi=(150, 150)
        )
    ocrmypdf("--deskew", "--output-type", "pdf", tmp_path / "in.png", tmp_path / "out.pdf")
    assert any(one.text == "NORDLICHT" for one in by_poppler((tmp_path / "out.pdf").read_bytes()))


def test_a_wrong_name_is_told_without_a_traceback(tmp_path: Path) -> None:
    said = ocrmypdf("--ocrx-recognizer", "tessa", LABEL, tmp_path / "out.pdf", code=1)
    assert "tessa" in said
    assert "Traceback" not in said
