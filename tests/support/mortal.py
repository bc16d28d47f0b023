"""A plugin whose reader takes its time, and ends its process at a picture of 13 pixels in width."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence

import ocrx
from ocrx.plugins.registrar import Registrar, Request
from ocrx.types import Image, Page
from support.fakereader import FakeOptions, FakeReader

DEADLY = 13
SECONDS = 0.05


class MortalReader(FakeReader):
    def read(self, pages: Sequence[Image]) -> list[Page]:
        time.sleep(SECONDS * len(pages))
        if any(image.shape[1] == DEADLY for image in pages):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(pages)


@ocrx.hookimpl
def ocrx_register(registry: Registrar) -> None:
    def build(request: Request) -> MortalReader:
        return MortalReader(request.options)

    registry.add("page_reader", "mortal", build, options=FakeOptions)
