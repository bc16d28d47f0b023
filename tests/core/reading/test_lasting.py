"""A reader that is opened anew before what is lost matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ocrx.errors import BackendError
from ocrx.reading import lasting
from ocrx.reading.lasting import LastingReader

MOST = 100


class Opener:
    """Opens readers that make the process hold 30 bytes more with each picture. What is held falls
    to `least` if one is closed."""

    def __init__(self, least: int = 0) -> None:
        self.held = self.least = least
        self.opened = 0
        self.broken = False

    def __call__(self) -> Any:
        if self.broken:
            raise BackendError("there is no memory", "Get some.")
        self.opened += 1
        return self

    def read_pictures(self, pictures: Sequence[object]) -> Iterator[object]:
        self.held += 30
        yield from pictures

    def close(self) -> None:
        self.held = self.least


def reads(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> LastingReader:
    monkeypatch.setattr(lasting, "resident_memory", lambda: opener.held)
    return LastingReader(opener, MOST)


def read(reader: LastingReader, count: int) -> None:
    for _ in range(count):
        pictures: Any = ["a picture"]
        assert [*reader.read_pictures(pictures)] == pictures


def test_a_reader_is_opened_anew_when_too_much_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    opener = Opener()
    read(reads(opener, monkeypatch), 9)
    assert opener.opened == 3


def test_a_new_reader_that_does_not_help_is_given_more(monkeypatch: pytest.MonkeyPatch) -> None:
    opener = Opener(least=90)
    reader = reads(opener, monkeypatch)
    read(reader, 3)  # after 120 bytes, of which 90 stay, 135 are the most
    assert opener.opened == 2
    read(reader, 1)
    assert opener.opened == 3


def test_a_reader_that_cannot_be_opened_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    opener = Opener()
    reader = reads(opener, monkeypatch)
    read(reader, 4)
    opener.broken = True
    for _ in range(2):
        with pytest.raises(BackendError):
            read(reader, 1)
    opener.broken = False
    read(reader, 1)
    assert opener.opened == 2
