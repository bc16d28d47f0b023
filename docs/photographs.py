"""Pictures of pages in a browser, for the documents."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Page


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that all have: --browser."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--browser", help="the executable of a Chromium; default: playwright's own")
    return made


@contextmanager
def opened(browser: str | None, width: int, height: int) -> Iterator[Page]:
    """An empty page in a window of that size, in pixels."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield started.new_page(viewport={"width": width, "height": height})
        started.close()


def write(taken: bytes, target: Path, colours: int) -> None:
    """Write a picture as a PNG of so many colours, which is small."""
    with Image.open(io.BytesIO(taken)) as picture:
        few = picture.convert("RGB").quantize(
            colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
    few.save(target, optimize=True)
