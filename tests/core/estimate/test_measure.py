from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ocrx.errors import BackendError
from ocrx.estimate import measure
from ocrx.estimate.measure import last_level_cache, this_cpu
from ocrx.names import Precision
from ocrx.system import processor as machine


@pytest.mark.slow
@pytest.mark.alone
def test_this_processor_is_measured() -> None:
    found = this_cpu()
    assert found.name == "this-cpu"
    assert 0.001 < found.tflops["fp32"] < 1000
    assert found.tflops["int8"] >= 4 * found.tflops["fp32"]
    assert 0.5 < found.bandwidth < 10_000
    assert found.cache_bandwidth is not None
    assert found.cache_bandwidth > 1
    assert "measured here" in found.source


@pytest.mark.parametrize(
    ("flags", "precision", "factor"),
    [
        ((), "bf16", 1),
        (("avx512_bf16",), "bf16", 2),
        (("avx512_bf16", "amx_bf16"), "bf16", 16),
        (("fp16",), "fp16", 2),
        ((), "int8", 4),
        (("i8mm",), "int8", 8),
    ],
)
def test_other_precisions_follow_from_the_instruction_set(
    monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...], precision: Precision, factor: float
) -> None:
    monkeypatch.setattr(measure, "processor", lambda: machine.Processor("P", flags))
    monkeypatch.setattr(measure, "_probe", lambda cores: (1e11, 2e10, 5e10))
    monkeypatch.setattr(measure, "available_cpus", lambda: 2)
    found = this_cpu()
    assert (found.label, found.tflops["fp32"]) == ("P, 2 cores", 0.2)
    assert (found.bandwidth, found.cache_bandwidth) == (20, 100)
    assert found.tflops[precision] == pytest.approx(0.2 * factor)


def test_the_largest_cache_counts(tmp_path: Path) -> None:
    for index, size in enumerate(("32K", "1024K", "32M", "")):
        folder = tmp_path / f"index{index}"
        folder.mkdir()
        (folder / "size").write_text(f"{size}\n")
    assert last_level_cache(tmp_path) == 32 * 2**20
    assert last_level_cache(tmp_path / "nothing") == sys.maxsize


def test_a_probe_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "PROBE", "raise SystemExit(3)")
    with pytest.raises(BackendError, match=r"could not be measured: exit code 3\. .*--device"):
        this_cpu()
