"""The program itself, in a process of its own, with the default models."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import PIL.Image
import pytest
from PIL import ImageDraw, ImageFont

from support.preferred import PREFERRED
from support.samples import encode

pytestmark = pytest.mark.slow

OCRX = (sys.executable, "-m", "ocrx_cli")


@pytest.fixture(autouse=True)
def buffered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As users have it: Python holds output back, and complains at exit of what it cannot write."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


def label(text: str, width: int = 420, height: int = 120, size: int = 48) -> PIL.Image.Image:
    """Black on white, as on a parcel."""
    picture = PIL.Image.new("RGB", (width, height), "white")
    font = ImageFont.load_default(size)
    ImageDraw.Draw(picture).text((size // 2, size // 2), text, "black", font)
    return picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Every kind of document, and one that is broken."""
    files = {
        "a.png": encode(label("LOT 4711")),
        "b.png": b"\x89PNG\r\n\x1a\n but no more",
        "c.pdf": encode(label("PAGE 1"), "PDF", save_all=True, append_images=[label("PAGE 2")]),
        "d.tif": encode(label("TIFF 1"), "TIFF", save_all=True, append_images=[label("TIFF 2")]),
        "e.gif": encode(label("GIF 1"), "GIF", save_all=True, append_images=[label("GIF 2")]),
    }
    (tmp_path / "in").mkdir()
    for name, data in files.items():
        (tmp_path / "in" / name).write_bytes(data)
    return tmp_path / "in"


def test_a_folder_of_everything_and_stdin(folder: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn"
    command = [*OCRX, "read", "-", str(folder), "-f", "jsonl", "--overlay", str(drawn)]
    run = subprocess.run(command, input=encode(label("STDIN 9")), capture_output=True, check=False)
    assert run.returncode == 1
    pages = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(Path(page["source"]).name, page["index"], page["text"]) for page in pages] == [
        ("-", 0, "STDIN 9"),
        ("a.png", 0, "LOT 4711"),
        ("c.pdf", 0, "PAGE 1"),
        ("c.pdf", 1, "PAGE 2"),
        ("d.tif", 0, "TIFF 1"),
        ("d.tif", 1, "TIFF 2"),
        ("e.gif", 0, "GIF 1"),
        ("e.gif", 1, "GIF 2"),
    ]
    (error,) = run.stderr.decode().splitlines()
    assert error.startswith("ocrx: error: ")
    assert "b.png" in error
    assert len(list(drawn.iterdir())) == len(pages)
    assert {used["backend"] for page in pages for used in page["used"]} == {PREFERRED}


def test_a_closed_pipe_ends_it_quietly(folder: Path) -> None:
    command = f"{' '.join(OCRX)} read {folder}/a.png {folder}/d.tif | head -1"
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert run.stdout == f"==> {folder}/a.png <==\n"
    assert run.stderr == ""


@pytest.mark.parametrize("arguments", [("read", "a.png"), ("plugins",)])
def test_nobody_reads_at_all(folder: Path, arguments: tuple[str, ...]) -> None:
    here, there = os.pipe()
    os.close(here)
    run = subprocess.run(
        [*OCRX, *arguments], stdout=there, stderr=subprocess.PIPE, check=False, cwd=folder
    )
    os.close(there)
    assert (run.returncode, run.stderr) == (141, b"")


@pytest.mark.parametrize("arguments", [("read", "a.png"), ("plugins",), ("synth", "--list")])
def test_a_full_disk(folder: Path, arguments: tuple[str, ...]) -> None:
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [*OCRX, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            cwd=folder,
            env=buffered,
        )
    assert run.returncode == 6
    (error,) = run.stderr.decode().splitlines()
    assert error.startswith("ocrx: error: cannot write standard output: ")


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_ctrl_c(tmp_path: Path, form: str) -> None:
    large = encode(label("LOT", 3000, 2100))  # each fills a pool, so that results come one by one
    for number in range(30):
        (tmp_path / f"{number}.png").write_bytes(large)
    process = subprocess.Popen(
        [*OCRX, "read", tmp_path, "-f", form], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    out = process.stdout.readline() + process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out += process.stdout.read()
    errors = process.stderr.read()
    assert process.wait() == 130
    assert errors == b"ocrx: interrupted; what was read so far is written\n"
    process.stdout.close()
    process.stderr.close()
    pages = json.loads(out)["pages"] if form == "json" else map(json.loads, out.splitlines())
    names = [Path(page["source"]).name for page in pages]
    assert 1 <= len(names) < 30
    assert names == [f"{number}.png" for number in range(len(names))]


def test_a_terminal_of_another_encoding(folder: Path) -> None:
    """The text is UTF-8 wherever it goes; listings show what the terminal can."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "OCRX_CACHE_DIR": "/tmp/\u00e9"}
    run = subprocess.run(
        [*OCRX, "doctor"], capture_output=True, text=True, check=True, env=environment
    )
    assert r"/tmp/\xe9" in run.stdout
