"""Weights in the cache: downloads, damaged files, and several processes at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import filelock
import pytest

from ocrx.artifacts import Source
from ocrx.errors import ChecksumMismatch, OfflineError, WeightsError
from ocrx.weights.download import PART
from ocrx.weights.store import Location, Store
from support.fileserver import CONTENT, DIGEST, FileServer


def test_a_download_is_kept(store: Store, server: FileServer) -> None:
    source = server.source()
    assert store.find(source) is None
    assert store.locate(source) == Location("missing", store.cache_path(source))
    path = store.path(source)
    assert path.read_bytes() == CONTENT
    assert path == store.cache_dir / "models" / DIGEST[:16] / "weights.onnx"
    assert store.path(source) == store.find(source) == path
    assert store.locate(source) == Location("cache", path)
    assert server.asked == [""]


def test_the_case_of_a_checksum_does_not_matter(store: Store, source: Source) -> None:
    shouted = replace(source, sha256=DIGEST.upper())
    assert store.path(shouted) == store.path(source)


def test_tells_the_progress(cache_dir: Path, source: Source) -> None:
    names = []

    class Bar:
        def __init__(self, name: str) -> None:
            names.append(name)

        def update(self, done: int, total: int | None) -> None:
            assert total == len(CONTENT)

        def close(self) -> None:
            names.append("closed")

    Store(cache_dir, progress=Bar).path(source)
    assert names == ["weights.onnx", "closed"]


def test_offline_forbids_the_download(cache_dir: Path, server: FileServer) -> None:
    store = Store(cache_dir, offline=True)
    source = server.source()
    with pytest.raises(OfflineError) as caught:
        store.path(source)
    assert "weights.onnx" in caught.value.message
    assert server.url in caught.value.message
    assert "ocrx models pull weights.onnx" in caught.value.remedy
    assert str(store.cache_path(source)) in caught.value.remedy
    assert server.asked == []
    assert not cache_dir.exists()


def test_a_file_put_into_the_cache_by_hand_works_offline(cache_dir: Path, source: Source) -> None:
    store = Store(cache_dir, offline=True)
    place = store.cache_path(source)
    assert place is not None
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    assert store.path(source) == place


def test_a_damaged_file_in_the_cache_is_fetched_anew(store: Store, server: FileServer) -> None:
    source = server.source()
    path = store.path(source)
    path.write_bytes(CONTENT[:-1] + b"?")
    assert store.find(source) is None
    assert store.path(source) == path
    assert path.read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_a_damaged_file_offline(cache_dir: Path, source: Source) -> None:
    path = Store(cache_dir).path(source)
    path.write_bytes(b"damaged")
    with pytest.raises(OfflineError, match="is damaged") as caught:
        Store(cache_dir, offline=True).path(source)
    assert str(path) in caught.value.message


def test_a_damaged_file_is_not_kept_when_fetching_fails(store: Store, server: FileServer) -> None:
    source = server.source()
    path = store.path(source)
    path.write_bytes(b"damaged")
    server.status = 404
    with pytest.raises(WeightsError, match="HTTP 404"):
        store.path(source)
    assert not path.exists()


def test_a_wrong_download_is_not_kept(store: Store, server: FileServer) -> None:
    source = replace(server.source(), sha256="0" * 64)
    with pytest.raises(ChecksumMismatch) as caught:
        store.path(source)
    for fact in (str(store.cache_path(source)), "0" * 64, DIGEST):
        assert fact in caught.value.message
    assert store.locate(source).origin == "missing"


def test_a_source_without_a_place(store: Store) -> None:
    for source in (Source("weights.onnx"), Source("weights.onnx", sha256=DIGEST)):
        assert store.find(source) is None
        with pytest.raises(WeightsError, match="no place to fetch it from"):
            store.path(source)


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", "c:x", "", ".", ".."])
def test_a_file_name_that_would_leave_the_cache(store: Store, source: Source, name: str) -> None:
    with pytest.raises(WeightsError, match="is not the name of a file"):
        store.path(Source(name, url=source.url, sha256=DIGEST))


def test_a_cache_that_is_a_file(tmp_path: Path, source: Source) -> None:
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(WeightsError, match="cannot be written") as caught:
        Store(tmp_path / "cache").path(source)
    assert str(tmp_path / "cache") in caught.value.message
    assert "OCRX_CACHE_DIR" in caught.value.remedy


def test_a_cache_that_is_read_only(
    store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    with pytest.raises(WeightsError, match="Read-only file system") as caught:
        store.path(source)
    assert "OCRX_CACHE_DIR" in caught.value.remedy


def test_what_is_in_a_read_only_cache_can_be_used(
    store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store.path(source)
    monkeypatch.setattr(filelock.FileLock, "acquire", pytest.fail)
    assert store.path(source) == path


def test_a_cache_without_locks(
    store: Store, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise NotImplementedError("no flock")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    with pytest.raises(WeightsError, match="without locks"):
        store.path(source)


def test_a_folder_in_the_place_of_the_file(store: Store, source: Source) -> None:
    place = store.cache_path(source)
    assert place is not None
    place.mkdir(parents=True)
    with pytest.raises(WeightsError, match="cannot be written"):
        store.path(source)


# Several at once


def test_threads_download_once(store: Store, server: FileServer) -> None:
    source = server.source()
    server.pause = 0.02
    barrier = threading.Barrier(6)
    found: list[Path] = []

    def ask() -> None:
        barrier.wait()
        found.append(store.path(source))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [store.cache_path(source)] * 6
    assert server.asked == [""]


ASK = """
import sys
from pathlib import Path
from ocrx.artifacts import Source
from ocrx.weights.store import Store
cache, url, sha256 = sys.argv[1:]
print(Store(Path(cache)).path(Source("weights.onnx", url=url, sha256=sha256)))
"""


def ask_elsewhere(cache_dir: Path, server: FileServer) -> subprocess.Popen[str]:
    """Another process that wants the file."""
    command = [sys.executable, "-c", ASK, str(cache_dir), server.url, DIGEST]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_processes_download_once(cache_dir: Path, server: FileServer) -> None:
    server.pause = 0.2
    processes = [ask_elsewhere(cache_dir, server) for _ in range(2)]
    printed = [process.communicate()[0].strip() for process in processes]
    path = cache_dir / "models" / DIGEST[:16] / "weights.onnx"
    assert printed == [str(path)] * 2
    assert path.read_bytes() == CONTENT
    assert server.asked == [""]


def test_a_killed_process_blocks_nobody(cache_dir: Path, server: FileServer) -> None:
    server.pause = 0.3
    path = cache_dir / "models" / DIGEST[:16] / "weights.onnx"
    part = path.with_name(path.name + PART)
    with ask_elsewhere(cache_dir, server) as process:
        while not (part.exists() and part.stat().st_size):
            assert process.poll() is None, "ended before it could be killed"
        process.kill()
    assert not path.exists()
    server.pause = 0
    assert Store(cache_dir).path(server.source()) == path
    assert path.read_bytes() == CONTENT
    assert server.asked[0] == ""
    assert server.asked[1].startswith("bytes=")
