"""Reading through a conversion on a bad day: killed, twice at once, no room, no right to write."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocrx.conversion.kept import FOLDER, MANIFEST, PART, cached
from ocrx.weights.store import Store
from support import powerless

pytestmark = pytest.mark.slow  # each case starts the command, some of them twice

TEXT = "LOT 20931"
READ = ("read", "--layout", "line", "--backend", "onnxruntime", "--precision", "fp16")
COMMAND = [sys.executable, "-m", "ocrx_cli", *READ]


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of one line of text."""
    image = np.full((60, 330, 3), 255, np.uint8)
    cv2.putText(image, TEXT, (15, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 0), 3, cv2.LINE_AA)
    path = tmp_path_factory.mktemp("line") / "line.png"
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, line: Path) -> Path:
    """A cache in which the recogniser is converted."""
    cache = tmp_path_factory.mktemp("filled")
    assert read(line, cache).stdout == f"{TEXT}\n"
    return cache


def environment(cache: Path) -> dict[str, str]:
    return {**os.environ, "OCRX_CACHE_DIR": str(cache)}


def read(line: Path, cache: Path, most: int | None = None) -> subprocess.CompletedProcess[str]:
    """`ocrx read` through a conversion; `most` bytes are what a file may have."""

    def limit() -> None:
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return subprocess.run(
        [*COMMAND, str(line)],
        capture_output=True,
        text=True,
        check=False,
        env=environment(cache),
        preexec_fn=limit,
    )


def start(line: Path, cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, str(line)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(cache),
    )


def errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines on stderr that are no progress."""
    assert "Traceback" not in done.stderr
    return [text for text in done.stderr.splitlines() if text.startswith("ocrx: error: ")]


def left(cache: Path) -> list[str]:
    """The folders among the conversions."""
    return [path.name for path in (cache / FOLDER).glob("*") if path.is_dir()]


def test_killed_in_the_middle_it_is_made_anew(line: Path, tmp_path: Path) -> None:
    process = start(line, tmp_path)
    deadline = time.monotonic() + 60
    while not any(PART in name for name in left(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert any(PART in name for name in left(tmp_path)), "it was killed in the middle"
    assert cached(Store(tmp_path)) == []
    assert read(line, tmp_path).stdout == f"{TEXT}\n"
    assert [entry.whole for entry in cached(Store(tmp_path))] == [True]
    assert len(left(tmp_path)) == 1, "what the killed one left is gone"


def test_two_at_once_make_it_once_and_both_read(line: Path, tmp_path: Path) -> None:
    both = [start(line, tmp_path) for _ in range(2)]
    assert [process.communicate()[0] for process in both] == [f"{TEXT}\n"] * 2
    assert len(left(tmp_path)) == 1


def test_without_room_one_line_says_so_and_nothing_is_left(line: Path, tmp_path: Path) -> None:
    done = read(line, tmp_path, most=1_000_000)
    assert (done.returncode, done.stdout) == (4, "")
    (said,) = errors(done)
    assert "File too large" in said
    assert "OCRX_CACHE_DIR" in said
    assert left(tmp_path) == []


@pytest.mark.parametrize("damage", ["cut off", "another", "empty", "gone", "manifest"])
def test_a_damaged_file_is_never_used(line: Path, filled: Path, damage: str) -> None:
    (entry,) = cached(Store(filled))
    (model,) = entry.folder.glob("*.onnx")
    content = model.read_bytes()
    if damage == "cut off":
        model.write_bytes(content[: len(content) // 2])
    elif damage == "another":
        model.write_bytes(content[:-100] + bytes(100))
    elif damage == "empty":
        model.write_bytes(b"")
    elif damage == "gone":
        model.unlink()
    else:
        (entry.folder / MANIFEST).write_text('{"main": "model.onnx", "files": null}')
    assert not cached(Store(filled))[0].whole
    assert read(line, filled).stdout == f"{TEXT}\n"
    assert cached(Store(filled))[0].whole


def test_what_is_there_is_read_where_nothing_can_be_written(line: Path, filled: Path) -> None:
    with powerless.closed(filled):
        done = powerless.run(*READ, line, OCRX_CACHE_DIR=str(filled))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{TEXT}\n", "")


def test_what_is_not_there_needs_a_folder_to_write_to(line: Path, tmp_path: Path) -> None:
    with powerless.closed(tmp_path):
        done = powerless.run(*READ, line, OCRX_CACHE_DIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (4, "")
    (said,) = errors(done)
    assert "Permission denied" in said
    assert "OCRX_CACHE_DIR" in said


def test_a_damaged_file_that_cannot_be_replaced_is_not_used(line: Path, filled: Path) -> None:
    (entry,) = cached(Store(filled))
    (model,) = entry.folder.glob("*.onnx")
    content = model.read_bytes()
    model.write_bytes(content[:1000])
    try:
        with powerless.closed(filled):
            done = powerless.run(*READ, line, OCRX_CACHE_DIR=str(filled))
    finally:
        model.write_bytes(content)
    assert (done.returncode, done.stdout) == (4, "")
    assert len(errors(done)) == 1


def test_a_cache_made_by_one_user_serves_another(filled: Path) -> None:
    """All may look into what was made as far as the umask lets them."""
    umask = os.umask(0)
    os.umask(umask)
    (entry,) = cached(Store(filled))
    assert entry.folder.stat().st_mode & 0o777 == 0o777 & ~umask
    for path in entry.folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_what_cannot_be_deleted_is_told(filled: Path) -> None:
    (entry,) = cached(Store(filled))
    part = entry.folder.with_name(f"{entry.folder.name}{PART}0123")
    (part / "inside").mkdir(parents=True)
    (part / "inside" / "file").touch()
    for folder, named in ((entry.folder, entry.folder), (part / "inside", part)):
        with powerless.closed(folder):
            done = powerless.run("models", "clean", OCRX_CACHE_DIR=str(filled))
        assert done.returncode == 4
        (said,) = errors(done)
        assert str(named) in said
    assert powerless.run("models", "clean", OCRX_CACHE_DIR=str(filled)).returncode == 0
    assert left(filled) == []
