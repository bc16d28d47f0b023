"""From a scene to a photograph: geometry, light, lens, sensor, and the file it is kept in.

Everything depends on the severity, 0 to 1, and is limited so that a person could
still read the text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.types import Image, Quad
from ocrx_training.synth.canvas import blended, blurred, dimmed, size_of
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.kinds.studio import Box, Scene
from ocrx_training.synth.textures import texture

LEAST = 7.0
"""Pixels that capitals are high at least, times the detail of their marks: smaller ones cannot be
told apart. Strokes of ink are a seventh of a capital, so that each has a pixel."""

LEAST_CONTRAST = 46
"""Levels between strokes and what is around them: less could not be read."""

WIDEST = 2048
"""Pixels of a picture's width. Longer lines get lower."""


@dataclass(frozen=True)
class Shot:
    """A photograph, and the corners of its text, clockwise from the text's top left, in pixels."""

    picture: Image
    quad: Quad


def photograph(dice: Dice, scene: Scene, height: int, severity: float) -> Shot:
    """The scene, `height` pixels high (more if its text needs it), as hard to read as asked."""
    shot = _framed(dice, scene, height, severity)
    tall = float(np.linalg.norm(shot.quad[3] - shot.quad[0]))
    fine = tall / scene.detail
    picture = _light(dice, shot.picture, severity)
    if dice.chance(0.35 * severity):
        picture = _covered(dice, picture, shot.quad, severity)
    picture = _lens(dice, picture, fine, severity)
    picture = _sensor(dice, picture, tall, severity)
    if dice.chance(0.15 + 0.4 * severity):
        picture = _resampled(dice, picture, fine, severity)
    if dice.chance(0.3 + 0.5 * severity):
        picture = _compressed(picture, int(95 - 75 * severity * dice.share()))
    return Shot(picture, shot.quad)


