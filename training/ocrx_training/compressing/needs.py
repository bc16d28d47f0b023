"""What compressors that learn need."""

from __future__ import annotations

from importlib.util import find_spec

from ocrx.interfaces.runtimes import Availability

NEEDED = ("torch", "onnx", "rapidfuzz")


def available() -> Availability:
    """Whether everything is installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    return Availability(
        not missing,
        detail=f"it needs {', '.join(missing)}" if missing else "",
        remedy="pip install 'ocrx[train,bench]'" if missing else "",
    )
