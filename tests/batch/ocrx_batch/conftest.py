"""Shards of small pictures, read in this process with a fake."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from ocrx_batch.engine import Done, Job, Shard
from ocrx_batch.reading import ShardReader
from support.samples import encode, gradient

Reading = Callable[..., Done]


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Writes pictures of these widths into the folder `in`, which is here. Returns their names."""
    monkeypatch.chdir(tmp_path)

    def make(*widths: int) -> list[str]:
        names = [f"in/{number:02}.png" for number in range(len(widths))]
        for name, width in zip(names, widths, strict=True):
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_bytes(encode(gradient(width, 20)))
        return names

    return make


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the fake reader, and the writers, all there is."""
    named = {
        "fake": "support.fakereader",
        "output": "ocrx.output.plugin",
        "batch": "ocrx_batch",
        "pdf": "ocrx_pdf",
    }
    points = [EntryPoint(name, value, "ocrx") for name, value in named.items()]
    monkeypatch.setattr("ocrx.plugins.registry.entry_points", lambda group: points)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points)


@pytest.fixture
def reading(fake: None) -> Reading:
    """Reads sources as one shard in this process, and writes them to the folder `out`."""

    def read(*sources: str, form: str = "jsonl", number: int = 0) -> Done:
        job = Job({"page_reader": "fake"}, {}, form, {}, "out", 60.0, 1)
        answer = ShardReader(job).read(Shard(number, sources))
        if not isinstance(answer, Done):
            raise answer
        return answer

    return read
