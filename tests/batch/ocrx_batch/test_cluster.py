"""`ocrx batch` on a Ray cluster that loses a worker and a node half-way."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ocrx_batch.cluster import room
from ocrx_cli.app import main
from support.pluginsite import Site
from support.samples import encode, gradient

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of what Ray leaves open
]

TESTS = Path(__file__).parents[2]
GPUS = 0.5
FREE = 5
"""Shards of two pictures that are narrow enough to pass the gate."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with pictures in `in`, and a reader that takes its time."""
    (tmp_path / "in").mkdir()
    for number in range(40):
        (tmp_path / f"in/{number:02}.png").write_bytes(encode(gradient(40 + number, 20)))
    (tmp_path / "in/bad.png").write_text("no picture")
    site = Site(tmp_path / "site")
    site.install("mortal", "", "mortal = support.mortal")
    for path in (str(TESTS), str(site.folder)):
        monkeypatch.syspath_prepend(path)
    monkeypatch.setenv("PYTHONPATH", f"{site.folder}{os.pathsep}{TESTS}")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    return tmp_path


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file without which the reader waits half-way."""
    monkeypatch.setenv("MORTAL_GATE", str(tmp_path / "gate"))
    return tmp_path / "gate"


@pytest.fixture
def cluster(here: Path, gate: Path) -> Iterator[Any]:
    """A cluster of two nodes, with two processors and one, which say that they have a GPU each."""
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 2, "num_gpus": 1, "include_dashboard": False}
    made = Cluster(True, head_node_args=head)
    try:
        made.add_node(num_cpus=1, num_gpus=1)
        yield made
    finally:
        made.shutdown()


def lines(output: Path) -> list[str]:
    """The lines of all pages, sorted."""
    parts = (output / "pages").iterdir()
    return sorted(line for part in parts for line in part.read_text("utf-8").splitlines())


def lose(cluster: Any, output: Path, gate: Path, lost: list[str]) -> None:
    """Once some is done and three workers read, which hold half a GPU each, kill one and a node
    with another."""
    import ray

    try:
        until = time.monotonic() + 60
        while len(_workers()) < 3 or len(list(output.glob("done/*.json"))) < FREE:
            assert time.monotonic() < until, "three workers have not come to read"
            time.sleep(0.05)
        while ray.available_resources().get("GPU") != 2 - 3 * GPUS:
            assert time.monotonic() < until, "the workers do not hold half a GPU each"
            time.sleep(0.05)
        node = cluster.list_all_nodes()[-1]
        [raylet] = [one.process.pid for one in node.all_processes["raylet"]]
        os.kill(next(pid for pid, parent in _workers().items() if parent != raylet), signal.SIGKILL)
        cluster.remove_node(node, allow_graceful=False)
        lost += ["worker", "node"]
    finally:
        gate.touch()


def _workers() -> dict[int, int]:
    """The processes of this machine that read for a cluster, with their parents."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if b"ray::RayWorker.read" in (process / "cmdline").read_bytes():
                state = (process / "stat").read_text().rpartition(")")[2]
                found[int(process.name)] = int(state.split()[1])
    return found


def test_workers_are_as_many_as_the_nodes_have_room_for() -> None:
    nodes = [
        {"Alive": True, "Resources": {"CPU": 3.0, "GPU": 1.0}},
        {"Alive": True, "Resources": {"CPU": 3.0}},
        {"Alive": False, "Resources": {"CPU": 64.0, "GPU": 8.0}},
    ]
    assert room(nodes, 1, 0) == 6
    assert room(nodes, 2, 0) == 2
    assert room(nodes, 1, 0.5) == 2
    assert room(nodes, 1, 2) == 0


def test_a_cluster_that_loses_a_worker_and_a_node_writes_what_one_machine_does(
    here: Path, cluster: Any, gate: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    command = ["batch", str(here / "in"), "-r", "mortal", "--shard", "2", "--cpus", "1"]
    here_alone, on_ray = here / "local", here / "ray"
    gate.touch()
    assert main([*command, "-o", str(here_alone)]) == 1
    gate.unlink()
    lost: list[str] = []
    losing = threading.Thread(target=lose, args=(cluster, on_ray, gate, lost))
    losing.start()
    ray = ["--engine", "ray", "--address", cluster.address, "--num-gpus", str(GPUS)]
    code = main([*command, "-o", str(on_ray), *ray])
    losing.join()
    said = capfd.readouterr().err
    assert code == 1, said
    assert lost == ["worker", "node"]
    assert said.count("a worker died") >= 2
    assert lines(on_ray) == lines(here_alone)
    for name in ("failed.jsonl", "manifest.json"):
        assert (on_ray / name).read_bytes() == (here_alone / name).read_bytes()
