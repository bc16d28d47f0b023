"""Processes that folders can be closed to, even where the tests run as root."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION_3 = 0x20080522
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2


def heed_permissions() -> None:
    """Give up root's right to write and read what the mode of a file forbids, for this process and
    those that it starts."""
    if os.geteuid() != 0:
        return
    library = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; twice 32 bits
    _must(library.capget(header, data))
    for index in range(3):
        data[index] &= ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH)
    _must(library.capset(header, data))
    for capability in (DAC_OVERRIDE, DAC_READ_SEARCH):
        _must(library.prctl(24, capability, 0, 0, 0))  # PR_CAPBSET_DROP: not given back by exec


def _must(status: int) -> None:
    if status:
        raise OSError(ctypes.get_errno(), "the rights of root cannot be given up")


def run(*arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`ocrx` with these arguments, in a process that the modes of files hold for."""
    code = "import sys; from support import powerless; powerless.heed_permissions(); " + MAIN
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **env},
    )


MAIN = "from ocrx_cli.app import main; sys.exit(main(sys.argv[1:]))"


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """The folder and all below it can be read, and not written, for as long as this lasts."""
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in folders:
            path.chmod(0o755)
