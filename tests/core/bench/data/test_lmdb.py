"""LMDB as the recognition benchmarks use it: read bit by bit, from anywhere, and damaged."""

from __future__ import annotations

import pickle
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import lmdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrx.bench.data import extra
from ocrx.bench.data.formats.lmdb import BLOCK, LmdbSamples
from ocrx.bench.data.load import load_dataset
from ocrx.errors import InputError, UsageError
from ocrx.images.document import Blob
from support.datasets import put_lmdb
from support.samples import decode, encode, gradient

PNG = encode(gradient(9, 7))
TEXTS = st.lists(st.tuples(st.binary(min_size=1, max_size=50), st.text(max_size=20)), max_size=6)


@given(TEXTS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, samples: list[tuple[bytes, str]]
) -> None:
    folder = put_lmdb(tmp_path_factory.mktemp("lmdb"), [(PNG, "first"), *samples])
    dataset = load_dataset(folder)
    assert (dataset.kind, dataset.path) == ("lines", folder)
    read = []
    for sample in dataset.samples:
        assert isinstance(sample.source, Blob)
        read.append((sample.source.data, sample.text))
    assert read == [(PNG, "first"), *samples]


def test_samples_by_index_and_slice(tmp_path: Path) -> None:
    count = BLOCK + 3
    put_lmdb(tmp_path, [(PNG, str(number)) for number in range(1, count + 1)])
    samples = load_dataset(tmp_path / "data.mdb").samples
    assert len(samples) == count
    assert [int(sample.text) for sample in samples] == [*range(1, count + 1)]
    assert (samples[0].name, samples[-1].name) == ("image-000000001", f"image-{count:09d}")
    assert [sample.text for sample in samples[2:8:3]] == ["3", "6"]
    assert decode(samples[1].source).shape == (7, 9, 3)
    with pytest.raises(IndexError):
        samples[count]


def test_samples_for_other_processes(tmp_path: Path) -> None:
    put_lmdb(tmp_path, [(PNG, str(number)) for number in range(4)])
    samples = load_dataset(tmp_path).samples
    assert pickle.loads(pickle.dumps(samples))[3] == samples[3]


def test_samples_for_several_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_lmdb(tmp_path, [(PNG, str(number)) for number in range(20)])
    first, second = (load_dataset(tmp_path).samples for _ in range(2))
    opened = lmdb.open

    def slowly(*arguments: Any, **settings: Any) -> lmdb.Environment:
        environment = opened(*arguments, **settings)
        time.sleep(0.001)  # another thread comes
        return environment

    monkeypatch.setattr(lmdb, "open", slowly)
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda index: first[index].text + second[index].text, range(20)))
    assert texts == [f"{number}{number}" for number in range(20)]


def test_nothing_is_kept_in_memory(tmp_path: Path) -> None:
    put_lmdb(tmp_path, [(b"x" * 100_000, "A")] * 50)
    assert len(pickle.dumps(load_dataset(tmp_path).samples)) < 1000


def test_a_picture_or_label_that_is_missing_is_named(tmp_path: Path) -> None:
    put_lmdb(tmp_path, [(PNG, "A"), (PNG, "B")], image_000000002=None)
    samples = load_dataset(tmp_path).samples
    assert samples[0].text == "A"
    with pytest.raises(InputError, match="has no image-000000002"):
        list(samples)
    put_lmdb(tmp_path, [(PNG, "A"), (PNG, "B")], label_000000001=b"\xff")
    with pytest.raises(InputError, match=r"label-000000001 in .* is not UTF-8"):
        samples[0]


@pytest.mark.parametrize("count", [None, b"many", b"7"])
def test_a_wrong_number_of_samples(tmp_path: Path, count: bytes | None) -> None:
    put_lmdb(tmp_path, [(PNG, "A")], num_samples=count)
    with pytest.raises(InputError, match=r"no number under|7 samples but has 3 entries"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000])
def test_what_is_no_lmdb(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.mdb").write_bytes(content)
    with pytest.raises(InputError, match=r"cannot be read as LMDB|is cut off"):
        load_dataset(tmp_path)


def test_an_lmdb_that_is_cut_off_does_not_end_the_process(tmp_path: Path) -> None:
    put_lmdb(tmp_path, [(b"x" * 50_000, "A")] * 4)
    file = tmp_path / "data.mdb"
    file.write_bytes(file.read_bytes()[:60_000])
    with pytest.raises(InputError, match=r"is cut off: it should have \d+ bytes. Copy it again"):
        load_dataset(tmp_path)


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_lmdb(tmp_path, [(PNG, "A")])
    monkeypatch.setitem(sys.modules, "lmdb", None)
    with pytest.raises(
        UsageError, match=r"lmdb, which is not installed.*pip install 'ocrx\[bench\]'"
    ):
        LmdbSamples(tmp_path, range(1, 2))[0]


def test_a_module_that_is_there() -> None:
    assert extra.bench_module("pickle") is pickle
