"""A contact sheet of drawn pictures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from ocrx.errors import OutputError
from ocrx.system.text import printable
from ocrx.types import Image
from ocrx_training.synth.drawing import Drawn

ROW, GAP, WIDTH = 44, 6, 1160
GROUND = 250


def contact_sheet(drawn: Iterable[Drawn]) -> Image:
    """The pictures in rows of one height, RGB. Wide ones are made narrower than a row."""
    rows: list[list[Image]] = [[]]
    used = 0
    for one in drawn:
        height, width = one.picture.shape[:2]
        wide = min(max(1, round(width * ROW / height)), WIDTH - 2 * GAP)
        how = cv2.INTER_AREA if height > ROW else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(one.picture, (wide, ROW), interpolation=how), np.uint8)
        if rows[-1] and used + wide + GAP > WIDTH - GAP:
            rows.append([])
            used = 0
        rows[-1].append(picture)
        used += wide + GAP
    sheet = np.full((len(rows) * (ROW + GAP) + GAP, WIDTH, 3), GROUND, np.uint8)
    for number, row in enumerate(rows):
        top, left = GAP + number * (ROW + GAP), GAP
        for picture in row:
            sheet[top : top + ROW, left : left + picture.shape[1]] = picture
            left += picture.shape[1] + GAP
    return sheet


def save_sheet(sheet: Image, path: Path) -> None:
    """Write the sheet in the format of the path's suffix. Raises OutputError if that fails."""
    name = printable(str(path))
    try:
        done, data = cv2.imencode(path.suffix or ".png", sheet[..., ::-1])
    except cv2.error as error:
        raise OutputError(
            f"cannot write {name}: no picture format is called {path.suffix!r}",
            "End it in .png or .jpg.",
        ) from error
    if not done:
        raise OutputError(f"cannot write {name}: it cannot be encoded", "End it in .png or .jpg.")
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise OutputError(
            f"cannot write {name}: {error.strerror or error}", "Give a file that can be written."
        ) from error
