"""The site builds without a warning, shows everything, and asks nothing of the network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", folder],
        cwd=ROOT,
        # The theme's makers have something to say in every build; it is not about this one.
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def test_every_page_fetches_only_its_own_files(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 12
    for page in pages:
        text = page.read_text(encoding="utf-8")
        fetched = re.findall(r"<(?:script|img|iframe)[^>]* src=\"?([^\s\">]+)", text)
        fetched += re.findall(r"<link[^>]* rel=\"?(?:stylesheet|icon)\"?[^>]*>", text)
        assert fetched
        assert not [link for link in fetched if "//" in link], page


def test_styles_import_nothing_from_elsewhere(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        assert not re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text("utf-8"))


def test_code_of_the_tutorial_is_on_its_page(site: Path) -> None:
    page = (site / "plugins" / "index.html").read_text(encoding="utf-8")
    assert "--8&lt;--" not in page
    assert "TallyRecognizer" in page
    assert "RapidOcrOptions" in page
