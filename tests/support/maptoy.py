"""A detector of dark strokes whose network sees but a few pixels around each place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from ocrx.artifacts import ModelSpec
from ocrx.interfaces.networks import MapModel
from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.networks.decode.db import DBParameters, db_regions
from ocrx.networks.sessions import Sessions
from ocrx.networks.tiled import TiledDetector
from ocrx.types import Batch, Image, Region, Tensor, TensorSpec

REACH = 11
"""The network joins strokes no further apart than this."""


class StrokeModel(MapModel):
    """Sees strokes darker than mid grey, joined to lines. `longest` bounds its input."""

    spec = ModelSpec("strokes", "detection", {})
    tile_area = 200 * 200
    margin = 32
    stride = 8
    least_height = 12

    def __init__(self, longest: int = 10_000, half: bool = False) -> None:
        self.longest = longest
        self.half = half

    def shape(self, height: int, width: int) -> tuple[int, int]:
        scale = min(1.0, self.longest / max(height, width))
        return max(1, round(height * scale / 8)) * 8, max(1, round(width * scale / 8)) * 8

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        resized = [cv2.resize(image, shape[::-1]) for image in images]
        return Batch({"x": np.stack(resized)}, [image.shape[:2] for image in images])

    def regions(self, maps: Mapping[str, Tensor], size: tuple[int, int]) -> list[Region]:
        return db_regions(maps["y"][0], size, DBParameters(unclip_ratio=0.5))


class StrokeSession(Session):
    """Remembers the shapes of the tiles it was run on."""

    thread_safe = True
    inputs = (TensorSpec("x", (None, None, None, 3), "uint8"),)
    outputs = (TensorSpec("y", (None, 1, None, None), "float32"),)
    device = "cpu"
    precision = "fp32"

    def __init__(self, half: bool) -> None:
        super().__init__()
        self.half = half
        self.shapes: list[tuple[int, ...]] = []
        self.released = 0

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        self.shapes += [picture.shape[:2] for picture in feeds["x"]]
        maps = []
        for picture in feeds["x"]:
            dark = (picture[:, :, 0] < 128).astype(np.uint8)
            # the background beyond a tile must not keep strokes at its edge from being joined
            joined = cv2.erode(cv2.dilate(dark, np.ones((1, REACH))), np.ones((1, REACH)))
            step = 2 if self.half else 1
            maps.append(joined[None, ::step, ::step].astype(np.float32))
        return {"y": np.stack(maps)}

    def release(self) -> None:
        """Holds nothing, and counts."""
        self.released += 1


def detector(model: StrokeModel) -> tuple[TiledDetector, StrokeSession]:
    session = StrokeSession(model.half)
    return TiledDetector(model, Sessions(lambda _: session, SessionOptions()), "toy"), session
