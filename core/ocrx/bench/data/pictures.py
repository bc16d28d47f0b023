"""A dataset's pictures as files, so that every cell decodes the same files from their paths."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ocrx.bench.data.dataset import Dataset
from ocrx.images.document import Blob
from ocrx.images.opening import ImageSource, open_document


@contextmanager
def as_files(dataset: Dataset) -> Iterator[list[str]]:
    """A context that yields the paths of all samples' pictures, in order. Pictures that are not
    files are written to a temporary folder: encoded ones unchanged, arrays as PNG."""
    with TemporaryDirectory(prefix="ocrx-bench-") as folder:
        yield [
            str(_as_file(sample.source, Path(folder) / f"{index:06}"))
            for index, sample in enumerate(dataset.samples)
        ]


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
