"""Opens a model's files on a runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ocrx.artifacts import Artifact
from ocrx.errors import BackendError
from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.networks.parts import Opened, Parts


class Opener:
    """Each call opens the artifacts of a model, one for each network, by `open_one`.

    A call raises what `open_one` raises, and BackendError if a file has changed since the opener
    was made: all sessions of a model must have the same weights.
    """

    def __init__(
        self,
        artifacts: Mapping[str, Artifact],
        open_one: Callable[[Artifact, SessionOptions], Session],
    ) -> None:
        self._artifacts = artifacts
        self._open_one = open_one
        self._stamps = {name: _stamp(artifact.path) for name, artifact in artifacts.items()}

    def __call__(self, options: SessionOptions) -> Opened:
        if "" in self._artifacts:
            return self._opened("", options)
        return Parts.open({name: partial(self._opened, name, options) for name in self._artifacts})

    def _opened(self, name: str, options: SessionOptions) -> Session:
        artifact = self._artifacts[name]
        if _stamp(artifact.path) != self._stamps[name]:
            raise BackendError(
                f"{artifact.path} has changed since it was first opened",
                "Open a new reader to use it.",
            )
        return self._open_one(artifact, options)


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What tells the file from another in its place; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
