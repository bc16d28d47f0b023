"""Files that appear whole or not at all, in a folder here and behind a URL."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from ocrx.errors import InputError, UsageError
from ocrx_batch.folder import UNFINISHED, CannotWrite, Folder, RemoteFolder, open_folder


@pytest.fixture(params=["path", "url"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    if request.param == "path":
        return open_folder(str(tmp_path / "out"))
    return open_folder(f"file://{tmp_path}/out")


def test_a_file_appears_at_the_end(folder: Folder, tmp_path: Path) -> None:
    with folder.whole("pages/a.txt") as sink:
        sink.write(b"one ")
        assert not (tmp_path / "out/pages/a.txt").exists()
        sink.write(b"two")
    assert folder.read("pages/a.txt") == b"one two"
    assert folder.names("pages") == ["pages/a.txt"]
    assert folder.read("pages/b.txt") is None
    assert folder.names("done") == []


def test_a_file_that_is_not_finished_never_appears(folder: Any, tmp_path: Path) -> None:
    folder.put("a.txt", b"before")
    with pytest.raises(TypeError), folder.whole("a.txt") as sink:
        sink.write(None)
    assert folder.read("a.txt") == b"before"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.txt"]


def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match=r"the disk is full.*goes on where"):
        open_folder(str(tmp_path)).put("a.txt", b"x")
    assert list(tmp_path.iterdir()) == []


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    one, other = open_folder(str(tmp_path)), open_folder(str(tmp_path))
    (tmp_path / f"{UNFINISHED}123").write_text("of a run that was killed")
    with one.alone():
        assert [path.name for path in tmp_path.iterdir()] == [".ocrx-batch.lock"]
        with pytest.raises(UsageError, match="another run"), other.alone():
            pass
    with other.alone():
        pass


class Refusing:
    """A store that refuses all, with an error of its own kind."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("403 Forbidden")


@pytest.mark.parametrize("verb", ["put", "read", "has", "names"])
def test_what_a_store_refuses_is_told(verb: str, tmp_path: Path) -> None:
    folder = RemoteFolder(f"file://{tmp_path}")
    folder._files = Refusing()
    with pytest.raises(CannotWrite, match=r"cannot be \w+( for)?: 403 Forbidden.*Check --output"):
        getattr(folder, verb)(*["a.txt", b"x"][: 1 + (verb == "put")])


def test_a_bucket_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    folder = RemoteFolder(f"file://{tmp_path}")
    folder._path = "bucket/out"
    with pytest.raises(UsageError, match="no bucket 'bucket'"), folder.alone():
        pass


def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(InputError, match=r"manifest\.json cannot be read: Is a directory"):
        open_folder(str(tmp_path)).read("manifest.json")


def test_what_is_removed_is_gone(folder: Folder) -> None:
    folder.put("pages/a.txt", b"x")
    for _ in range(2):
        folder.remove("pages/a.txt")
    assert folder.names("pages") == []
