"""How long chains of preprocessors take on a page of 12 megapixels, beside bare calls of OpenCV.

    python benchmarks/preprocessing.py [--rounds N]

Each chain is run as a reader runs it, and as somebody would write it with OpenCV alone, in turn.
Printed are the medians of elapsed and of processor time, in milliseconds, and the median of the
ratios of the two in each round.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import cv2
import numpy as np

from ocrx.plugins.registry import load_plugins
from ocrx.profiles.applied import Tuned
from ocrx.profiles.runs import Runs
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import only_preprocessors
from ocrx.reading.components import Components
from ocrx.reading.pipeline import Work, preprocess
from ocrx.testing import pictures as drawn
from ocrx.types import Image
from ocrx.weights.store import Store

Bare: TypeAlias = Callable[[Image], cv2.typing.MatLike]
WIDTH, HEIGHT = 3000, 4000


def grey_clahe_otsu(image: Image) -> cv2.typing.MatLike:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    even = cv2.createCLAHE(2.0, (8, 8)).apply(grey)
    return cv2.cvtColor(cv2.threshold(even, 0, 255, cv2.THRESH_OTSU)[1], cv2.COLOR_GRAY2RGB)


def clahe_median_otsu(image: Image) -> cv2.typing.MatLike:
    parts = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    cv2.insertChannel(cv2.createCLAHE(2.0, (8, 8)).apply(cv2.extractChannel(parts, 0)), parts, 0)
    clean = cv2.medianBlur(cv2.cvtColor(parts, cv2.COLOR_YCrCb2RGB), 3)
    grey = cv2.cvtColor(clean, cv2.COLOR_RGB2GRAY)
    return cv2.cvtColor(cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[1], cv2.COLOR_GRAY2RGB)


def gaussian_equalize_adaptive(image: Image) -> cv2.typing.MatLike:
    parts = cv2.cvtColor(cv2.GaussianBlur(image, (0, 0), 1.0), cv2.COLOR_RGB2YCrCb)
    cv2.insertChannel(cv2.equalizeHist(cv2.extractChannel(parts, 0)), parts, 0)
    grey = cv2.cvtColor(cv2.cvtColor(parts, cv2.COLOR_YCrCb2RGB), cv2.COLOR_RGB2GRAY)
    kind = cv2.ADAPTIVE_THRESH_MEAN_C
    ink = cv2.adaptiveThreshold(grey, 255, kind, cv2.THRESH_BINARY, 31, 10)
    return cv2.cvtColor(ink, cv2.COLOR_GRAY2RGB)


CHAINS: dict[str, Bare] = {
    "grayscale + clahe + otsu": grey_clahe_otsu,
    "clahe + median + otsu": clahe_median_otsu,
    "gaussian + equalize + adaptive(method=mean)": gaussian_equalize_adaptive,
}


def page() -> Image:
    """A page of text, WIDTH x HEIGHT, with the grain of a scan."""
    words = tuple(f"Line {number} of a page that has some eighty lines" for number in range(49))
    small = drawn.page(words, WIDTH // 2)
    large = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).integers(-6, 7, large.shape, np.int16)
    return np.asarray(np.clip(large.astype(np.int16) + grain, 0, 255), np.uint8)


def run(components: Components, image: Image) -> None:
    """Prepare the picture as a reader does."""
    preprocess([Work("page", 0, image, WIDTH, HEIGHT)], components.preprocessors)


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Elapsed and processor time in milliseconds."""
    begun, worked = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    image = page()
    assembly = Assembly(load_plugins(), Store(offline=True))
    print(f"{WIDTH * HEIGHT / 1e6:.0f} megapixels, {cv2.getNumThreads()} threads, {rounds} rounds")
    for chain, bare in CHAINS.items():
        components = Components(only_preprocessors([chain]), assembly, Runs(), Tuned("off"))

        ours, theirs = partial(run, components, image), partial(bare, image)
        timed(ours)
        timed(theirs)
        spent = [(timed(ours), timed(theirs)) for _ in range(rounds)]
        for what, which in (("elapsed", 0), ("processor", 1)):
            mine, other = ([one[side][which] for one in spent] for side in (0, 1))
            ratio = statistics.median(a / b for a, b in zip(mine, other, strict=True))
            print(
                f"{chain}: {what} {statistics.median(mine):.0f} ms, "
                f"bare {statistics.median(other):.0f} ms, ratio {ratio:.2f}"
            )
        components.close()


if __name__ == "__main__":
    main()
