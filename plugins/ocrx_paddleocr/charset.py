"""The characters that a PP-OCR recogniser knows, read from its ONNX file or a dictionary beside it.

The metadata of the file has a line for each character under the key `character`.
"""

from __future__ import annotations

from pathlib import Path

from ocrx.artifacts import ModelSpec
from ocrx.errors import WeightsError
from ocrx.weights.onnx_metadata import CHARACTERS, FAMILY, onnx_metadata
from ocrx.weights.records import origin
from ocrx.weights.store import Store
from ocrx_paddleocr.catalogue import dictionary
from ocrx_paddleocr.export import read_export


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
    if form in ("onnx", "onnx-u8"):
        beside = dictionary(origin(variant))
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
    it. The space comes last, if `ocrx train` did not leave it out. Raises WeightsError if there are
    none anywhere, or if a file is not an ONNX file or cannot be read.
    """
    metadata = onnx_metadata(path)
    if CHARACTERS in metadata:
        space = () if FAMILY in metadata else (" ",)
        return (*metadata[CHARACTERS].split("\n"), *space)
    if beside is not None:
        return read_dictionary(beside)
    raise WeightsError(
        f"{path} carries no charset",
        "Give the file that it was trained with: --set recognizer.dictionary=FILE.",
    )
