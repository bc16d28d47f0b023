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
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from ocrx.checksum import sha256_of

FOLDER = "openvino"
KEPT = 16
LEAST = 1_000_000
"""Bytes of a model that are worth it: smaller ones compile in less time than a file takes."""

BESIDE = b"location"
"""What an ONNX file holds if some of its weights are in another file, which has no hash here."""


class CompiledModels:
    """A folder of compiled models. Several threads and processes may share it."""

    def __init__(self, cache_dir: Path) -> None:
        self.folder = cache_dir / FOLDER

    def open(self, core: Any, path: Path, device: str, properties: Mapping[str, Any]) -> Any:
        """The ONNX file as a compiled model; kept if it was not. Raises what OpenVINO does, for a
        file that cannot be compiled."""
        place = self._place(core, path, device, properties)
        found = None if place is None else self._imported(core, place, device, properties)
        if found is not None:
            return found
        model = core.compile_model(core.read_model(path), device, dict(properties))
        if place is not None:
            self._keep(model, path, place)
        return model

    def _place(
        self, core: Any, path: Path, device: str, properties: Mapping[str, Any]
    ) -> Path | None:
        """Where it is kept; None for a model that is not."""
        import openvino

        try:
            if path.stat().st_size < LEAST:
                return None
            source = sha256_of(path)
        except OSError:  # which OpenVINO will tell of
            return None
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

    def _keep(self, model: Any, path: Path, place: Path) -> None:
        buffer = BytesIO()
        with suppress(OSError):
            if BESIDE in path.read_bytes():
                return
            try:
                model.export_model(buffer)
            except RuntimeError:  # it has something that cannot be written down
                return
            blob = buffer.getvalue()
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(suffix=".part", dir=self.folder)
            part = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(blob).digest())
                    file.write(blob)
                part.replace(place)
            finally:
                part.unlink(missing_ok=True)
            self._clear()

    def _clear(self) -> None:
        """Let go of those used longest ago, and of what killed processes have left."""
        files = sorted(self.folder.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[KEPT:]:
            file.unlink(missing_ok=True)
