"""Reads a picture of a single line: encoding, the network, greedy or pattern decoding."""

import math
from typing import Any, Dict, List, Optional, Tuple

import cv2
import numpy as np

from ocrx_bundle.device.engines import Array, Engine
from ocrx_bundle.device.pattern import Pattern

LIKELY_SPACE, ENOUGH_SPACE, SUSPECTED_SPACE = 0.45, 0.2, 0.01
TIGHT = set("()[]{}.,\\")
BEFORE_NUMBERS, BETWEEN = set("<>±≤≥~"), set("/#%+=≠&")

Reading = Tuple[str, List[float], Optional[bool]]
"""A text, the score of each character, and whether it matches the pattern; None if there is
none."""


class LineReader:
    """A recogniser. `about` is its part of bundle.json; `pattern` is what codes look like, if that
    is known."""

    def __init__(self, engine: Engine, about: Dict[str, Any], pattern: Optional[Pattern]) -> None:
        self.engine = engine
        self._about = about
        self._pattern = pattern

    def read(self, crop: Array) -> Reading:
        """The text of a crop, RGB uint8 (H, W, 3). It is read without the pattern if nothing that
        matches that is likely."""
        values = self.engine.run(line_input(crop, self._about))[0]
        values = np.exp(values) if self._about["log"] else values
        if self._pattern is not None:
            found = self._pattern.decode(values)
            if found is not None:
                return (*found, True)
        free = greedy(values, self._about["charset"])
        return (*free, None if self._pattern is None else False)

    def read_alone(self, picture: Array) -> Reading:
        """The text of a picture that shows one line. If it is doubtful, or there is much room
        around the line, the line is cut out and read again, and the better reading stays."""
        look = self._about["second_look"]
        read = self.read(picture)
        start, end = line_rows(picture, look)
        loose = end - start < look["loose"] * len(picture)
        if loose or (is_doubtful(read, look["doubtful"]) and end - start < len(picture)):
            left, right = line_columns(picture[start:end], look)
            again = self.read(np.ascontiguousarray(picture[start:end, left:right]))
            read = again if certainty(again) > certainty(read) else read
        return read


