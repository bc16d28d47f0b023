from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrx.artifacts import Checksum
from ocrx.errors import ChecksumMismatch, WeightsError
from ocrx.weights import download
from ocrx.weights.download import PART, fetch
from support.fileserver import FileServer, serve

CONTENT = os.urandom(1_000_003)
DIGEST = Checksum("sha256", sha256(CONTENT).hexdigest())


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(CONTENT) as running:
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "weights.onnx"


def part_of(target: Path) -> Path:
    return target.with_name(target.name + PART)


class Watched:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.seen: list[tuple[int, int | None]] = []
        self.closed = 0

    def __call__(self, name: str) -> Watched:
        self.names.append(name)
        return self

    def update(self, done: int, total: int | None) -> None:
        self.seen.append((done, total))

    def close(self) -> None:
        self.closed += 1


def test_downloads_and_leaves_nothing_else(server: FileServer, target: Path) -> None:
    fetch(server.url, target, DIGEST)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert server.asked == [""]


def test_tells_the_progress(server: FileServer, target: Path) -> None:
    watched = Watched()
    fetch(server.url, target, DIGEST, progress=watched)
    assert watched.names == ["weights.onnx"]
    assert watched.seen[0] == (0, len(CONTENT))
    assert watched.seen[-1] == (len(CONTENT), len(CONTENT))
    assert watched.seen == sorted(watched.seen)
    assert watched.closed == 1


def test_takes_the_size_from_the_source_if_the_server_does_not_tell(
    server: FileServer, target: Path
) -> None:
    server.length = False
    watched = Watched()
    fetch(server.url, target, DIGEST, len(CONTENT), watched)
    assert target.read_bytes() == CONTENT
    assert watched.seen[-1] == (len(CONTENT), len(CONTENT))


def test_a_size_is_not_needed(server: FileServer, target: Path) -> None:
    server.length = False
    fetch(server.url, target, DIGEST)
    assert target.read_bytes() == CONTENT


def test_a_wrong_size_in_the_source_does_no_harm(server: FileServer, target: Path) -> None:
    part_of(target).write_bytes(CONTENT[:100])
    fetch(server.url, target, DIGEST, 100)
    assert target.read_bytes() == CONTENT


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(have=st.integers(0, 3000), cut=st.none() | st.integers(1, 3000), ranges=st.booleans())
def test_whatever_part_is_here_the_whole_arrives(
    tmp_path: Path, have: int, cut: int | None, ranges: bool
) -> None:
    content = CONTENT[:2500]
    target = tmp_path / "weights.onnx"
    part_of(target).write_bytes((content + CONTENT[:500])[:have])
    with serve(content) as server:
        server.ranges, server.cut, server.cuts = ranges, cut, 1 if ranges and cut else 0
        fetch(server.url, target, Checksum("sha256", sha256(content).hexdigest()))
    assert target.read_bytes() == content


def test_goes_on_where_it_stopped(server: FileServer, target: Path) -> None:
    part_of(target).write_bytes(CONTENT[:400_000])
    watched = Watched()
    fetch(server.url, target, DIGEST, progress=watched)
    assert target.read_bytes() == CONTENT
    assert server.asked == ["bytes=400000-"]
    assert watched.seen[0] == (400_000, len(CONTENT))


def test_starts_over_where_the_server_knows_no_ranges(server: FileServer, target: Path) -> None:
    server.ranges = False
    part_of(target).write_bytes(CONTENT[:400_000])
    fetch(server.url, target, DIGEST)
    assert target.read_bytes() == CONTENT
    assert server.asked == ["bytes=400000-"]


def test_starts_over_if_the_part_is_of_another_file(server: FileServer, target: Path) -> None:
    part_of(target).write_bytes(b"\0" * 400_000)
    fetch(server.url, target, DIGEST)
    assert target.read_bytes() == CONTENT
    assert server.asked == ["bytes=400000-", ""]


