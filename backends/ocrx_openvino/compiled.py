"""A cache of models compiled by OpenVINO, which makes them quicker to open.

A file is named by the hash of everything it depends on and begins with the hash of its content, so
one that is damaged, truncated or from another machine is never used. Losing a file costs only
time: one that cannot be read counts as missing, and failing to write one is no error.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from ocrx.conversion.compiled import FOLDER, replacing
from ocrx.conversion.kept import BESIDE
from ocrx.system.checksum import sha256_of

KEPT = 16
LEAST = 1_000_000
"""The size in bytes from which models are kept. Smaller ones compile faster than a file loads."""


class CompiledModels:
    """A folder of compiled models, at most KEPT. Several threads and processes may share it."""

    def __init__(self, cache_dir: Path) -> None:
        self.folder = cache_dir / FOLDER / "openvino"

    def open(self, core: Any, path: Path, device: str, properties: Mapping[str, Any]) -> Any:
        """Compile the ONNX file, or load what was compiled before.

        Raises RuntimeError, from OpenVINO, for a file that it cannot read or compile.
        """
        source = _source(path)
        place = self._place(core, source, device, properties)
        found = self._imported(core, place, device, properties) if source else None
        if found is not None:
            return found
        model = core.compile_model(core.read_model(path), device, dict(properties))
        if source:
            self._keep(model, path, source, place)
        return model

    def _place(self, core: Any, source: str, device: str, properties: Mapping[str, Any]) -> Path:
        import openvino

        identity = {
            "source": source,
            "version": str(openvino.get_version()),
            "machine": platform.machine(),
            "device": [device, str(core.get_property(device, "FULL_DEVICE_NAME"))],
            "capabilities": sorted(core.get_property(device, "OPTIMIZATION_CAPABILITIES")),
            "properties": {name: str(value) for name, value in sorted(properties.items())},
        }
        key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        return self.folder / f"{key[:32]}.blob"

    def _imported(
        self, core: Any, place: Path, device: str, properties: Mapping[str, Any]
    ) -> Any | None:
        try:
            with place.open("rb") as file:
                digest, blob = file.read(32), file.read()
        except OSError:
            return None
        if hashlib.sha256(blob).digest() != digest:
            return None
        with suppress(OSError):  # the cache may be read-only, owned by someone else
            os.utime(place)
        try:
            return core.import_model(blob, device, dict(properties))
        except RuntimeError:  # this release rejects the file, for whatever reason
            return None

    def _keep(self, model: Any, path: Path, source: str, place: Path) -> None:
        # OpenVINO raises RuntimeError for a model that it cannot export.
        with suppress(OSError, RuntimeError):
            content = path.read_bytes()
            # Skip a file that was replaced between hashing and compiling, and one whose weights
            # lie in a file beside it, which the hash does not cover.
            if hashlib.sha256(content).hexdigest() != source or BESIDE in content:
                return
            with replacing(place) as file:
                buffer = BytesIO()
                model.export_model(buffer)
                blob = buffer.getvalue()
                file.write(hashlib.sha256(blob).digest())
                file.write(blob)
            self._clear()

    def _clear(self) -> None:
        """Delete the files used longest ago, among them what killed processes left behind."""
        files = sorted(self.folder.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[KEPT:]:
            file.unlink(missing_ok=True)


def _source(path: Path) -> str:
    """The file's sha256. "" if it is too small to keep, or cannot be read; OpenVINO will report
    the latter."""
    try:
        return sha256_of(path) if path.stat().st_size >= LEAST else ""
    except OSError:
        return ""
