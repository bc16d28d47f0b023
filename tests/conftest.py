"""What every test shares: a world without the user's settings, and plugins made on the spot."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import hypothesis
import pytest

# How long one example takes says more of the machine than of the code.
hypothesis.settings.register_profile("ocrx", deadline=None, print_blob=True)
hypothesis.settings.load_profile("ocrx")


PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def pytest_sessionstart() -> None:
    """Stop at once where ocrx was installed before its entry points changed: it would lack what the
    new ones bring, and fail in odd ways."""
    section = PYPROJECT.read_text("utf-8").partition("[project.entry-points.ocrx]\n")[2]
    wanted = dict(re.findall(r'^(\w+) = "(.+)"$', section.partition("\n\n")[0], re.MULTILINE))
    installed = {point.name: point.value for point in entry_points(group="ocrx")}
    missing = [name for name, value in wanted.items() if installed.get(name) != value]
    if missing:
        pytest.exit(
            f"the ocrx that is installed lacks the entry points {', '.join(missing)}: "
            "run `pip install -e .` again",
            returncode=4,
        )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out modules of slow tests unread where slow tests are not run: to import them all, only
    to deselect what is in them, takes longer than many tests."""
    if collection_path.suffix != ".py" or "not slow" not in config.option.markexpr:
        return None
    slow = re.search(
        r"^pytestmark = .*pytest\.mark\.slow\b", collection_path.read_text("utf-8"), re.M
    )
    return True if slow else None


@pytest.fixture(scope="session", autouse=True)
def isolated_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees or fills the user's cache, nor hangs on the user's settings or terminal."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("OCRX_")]:
            patch.delenv(name)
        for name in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "CLICOLOR_FORCE"):
            patch.delenv(name, raising=False)
        # The many processes that tests start need not compile ocrx each for itself.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
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
