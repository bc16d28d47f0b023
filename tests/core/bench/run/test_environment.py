"""The memory of a machine and of a container on it. The container's files are made here."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from ocrx.bench.run import environment
from ocrx.system import memory

GB = 2**30


@pytest.fixture
def cgroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a container's limits, on a machine with 500 GB free."""
    monkeypatch.setattr(environment, "CGROUP", tmp_path)
    free = SimpleNamespace(available=500 * GB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    return tmp_path


def limit(cgroup: Path, most: str, used: int) -> None:
    (cgroup / "memory.max").write_text(f"{most}\n")
    (cgroup / "memory.current").write_text(f"{used}\n")


def test_a_container_has_what_its_limit_leaves(
    cgroup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(cgroup, str(GB), GB // 4)
    monkeypatch.setattr(memory, "LIMITS", (cgroup / "memory.max",))
    assert environment.free_mb() == 768
    assert environment.environment({"devices": [], "packages": {}}).memory_mb == 1024


def test_files_that_are_only_kept_in_memory_are_in_nobodys_way(cgroup: Path) -> None:
    limit(cgroup, str(4 * GB), 3 * GB)
    (cgroup / "memory.stat").write_text(
        f"anon {GB}\nfile {2 * GB}\nactive_file 4096\ninactive_file {2 * GB}\n"
    )
    assert environment.free_mb() == 3072


@pytest.mark.parametrize("most", ["max", str(1024 * GB)])
def test_without_a_limit_it_is_the_machine(cgroup: Path, most: str) -> None:
    assert environment.free_mb() == 500 * 1024
    limit(cgroup, most, 3 * GB)
    assert environment.free_mb() == 500 * 1024
