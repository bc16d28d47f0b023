"""A folder into which pictures come."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from ocrx.errors import InputError
from ocrx_watch.sources import folder as module
from ocrx_watch.sources.folder import Folder
from ocrx_watch.sources.intake import Intake
from ocrx_watch.sources.source import Arrival, Frame, Source, Unread
from support.samples import encode, gradient

PICTURE = encode(gradient(40, 20))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL", 0.01)
    monkeypatch.setattr(module, "PATIENCE", 0.1)


@contextmanager
def taken_from(source: Source) -> Iterator[Intake]:
    intake = Intake(source, threading.Event())
    try:
        yield intake
    finally:
        intake.close()


def names(arrivals: list[Arrival]) -> list[str]:
    return [
        Path(one.picture.source).name if isinstance(one, Frame) else f"! {Path(one.name).name}"
        for one in arrivals
    ]


def take(intake: Intake, count: int) -> list[Arrival]:
    found: list[Arrival] = []
    while len(found) < count:
        found += intake.take()
    return found


def test_new_pictures_are_read_once_each_also_below_and_in_the_order_of_their_time(
    tmp_path: Path,
) -> None:
    (tmp_path / "old.png").write_bytes(PICTURE)
    with taken_from(Folder(tmp_path, existing=False)) as intake:
        (tmp_path / "notes.txt").write_text("no picture")
        (tmp_path / ".hidden.png").write_bytes(PICTURE)
        (tmp_path / "below").mkdir()
        (tmp_path / "below" / "b.png").write_bytes(PICTURE)
        assert names(take(intake, 1)) == ["b.png"]
        (tmp_path / "a.png").write_bytes(PICTURE)
        assert names(take(intake, 1)) == ["a.png"]
        (tmp_path / "old.png").write_bytes(PICTURE + b" ")
        [again] = take(intake, 1)
        assert names([again]) == ["old.png"]
        assert isinstance(again, Frame)
        assert again.moment.number == 2
        assert abs(again.moment.taken - time.time()) < 60


def test_slow_reading_does_not_delay_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = count(step=0.001)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    stop = Mock(**{"is_set.return_value": False})
    frames = Folder(tmp_path, existing=True).frames(stop)
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(PICTURE)
        assert names([next(frames)]) == [name]
        clock = count(next(clock) + 60, 0.001)  # to read it takes a minute
    assert max(call.args[0] for call in stop.wait.call_args_list) < 1


def test_those_that_are_there_are_read_if_asked_for(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(PICTURE)
    with taken_from(Folder(tmp_path, existing=True)) as intake:
        assert names(take(intake, 2)) == ["a.png", "b.png"]


def test_a_picture_is_read_when_it_is_finished(tmp_path: Path) -> None:
    """Also one whose writer pauses for longer than there is between two looks."""
    with (
        taken_from(Folder(tmp_path, existing=False)) as intake,
        (tmp_path / "a.png").open("wb") as f,
    ):
        f.write(PICTURE[:100])
        f.flush()
        time.sleep(0.05)
        f.write(PICTURE[100:])
        f.flush()
        assert names(take(intake, 1)) == ["a.png"]


def test_a_picture_that_stays_damaged_is_told(tmp_path: Path) -> None:
    with taken_from(Folder(tmp_path, existing=False)) as intake:
        (tmp_path / "a.png").write_bytes(PICTURE[:100])
        [told] = take(intake, 1)
        assert isinstance(told, Unread)
        assert isinstance(told.error, InputError)


def test_a_folder_that_vanishes_ends_it_after_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.png").write_bytes(PICTURE)
    with taken_from(Folder(folder, existing=True)) as intake:
        assert names(take(intake, 1)) == ["a.png"]
        shutil.rmtree(folder)
        with pytest.raises(InputError, match="does not exist"):
            take(intake, 1)


def test_no_folder_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        Folder(tmp_path / "none", existing=False)
