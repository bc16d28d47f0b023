"""What `ocrx bundle` says before it makes anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrx.errors import UsageError
from ocrx_bundle import command


def test_without_the_package_onnx_there_is_one_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as caught:
        command.bundle("paddle", target="cpu", output=tmp_path / "out")
    assert caught.value.remedy == "Get it with: pip install 'ocrx[quantize]'."
    assert not (tmp_path / "out").exists()
