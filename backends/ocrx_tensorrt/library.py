"""The Python module of TensorRT: which of the two is there, and what it says while it works."""

from __future__ import annotations

import importlib
import platform
import shutil
import sys
import threading
from collections import deque
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ocrx.errors import BackendMissing
from ocrx_tensorrt.options import LibraryName

MODULES: tuple[LibraryName, ...] = ("tensorrt", "tensorrt_rtx")
REMEDY = 'pip install "ocrx[tensorrt]"'
RTX_REMEDY = 'pip install "ocrx[tensorrt-rtx]"'
JETSON_REMEDY = "sudo apt install python3-libnvinfer"
JETSON_RELEASE = Path("/etc/nv_tegra_release")
NVIDIA = "0x10de"
PCI_VENDORS = (Path("/sys/bus/pci/devices"), "*/vendor")


@dataclass(frozen=True)
class Library:
    """TensorRT's module and its name.

    Only TensorRT proper measures kernels while it builds, for the one card that it builds on;
    TensorRT for RTX chooses among them without a GPU, for any card of an architecture.
    """

    module: Any
    name: str

    @property
    def version(self) -> str:
        return str(self.module.__version__)

    @property
    def measures(self) -> bool:
        return self.name == "tensorrt"


def load_library(asked: str = "auto") -> Library:
    """The module asked for; "auto" is the first that is there. Raises BackendMissing."""
    reasons = []
    for name in MODULES if asked == "auto" else (asked,):
        try:
            return Library(import_library(name), name)
        # A wheel without its libraries, or with those of another version, raises anything from
        # ImportError to OSError and AttributeError.
        except Exception as error:
            reasons.append(f"{type(error).__name__}: {error}".splitlines()[0])
    raise BackendMissing(
        f"TensorRT does not load ({'; '.join(reasons)})", f"Get it with: {library_remedy(asked)}"
    )


def import_library(name: str) -> Any:
    module = importlib.import_module(name)
    # The package that pip installs has no libraries in it where its own index is out of reach; an
    # empty folder of that name imports as well.
    return module.Builder and module


def library_remedy(asked: str = "auto") -> str:
    """The command that installs TensorRT on this machine."""
    if JETSON_RELEASE.is_file():
        return JETSON_REMEDY
    return RTX_REMEDY if asked == "tensorrt_rtx" else REMEDY


def driver_remedy() -> str:
    """What brings a driver: nothing will where there is no GPU."""
    folder, pattern = PCI_VENDORS
    cards = [path for path in folder.glob(pattern) if _read(path) == NVIDIA]
    if folder.is_dir() and not cards:
        return "a machine with an NVIDIA GPU and its driver; on this one use `--backend openvino`"
    if shutil.which("ubuntu-drivers"):
        return "sudo ubuntu-drivers install"
    return "the driver of your GPU from https://www.nvidia.com/drivers"


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def this_platform() -> str:
    """Engines run only on the system and processor they were built on: "linux-x86_64"."""
    return f"{sys.platform}-{platform.machine().lower()}"


class Messages:
    """What TensorRT has complained of lately. It tells reasons only to its logger."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=20)
        self._lock = threading.Lock()

    def add(self, line: str) -> None:
        with self._lock:
            self._lines.append(" ".join(line.split()))

    def take(self) -> str:
        """The complaints since the last time, as one line."""
        with self._lock:
            lines = list(dict.fromkeys(self._lines))
            self._lines.clear()
        return "; ".join(lines) or "TensorRT gives no reason"


MESSAGES = Messages()

# Held while engines are built and loaded: two builds at once would disturb each other's measuring
# of kernels, and what TensorRT says of one would be taken for the other's.
ONE_AT_A_TIME = threading.Lock()


@cache
def logger_of(module: Any) -> Any:
    """One for the process, as TensorRT wants it; errors go to MESSAGES, nothing to stderr."""
    severities = module.ILogger.Severity
    errors = (severities.INTERNAL_ERROR, severities.ERROR)

    def log(self: Any, severity: Any, message: str) -> None:
        if severity in errors:
            MESSAGES.add(message)

    # Made here because its base is known only now; TensorRT wants its own __init__ called.
    kind = type("Log", (module.ILogger,), {"log": log})
    return kind()