def _framed(dice: Dice, scene: Scene, height: int, severity: float) -> Shot:
    """The part of the scene that a finder would cut out, seen at an angle."""
    inner = scene.frame if scene.frame and dice.chance(0.7) else scene.box
    view = _view(dice, scene, severity)
    margins = _margins(dice, scene, scene.frame is inner)
    corners = _project(view, _corners(inner))
    low, high = corners.min(axis=0), corners.max(axis=0)
    text = scene.box[3] - scene.box[1]
    low = low - np.array((margins[0], margins[1])) * text
    high = high + np.array((margins[2], margins[3])) * text
    least = LEAST * scene.detail / text
    factor = min(max(height / (high[1] - low[1]), least), WIDEST / (high[0] - low[0]))
    width, tall = (max(4, round(float(side) * factor)) for side in high - low)
    move = np.array(
        [[factor, 0, -low[0] * factor], [0, factor, -low[1] * factor], [0, 0, 1]], np.float64
    )
    matrix = move @ view
    picture, size = scene.picture, (width, tall)
    if factor < 0.6:  # average before sampling, or thin strokes vanish
        shrink = max(factor, 0.05)
        small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        scale = np.diag([picture.shape[1] / small.shape[1], picture.shape[0] / small.shape[0], 1.0])
        picture, matrix = np.asarray(small, np.uint8), matrix @ scale
    else:
        scale = np.eye(3)
    quad = _project(matrix @ np.linalg.inv(scale), _corners(scene.box))
    if dice.chance(0.3 * severity):
        bend = dice.between(-0.28, 0.28) * severity * tall
        picture = _bent(picture, matrix, size, bend, dice.between(0, 0.5) * severity)
    else:
        flat = cv2.warpPerspective(
            picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
        picture = np.asarray(flat, np.uint8)
    return Shot(picture, quad.astype(np.float32))


def _view(dice: Dice, scene: Scene, severity: float) -> NDArray[np.float64]:
    """The homography of a camera that is turned and tilted, around the middle of the text."""
    left, top, right, bottom = scene.box
    wide, tall = right - left, bottom - top
    # A long line that is turned far needs a crop that is mostly something else.
    steepest = min(22.0, 10 + 70 * tall / wide) * severity
    turn = math.radians(dice.between(-1, 1) * steepest * dice.share() ** 0.5)
    shear = dice.between(-0.35, 0.35) * severity * dice.share()
    squeeze = 1 - dice.between(0, 0.45) * severity * dice.share()
    reach = 0.55 * severity / max(wide, 2 * tall)
    slant = dice.between(-reach, reach), dice.between(-reach, reach) * 0.5
    middle = np.array([[1, 0, -(left + right) / 2], [0, 1, -(top + bottom) / 2], [0, 0, 1]])
    cos, sin = math.cos(turn), math.sin(turn)
    rotation = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    plane = np.array([[squeeze, shear, 0], [0, 1, 0], [slant[0], slant[1], 1]])
    view: NDArray[np.float64] = rotation @ plane @ middle
    return view


def _margins(dice: Dice, scene: Scene, framed: bool) -> tuple[float, float, float, float]:
    """What a finder leaves around the text at the left, top, right and bottom, in text heights."""
    if framed:
        loose = dice.between(-0.05, 0.6) * dice.share() ** 0.5
    else:
        loose = dice.pick(
            (dice.between(-0.02, 0.12), dice.between(0.05, 0.3), dice.between(0.2, 0.7))
        )
    each = [max(-0.03, loose * dice.between(0.5, 1.5)) for _ in range(4)]
    return each[0] * 1.4, each[1], each[2] * 1.4, each[3]


def _corners(box: Box) -> NDArray[np.float64]:
    left, top, right, bottom = box
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


def _project(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    projected: NDArray[np.float64] = flat[:, :2] / flat[:, 2:]
    return projected


def _bent(
    picture: Image, matrix: NDArray[np.float64], size: tuple[int, int], bend: float, roll: float
) -> Image:
    """The view of a surface that is bent around an axis across the line: `bend` is how far the
    line's ends are above its middle, in pixels, `roll` how much narrower they are."""
    width, height = size
    xs = np.linspace(-1, 1, width, dtype=np.float32)
    rolled = xs * (1 + roll * xs * xs) / (1 + roll)
    columns = (rolled + 1) / 2 * (width - 1)
    rows = np.arange(height, dtype=np.float32)[:, None] + np.float32(bend) * (xs * xs - 0.33)
    inverse = np.linalg.inv(matrix).astype(np.float32)
    grid_x = np.broadcast_to(columns.astype(np.float32), rows.shape)
    depth = inverse[2, 0] * grid_x + inverse[2, 1] * rows + inverse[2, 2]
    map_x = (inverse[0, 0] * grid_x + inverse[0, 1] * rows + inverse[0, 2]) / depth
    map_y = (inverse[1, 0] * grid_x + inverse[1, 1] * rows + inverse[1, 2]) / depth
    bent = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(bent, np.uint8)


def _light(dice: Dice, picture: Image, severity: float) -> Image:
    """A slope of light, a shadow, glare."""
    height, width = picture.shape[:2]
    shares = [1 - dice.share() * 0.75 * severity for _ in range(4)]
    field = np.array(shares, np.float32).reshape(2, 2) * np.float32(255)
    mask = np.asarray(cv2.resize(field, (width, height)), np.uint8)
    if dice.chance(0.35 * severity):
        mask = np.minimum(mask, _shadow(dice, height, width, severity))
    picture = np.asarray(
        cv2.multiply(picture, cv2.merge((mask, mask, mask)), scale=1 / 255), np.uint8
    )
    if dice.chance(0.3 * severity):
        glare = np.zeros((height, width), np.uint8)
        centre = int(dice.between(0, width)), int(dice.between(0, height))
        axes = int(height * dice.scale(0.3, 2)), int(height * dice.scale(0.1, 0.6))
        cv2.ellipse(glare, centre, axes, dice.between(0, 180), 0, 360, 255, -1)
        glare = blurred(glare, max(0.8, height * dice.between(0.1, 0.4)))
        bright = dimmed(np.asarray(glare, np.uint8), dice.between(0.3, 0.6) * severity**0.5)
        picture = blended(picture, (255.0, 255.0, 250.0), bright)
    return picture


def _shadow(dice: Dice, height: int, width: int, severity: float) -> Image:
    """A mask of what light is left by something with a straight edge."""
    depth = int(255 * (1 - dice.between(0.25, 0.7) * severity**0.5))
    mask = np.full((height, width), 255, np.uint8)
    x, lean = dice.between(0, width), dice.between(-2, 2) * height
    end = width if dice.chance(0.5) else 0
    corners = np.array([(x, 0), (end, 0), (end, height), (x + lean, height)], np.int32)
    cv2.fillPoly(mask, [corners], depth)
    return np.asarray(blurred(mask, max(0.6, height * dice.between(0.01, 0.2))))


def _covered(dice: Dice, picture: Image, quad: Quad, severity: float) -> Image:
    """Scratches, dirt, or something that hides the upper or lower edge of the text."""
    height, width = picture.shape[:2]
    tall = float(np.linalg.norm(quad[3] - quad[0]))
    tone = dice.pick((dice.between(0, 60), dice.between(190, 255)))
    mask = np.zeros((height, width), np.uint8)
    kind = dice.whole(0, 2)
    if kind == 0:
        for _ in range(dice.whole(1, 4)):
            start = int(dice.between(0, width)), int(dice.between(0, height))
            end = int(start[0] + dice.between(-2, 2) * tall), int(dice.between(0, height))
            cv2.line(mask, start, end, 255, max(1, int(tall * 0.04)), cv2.LINE_AA)
    elif kind == 1:
        specks = texture("specks", (height, width), dice, dice.scale(0.5, 1.5))
        mask = np.asarray(cv2.threshold(specks, 150, 255, cv2.THRESH_BINARY)[1], np.uint8)
    else:
        share = dice.between(0.03, 0.14) * severity
        edge = quad[:2] if dice.chance(0.5) else quad[2:]
        inward = (quad[3] - quad[0]) * (share if edge[0, 1] == quad[0, 1] else -share)
        outward = -np.sign(inward[1]) * 2 * height
        points = np.concatenate([edge + inward, (edge + inward + (0, outward))[::-1]])
        cv2.fillPoly(mask, [points.astype(np.int32)], 255, cv2.LINE_AA)
    return blended(picture, (tone, tone * 0.97, tone * 0.92), dimmed(mask, dice.between(0.5, 1)))


def _lens(dice: Dice, picture: Image, fine: float, severity: float) -> Image:
    """Out of focus, or moved. Blur is limited to a part of a stroke's width; `fine` is how high
    the text would be if its strokes were as fine as its details."""
    widest = 0.07 * fine * severity
    if dice.chance(0.55):
        sigma = widest * dice.share()
        if sigma > 0.3:
            picture = blurred(picture, sigma)
    elif dice.chance(0.4):
        length = 3.2 * widest * dice.share()
        if length > 1.5:
            picture = _moved(picture, length, dice.between(0, math.pi))
    return picture


def _moved(picture: Image, length: float, angle: float) -> Image:
    """Motion blur over `length` pixels."""
    size = int(length) // 2 * 2 + 3
    kernel = np.zeros((size, size), np.float32)
    middle = (size - 1) / 2
    step = length / 2 * np.array([math.cos(angle), math.sin(angle)])
    start, end = (tuple(((middle + way * step) * 16).astype(int).tolist()) for way in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_AA, 4)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)


def _sensor(dice: Dice, picture: Image, tall: float, severity: float) -> Image:
    """Exposure, contrast, colour and noise. A flat picture is stretched to LEAST_CONTRAST, as a
    camera's automatic exposure does."""
    if dice.chance(0.25):
        picture = _grey(picture)
    low, spread = _levels(picture, tall)
    gain = 1 - dice.share() ** 1.5 * severity * 0.85
    gain = max(gain, min(5.0, LEAST_CONTRAST / spread))
    level = 255 - spread * gain
    base = level * dice.share() if dice.chance(0.4 * severity) else min(low * gain, level)
    balance = [1 + dice.between(-0.12, 0.12) * severity for _ in range(3)]
    values = np.arange(256, dtype=np.float32)
    gamma = dice.scale(1 - 0.4 * severity, 1 + 0.6 * severity)
    curve = 255 * (np.clip((values - low) * gain + base, 0, 255) / 255) ** gamma
    table = np.clip(curve[:, None] * np.array(balance, np.float32), 0, 255).astype(np.uint8)
    picture = np.asarray(cv2.LUT(picture, table[None]), np.uint8)
    strength = dice.share() ** 1.5 * severity * min(24.0, 0.2 * spread * gain)
    if strength > 0.8:
        picture = _noisy(dice, picture, strength)
    return picture


def _grey(picture: Image) -> Image:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))


