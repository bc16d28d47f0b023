"""The characters that a PP-OCR recogniser knows, read from its ONNX file or a dictionary beside it.

An ONNX file is a protobuf message `ModelProto` (onnx/onnx.proto). Its field 14, `metadata_props`,
holds key-value pairs. The value of the key `character` has a line for each character. Of all other
fields only the headers are read, so this is quick however large the weights are.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import SEEK_CUR, SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO

from ocrx.artifacts import ModelSpec
from ocrx.errors import WeightsError
from ocrx.weights.store import Store
from ocrx_paddleocr.catalogue import dictionary
from ocrx_paddleocr.export import read_export

_METADATA_PROPS = 14
_KEY, _VALUE = 1, 2
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


def charset_of(spec: ModelSpec, variant: str, own: str, store: Store) -> tuple[str, ...]:
    """The characters of classes 1, 2, ... of a recogniser.

    `own` is the path of a dictionary that the user named, or "". Raises WeightsError if there are
    no characters, or if a file is missing or cannot be read.
    """
    ((form, source),) = spec.artifacts.items()
    path = store.path(source)
    if own:
        return read_dictionary(Path(own).expanduser())
    characters = read_export(path).characters if source.path is not None else None
    if characters is not None:
        return (*characters, " ")
    if form == "onnx":
        beside = dictionary(variant)
        return read_charset(path, store.find(beside) if beside else None)
    raise WeightsError(
        f"{path} carries no charset",
        "Give the file that it was trained with: --set recognizer.dictionary=FILE.",
    )


def read_dictionary(path: Path) -> tuple[str, ...]:
    """The characters of a text file in UTF-8 with one on each line, and the space. Raises
    WeightsError if it cannot be read."""
    try:
        # Not splitlines(): some of the characters are line separators themselves.
        lines = path.read_text("utf-8-sig").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise WeightsError(
            f"the dictionary {path} cannot be read: {why}",
            "Give the path of a text file with one character on each line.",
        ) from error
    return (*lines, " ")


def read_charset(path: Path, beside: Path | None = None) -> tuple[str, ...]:
    """The characters of classes 1, 2, ... of the recogniser in the ONNX file `path`.

    These are the characters of its metadata, or if it has none, those of the dictionary `beside`
    it. The space comes last. Raises WeightsError if there are none
    anywhere, or if a file is not an ONNX file or cannot be read.
    """
    try:
        with path.open("rb") as file:
            for _, pair in _fields(file, _METADATA_PROPS):
                entry = dict(_fields(BytesIO(pair), _KEY, _VALUE))
                if entry.get(_KEY) == b"character" and _VALUE in entry:
                    return (*entry[_VALUE].decode("utf-8").split("\n"), " ")
        if beside is not None:
            return read_dictionary(beside)
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read: {error.strerror}", "Check the path and its permissions."
        ) from error
    except (ValueError, EOFError) as error:
        raise WeightsError(
            f"{path} is not an ONNX file: {error}", "Give the path of a PP-OCR recogniser."
        ) from error
    raise WeightsError(
        f"{path} carries no charset",
        "Give the file that it was trained with: --set recognizer.dictionary=FILE.",
    )


def _fields(file: BinaryIO, *wanted: int) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a protobuf message with one of the `wanted` numbers."""
    end = file.seek(0, SEEK_END)
    file.seek(0)
    while (tag := _varint(file)) is not None:
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("a field without a number")
        if kind == _LENGTH:
            size = _needed(_varint(file))
            if size > end - file.tell():
                raise EOFError("it ends inside a field")
            if number in wanted:
                yield number, _exactly(file, size)
            else:
                file.seek(size, SEEK_CUR)
        elif kind == _VARINT:
            _needed(_varint(file))
        elif kind in (_FIXED32, _FIXED64):
            _exactly(file, 4 if kind == _FIXED32 else 8)
        else:
            raise ValueError(f"wire type {kind}")


def _varint(file: BinaryIO) -> int | None:
    """The next base-128 number; None at the end of the message."""
    value = shift = 0
    while byte := file.read(1):
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than 64 bits")
    if shift:
        raise EOFError("it ends inside a number")
    return None


def _needed(value: int | None) -> int:
    if value is None:
        raise EOFError("it ends inside a field")
    return value


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise EOFError("it ends inside a field")
    return data
