"""The devices that OpenCV runs on here."""

from __future__ import annotations

import cv2

from ocrx_opencv.cuda import open_cuda
from ocrx_opencv.library import Library
from ocrx_opencv.processor import Processor


def library(device: str) -> Library:
    """OpenCV on "cpu", "cuda" or "cuda:N". Raises DeviceMissing if there is no such device."""
    if device == "cpu":
        return Processor()
    return open_cuda(cv2.cuda, int(device.partition(":")[2] or 0))
