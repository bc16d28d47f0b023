"""Files that are published inside a zip archive, some with an md5 alone."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest

from ocrx.artifacts import Source
from ocrx.errors import ChecksumMismatch, OfflineError
from ocrx.weights.download import PART, ZIPPED
from ocrx.weights.store import Store
from support.fileserver import FileServer, serve

CONTENT = os.urandom(300_001)
SUMS: list[dict[str, str]] = [
    {"sha256": hashlib.sha256(CONTENT).hexdigest()},
    {"md5": hashlib.md5(CONTENT).hexdigest().upper()},
]


def archive(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(f"{name}.pth", content)
    return made.getvalue()


ARCHIVE = archive(other=b"something else", own=CONTENT)


def source(server: FileServer, sha256: str | None = None, md5: str | None = None) -> Source:
    return Source("own.pth", url=server.url, sha256=sha256, md5=md5, member="own.pth")


@pytest.mark.parametrize("checksum", SUMS)
def test_the_member_is_kept_and_the_archive_is_not(
    tmp_path: Path, checksum: dict[str, str]
) -> None:
    store = Store(tmp_path)
    with serve(ARCHIVE) as server:
        for _ in range(2):
            path = store.path(source(server, **checksum))
            assert path.read_bytes() == CONTENT
        assert len(server.asked) == 1
    assert [one.name for one in path.parent.iterdir() if one.suffix != ".lock"] == ["own.pth"]


@pytest.mark.parametrize("checksum", SUMS)
def test_a_damaged_file_in_the_cache_is_fetched_again(
    tmp_path: Path, checksum: dict[str, str]
) -> None:
    store = Store(tmp_path)
    with serve(ARCHIVE) as server:
        path = store.path(source(server, **checksum))
        path.write_bytes(CONTENT[:-1])
        assert store.path(source(server, **checksum)).read_bytes() == CONTENT
        assert len(server.asked) == 2


def test_an_interrupted_download_goes_on(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with serve(ARCHIVE) as server:
        wanted = source(server, **SUMS[1])
        path = store.cache_path(wanted)
        assert path is not None
        path.parent.mkdir(parents=True)
        path.with_name(path.name + ZIPPED + PART).write_bytes(ARCHIVE[:100_000])
        assert store.path(wanted).read_bytes() == CONTENT
        assert server.asked == ["bytes=100000-"]


@pytest.mark.parametrize(
    "served",
    [archive(own=CONTENT[1:]), archive(other=CONTENT), CONTENT, b"<html>", ARCHIVE[:-30]],
    ids=["another file", "no such member", "no archive", "a page", "cut off"],
)
@pytest.mark.parametrize("checksum", SUMS)
def test_anything_else_is_refused_and_not_kept(
    tmp_path: Path, served: bytes, checksum: dict[str, str]
) -> None:
    with serve(served) as server, pytest.raises(ChecksumMismatch, match=r"own\.pth with the"):
        Store(tmp_path).path(source(server, **checksum))
    assert not [one for one in tmp_path.rglob("own*") if one.is_file() and one.suffix != ".lock"]


def test_offline_it_says_what_to_do(tmp_path: Path) -> None:
    wanted = Source("own.pth", url="http://127.0.0.1:1/own.zip", member="own.pth", md5="0" * 32)
    with pytest.raises(OfflineError, match=r"ocrx models pull own\.pth"):
        Store(tmp_path, offline=True).path(wanted)


def test_a_url_needs_a_checksum() -> None:
    with pytest.raises(ValueError, match="a source with a URL needs a sha256"):
        Source("own.pth", url="http://127.0.0.1:1/own.zip", member="own.pth")
