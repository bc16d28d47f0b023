"""The program of a bundle as one file: its syntax, what it imports, and where it comes from."""

from __future__ import annotations

import ast

import pytest

from ocrx_bundle import script
from ocrx_bundle.script import OLDEST, joined

# What Python 3.6 has, and what the target has besides.
MODULES = {
    "argparse", "collections", "cv2", "ctypes", "hashlib", "importlib", "itertools", "json",
    "math", "numpy", "os", "pathlib", "platform", "resource", "sys", "time", "typing",
    "unicodedata",
}  # fmt: skip

# Of later versions of Python, NumPy and OpenCV than the Jetson Nano has.
LATER = {
    "capture_output", "reconfigure", "removeprefix", "removesuffix", "take_along_axis",
    "default_rng", "Image2BlobParams", "blobFromImagesWithParams", "perf_counter_ns", "missing_ok",
    "prepend",
}  # fmt: skip


def test_it_is_in_the_syntax_of_python_3_6_and_imports_only_what_is_there() -> None:
    tree = ast.parse(joined(), feature_version=OLDEST)
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= MODULES
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}
    assert not LATER & (names | keywords)


def test_a_name_that_two_parts_define_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "PARTS", (*script.PARTS, "lines"))
    with pytest.raises(ValueError, match="several parts define"):
        joined()


def test_newer_syntax_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "_source", lambda part: '"""A part."""\nif (one := 1):\n    one\n')
    with pytest.raises(SyntaxError):
        joined()
