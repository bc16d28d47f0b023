"""Joins the maps of tiles into the maps of the picture that the tiles were cut from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import cv2
import numpy as np

from ocrx.networks.tiles import Stretch
from ocrx.types import Quad, Tensor

Maps: TypeAlias = Mapping[str, Tensor]
"""The outputs of a network for one picture, by name: maps of shape (C, h, w) that lie over it."""


class Mosaic:
    """The joined maps of a picture `width` pixels wide, for its rows from `top` to `bottom`.

    It grows downwards as tiles are added. Its values are 0 where no tile was added."""

    def __init__(self, width: int, top: int = 0) -> None:
        self.width = width
        self.top = self.bottom = top
        self._maps: dict[str, Tensor] = {}
        self._stride = 1

    def add(self, maps: Maps, rows: Stretch, columns: Stretch) -> None:
        """Copy the kept part of a tile's maps to its place."""
        for name, tile in maps.items():
            self._stride = rows.length // tile.shape[1]
            self._grow(name, tile, rows.keep_stop)
            top, left = max(rows.keep_start, self.top), columns.keep_start
            part = tile[
                :,
                self._down(top - rows.start) : self._up(rows.keep_stop - rows.start),
                self._down(left - columns.start) : self._up(columns.keep_stop - columns.start),
            ]
            y, x = self._down(top - self.top), self._down(left)
            self._maps[name][:, y : y + part.shape[1], x : x + part.shape[2]] = part
        self.bottom = max(self.bottom, rows.keep_stop)

    def above(self, bottom: int) -> Maps:
        """The maps of the rows from `top` to `bottom`."""
        return {name: one[:, : self._up(bottom - self.top)] for name, one in self._maps.items()}

    def forget(self, top: int, done: Iterable[Quad]) -> None:
        """Drop the rows above `top`, and set the rest to 0 inside the quads `done`."""
        cut = self._down(top - self.top)
        corners = [np.rint((quad - (0, top)) / self._stride).astype(np.int32) for quad in done]
        for name, one in self._maps.items():
            kept = one[:, cut:].copy()
            for channel in kept:
                for quad in corners:
                    cv2.fillConvexPoly(channel, quad, (0,))
            self._maps[name] = kept
        self.top += cut * self._stride

    def _grow(self, name: str, like: Tensor, bottom: int) -> None:
        rows = self._up(bottom - self.top)
        held = self._maps.get(name)
        missing = rows - (0 if held is None else held.shape[1])
        if missing <= 0:
            return
        more = np.zeros((like.shape[0], missing, self._up(self.width)), like.dtype)
        self._maps[name] = more if held is None else np.concatenate((held, more), axis=1)

    def _down(self, pixels: int) -> int:
        return pixels // self._stride

    def _up(self, pixels: int) -> int:
        return math.ceil(pixels / self._stride)
