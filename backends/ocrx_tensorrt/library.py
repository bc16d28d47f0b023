"""The Python module of TensorRT: finding one of the two, and collecting its messages."""

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

    TensorRT proper measures kernels while it builds, for the one GPU that it builds on. TensorRT
    for RTX chooses kernels without a GPU, for a whole architecture.
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
    """The requested module; "auto" means the first that loads. Raises BackendMissing."""
    reasons = []
    for name in MODULES if asked == "auto" else (asked,):
        try:
            return Library(import_library(name), name)
        # A wheel whose libraries are missing or of another version raises anything from ImportError
        # to OSError and AttributeError.
        except Exception as error:
            reasons.append(f"{type(error).__name__}: {error}".splitlines()[0])
    raise BackendMissing(
        f"TensorRT does not load ({'; '.join(reasons)})", f"Get it with: {library_remedy(asked)}"
    )


def import_library(name: str) -> Any:
    """The module of that name. Raises whatever it does if it is missing or broken."""
    module = importlib.import_module(name)
    # Where NVIDIA's own index is out of reach, pip installs a package without libraries, and an
    # empty folder of that name can be imported too. Neither has a Builder.
    return module.Builder and module


def library_remedy(asked: str = "auto") -> str:
    """The command that installs TensorRT on this machine."""
    if JETSON_RELEASE.is_file():
        return JETSON_REMEDY
    return RTX_REMEDY if asked == "tensorrt_rtx" else REMEDY


def driver_remedy() -> str:
    """How to get a driver, or a machine with a GPU if this one has none."""
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
    """The system and processor, such as "linux-x86_64". Engines run only where both match."""
    return f"{sys.platform}-{platform.machine().lower()}"


class Messages:
    """TensorRT's recent error messages. It gives reasons only to its logger."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=20)
        self._lock = threading.Lock()

    def add(self, line: str) -> None:
        with self._lock:
            self._lines.append(" ".join(line.split()))

    def take(self) -> str:
        """The messages since the last call, as one line."""
        with self._lock:
            lines = list(dict.fromkeys(self._lines))
            self._lines.clear()
        return "; ".join(lines) or "TensorRT gives no reason"


MESSAGES = Messages()

# Held while engines are built and loaded. Two builds at once would disturb each other's kernel
# timings, and the messages of one would be taken for the other's.
ONE_AT_A_TIME = threading.Lock()


@cache
def logger_of(module: Any) -> Any:
    """The logger, one per process as TensorRT requires. Errors go to MESSAGES, not to stderr."""
    severities = module.ILogger.Severity
    errors = (severities.INTERNAL_ERROR, severities.ERROR)

    def log(self: Any, severity: Any, message: str) -> None:
        if severity in errors:
            MESSAGES.add(message)

    # The base class is known only now, and TensorRT requires its own __init__ to be called.
    kind = type("Log", (module.ILogger,), {"log": log})
    return kind()
