"""Reads seven-segment digits, as on displays, with a tiny network on any runtime."""

# --8<-- [start:imports]
from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

import ocrx
from ocrx.artifacts import Axis, ModelSpec, PackageFile, Source
from ocrx.interfaces.networks import NetworkModel
from ocrx.plugins.registrar import Registrar
from ocrx.types import Batch, Image, Tensor, Text
from ocrx_segments.digits import HEIGHT, WIDTH

# --8<-- [end:imports]
# --8<-- [start:spec]
WIDTHS = Axis(minimum=32, typical=256, maximum=2048, step=32)

SPEC = ModelSpec(
    name="segments",
    task="recognition",
    artifacts={"onnx": Source("digits.onnx", package=PackageFile("ocrx_segments", "digits.onnx"))},
    shapes={"ink": (Axis(minimum=1, typical=8, maximum=32), 1, HEIGHT, WIDTHS)},
    licence="Apache-2.0",
)
# --8<-- [end:spec]


# --8<-- [start:model]
class SegmentModel(NetworkModel[Text]):
    """For digits at least 24 pixels high.

    The input is float32 (N, 1, 24, W): how much ink there is, from 0 to 1. The output is float32
    (N, W, 10): how well each digit fits around each column, at best 1.
    """

    spec = SPEC
    charset = "0123456789"
    max_batch = 32
    max_area = 32 * HEIGHT * 512

    def shape(self, height: int, width: int) -> tuple[int, int]:
        return HEIGHT, WIDTHS.bucket(width * max(1, HEIGHT / height))

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        tensor = np.zeros((len(images), 1, *shape), np.float32)
        context = [fill(row, image) for (row,), image in zip(tensor, images, strict=True)]
        return Batch({"ink": tensor}, context)

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[Text]:
        return [
            text(matches, *place)
            for matches, place in zip(outputs["matches"], batch.context, strict=True)
        ]


# --8<-- [end:model]
# --8<-- [start:pictures]
LEAST_MATCH = 0.7


def fill(row: NDArray[np.float32], image: Image) -> tuple[float, float]:
    """Put the digits of the crop into the row, enlarged to its height.

    Returns the column of the row at which the crop begins (which may lie outside the row), and the
    width of the crop in columns of the row.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    if ink.mean() > 0.5:  # the digits are lit
        ink = 1 - ink
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return 0.0, float(row.shape[1])
    inside = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    scale = HEIGHT / len(inside)
    width = min(max(1, round(inside.shape[1] * scale)), row.shape[1] - WIDTH)
    row[:, WIDTH : WIDTH + width] = cv2.resize(  # room for a 1, whose left half is empty
        inside, (width, HEIGHT), interpolation=cv2.INTER_AREA
    )
    scale = width / inside.shape[1]
    return float(WIDTH - columns[0] * scale), image.shape[1] * scale


def text(matches: NDArray[np.float32], start: float, width: float) -> Text:
    """The digits: one wherever a match is good, and the best within the width of a digit."""
    best = matches.max(axis=1)
    around = cv2.dilate(best[None], np.ones((1, WIDTH + 1), np.uint8))[0]
    peaks = np.flatnonzero((best >= LEAST_MATCH) & (best == around)).tolist()
    centres = [(at - start) / width for at in peaks]
    half = WIDTH / 2 / width
    return Text(
        tuple(SegmentModel.charset[matches[at].argmax()] for at in peaks),
        tuple(float(min(best[at], 1)) for at in peaks),
        tuple((max(0.0, centre - half), min(1.0, centre + half)) for centre in centres),
    )


# --8<-- [end:pictures]
# --8<-- [start:register]
@ocrx.hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("recognizer", "segments", lambda request: SegmentModel(), models=models)


def models() -> dict[str, ModelSpec]:
    return {"digits": SPEC}


# --8<-- [end:register]
