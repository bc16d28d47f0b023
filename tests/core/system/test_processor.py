"""What systems tell of their processors."""

from __future__ import annotations

import subprocess

import pytest

from ocrx.system.processor import named_devices, parse_cpuinfo, parse_sysctl, processor

X86 = """processor\t: 0
model name\t: AMD EPYC 9354 32-Core Processor
flags\t\t: fpu sse2 avx2 avx512f avx512_vnni avx512_bf16
processor\t: 1
model name\t: AMD EPYC 9354 32-Core Processor
"""
ARM = "processor\t: 0\nFeatures\t: fp asimd asimddp i8mm bf16\n"
APPLE = """machdep.cpu.brand_string: Apple M2
hw.optional.neon: 1
hw.optional.arm.FEAT_DotProd: 1
hw.optional.arm.FEAT_BF16: 1
hw.optional.arm.FEAT_SME: 0
"""


def test_linux_on_x86() -> None:
    found = parse_cpuinfo(X86)
    assert found.name == "AMD EPYC 9354 32-Core Processor"
    assert found.flags == ("avx2", "avx512", "avx512_vnni", "avx512_bf16")


def test_linux_on_arm() -> None:
    found = parse_cpuinfo(ARM)
    assert found.name
    assert found.flags == ("neon", "dotprod", "i8mm", "bf16")


def test_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_sysctl(APPLE).name == "Apple M2"
    monkeypatch.setattr("sys.platform", "darwin")
    done = subprocess.CompletedProcess([], 0, APPLE)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: done)
    assert processor().flags == ("neon", "dotprod", "bf16")


def test_macos_without_sysctl(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("subprocess.run", missing)
    assert processor().flags == ()


def test_nothing_known() -> None:
    assert parse_cpuinfo("").name
    assert parse_cpuinfo("").flags == ()


def test_devices_are_told_with_their_names() -> None:
    names = {"cuda:0": "NVIDIA L4", "gpu": ""}
    assert named_devices(["cpu", "cuda:0", "gpu"], names) == ["cpu", "cuda:0 (NVIDIA L4)", "gpu"]
