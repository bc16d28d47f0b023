"""Writing results: whole pieces, whatever interrupts."""

from __future__ import annotations

import io
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from ocrx.errors import OutputError
from ocrx_cli.terminal.output import Output, uninterrupted


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def written_while(interrupts: int, done: list[str]) -> None:
    with uninterrupted():
        for _ in range(interrupts):
            interrupt()
        done.append("all of it")


def test_a_held_ctrl_c_comes_after_the_block() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        written_while(1, done)
    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_does_not_wait() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        written_while(2, done)
    assert done == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_hold_nothing_and_do_not_fail() -> None:
    done = []

    def work() -> None:
        with uninterrupted():
            done.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [signal.default_int_handler]


def test_pieces_are_there_as_soon_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with Output(path) as output:
        output.write(b"one")
        assert path.read_bytes() == b"one"
        output.write(b"two")
        assert path.read_bytes() == b"onetwo"


def test_a_full_disk_names_the_file() -> None:
    with Output(Path("/dev/full")) as output, pytest.raises(OutputError, match="/dev/full"):
        output.write(b"x")


class Stream(io.BytesIO):
    """Writes in two halves; Ctrl-C comes in between."""

    def write(self, piece: Any) -> int:
        half = len(piece) // 2
        super().write(piece[:half])
        interrupt()
        return half + super().write(piece[half:])


def test_ctrl_c_cuts_no_piece_in_two(tmp_path: Path) -> None:
    output = Output(tmp_path / "out")
    output._stream.close()
    output._stream = stream = Stream()
    with pytest.raises(KeyboardInterrupt):
        output.write(b"all of it")
    assert stream.getvalue() == b"all of it"
