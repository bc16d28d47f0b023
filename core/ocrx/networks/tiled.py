"""Detects text in tiles, in pictures that are too large for the network or hold small text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import cv2
import numpy as np

from ocrx.errors import plugin_errors
from ocrx.interfaces.components import Detector
from ocrx.interfaces.networks import MapModel, NetworkModel, Run
from ocrx.networks.mosaic import Maps, Mosaic
from ocrx.networks.network import Network, Novelty
from ocrx.networks.scales import believed, closer_scales
from ocrx.networks.sessions import Sessions
from ocrx.networks.smallprint import PATCH, Patches, dense_patches, is_sparse, outside
from ocrx.networks.tiles import Grid, Limits, Stretch, grid
from ocrx.networks.window import window
from ocrx.page.geometry import quad_size
from ocrx.types import Batch, Image, Region, Tensor, frozen_quad

BAND_PIXELS = 16_000_000
"""Once a map has more pixels than this, a band of it is decoded, to bound the memory that a huge
picture takes."""

PATCHES = 3
"""A tile with this many dense patches is looked at again."""

COARSE_STEPS = 4
"""Sides of tiles in a closer look are multiples of this many strides. Few shapes are faster."""

OPEN = 2
"""A line that ends within this many rows of the last known one may continue below."""

ALONE = 0.5
RECENT = 8
"""Memory is given back also after a look of more than ALONE times the model's `large_area`, if it
has none of the RECENT sizes before it. Reading 60 pages of ever new sizes thus takes 660 MB at most
on OpenVINO, where it took 740."""

Places: TypeAlias = set[tuple[int, int]]


class TiledDetector(Detector):
    """A detector made of a MapModel and its sessions.

    Blank margins are left out. The rest is first searched as a whole, in the size that the model
    prefers. If that is smaller than the picture, tiles that may hold text too small for the network
    are searched again at twice the scale, and so on up to full size. A photograph of large text
    thus takes one pass, and a long screenshot is searched in pieces.
    """

    thread_safe = True

    def __init__(self, model: MapModel, sessions: Sessions, backend: str, owner: str = "") -> None:
        self._model = model
        self._network = Network(_Pieces(model), sessions, backend, owner)
        self._recent = Novelty(RECENT)
        self.used = self._network.used

    def detect(self, pages: Sequence[Image]) -> list[list[Region]]:
        return [self._detect(page) for page in pages]

    def close(self) -> None:
        self._network.close()

    def _detect(self, page: Image) -> list[Region]:
        rows, columns = window(page)
        part = page[rows, columns]
        found = self._search(part, self._first_shape(page, part))
        return [_moved(region, columns.start, rows.start) for region in found]

    def _search(self, part: Image, shape: tuple[int, int]) -> list[Region]:
        """The lines in a part of a page, in its pixels. It is first seen in the size `shape`."""
        model = self._model
        height, width = part.shape[:2]
        whole = self._grid(*shape, model.stride)
        regions = self._look(_resized(part, shape), (height, width), whole, set(whole))
        seen = min(shape[0] / height, shape[1] / width)
        for scale in closer_scales(seen):
            down, across = max(1, round(height * scale)), max(1, round(width * scale))
            view = _resized(part, (down, across))
            tiles = self._grid(down, across, COARSE_STEPS * model.stride)
            clear = [r for r in regions if min(quad_size(r.quad)) * seen >= model.least_height]
            places = _dense_places(view, tiles, clear, scale)
            near = self._look(view, (height, width), tiles, places)
            shown = _shown(tiles, places)
            seen_whole = _searched(shown, regions, scale)
            cut = _cut_off(shown, near, scale)
            regions = believed(regions, near, model.margin / scale, seen_whole, cut)
            seen = scale
        if self._is_worth_releasing(shape):
            self._network.release()  # makes room for the next stage, such as reading many lines
        return regions

    def _is_worth_releasing(self, shape: tuple[int, int]) -> bool:
        """Whether to give back the memory of a look of this `shape`. If looks of one size recur,
        as those of a camera do, the next one would have to allocate it again: pictures of 1280 x
        720 took 1.36 times as long on OpenVINO, and 1.12 on ONNX Runtime."""
        area, limit = shape[0] * shape[1], self._model.large_area
        is_new, _ = self._recent.add([shape])
        return area > limit or (area > ALONE * limit and is_new)

    def _first_shape(self, page: Image, part: Image) -> tuple[int, int]:
        """The size in which a part of a page is first seen: in the scale of the whole page. One
        with blank margins is no photograph, whose large text is seen better from further away."""
        size = page.shape[:2]
        usual, sparse = self._model.shape(*size), self._model.sparse_shape(*size)
        if part.shape == page.shape:
            return sparse if sparse != usual and is_sparse(page) else usual
        stride = self._model.stride
        sides = zip(part.shape, usual, size, strict=False)
        down, across = (max(1, round(mine * seen / all_ / stride)) for mine, seen, all_ in sides)
        return down * stride, across * stride

    def _grid(self, height: int, width: int, step: int) -> Grid:
        model = self._model
        return grid(height, width, Limits(model.tile_area, model.margin, model.stride, step))

    def _look(
        self, view: Image, size: tuple[int, int], tiles: Grid, places: Places
    ) -> list[Region]:
        """The lines in some tiles of a view of a picture of `size` (height, width), in its
        pixels."""
        mosaic = Mosaic(view.shape[1])
        found: list[Region] = []
        for y in range(len(tiles.rows)):
            chosen = [x for x in range(len(tiles.columns)) if (y, x) in places]
            if not chosen:
                found += self._regions(mosaic, mosaic.bottom, view, size)
                mosaic = Mosaic(view.shape[1], tiles.rows[y].start)
                continue
            cut = [_cut(view, tiles.rows[y], tiles.columns[x]) for x in chosen]
            for x, maps in zip(chosen, self._network.run(cut), strict=True):
                mosaic.add(maps, *_kept(tiles, places, y, x))
            bottom = min(tiles.rows[y].keep_stop, mosaic.bottom)
            if (bottom - mosaic.top) * mosaic.width > BAND_PIXELS:
                found += self._finished(mosaic, bottom, view, size)
        return found + self._regions(mosaic, mosaic.bottom, view, size)

    def _finished(
        self, mosaic: Mosaic, bottom: int, view: Image, size: tuple[int, int]
    ) -> list[Region]:
        """The lines above `bottom` that end there. Those that may continue stay in the mosaic."""
        found = self._regions(mosaic, bottom, view, size)
        scale = np.array(view.shape[1::-1]) / size[::-1]
        ends = [(region, *_rows(region, scale[1])) for region in found]
        open_at = [top for _, top, end in ends if end >= bottom - OPEN]
        done = [(region, end) for region, _, end in ends if end < bottom - OPEN]
        # The beginning of a line may be too little to be found yet.
        cut = max(mosaic.top, int(min([*open_at, bottom - self._model.margin])))
        mosaic.forget(cut, [region.quad * scale for region, end in done if end > cut])
        return [region for region, _ in done]

    def _regions(
        self, mosaic: Mosaic, bottom: int, view: Image, size: tuple[int, int]
    ) -> list[Region]:
        """The lines of the mosaic down to `bottom`, in pixels of the picture."""
        if bottom <= mosaic.top:
            return []
        scale = size[0] / view.shape[0]
        height = max(1, round((bottom - mosaic.top) * scale))
        with plugin_errors(f"{self._network.model_name}, decoding outputs,"):
            found = self._model.regions(mosaic.above(bottom), (height, size[1]))
        return [_moved(region, 0, round(mosaic.top * scale)) for region in found]


class _Pieces(NetworkModel[Maps]):
    """A MapModel without its decoding: from pictures in the size of its input to its maps."""

    def __init__(self, model: MapModel) -> None:
        self.spec = model.spec
        self.max_batch = model.max_batch
        self.max_area = model.max_area
        self.large_area = model.large_area
        self._model = model

    def shape(self, height: int, width: int) -> tuple[int, int]:
        return height, width

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        return self._model.encode(images, shape)

    def infer(self, run: Run, batch: Batch) -> Mapping[str, Tensor]:
        return self._model.infer(run, batch)

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[Maps]:
        return [
            {name: maps[index] for name, maps in outputs.items()}
            for index in range(len(batch.context))
        ]


def _moved(region: Region, right: int, down: int) -> Region:
    if right == down == 0:
        return region
    return replace(region, quad=frozen_quad(region.quad + np.array([right, down])))


def _resized(page: Image, shape: tuple[int, int]) -> Image:
    """The page resized to a (height, width). If it is reduced by more than half, pixels are
    averaged, because interpolation would skip some."""
    height, width = page.shape[:2]
    if shape == (height, width):
        return page
    small = shape[0] < height / 2 or shape[1] < width / 2
    how = cv2.INTER_AREA if small else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(page, shape[::-1], interpolation=how), dtype=np.uint8)


def _dense_places(view: Image, tiles: Grid, clear: Sequence[Region], scale: float) -> Places:
    """The tiles with many dense patches outside the `clear` lines, which were found already. Of
    their neighbours, those with any such patch count too, because lines cross tiles."""
    patches = outside(dense_patches(view), clear, scale)
    counts = {
        (y, x): int(
            np.count_nonzero(
                patches[
                    tiles.rows[y].start // PATCH : -(-tiles.rows[y].stop // PATCH),
                    tiles.columns[x].start // PATCH : -(-tiles.columns[x].stop // PATCH),
                ]
            )
        )
        for y, x in tiles
    }
    dense = {place for place, count in counts.items() if count >= PATCHES}
    beside = {(y + dy, x + dx) for y, x in dense for dy in (-1, 0, 1) for dx in (-1, 0, 1)}
    return dense | {place for place in beside if counts.get(place)}


def _shown(tiles: Grid, places: Places) -> Patches:
    """Which patches of a view the tiles at `places` show."""
    shown = np.zeros((tiles.rows[-1].stop // PATCH + 1, tiles.columns[-1].stop // PATCH + 1), bool)
    for y, x in places:
        rows, columns = tiles.rows[y], tiles.columns[x]
        shown[
            rows.start // PATCH : -(-rows.stop // PATCH),
            columns.start // PATCH : -(-columns.stop // PATCH),
        ] = True
    return shown


def _searched(shown: Patches, regions: Sequence[Region], scale: float) -> list[bool]:
    """For each region, whether all of it is shown. Half its height at each end is taken for
    margin."""
    found = []
    for region in regions:
        margin = min(quad_size(region.quad)) / 2
        low, high = region.quad.min(axis=0) + margin, region.quad.max(axis=0) - margin
        left, top = np.maximum(low * (scale / PATCH), 0).astype(int).tolist()
        right, bottom = np.maximum(high * (scale / PATCH), 0).astype(int).tolist()
        found.append(bool(shown[top : bottom + 1, left : right + 1].all()))
    return found


def _cut_off(shown: Patches, regions: Sequence[Region], scale: float) -> list[bool]:
    """For each region, whether what is shown ends at its upper or lower side."""
    found = []
    for region in regions:
        ends = (region.quad[:, 1].min(), region.quad[:, 1].max())
        top, bottom = (int(end * scale / PATCH) for end in ends)
        column = shown[:-1, int(region.quad[:, 0].mean() * scale / PATCH)]  # the last row is none
        found.append(not column[max(0, top - 1) : bottom + 2].all())
    return found


def _kept(tiles: Grid, places: Places, y: int, x: int) -> tuple[Stretch, Stretch]:
    """The rows and columns of a tile's maps to keep: its own part, and up to its edge on sides
    where no neighbour is searched."""
    rows, columns = tiles.rows[y], tiles.columns[x]
    height, width = tiles.rows[-1].keep_stop, tiles.columns[-1].keep_stop
    return (
        Stretch(
            rows.start,
            rows.stop,
            rows.keep_start if (y - 1, x) in places else rows.start,
            rows.keep_stop if (y + 1, x) in places else min(rows.stop, height),
        ),
        Stretch(
            columns.start,
            columns.stop,
            columns.keep_start if (y, x - 1) in places else columns.start,
            columns.keep_stop if (y, x + 1) in places else min(columns.stop, width),
        ),
    )


def _cut(view: Image, rows: Stretch, columns: Stretch) -> Image:
    """The pixels of a tile. Beyond the picture, its edge is repeated."""
    part = view[rows.start : rows.stop, columns.start : columns.stop]
    below, right = rows.length - part.shape[0], columns.length - part.shape[1]
    if not below and not right:
        return np.ascontiguousarray(part)
    padded = cv2.copyMakeBorder(part, 0, below, 0, right, cv2.BORDER_REPLICATE)
    return np.asarray(padded, dtype=np.uint8)


def _rows(region: Region, scale: float) -> tuple[float, float]:
    """Where a region begins and ends, in rows of the view."""
    return float(region.quad[:, 1].min()) * scale, float(region.quad[:, 1].max()) * scale
