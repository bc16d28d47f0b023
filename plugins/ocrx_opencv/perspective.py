"""Straightens out the sheet of paper in a photograph."""

from __future__ import annotations

import cv2
import numpy as np

from ocrx.page.geometry import quad_size, rectangle
from ocrx.types import Image
from ocrx_opencv.library import Matrix
from ocrx_opencv.retouch import Warp
from ocrx_opencv.settings import PerspectiveOptions
from ocrx_opencv.sheet import find_sheet


class Perspective(Warp):
    """Cuts a sheet out along its four sides, as if seen from straight above. A picture in which no
    sheet is found is returned as it is."""

    name = "perspective"

    def __init__(self, options: PerspectiveOptions) -> None:
        super().__init__(options.device)
        self._least = options.least

    def _moved(self, image: Image) -> tuple[Image, Matrix]:
        sheet = find_sheet(image, self._least)
        if sheet is None:
            return image, np.eye(3)
        size = tuple(max(1, round(side)) for side in quad_size(sheet))
        back = cv2.getPerspectiveTransform(rectangle(*size), sheet)
        return self._warped(image, np.asarray(back, np.float64), size)
