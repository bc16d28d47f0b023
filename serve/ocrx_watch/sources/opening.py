"""From what a user types to a source."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
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
    """A folder, a camera's number or URL, or a video file. `existing` is of folders, `size` of
    cameras of this machine, `patience` of cameras, `every` of cameras and videos.

    Raises InputError, and UsageError for what the source has no use for.
    """
    scheme = scheme_of(place)
    if scheme and scheme not in SCHEMES:
        raise UsageError(
            f"{without_secrets(place)} is no camera", f"Known are {', '.join(SCHEMES)}."
        )
    path = Path(place)
    asked = {
        "--existing": existing,
        "--size": size is not None,
        "--every": every > 1,
        "--reconnect": 0 < patience < math.inf,  # without end is the default
    }
    if not scheme and path.is_dir():
        _check(asked, "a folder", {"--existing"})
        return Folder(path, existing)
    if scheme:
        _check(asked, "a camera of the network", {"--every", "--reconnect"})
        return Camera(place, None, every, patience)
    if place.isdecimal() and not path.exists():
        _check(asked, "a camera", {"--size", "--every", "--reconnect"})
        return Camera(place, size, every, patience)
    _check(asked, "a video", {"--every"})
    return Video(path, every)


def _check(asked: Mapping[str, bool], what: str, known: Collection[str]) -> None:
    for option, given in asked.items():
        if given and option not in known:
            raise UsageError(f"{what} has no use for {option}", "Leave it out.")
