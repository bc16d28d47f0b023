"""Where the two files of a Paddle model are: the network, and its parameters.

A model is named by its network (`inference.json`, or `inference.pdmodel` as Paddle 2 wrote them),
which has the parameters beside it (`inference.pdiparams`); or by the folder that holds both, or by
the archive of that folder, as PaddleOCR publishes them.
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
"""What PaddleOCR calls its files."""


class NotFound(ValueError):
    """What was to be a Paddle model holds none."""


@contextmanager
def network_of(path: Path) -> Iterator[Path]:
    """The file of the network, with its parameters beside it if it has any; out of an archive it is
    there only while the block runs. Raises NotFound, OSError, or tarfile.TarError."""
    if path.is_dir():
        yield _only(path)
    elif tarfile.is_tarfile(path):
        with tempfile.TemporaryDirectory(prefix="ocrx-paddle-") as folder:
            _unpack(path, Path(folder))
            yield _only(Path(folder))
    else:
        yield path


def parameters_of(network: Path) -> Path:
    """Where the network's parameters are, if it has any."""
    return network.with_suffix(PARAMETERS)


def _only(folder: Path) -> Path:
    """The folder's network; that called `inference` if there are several."""
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
    """Put the archive's networks and parameters into `folder`, whatever folder they were in: their
    own names are all that is taken from it."""
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
