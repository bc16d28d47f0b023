"""Pictures from files, folders and cameras."""

from pathlib import Path
from typing import Any, Iterator, List, Optional, Tuple, Union

import cv2
import numpy as np

from ocrx_bundle.device.engines import Array, CannotRun

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
CSI = (
    "nvarguscamerasrc ! video/x-raw(memory:NVMM), width={0}, height={1}, framerate=30/1 ! "
    "nvvidconv ! video/x-raw, format=BGRx ! videoconvert ! video/x-raw, format=BGR ! "
    "appsink drop=true max-buffers=1"
)
"""What GStreamer does for a camera on the board's own connector."""


def files_of(places: List[str]) -> List[Path]:
    """The pictures that are named, and those in the folders that are named."""
    found = []
    for place in map(Path, places):
        if place.is_dir():
            some = sorted(one for one in place.iterdir() if one.suffix.lower() in SUFFIXES)
            if not some:
                raise CannotRun(f"there are no pictures in {place}")
            found += some
        else:
            found.append(place)
    return found


def load(path: Path) -> Array:
    """The picture in a file, RGB uint8 (H, W, 3), upright as its EXIF says, on white where it is
    transparent."""
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}") from error
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if picture is None:
        raise CannotRun(f"{path} is no picture that OpenCV reads")
    whole = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if whole is not None and whole.ndim == 3 and whole.shape[2] == 4 and whole.dtype == np.uint8:
        alpha = whole[:, :, 3:].astype(np.float32) / 255
        picture = np.rint(whole[:, :, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return np.ascontiguousarray(picture[:, :, ::-1])


def frames(camera: str, size: Optional[Tuple[int, int]], most: int) -> Iterator[Array]:
    """The pictures of a camera, RGB uint8: a number for /dev/videoN, `csi` for one on the board's
    own connector, or a GStreamer pipeline. `size` is (width, height); 0 for `most` never ends."""
    width, height = size or (640, 480)
    where: Union[int, str] = int(camera) if camera.isdigit() else camera
    if camera == "csi":
        where = CSI.format(width, height)
    video = cv2.VideoCapture(where) if isinstance(where, int) else _streamed(where)
    if not video.isOpened():
        raise CannotRun(f"the camera {camera} cannot be opened")
    if isinstance(where, int) and size:
        video.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        video.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    count = 0
    try:
        while not most or count < most:
            taken, frame = video.read()
            if not taken and (isinstance(where, int) or camera == "csi"):
                raise CannotRun(f"the camera {camera} gives no more pictures")
            if not taken:
                break
            count += 1
            yield np.ascontiguousarray(frame[:, :, ::-1])
    finally:
        video.release()


def _streamed(where: str) -> Any:
    """What is named by a path or an address is opened as a video, anything else as a pipeline."""
    is_video = Path(where).is_file() or "://" in where
    return cv2.VideoCapture(where, cv2.CAP_ANY if is_video else cv2.CAP_GSTREAMER)
