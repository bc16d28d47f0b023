"""The machine's processor, the instruction sets that speed up networks, and names of devices."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FLAGS = {
    "avx2": "avx2",
    "avx512f": "avx512",
    "avx_vnni": "avx_vnni",
    "avx512_vnni": "avx512_vnni",
    "avx512_bf16": "avx512_bf16",
    "avx512_fp16": "avx512_fp16",
    "amx_tile": "amx",
    "amx_bf16": "amx_bf16",
    "amx_int8": "amx_int8",
    "neon": "neon",
    "asimd": "neon",
    "asimddp": "dotprod",
    "asimdhp": "fp16",
    "i8mm": "i8mm",
    "bf16": "bf16",
    "sve": "sve",
    "hw.optional.avx2_0": "avx2",
    "hw.optional.avx512f": "avx512",
    "hw.optional.neon": "neon",
    "hw.optional.arm.AdvSIMD": "neon",
    "hw.optional.arm.FEAT_DotProd": "dotprod",
    "hw.optional.arm.FEAT_FP16": "fp16",
    "hw.optional.arm.FEAT_I8MM": "i8mm",
    "hw.optional.arm.FEAT_BF16": "bf16",
}
"""The instruction sets that matter, from the names that Linux and macOS use to ours."""


@dataclass(frozen=True)
class Processor:
    name: str
    flags: tuple[str, ...]


def processor() -> Processor:
    """This machine's processor. It has no flags where the system does not list them."""
    if sys.platform == "darwin":
        return parse_sysctl(_sysctl())
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        return parse_cpuinfo(cpuinfo.read_text(encoding="utf-8", errors="replace"))
    return Processor(_fallback_name(), ())


def parse_cpuinfo(text: str) -> Processor:
    """The processor that the text of Linux's /proc/cpuinfo describes."""
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
    return Processor(
        name[1].strip() if name else _fallback_name(), _known(flags[1].split() if flags else [])
    )


def parse_sysctl(text: str) -> Processor:
    """The processor that the output of macOS's sysctl describes."""
    values = dict(re.findall(r"^([\w.]+): (.*)$", text, re.MULTILINE))
    present = [name for name, value in values.items() if value.strip() == "1"]
    return Processor(values.get("machdep.cpu.brand_string", _fallback_name()), _known(present))


def _known(flags: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ours for theirs, ours in FLAGS.items() if theirs in flags))


def _sysctl() -> str:
    try:
        found = subprocess.run(
            ["/usr/sbin/sysctl", "machdep.cpu.brand_string", "hw.optional"],
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout


def _fallback_name() -> str:
    return platform.processor() or platform.machine() or "unknown"


def named_devices(devices: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Each device, followed by its product name if that is known: "cuda:0 (NVIDIA L4)"."""
    return [f"{name} ({names[name]})" if names.get(name) else name for name in devices]
