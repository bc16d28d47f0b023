"""Compare Tesseract through ocrx with tesserocr called bare: the same texts, and in what time?

    python benchmarks/tesseract.py DATA [--rounds 5] [--lines 60] [--pages 5]

DATA holds a folder with `labels.tsv` for each set in benchmarks/sets.json. Three read the same
decoded pictures in turn (A B C A B C) in one process and one thread: tesserocr as its README shows
it, ocrx's recogniser (of pages: its page reader), and a whole `Reader` with that, which reads
doubtful lines again in other views. It prints how many of the texts are those of tesserocr, and the
median over the rounds of the ratio of processor times.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import tesserocr
from PIL import Image as PilImage
from sets import LINES, PAGES

from ocrx import Reader
from ocrx.bench.data.load import load_dataset
from ocrx.errors import without_errors
from ocrx.images.opening import open_document
from ocrx.types import Image
from ocrx_tesseract.data import find_tessdata
from ocrx_tesseract.reader import TesseractReader, TesseractRecognizer
from ocrx_tesseract.settings import TesseractLineOptions, TesseractPageOptions

Read = Callable[[Sequence[Image]], list[str]]


def bare(mode: tesserocr.PSM) -> Read:
    api = tesserocr.PyTessBaseAPI(path=f"{find_tessdata('', ['eng'])}/", lang="eng", psm=mode)

    def read(images: Sequence[Image]) -> list[str]:
        texts = []
        for image in images:
            api.SetImage(PilImage.fromarray(image))
            texts.append(api.GetUTF8Text())
        return texts

    return read


def of_lines() -> dict[str, Read]:
    recognizer = TesseractRecognizer(TesseractLineOptions(), threads=1)
    reader = Reader(recognizer="tesseract", layout="line", orienter=None, threads=1)
    return {
        "bare": bare(tesserocr.PSM.SINGLE_LINE),
        "component": lambda images: [text.text for text in recognizer.recognize(images)],
        "reader": lambda images: [page.text for page in reader.read_many(images)],
    }


def of_pages() -> dict[str, Read]:
    engine = TesseractReader(TesseractPageOptions(), threads=1)
    reader = Reader(page_reader="tesseract", threads=1)
    return {
        "bare": bare(tesserocr.PSM.AUTO),
        "component": lambda images: [page.text for page in without_errors(engine.read(images))],
        "reader": lambda images: [page.text for page in reader.read_many(images)],
    }


def pictures(folder: Path, limit: int) -> list[Image]:
    """The first pictures of a set, decoded beforehand."""
    images = []
    for sample in load_dataset(folder).samples[:limit]:
        with open_document(sample.source) as document:
            images.append(document.image(0))
    return images


def measure(reads: dict[str, Read], images: Sequence[Image], rounds: int) -> list[str]:
    """Cells of the table: how many texts are the bare ones, and ratios of times, of two readers."""
    texts = {name: [" ".join(one.split()) for one in read(images)] for name, read in reads.items()}
    spent: dict[str, list[float]] = {name: [] for name in reads}
    for _ in range(rounds):
        for name, read in reads.items():
            started = time.process_time()
            read(images)
            spent[name].append(time.process_time() - started)
    cells = [f"{1000 * statistics.median(spent['bare']) / len(images):.1f}"]
    for name in ("component", "reader"):
        same = sum(a == b for a, b in zip(texts[name], texts["bare"], strict=True))
        ratios = (a / b for a, b in zip(spent[name], spent["bare"], strict=True))
        cells += [str(same), f"{statistics.median(ratios):.2f}"]
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=60, help="how many of each set of lines")
    parser.add_argument("--pages", type=int, default=5, help="how many of each set of pages")
    given = parser.parse_args()
    print("| set | pictures | bare, ms each | same texts | time | same texts, reader | time |")
    print("|---|---|---|---|---|---|---|")
    sets = (LINES, of_lines(), given.lines), (PAGES, of_pages(), given.pages)
    for names, reads, limit in sets:
        for name in names:
            images = pictures(given.data / name, limit)
            cells = [name, str(len(images)), *measure(reads, images, given.rounds)]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
