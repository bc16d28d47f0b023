"""A dataset's pictures as files, so that every cell decodes the same ones, from a path."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from ocrx.bench.dataset import Dataset, Sample
from ocrx.bench.result import DatasetInfo
from ocrx.images import Blob, ImageSource, open_document


class Pictures:
    """Paths of all samples' pictures, in order. Those that are no files are written into a folder
    that is gone after the `with`: encoded ones as they are, arrays as PNG."""

    def __init__(self, dataset: Dataset) -> None:
        self._folder = TemporaryDirectory(prefix="ocrx-bench-")
        folder = Path(self._folder.name)
        digest = hashlib.sha256()
        self.paths: list[str] = []
        for index, sample in enumerate(dataset.samples):
            path = _as_file(sample.source, folder / f"{index:06}")
            digest.update(_identity(sample, path))
            self.paths.append(str(path))
        self.info = DatasetInfo(
            dataset.name,
            dataset.kind,
            len(dataset.samples),
            str(dataset.path),
            dataset.origin,
            digest.hexdigest()[:16],
        )

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._folder.cleanup()


def _as_file(source: ImageSource, target: Path) -> Path:
    if isinstance(source, str | os.PathLike):
        return Path(source).absolute()
    if isinstance(source, Blob):
        target.write_bytes(source.data)
    elif isinstance(source, bytes | bytearray):
        target.write_bytes(source)
    else:
        import PIL.Image

        with open_document(source) as document:
            PIL.Image.fromarray(document.image(0)).save(target, "PNG")
    return target


def _identity(sample: Sample, path: Path) -> bytes:
    """Stands for a sample's picture and truth. One that cannot be read has its truth alone: the
    cells tell of it."""
    truth = repr((sample.name, sample.text, sample.lines)).encode("utf-8", "surrogatepass")
    try:
        picture = path.read_bytes()
    except OSError:
        picture = b""
    return hashlib.sha256(truth).digest() + hashlib.sha256(picture).digest()
