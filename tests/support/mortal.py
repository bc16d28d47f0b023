"""A plugin whose reader takes its time, and ends its process at a picture of 13 pixels in width.

At one of 50 pixels and more it waits until the file exists that MORTAL_GATE names, if it does.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import ocrx
from ocrx.plugins.registrar import Registrar, Request
from ocrx.types import Image, Page
from support.fakereader import FakeOptions, FakeReader

DEADLY, WAITS = 13, 50
SECONDS = 0.05


class MortalReader(FakeReader):
    def read(self, pages: Sequence[Image]) -> list[Page]:
        time.sleep(SECONDS * len(pages))
        gate = Path(os.environ.get("MORTAL_GATE", "/"))
        while any(image.shape[1] >= WAITS for image in pages) and not gate.exists():
            time.sleep(0.02)
        if any(image.shape[1] == DEADLY for image in pages):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(pages)


@ocrx.hookimpl
def ocrx_register(registry: Registrar) -> None:
    def build(request: Request) -> MortalReader:
        return MortalReader(request.options)

    registry.add("page_reader", "mortal", build, options=FakeOptions)
