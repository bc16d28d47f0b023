"""The page at /: all of it comes from the service."""

from __future__ import annotations

import re
from pathlib import Path

import ocrx_serve

from .conftest import Served

PAGE = Path(ocrx_serve.__file__).parent / "page"
NAMESPACES = {"http://www.w3.org/2000/svg"}


def test_the_page_is_served_with_all_that_it_names(served: Served) -> None:
    page = served.ask("/")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    named = set(re.findall(r'(?:href|src)="([^"]+)"', page.body.decode()))
    assert named == {"page/icon.svg", "page/style.css", "page/app.js"}
    for script in PAGE.glob("*.js"):
        named |= {f"page/{one}" for one in re.findall(r'from "\./(.+)"', script.read_text("utf-8"))}
    for path in named:
        answer = served.ask(f"/{path}")
        assert answer.status == 200, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not path.endswith(".js") or "javascript" in answer.headers["content-type"]
    assert served.ask("/page/../command.py").status == 404
    assert served.ask("/page/%2e%2e/command.py").status == 404


def test_the_page_fetches_nothing_from_elsewhere() -> None:
    for file in PAGE.iterdir():
        assert set(re.findall(r"https?://[^\"' )]+", file.read_text("utf-8"))) <= NAMESPACES
    sent = (PAGE / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=", sent)


def test_every_element_that_scripts_use_is_there() -> None:
    there = set(re.findall(r'\bid="([\w-]+)"', (PAGE / "index.html").read_text("utf-8")))
    scripts = "".join(file.read_text("utf-8") for file in PAGE.glob("*.js"))
    used = set(re.findall(r'(?:getElementById|\$)\("([\w-]+)"\)', scripts))
    assert used
    assert used <= there
