"""Models that OpenVINO has compiled, kept in the user's cache to be opened more quickly.

A file is named by the hash of all that it depends on, and begins with the hash of what follows, so
that one that is damaged, cut short or of another machine is never used. Losing one costs time and
nothing else: what cannot be read is as good as not there, and what cannot be written is not.
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
"""Bytes of a model that are worth it: smaller ones compile in less time than a file takes."""


class CompiledModels:
    """A folder of compiled models. Several threads and processes may share it."""

    def __init__(self, cache_dir: Path) -> None:
        self.folder = cache_dir / FOLDER / "openvino"

    def open(self, core: Any, path: Path, device: str, properties: Mapping[str, Any]) -> Any:
        """The ONNX file as a compiled model; kept if it was not. Raises what OpenVINO does, for a
        file that cannot be compiled."""
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
        with suppress(OSError):  # the cache may be another's, who lets us read it
            os.utime(place)
        try:
            return core.import_model(blob, device, dict(properties))
        except RuntimeError:  # whatever it is that this release does not like
            return None

    def _keep(self, model: Any, path: Path, source: str, place: Path) -> None:
        # RuntimeError of a model that has something that cannot be written down.
        with suppress(OSError, RuntimeError):
            content = path.read_bytes()
            # Another may have taken its place before it was compiled; what is beside has no hash.
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
        """Let go of those used longest ago, and of what killed processes have left."""
        files = sorted(self.folder.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[KEPT:]:
            file.unlink(missing_ok=True)


def _source(path: Path) -> str:
    """The file's sha256; "" if it is not worth keeping, or cannot be read, which OpenVINO will
    tell of."""
    try:
        return sha256_of(path) if path.stat().st_size >= LEAST else ""
    except OSError:
        return ""