def _levels(picture: Image, tall: float) -> tuple[float, float]:
    """Nearly the darkest value, and the contrast of strokes against what is around them."""
    green = np.ascontiguousarray(picture[..., 1])
    size = max(3, int(tall) | 1)
    local = cv2.addWeighted(green, 1, cv2.blur(green, (size, size)), -1, 0, dtype=cv2.CV_16S)
    counts = np.cumsum(np.bincount(local[::2, ::2].ravel() + 256, minlength=512))
    low, high = np.searchsorted(counts, (counts[-1] * 0.04, counts[-1] * 0.96))
    few = green[::3, ::3].ravel()
    dark = np.partition(few, len(few) // 30)[len(few) // 30]
    return float(dark), max(1.0, float(high - low))


def _noisy(dice: Dice, picture: Image, strength: float) -> Image:
    """With noise of that standard deviation, the same or another in each colour."""
    first = texture("grain", size_of(picture), dice, dice.scale(1, 1.6))
    planes = [first] * 3
    if dice.chance(0.6):
        planes = [
            first,
            texture("grain", size_of(picture), dice),
            texture("grain", size_of(picture), dice),
        ]
    alpha = strength / 40
    noise = cv2.merge(planes)
    return np.asarray(cv2.addWeighted(picture, 1, noise, alpha, -128 * alpha), np.uint8)


def _resampled(dice: Dice, picture: Image, fine: float, severity: float) -> Image:
    """Made smaller and larger again, or sharpened, as software between camera and reader does."""
    height, width = picture.shape[:2]
    if dice.chance(0.7):
        factor = max(1 - dice.share() * 0.75 * severity, min(1.0, (LEAST + 2) / fine))
        size = max(2, round(width * factor)), max(2, round(height * factor))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        how = dice.pick((cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST))
        if how == cv2.INTER_NEAREST and factor < 0.5:
            how = cv2.INTER_LINEAR
        return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)
    soft = blurred(picture, 1.2)
    amount = dice.between(0.3, 1.8)
    return np.asarray(cv2.addWeighted(picture, 1 + amount, soft, -amount, 0), np.uint8)


def _compressed(picture: Image, quality: int) -> Image:
    done, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError("OpenCV cannot encode a JPEG")
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])
