"""Imports Paddle without its side effects on the process, and reads its error messages."""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import warnings
from typing import Any

_loading = threading.Lock()

THREADS, LEAST_LEVEL = "OMP_NUM_THREADS", "GLOG_minloglevel"
REPORTED = re.compile(r"^\s*\w+Error: (.*)", re.MULTILINE)


def load_runtime() -> Any:
    """The package `paddle`, with `paddle.inference`.

    Importing Paddle sets OMP_NUM_THREADS to 1, for other runtimes and child processes too. It also
    sends the program's log to stderr, answers signals such as SIGTERM with a crash report, and
    warns if there is no ccache. All this is undone, unless the program imported Paddle before.

    Raises ImportError, or whatever a broken installation raises.
    """
    with _loading:
        if "paddle" not in sys.modules:
            _import_quietly()
        import paddle
        import paddle.inference

    return paddle


def _import_quietly() -> None:
    kept = {name: os.environ.get(name) for name in (THREADS, LEAST_LEVEL)}
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    os.environ[LEAST_LEVEL] = "2"  # log errors only; it is read once, at import
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import paddle
        paddle.disable_signal_handler()
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def reason(error: Exception) -> str:
    """The error's message in one line, without Paddle's C++ traceback and hints."""
    text = str(error)
    found = REPORTED.search(text)
    lines = [found[1]] if found else [line for line in text.splitlines() if line.strip()]
    return lines[0].strip().rstrip(".") if lines else type(error).__name__
