"""Errors as clients see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrx.weights.store import default_cache_dir
from ocrx_serve.problems import without_paths


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("there is no file /srv/models/det.onnx.", "there is no file det.onnx."),
        ("cannot read '/a b/c d': gone", "cannot read 'c d': gone"),
        (r"no C:\Users\me\x.onnx here", "no x.onnx here"),
        ("see https://example.com/a/b.onnx", "see https://example.com/a/b.onnx"),
        (r"such as '[A-Z]{3}-\d{6}', \d", r"such as '[A-Z]{3}-\d{6}', \d"),
        (r"\\host\share\a.onnx is gone", "a.onnx is gone"),
        ("3/4 of and/or, 10 / 2", "3/4 of and/or, 10 / 2"),
    ],
)
def test_no_path_is_shown(text: str, shown: str) -> None:
    assert without_paths(text) == shown


def test_known_folders_go_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCRX_CACHE_DIR", str(tmp_path / "my cache"))
    file = default_cache_dir() / "models" / "a.onnx"
    assert without_paths(f"save it as {file}") == "save it as models/a.onnx"
