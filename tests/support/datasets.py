"""Datasets on disk, small and made on the spot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lmdb

from ocrx.bench.data.dataset import Answer, Polygon, ReadLine, Sample, TrueLine
from support.samples import encode, gradient

Box = tuple[float, float, float, float]
"""x, y, width, height."""


def polygon(box: Box) -> Polygon:
    x, y, w, h = map(float, box)
    return ((x, y), (x + w, y), (x + w, y + h), (x, y + h))


def page(name: str, lines: Sequence[tuple[Box, str | None]]) -> Sample:
    """A page with text in those boxes; None is not scored."""
    true = tuple(TrueLine(polygon(box), text) for box, text in lines)
    text = " ".join(text for _, text in lines if text is not None)
    return Sample(name, name, text, true)


def answer(lines: Sequence[tuple[Box, str]]) -> Answer:
    read = tuple(ReadLine(polygon(box), text) for box, text in lines)
    return Answer("\n".join(text for _, text in lines), read)


def put_picture(path: Path, width: int = 40, height: int = 20) -> bytes:
    """Write a picture of that size; what was written."""
    data = encode(gradient(width, height))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return data


def put_labels(folder: Path, truths: Mapping[str, str]) -> Path:
    """A folder with labels.tsv and a picture for each, no two alike."""
    for index, name in enumerate(truths):
        put_picture(folder / name, 40 + index)
    rows = [f"{name}\t{text}\n" for name, text in truths.items()]
    (folder / "labels.tsv").write_text("".join(rows), "utf-8")
    return folder


def put_pages(folder: Path, pages: Mapping[str, tuple[str, Sequence[tuple[Box, str]]]]) -> Path:
    """The same with the text and the lines of pages; `###` is not scored."""
    rows = []
    for index, (name, (text, lines)) in enumerate(pages.items()):
        put_picture(folder / name, 200 + index, 100)
        listed = [{"poly": polygon(box), "text": said} for box, said in lines]
        rows.append(f"{name}\t{text}\t{json.dumps(listed)}\n")
    (folder / "labels.tsv").write_text("".join(rows), "utf-8")
    return folder


def put_lmdb(folder: Path, samples: Sequence[tuple[bytes, str]], **extra: bytes | None) -> Path:
    """An LMDB as the recognition benchmarks have it. `extra` overrides values by key, with _ in
    place of -; None leaves one out."""
    values: dict[str, Any] = {"num-samples": str(len(samples)).encode()}
    for number, (data, text) in enumerate(samples, 1):
        values[f"image-{number:09d}"] = data
        values[f"label-{number:09d}"] = text.encode()
    values |= {key.replace("_", "-"): value for key, value in extra.items()}
    with (
        lmdb.open(str(folder), map_size=1 << 24) as environment,
        environment.begin(write=True) as transaction,
    ):
        for key, value in values.items():
            if value is not None:
                transaction.put(key.encode(), value)
    return folder
