"""What an export of PaddleOCR says of itself, in the `inference.yml` beside its network.

Written by `tools/export_model.py` of PaddleOCR 3 (ppocr/utils/export_model.py): the characters of a
recogniser, and how pictures are prepared.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

from ocrx.errors import WeightsError

FILE = "inference.yml"
PADDLE = (".json", ".pdmodel", ".tar")
"""The suffixes of Paddle's networks, and of archives with one. A folder is one too."""


@dataclass(frozen=True)
class Export:
    """`name` is what its makers call it, or "". `characters` are those of classes 1, 2, ... of a
    recogniser, without the space, or None. `values` are fields of `Parameters` that it gives."""

    name: str = ""
    characters: tuple[str, ...] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def is_paddle(path: Path) -> bool:
    """Whether the path is that of a model of Paddle's own, rather than of an ONNX file."""
    return path.suffix in PADDLE or path.is_dir()


def read_export(path: Path) -> Export:
    """What is said beside the network, or in the folder or archive that holds it; nothing if there
    is no `inference.yml`. Raises WeightsError if that cannot be read."""
    try:
        text = _text(path)
        if text is None:
            return Export()
        # A loader that leaves every value a string: a character may be 1, ~ or null.
        loader: Any = import_module("yaml").BaseLoader(text)
        return _export(loader.get_single_data())
    except (OSError, ValueError, tarfile.TarError, AttributeError, TypeError, KeyError) as error:
        raise _unreadable(path, error) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "yaml":
            raise
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> WeightsError:
    why = " ".join(str(error).split())
    return WeightsError(
        f"the {FILE} of {path} cannot be read: {why}",
        "Export the model again, or remove the file and give the characters as `dictionary`.",
    )


def _text(path: Path) -> str | None:
    if path.suffix == ".tar" and path.is_file():
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content and PurePosixPath(member.name).name == FILE:
                    return content.read().decode("utf-8")
        return None
    beside = (path if path.is_dir() else path.parent) / FILE
    return beside.read_text("utf-8") if beside.is_file() else None


def _export(data: Mapping[str, Any]) -> Export:
    characters = data.get("PostProcess", {}).get("character_dict")
    name = data.get("Global", {}).get("model_name", "")
    steps = data.get("PreProcess", {}).get("transform_ops") or ()
    found = None if characters is None else tuple(map(str, characters))
    return Export(str(name), found, dict(_values(steps)))


def _values(steps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for step in steps:
        for name, settings in step.items():
            if name == "DecodeImage" and settings.get("img_mode") in ("BGR", "RGB"):
                yield "channels", settings["img_mode"]
            elif name == "NormalizeImage" and isinstance(settings, Mapping):
                yield from (
                    (key, tuple(map(float, settings[key])))
                    for key in ("mean", "std")
                    if key in settings
                )
            elif name == "RecResizeImg":
                yield "height", int(settings["image_shape"][1])
