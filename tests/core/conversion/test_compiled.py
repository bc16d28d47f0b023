"""What runtimes keep in the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrx.conversion.compiled import FOLDER, clean, replacing
from ocrx.weights.store import Store
from support import powerless


def test_a_file_is_there_once_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "kept"
    with replacing(target) as file:
        file.write(b"first")
        assert not target.exists()
    with replacing(target) as file:
        file.write(b"second")
        assert target.read_bytes() == b"first"
    assert target.read_bytes() == b"second"
    assert list(target.parent.iterdir()) == [target]


def test_others_may_read_it_as_whatever_else_the_user_makes(tmp_path: Path) -> None:
    plain, target = tmp_path / "plain", tmp_path / "kept"
    plain.touch()
    with replacing(target):
        pass
    assert target.stat().st_mode == plain.stat().st_mode


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.write_bytes(b"before")

    def write() -> None:
        with replacing(target) as file:
            file.write(b"half")
            raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        write()
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"before"


def test_all_of_it_is_cleaned_but_the_locks(tmp_path: Path) -> None:
    store = Store(tmp_path, offline=True)
    assert clean(store) == 0
    folder = tmp_path / FOLDER / "runtime"
    folder.mkdir(parents=True)
    for name in ("one.blob", "two.part", "one.blob.lock"):
        (folder / name).write_bytes(b"12345")
    assert clean(store) == 10
    assert [file.name for file in folder.iterdir()] == ["one.blob.lock"]


def test_what_cannot_be_deleted_is_named(tmp_path: Path) -> None:
    file = tmp_path / FOLDER / "runtime" / "one.blob"
    file.parent.mkdir(parents=True)
    file.touch()
    with powerless.closed(file.parent):
        done = powerless.run("models", "clean", OCRX_CACHE_DIR=str(tmp_path))
    assert done.returncode == 4
    assert f"{file} cannot be deleted" in done.stderr
