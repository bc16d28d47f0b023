"""The devices for ONNX Runtime: its execution providers, and the GPUs that the driver finds."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}
DISTRIBUTIONS = ("onnxruntime", "onnxruntime-gpu")


def list_devices(providers: Sequence[str]) -> tuple[str, ...]:
    """ "cpu", then "cuda:0", "tensorrt:0", ... for each of these providers that the installed
    package has and each GPU found."""
    kinds = [kind for kind in ("cuda", "tensorrt") if PROVIDERS[kind] in providers]
    gpus = range(count_gpus()) if kinds else ()
    return ("cpu", *(f"{kind}:{index}" for kind in kinds for index in gpus))


def count_gpus() -> int:
    """The number of NVIDIA GPUs; 0 where there is no driver."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def installed_distributions() -> dict[str, str]:
    """The installed packages of ONNX Runtime, of the two that exist, with their versions."""
    found = {}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def describe_installation(installed: dict[str, str]) -> str:
    """A warning if both packages are installed, else ""."""
    if len(installed) < len(DISTRIBUTIONS):
        return ""
    both = " and ".join(f"{name} {number}" for name, number in installed.items())
    return (
        f"{both} are both installed and overwrite each other's files; "
        "uninstall both, then install the one you want"
    )