def test_a_part_that_is_the_whole_is_not_asked_for_again(server: FileServer, target: Path) -> None:
    part_of(target).write_bytes(CONTENT)
    fetch(server.url, target, DIGEST)
    assert target.read_bytes() == CONTENT
    assert server.asked == []


def test_starts_over_if_the_server_answers_with_another_range(
    server: FileServer, target: Path
) -> None:
    server.shift = 1
    part_of(target).write_bytes(CONTENT[:10])
    fetch(server.url, target, DIGEST)
    assert target.read_bytes() == CONTENT
    assert server.asked == ["bytes=10-", ""]


@pytest.mark.parametrize("extra", [1, 1000])
def test_a_part_longer_than_the_file(server: FileServer, target: Path, extra: int) -> None:
    part_of(target).write_bytes(CONTENT + b"\0" * extra)
    fetch(server.url, target, DIGEST)
    assert target.read_bytes() == CONTENT


def test_a_cut_connection_is_taken_up_again(server: FileServer, target: Path) -> None:
    server.cut, server.cuts = 300_000, 2
    fetch(server.url, target, DIGEST)
    assert target.read_bytes() == CONTENT
    assert server.asked == ["", "bytes=300000-", "bytes=600000-"]


def test_a_connection_that_brings_nothing_more_is_given_up(
    server: FileServer, target: Path
) -> None:
    server.ranges, server.cut, server.cuts = False, 300_000, 99
    with pytest.raises(WeightsError, match=r"cut after 300000 bytes") as caught:
        fetch(server.url, target, DIGEST)
    assert server.url in caught.value.message
    assert str(target) in caught.value.remedy
    assert len(server.asked) == 2
    assert not target.exists()
    assert part_of(target).stat().st_size == 300_000


