"""Imports of ONNX Runtime's own tools."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType


def tool(name: str) -> ModuleType:
    """The module `onnxruntime.NAME`.

    Modules of `onnxruntime.transformers` import each other by their bare names, for which the
    package adds its folder to the path. That folder holds a module `benchmark`, so it is on the
    path only while the tool is imported.
    """
    found = find_spec("onnxruntime")
    paths = list(sys.path)
    try:
        if found and found.submodule_search_locations:
            sys.path.append(str(Path(found.submodule_search_locations[0], "transformers")))
        return import_module(f"onnxruntime.{name}")
    finally:
        sys.path[:] = paths