def bucket(length: int, widths: Dict[str, int]) -> int:
    """The width of the input for a line of that width: the smallest bucket that holds it."""
    length = min(max(length, widths["minimum"]), widths["maximum"])
    step, limit = widths["step"], max(widths["typical"], widths["step"])
    while limit < length:
        step, limit = step * 2, limit * 2
    return min(-(-length // step) * step, widths["maximum"])


def line_input(crop: Array, about: Dict[str, Any]) -> Array:
    """The input for a crop, float32 (1, 3, height, width)."""
    height, widths = about["height"], about["widths"]
    exact = crop.shape[1] * height / crop.shape[0]
    content = math.ceil(exact) if about["rounding"] == "up" else round(exact)
    content = max(about["least_width"], content)
    width = bucket(content, widths)
    content = min(content, width)
    feed = np.full((1, 3, height, width), about["pad"], dtype=np.float32)
    reduced = about["averaged"] and crop.shape[0] > height
    how = cv2.INTER_AREA if reduced else cv2.INTER_LINEAR
    resized = cv2.resize(crop, (content, height), interpolation=how)
    feed[0, :, :, :content] = numbers(resized, about["pixels"])
    return feed


def numbers(picture: Array, pixels: Dict[str, Any]) -> Array:
    """The pixels of a picture, RGB uint8 (H, W, 3), as float32 (3, H, W)."""
    ordered = picture[:, :, ::-1] if pixels["channels"] == "BGR" else picture
    found = ordered.transpose(2, 0, 1).astype(np.float32)
    for number, (scale, shift) in enumerate(zip(pixels["scale"], pixels["shift"])):
        found[number] *= scale
        found[number] -= shift
    return found


def greedy(values: Array, charset: List[str]) -> Tuple[str, List[float]]:
    """The best class of each step without repeats and blanks; a character's score is that of the
    step where it begins (Graves et al., 2006). `values` are probabilities, (steps, classes)."""
    classes, scores = values.argmax(axis=1), values.max(axis=1)
    if " " in charset:
        add_spaces(classes, scores, values, charset)
    begins = np.flatnonzero(np.concatenate([classes[:1] != 0, np.diff(classes) != 0]))
    kept = [at for at in begins.tolist() if classes[at]]
    return "".join(charset[classes[at] - 1] for at in kept), [float(scores[at]) for at in kept]


def add_spaces(classes: Array, scores: Array, values: Array, charset: List[str]) -> None:
    """Read a space between two characters if its probability, added up over the blanks between
    them, is that of `_least`."""
    space = charset.index(" ") + 1
    begins = np.flatnonzero(np.diff(np.concatenate([[0], classes])) != 0).tolist()
    for begin, end in zip(begins, begins[1:]):
        if classes[begin] or space in (classes[begin - 1], classes[end]):
            continue
        found = values[begin:end, space]
        if found.sum() >= _least(charset[classes[begin - 1] - 1], charset[classes[end] - 1]):
            step = begin + int(found.argmax())
            classes[step], scores[step] = space, min(1.0, float(found.sum()))


def _least(left: str, right: str) -> float:
    """ENOUGH_SPACE; LIKELY_SPACE between letters and beside what is TIGHT; SUSPECTED_SPACE between
    a sign and its number, and beside a sign that joins two."""
    if left in BEFORE_NUMBERS and right.isdecimal():
        return SUSPECTED_SPACE
    if (left in BETWEEN and right.isalnum()) or (right in BETWEEN and left.isalnum()):
        return SUSPECTED_SPACE
    letters = left.isalpha() and right.isalpha()
    tight = letters or {left, right} & TIGHT or right in ":;!?"
    return LIKELY_SPACE if tight else ENOUGH_SPACE


def certainty(read: Reading) -> float:
    """The mean score of the characters other than white space; 0 if there are none."""
    scores = [score for char, score in zip(*read[:2]) if not char.isspace()]
    return sum(scores) / len(scores) if scores else 0.0


def is_doubtful(read: Reading, least: float) -> bool:
    """Whether a character other than white space scores less, or there is none."""
    return min([s for char, s in zip(*read[:2]) if not char.isspace()] or [0.0]) < least


def line_rows(crop: Array, look: Dict[str, float]) -> Tuple[int, int]:
    """The first row of the line of text in a crop, and the row after its last: the strongest
    stretch of rows with edges in reading direction. All rows if none stand out."""
    height, width = crop.shape[:2]
    if height < look["least_height"] or width < 2:
        return 0, height
    grey = cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY)
    edges = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    strength = cv2.reduce(edges, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    strength = cv2.blur(strength, (1, 2 * max(1, height // 24) + 1))[:, 0]
    ordered = np.sort(strength)
    least = float(ordered[height // 20])
    most = max(float(ordered[height * 9 // 10]), float(ordered[-1]) / 2)
    rows = np.flatnonzero(strength > least + look["strokes"] * (most - least))
    if not len(rows):
        return 0, height
    gaps = np.flatnonzero(np.diff(rows) > max(1, height // 16)) + 1
    line = max(np.split(rows, gaps), key=lambda run: float(strength[run].sum()))
    start, end = int(line[0]), int(line[-1]) + 1
    margin = round((end - start) * look["margin"])
    return max(0, start - margin), min(height, end + margin)


def line_columns(rows: Array, look: Dict[str, float]) -> Tuple[int, int]:
    """The first column of a line of text with its room, and the column after that; all columns if
    no side is wide."""
    height, width = rows.shape[:2]
    if height < look["least_height"] or width < height:
        return 0, width
    grey = cv2.blur(cv2.cvtColor(np.ascontiguousarray(rows), cv2.COLOR_RGB2GRAY), (3, 3))
    spread = np.ptp(grey, axis=0)
    least, most = float(np.sort(spread)[width // 20]), float(spread.max())
    inked = np.flatnonzero(spread > least + look["inked"] * (most - least))
    if not len(inked):
        return 0, width
    room = round(look["side"] * height)
    start, end = int(inked[0]), int(inked[-1]) + 1
    return start - room if start > 2 * room else 0, end + room if width - end > 2 * room else width
