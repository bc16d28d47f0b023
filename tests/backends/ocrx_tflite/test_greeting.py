"""What TFLite prints when its first interpreter is made stays away, and nothing else does."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from ocrx.testing import LINE
from support import tflite_files

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="the C library does not let its stderr be set"
)

OPEN = """
import sys, threading
from pathlib import Path
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.testing import LINE
from ocrx_tflite.backend import TfliteBackend
from dataclasses import replace
from ocrx.artifacts import Artifact
artifact = Artifact(Path(sys.argv[1]), "tflite", replace(LINE.spec(), precision="fp32"))
def use():
    with TfliteBackend().open(artifact, SessionOptions(concurrency=2)) as session:
        session.run(LINE.feeds(2, 64))
threads = [threading.Thread(target=use) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""

PRINT = """
import ctypes, os
from ocrx_tflite.greeting import GREETING, without_greeting
libc = ctypes.CDLL(None)
def fputs(text):
    stderr = ctypes.c_void_p.in_dll(libc, "stderr")
    libc.fputs(text, stderr)
    libc.fflush(stderr)
for _ in range(2):
    try:
        with without_greeting():
            fputs(b"before\\n" + GREETING + b"ERROR: after\\n")
            os.system("echo child >&2")
            raise ValueError
    except ValueError:
        fputs(b"later\\n")
"""


def printed(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr


def test_opening_models_prints_nothing() -> None:
    assert printed(OPEN, str(tflite_files.stored(LINE.spec()).path)) == ""


def test_all_else_is_printed_and_the_second_greeting_too() -> None:
    """The second would be that of another library in the process."""
    assert printed(PRINT).splitlines() == [
        *("child", "before", "ERROR: after", "later"),
        *("before", "INFO: Created TensorFlow Lite XNNPACK delegate for CPU."),
        *("ERROR: after", "child", "later"),
    ]
