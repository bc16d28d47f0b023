"""Imports of ONNX Runtime's own tools."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_tools_are_imported_one_after_the_other_and_leave_the_path_as_it_was() -> None:
    code = """
import sys
from ocrx_onnx.ortools import tool
before = list(sys.path)
tool("transformers.float16")
assert tool("quantization").QuantType.QInt8
assert sys.path == before
"""
    subprocess.run([sys.executable, "-c", code], check=True)
