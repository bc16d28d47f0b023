"""Draws overlays: the picture with boxes around what was read, and beside it the text in the same
places."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePath

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.errors import OutputError
from ocrx.output.lettering import Lettering
from ocrx.system.text import printable
from ocrx.types import Image, Item, Page

LINE_HEIGHT = 26
"""A picture is enlarged until its typical line has this height in pixels, so that it is legible."""

LONGEST_SIDE = 2400
SHORTEST_LONG_SIDE = 640
LARGEST_ZOOM = 6.0
STRETCH = (0.75, 1.3)
"""The factors by which letters may be narrowed or widened to fill the box of their line."""

MAX_LETTERS = 1000
"""Of longer lines, only this many characters are drawn."""

MAX_ITEM_LETTERS = 120
"""Of the value and of each field of an item, only this many characters are drawn."""

LETTER_WIDTH = 0.5
"""The width of a typical letter, as a fraction of the height of its row."""

WORTH_BREAKING = 0.6
"""Words are broken where letters of less than this fraction of the size would keep them whole."""

PAPER = (252, 252, 253)
INK = (24, 24, 27)
_GOOD, _FAIR, _BAD = (22, 163, 74), (217, 119, 6), (220, 38, 38)
_ITEM = (37, 99, 235)
_SCORES, _COLOURS = (0.6, 0.85, 0.97), (_BAD, _FAIR, _GOOD)


class OverlayFolder:
    """Writes overlays into a folder, each under a different name.

    The constructor and `write` raise OutputError if the folder or a picture cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lettering = Lettering()
        self._taken: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from error

    def write(self, image: Image, page: Page) -> Path:
        """Draw the page that was read in `image` (RGB uint8), write the overlay, and return its
        path."""
        path = self.folder / self._name(page)
        drawn = cv2.cvtColor(draw_overlay(image, page, self.lettering), cv2.COLOR_RGB2BGR)
        encoded = cv2.imencode(".png", drawn, [cv2.IMWRITE_PNG_COMPRESSION, 4])[1]
        try:
            path.write_bytes(encoded.tobytes())
        except OSError as error:
            raise _unwritable(path, error) from error
        return path

    def _name(self, page: Page) -> str:
        """A name such as `label.overlay.png` or `report.page-2.overlay.png`, numbered if it is
        taken. It differs from the picture's own name, since the folder may be the picture's."""
        stem = printable(PurePath(page.source).stem) or "page"
        stem = "stdin" if stem == "-" else stem
        stem += f".page-{page.index + 1}" if page.index else ""
        name, count = f"{stem}.overlay.png", 1
        while name.casefold() in self._taken:  # some file systems ignore case
            count += 1
            name = f"{stem}.overlay-{count}.png"
        self._taken.add(name.casefold())
        return name


def draw_overlay(image: Image, page: Page, lettering: Lettering) -> Image:
    """The picture with frames around lines and items, and their text beside it, or below a wide
    picture: RGB uint8.

    `image` is RGB uint8 (H, W, 3). Its size may differ from that of the page, as a `Raster`'s does.
    """
    scale = np.array(image.shape[1::-1]) / (page.width, page.height)
    texts = [(line.quad * scale, line.text) for line in page.lines]
    rows = [row for item in page.items for row in _rows(item, item.quad * scale)]
    zoom = _zoom(image, [quad for quad, _ in texts or rows])
    size = (max(1, round(image.shape[1] * zoom)), max(1, round(image.shape[0] * zoom)))
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    picture = np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)
    paper = np.full_like(picture, PAPER)
    thickness = max(1, round(min(max(size), 3 * min(size)) / 800))
    places = [*(line.quad for line in page.lines), *(item.quad for item in page.items)]
    quads = [quad * scale * zoom for quad in places]
    colours = [colour_of(line.score) for line in page.lines]
    colours += [_ITEM if item.score else _BAD for item in page.items]
    _frame(picture, quads, colours, thickness, 0.18)
    _frame(paper, quads, colours, 1, 0.08)
    for quad, text in (*texts, *rows):
        _letter(paper, quad * zoom, text, lettering)
    gap = max(2, round(max(size) / 200))
    stacked = size[0] > 2 * size[1]
    shape = (gap, size[0], 3) if stacked else (size[1], gap, 3)
    divider = np.full(shape, (228, 228, 231), np.uint8)
    return np.concatenate([picture, divider, paper], axis=0 if stacked else 1)


def colour_of(score: float) -> tuple[int, int, int]:
    """The colour of a score: green for a good one, amber for a fair one, red for a bad one, and
    mixtures between."""
    channels = zip(*_COLOURS, strict=True)
    red, green, blue = (round(float(np.interp(score, _SCORES, c))) for c in channels)
    return red, green, blue


def _zoom(image: Image, quads: list[NDArray[np.float64]]) -> float:
    """The factor to enlarge or reduce the picture by, for legible lines and a handy size."""
    heights = [min(_sides(quad)) for quad in quads]
    wanted = LINE_HEIGHT / max(1.0, float(np.median(heights))) if heights else 1.0
    longest = max(image.shape[:2])
    wanted = max(wanted, SHORTEST_LONG_SIDE / longest, 1.0)
    return float(min(wanted, LARGEST_ZOOM, LONGEST_SIDE / longest))