def test_a_server_that_falls_silent_is_given_up(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    server.pause = 1.0
    with pytest.raises(WeightsError, match="timed out"):
        fetch(server.url, target, DIGEST)
    assert not target.exists()


def test_a_wrong_file_is_not_kept(server: FileServer, target: Path) -> None:
    watched = Watched()
    with pytest.raises(ChecksumMismatch) as caught:
        fetch(server.url, target, Checksum("sha256", "0" * 64), progress=watched)
    for fact in (str(target), server.url, DIGEST.value, "0" * 64):
        assert fact in caught.value.message
    assert list(target.parent.iterdir()) == []
    assert len(server.asked) == 1
    assert watched.closed == 1


def test_a_wrong_file_resumed_is_asked_for_once_more_and_not_kept(
    server: FileServer, target: Path
) -> None:
    part_of(target).write_bytes(CONTENT[:10])
    with pytest.raises(ChecksumMismatch):
        fetch(server.url, target, Checksum("sha256", "0" * 64))
    assert server.asked == ["bytes=10-", ""]
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("status", [403, 404, 416, 500, 503])
def test_an_http_error_is_told(server: FileServer, target: Path, status: int) -> None:
    server.status = status
    with pytest.raises(WeightsError, match=f"HTTP {status}") as caught:
        fetch(server.url, target, DIGEST)
    assert server.url in caught.value.message
    assert str(target) in caught.value.remedy


def test_an_http_error_keeps_the_part(server: FileServer, target: Path) -> None:
    server.status = 503
    part_of(target).write_bytes(CONTENT[:10])
    with pytest.raises(WeightsError, match="HTTP 503"):
        fetch(server.url, target, DIGEST)
    assert part_of(target).read_bytes() == CONTENT[:10]


def test_follows_a_redirect_and_still_resumes(server: FileServer, target: Path) -> None:
    part_of(target).write_bytes(CONTENT[:400_000])
    with serve(b"") as door:
        door.redirect = server.url
        fetch(door.url, target, DIGEST)
    assert target.read_bytes() == CONTENT
    assert server.asked == ["bytes=400000-"]


@pytest.mark.parametrize("where", ["file:///etc/hostname", "ftp://127.0.0.1/x"])
def test_is_not_led_away_from_http(server: FileServer, target: Path, where: str) -> None:
    server.redirect = where
    with pytest.raises(WeightsError, match="could not be downloaded"):
        fetch(server.url, target, DIGEST)
    with pytest.raises(WeightsError, match="could not be downloaded"):
        fetch(where, target, DIGEST)
    assert not target.exists()


@pytest.mark.parametrize("url", ["", "weights.onnx", "http://", "http://[", "http://a b/"])
def test_a_url_that_is_none(target: Path, url: str) -> None:
    with pytest.raises(WeightsError, match="could not be downloaded"):
        fetch(url, target, DIGEST)


def test_a_refused_connection(target: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/weights.onnx"
        with pytest.raises(WeightsError, match="refused") as caught:
            fetch(url, target, DIGEST)
    assert url in caught.value.message
    assert "HTTPS_PROXY" in caught.value.remedy


def test_a_host_nobody_knows(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(WeightsError, match=r"nowhere\.invalid.*Name or service not known"):
        fetch("http://nowhere.invalid/weights.onnx", target, DIGEST)


def test_heeds_the_proxy_of_the_environment(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    fetch("http://nowhere.invalid/weights.onnx", target, DIGEST)
    assert target.read_bytes() == CONTENT


def test_something_that_is_no_web_server(target: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/weights.onnx"

        def answer() -> None:
            connection = listener.accept()[0]
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(WeightsError, match="could not be downloaded"):
            fetch(url, target, DIGEST)
        thread.join()


class FullDisk:
    """A file on a disk that has room for no more than 300 000 bytes."""

    def __init__(self, file: IO[bytes], error: int) -> None:
        self._file = file
        self._error = error

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        if self._file.tell() + len(data) > 300_000:
            raise OSError(self._error, os.strerror(self._error))
        return self._file.write(data)


@pytest.fixture
def failing_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def fail_with(error: int) -> None:
        really_open = Path.open

        def open_full(self: Path, mode: str = "r") -> Any:
            file = really_open(self, mode)
            return FullDisk(file, error) if mode in ("wb", "r+b") else file

        monkeypatch.setattr(Path, "open", open_full)

    return fail_with


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_and_freed(
    server: FileServer, target: Path, failing_disk: Callable[[int], None], error: int
) -> None:
    failing_disk(error)
    with pytest.raises(WeightsError, match="disk is full") as caught:
        fetch(server.url, target, DIGEST)
    assert str(target) in caught.value.message
    assert "OCRX_CACHE_DIR" in caught.value.remedy
    assert list(target.parent.iterdir()) == []


def test_a_disk_that_fails_is_not_taken_for_the_connection(
    server: FileServer, target: Path, failing_disk: Callable[[int], None]
) -> None:
    failing_disk(errno.EIO)
    with pytest.raises(WeightsError, match="cannot be written") as caught:
        fetch(server.url, target, DIGEST)
    assert str(target) in caught.value.message
    assert len(server.asked) == 1
    assert not target.exists()


def test_a_folder_that_is_not_there(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be written"):
        fetch(server.url, tmp_path / "no" / "weights.onnx", DIGEST)


def test_a_killed_download_is_continued(server: FileServer, target: Path) -> None:
    server.pause = 0.1
    code = (
        "import sys; from pathlib import Path; from ocrx.artifacts import Checksum; "
        "from ocrx.weights.download import fetch; "
        "fetch(sys.argv[1], Path(sys.argv[2]), Checksum('sha256', sys.argv[3]))"
    )
    command = [sys.executable, "-c", code, server.url, str(target), DIGEST.value]
    with subprocess.Popen(command) as process:
        while not (part_of(target).exists() and part_of(target).stat().st_size):
            assert process.poll() is None, "ended before it could be killed"
        process.kill()
    arrived = part_of(target).stat().st_size
    assert 0 < arrived < len(CONTENT)
    assert not target.exists()
    server.pause = 0
    fetch(server.url, target, DIGEST)
    assert target.read_bytes() == CONTENT
    assert server.asked == ["", f"bytes={arrived}-"]
