"""From what a user types to a source."""

from __future__ import annotations

from pathlib import Path

from ocrx.errors import UsageError
from ocrx_watch.sources.capture import Camera, Video
from ocrx_watch.sources.folder import Folder
from ocrx_watch.sources.source import Source
from ocrx_watch.urls import scheme_of, without_secrets

SCHEMES = ("rtsp", "rtsps", "rtmp", "http", "https", "udp", "tcp", "rtp")
"""Of cameras of the network."""


def open_source(
    place: str,
    *,
    existing: bool = False,
    size: tuple[int, int] | None = None,
    every: int = 1,
    patience: float = 0.0,
) -> Source:
    """A folder, a camera's number or URL, or a video file. `existing` is of folders, `size` and
    `patience` of cameras, `every` of cameras and videos. Raises InputError, UsageError."""
    scheme = scheme_of(place)
    if scheme and scheme not in SCHEMES:
        raise UsageError(
            f"{without_secrets(place)} is no camera", f"Known are {', '.join(SCHEMES)}."
        )
    path = Path(place)
    if not scheme and path.is_dir():
        return Folder(path, existing)
    if scheme or (place.isdecimal() and not path.exists()):
        return Camera(place, size, every, patience)
    return Video(path, every)