def _rows(item: Item, quad: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], str]]:
    """What an item is and says, in rows that fill its box with letters as large as possible: the
    quad (4, 2) and the text of each row."""
    said = [item.type, item.value, *(f"{name}: {value}" for name, value in item.fields.items())]
    said = [one[:MAX_ITEM_LETTERS] for one in said if one.strip()]
    if not said:
        return []
    longest_word = max(len(word) for one in said for word in one.split())
    width, height = _sides(quad)

    def wrapped(letters: int) -> list[str]:
        return [row for one in said for row in textwrap.wrap(one, letters)]

    def size(letters: int) -> float:
        kept = 1.0 if letters >= longest_word else WORTH_BREAKING
        return kept * min(width / letters / LETTER_WIDTH, height / len(wrapped(letters)))

    tried = {round(letters) for letters in np.geomspace(1, max(map(len, said)), 24)}
    texts = wrapped(max(sorted(tried), key=size))
    ends = np.linspace(0, 1, len(texts) + 1)[:, None]
    left, right = quad[0] + (quad[3] - quad[0]) * ends, quad[1] + (quad[2] - quad[1]) * ends
    corners = zip(left, right, right[1:], left[1:], strict=False)
    return [(np.array(row), text) for row, text in zip(corners, texts, strict=True)]


def _frame(
    canvas: Image,
    quads: list[NDArray[np.float64]],
    colours: Sequence[tuple[int, int, int]],
    thickness: int,
    opacity: float,
) -> None:
    filled = canvas.copy()
    outlines = [np.round(quad * 16).astype(np.int32) for quad in quads]  # 4 bits below the point
    for outline, colour in zip(outlines, colours, strict=True):
        cv2.fillPoly(filled, [outline], colour, cv2.LINE_AA, 4)
    cv2.addWeighted(filled, opacity, canvas, 1 - opacity, 0, canvas)
    if thickness > 0:
        for outline, colour in zip(outlines, colours, strict=True):
            cv2.polylines(canvas, [outline], True, colour, thickness, cv2.LINE_AA, 4)


def _letter(paper: Image, quad: NDArray[np.float64], text: str, lettering: Lettering) -> None:
    """Draw the text into its box, turned as the box is."""
    draw = lettering.draw
    if _is_column(quad, text):
        draw = lettering.draw_column
        # If the text runs downwards, its letters are upright in the picture.
        if quad[1][1] - quad[0][1] > abs(quad[1][0] - quad[0][0]):
            quad = np.roll(quad, 1, axis=0)
    width, height = _sides(quad)
    if width < 2 or height < 2 or not text.strip():
        return
    text = text[:MAX_LETTERS]
    # No letter is narrower than a fifth of the font's size: a larger font could not fit anyway.
    size = min(0.74 * height, 0.74 * width, 5 * max(width, height) / len(text))
    mask = draw(text, int(np.clip(size, 6, 300)))
    tall, wide = mask.shape
    room = width - min(0.16 * height, 0.1 * width)
    scale = min(height / tall, room / (wide * STRETCH[0]))
    half_wide = min(room, wide * scale * STRETCH[1]) / 2
    left, right = width / 2 - half_wide, width / 2 + half_wide
    top, bottom = (height - tall * scale) / 2, (height + tall * scale) / 2
    box = [(left, top), (right, top), (right, bottom), (left, bottom)]
    upright = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    place = cv2.getPerspectiveTransform(upright, quad.astype(np.float32))
    target = cv2.perspectiveTransform(np.array([box], np.float64), place)[0]
    _stamp(paper, mask, target.astype(np.float32))


def _is_column(quad: NDArray[np.float64], text: str) -> bool:
    """Whether the text is a column of Chinese, Japanese or Korean characters."""
    width, height = np.ptp(quad, axis=0)
    upright = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return bool(height > 1.5 * width and 2 * upright > len(text) > 1)


def _stamp(paper: Image, mask: NDArray[np.uint8], target: NDArray[np.float32]) -> None:
    """Print the mask in ink, with its corners at `target` (4, 2)."""
    low = np.clip(np.floor(target.min(axis=0)).astype(int), 0, None)
    high = np.minimum(np.ceil(target.max(axis=0)).astype(int) + 1, paper.shape[1::-1])
    if (high <= low).any():
        return
    tall, wide = mask.shape
    corners = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)], np.float32)
    move = cv2.getPerspectiveTransform(corners, (target - low).astype(np.float32))
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    alpha = cv2.warpPerspective(mask, move, size, flags=cv2.INTER_AREA)[..., None] / 255.0
    part = paper[low[1] : high[1], low[0] : high[0]]
    part[:] = np.round(part * (1 - alpha) + np.array(INK) * alpha).astype(np.uint8)


def _sides(quad: NDArray[np.float64]) -> tuple[float, float]:
    """The mean length of a quad's sides along the text, and of those across it."""
    along = np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])
    across = np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])
    return float(along) / 2, float(across) / 2


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write {printable(str(path))}: {error.strerror or error}",
        "Give --overlay a folder that can be written, on a disk with space.",
    )
