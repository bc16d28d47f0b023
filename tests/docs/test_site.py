"""The site builds without a warning, shows everything, and asks nothing of the network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


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
