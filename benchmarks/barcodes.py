"""Compare the finder `barcodes` with zxing-cpp called bare: how many codes are read, and how fast.

    python benchmarks/barcodes.py [--pages 8] [--rounds 5]

It draws pages of codes in eleven formats, always the same, and spoils them in several ways. Three
read the same arrays in turn (A B C A B C) in one process: `zxingcpp.read_barcodes` with its
defaults, the finder, and a reader with the finder alone. It prints, for each kind of page, how many
of the codes were read, how many values were wrong, and the median over the rounds of the ratio of
processor times to the bare call.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

import ocrx
from ocrx_barcodes.finder import BarcodeFinder
from ocrx_barcodes.settings import BarcodeOptions

Picture = NDArray[np.uint8]
Spoil = Callable[[Picture, np.random.Generator], Picture]
Reading = Callable[[Sequence[Picture]], list[list[str]]]

WIDTH, HEIGHT, COLUMNS, ROWS = 1600, 1200, 3, 4
GS1 = "(01)09501101530003(10){}(17)271231"
CONTENTS = {
    "qr-code": "https://example.org/{}", "data-matrix": "LOT {}", "aztec": "BOARDING {}",
    "pdf417": "Parcel {} to Linz", "micro-qr-code": "{}", "code-128": "PO-{}", "code-39": "SN{}",
    "ean-13": "4012345678901", "itf": "{}00", "databar-expanded": GS1, "rmqr-code": "PUMP {}",
}  # fmt: skip


def code(form: str, number: int, scale: int) -> tuple[Picture, str]:
    content = CONTENTS[form].format(number)
    drawn = zxingcpp.create_barcode(
        content, zxingcpp.barcode_format_from_str(form), gs1=form == "databar-expanded"
    )
    return np.array(zxingcpp.write_barcode_to_image(drawn, scale=scale), np.uint8), content


def page(rng: np.random.Generator, turn: bool) -> tuple[Picture, list[str]]:
    """A page of codes in a grid, grey, and what they say. `turn` turns each by a quarter or so."""
    image = np.full((HEIGHT, WIDTH), 255, np.uint8)
    values = []
    cell = WIDTH // COLUMNS, HEIGHT // ROWS
    for place in range(COLUMNS * ROWS):
        form = str(rng.choice(list(CONTENTS)))
        drawn, value = code(form, int(rng.integers(1000, 9999)), int(rng.integers(2, 4)))
        if turn:
            drawn = np.rot90(drawn, int(rng.integers(0, 4)))
        if drawn.shape[0] > cell[1] or drawn.shape[1] > cell[0]:
            continue
        left, top = place % COLUMNS * cell[0], place // COLUMNS * cell[1]
        image[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
        values.append(value)
    return image, values


def blurred(image: Picture, rng: np.random.Generator) -> Picture:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.2), np.uint8)


def noisy(image: Picture, rng: np.random.Generator) -> Picture:
    grain = rng.normal(0, 22, image.shape)
    return np.clip(60 + image * 0.5 + grain, 0, 255).astype(np.uint8)


def tilted(image: Picture, rng: np.random.Generator) -> Picture:
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), float(rng.uniform(-8, 8)), 0.9)
    white = (255.0,)
    return np.asarray(cv2.warpAffine(image, matrix, (WIDTH, HEIGHT), borderValue=white), np.uint8)


def spotted(image: Picture, rng: np.random.Generator) -> Picture:
    image = image.copy()
    for _ in range(150):
        x, y, size = (int(rng.integers(0, most)) for most in (WIDTH, HEIGHT, 14))
        image[y : y + size, x : x + size] = rng.integers(0, 2) * 255
    return image


KINDS: dict[str, tuple[bool, Spoil]] = {
    "as drawn": (False, lambda image, rng: image),
    "turned by quarters": (True, lambda image, rng: image),
    "blurred": (False, blurred),
    "faint and noisy": (False, noisy),
    "tilted by up to 8 degrees": (False, tilted),
    "with spots": (False, spotted),
}


def measure(
    readings: dict[str, Reading], pages: Sequence[Picture], rounds: int
) -> tuple[dict[str, list[list[str]]], dict[str, list[float]]]:
    """What each read, and its processor times in seconds, one for each round."""
    found = {name: read(pages) for name, read in readings.items()}  # and all are warm
    spent: dict[str, list[float]] = {name: [] for name in readings}
    for _ in range(rounds):
        for name, read in readings.items():
            started = time.process_time()
            read(pages)
            spent[name].append(time.process_time() - started)
    return found, spent


def bare(pages: Sequence[Picture]) -> list[list[str]]:
    return [[code.text for code in zxingcpp.read_barcodes(page)] for page in pages]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    finder = BarcodeFinder(BarcodeOptions())
    reader = ocrx.Reader(recognizer="none", finders=["barcodes"])
    readings: dict[str, Reading] = {
        "zxing-cpp": bare,
        "finder": lambda pages: [
            [item.value for item in items if item.value]
            for items in finder.find(pages)
            if isinstance(items, list)
        ],
        "reader": lambda pages: [
            [item.value for item in page.items if item.value] for page in reader.read_many(pages)
        ],
    }
    print(
        "| pages | codes | read by zxing-cpp | by the finder | wrong values, each "
        "| time of the finder | of a reader |"
    )
    print("|---|---|---|---|---|---|---|")
    for kind, (turn, spoil) in KINDS.items():
        rng = np.random.default_rng(7)
        drawn = [page(rng, turn) for _ in range(given.pages)]
        pages = [np.repeat(spoil(image, rng)[..., None], 3, axis=2) for image, _ in drawn]
        found, spent = measure(readings, pages, given.rounds)
        truth = [Counter(values) for _, values in drawn]
        right, wrong = {}, {}
        for name, values in found.items():
            counts = [Counter(one) for one in values]
            right[name] = sum((a & b).total() for a, b in zip(counts, truth, strict=True))
            wrong[name] = sum((a - b).total() for a, b in zip(counts, truth, strict=True))
        ratios = {
            name: statistics.median(a / b for a, b in zip(times, spent["zxing-cpp"], strict=True))
            for name, times in spent.items()
        }
        print(
            f"| {kind} | {sum(one.total() for one in truth)} | {right['zxing-cpp']} | "
            f"{right['finder']} | {wrong['zxing-cpp']}, {wrong['finder']} | "
            f"{ratios['finder']:.2f} | {ratios['reader']:.2f} |"
        )


if __name__ == "__main__":
    main()
