"""Finds the two files of a Paddle model: the network and its parameters.

A path to a model may be the network (`inference.json`, or Paddle 2's `inference.pdmodel`) with its
parameters (`inference.pdiparams`) beside it, the folder that holds both, or a tar of that folder,
as PaddleOCR publishes them.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

NETWORKS = (".json", ".pdmodel")
PARAMETERS = ".pdiparams"
USUAL = "inference"
"""The name that PaddleOCR gives its files."""


class NotFound(ValueError):
    """There is no Paddle model where one was expected."""


@contextmanager
def network_of(path: Path) -> Iterator[Path]:
    """The network's file, with its parameters, if any, beside it. Out of an archive it exists only
    while the block runs.

    Raises NotFound, OSError or tarfile.TarError.
    """
    if path.is_dir():
        yield _only(path)
    elif tarfile.is_tarfile(path):
        with tempfile.TemporaryDirectory(prefix="ocrx-paddle-") as folder:
            _unpack(path, Path(folder))
            yield _only(Path(folder))
    else:
        yield path


def parameters_of(network: Path) -> Path:
    """Where the network's parameters lie, if it has any."""
    return network.with_suffix(PARAMETERS)


def _only(folder: Path) -> Path:
    """The folder's network, which of several is the one called `inference`. Raises NotFound."""
    found = sorted(
        path
        for path in folder.iterdir()
        if path.suffix in NETWORKS and parameters_of(path).is_file()
    )
    usual = [path for path in found if path.stem == USUAL]
    if not found or len(usual or found) > 1:
        names = ", ".join(path.name for path in usual or found)
        raise NotFound(
            f"it holds {'several networks: ' + names if names else 'no network with parameters'}"
        )
    return (usual or found)[0]


def _unpack(archive: Path, folder: Path) -> None:
    """Copy the archive's networks and parameters into `folder`.

    Only the last part of each name is used, so an archive cannot write anywhere else. Raises
    NotFound if two files have the same name.
    """
    with tarfile.open(archive) as opened:
        for member in opened:
            name = PurePosixPath(member.name).name
            wanted = PurePosixPath(name).suffix in (*NETWORKS, PARAMETERS)
            content = opened.extractfile(member) if wanted and member.isfile() else None
            if content is None:
                continue
            if (folder / name).exists():
                raise NotFound(f"it holds several files called {name}")
            with content, (folder / name).open("wb") as target:
                shutil.copyfileobj(content, target)
