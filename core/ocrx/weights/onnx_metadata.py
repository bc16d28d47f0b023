"""What an ONNX file says of its network: the pairs of texts that it carries.

An ONNX file is a protobuf message `ModelProto` (onnx/onnx.proto). Its field 14, `metadata_props`,
holds key-value pairs. Of all other fields only the headers are read, so this is quick however large
the weights are, and needs no package.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import SEEK_CUR, SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO

from ocrx.errors import WeightsError

CHARACTERS, FAMILY, LINE_HEIGHT = "character", "recognizer", "height"
"""Keys of a recogniser: the characters of its classes but for the blank, one on each line; the name
of the recogniser that it is a variant of; the height of its input in pixels. PP-OCR's own files
have only the first, without the space."""

_METADATA_PROPS = 14
_KEY, _VALUE = 1, 2
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


def onnx_metadata(path: Path) -> dict[str, str]:
    """The metadata of an ONNX file by key. Raises WeightsError if the file is none or cannot be
    read."""
    found = {}
    try:
        with path.open("rb") as file:
            for _, pair in _fields(file, _METADATA_PROPS):
                entry = dict(_fields(BytesIO(pair), _KEY, _VALUE))
                if _KEY in entry and _VALUE in entry:
                    found[entry[_KEY].decode("utf-8")] = entry[_VALUE].decode("utf-8")
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read: {error.strerror}", "Check the path and its permissions."
        ) from error
    except (ValueError, EOFError) as error:
        raise WeightsError(
            f"{path} is not an ONNX file: {error}", "Give the path of a recogniser's network."
        ) from error
    return found


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
