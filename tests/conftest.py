"""What every test shares: a world without the user's settings, and plugins made on the spot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# How long one example takes says more of the machine than of the code.
hypothesis.settings.register_profile("ocrx", deadline=None, print_blob=True)
hypothesis.settings.load_profile("ocrx")


@pytest.fixture(scope="session", autouse=True)
def isolated_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees or fills the user's cache, nor hangs on the user's settings or terminal."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("OCRX_")]:
            patch.delenv(name)
        for name in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "CLICOLOR_FORCE"):
            patch.delenv(name, raising=False)
        patch.setenv("OCRX_CACHE_DIR", str(tmp_path_factory.mktemp("user-cache")))
        patch.setenv("OCRX_PROFILE", str(tmp_path_factory.mktemp("user-config") / "profile.json"))
        patch.setenv("NO_COLOR", "1")
        patch.setenv("COLUMNS", "120")
        yield


@pytest.fixture
def cache_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the test's own."""
    path = tmp_path / "cache"
    monkeypatch.setenv("OCRX_CACHE_DIR", str(path))
    return path
