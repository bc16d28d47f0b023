"""The progress bar: on a terminal only, and never where the results go."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrx_cli.terminal import progress

CODE = """
import sys
from importlib.metadata import EntryPoint
from ocrx_cli.app import main
from ocrx.plugins import registry
modules = "support.fakereader", "ocrx.output.plugin"
registry.entry_points = lambda group: [EntryPoint(one, one, "ocrx") for one in modules]
code = main(["read", "-r", "fake", *sys.argv[1:]])
print("RICH" if "rich" in sys.modules else "BARE", file=sys.stderr)
sys.exit(code)
"""


def on_a_terminal(*arguments: Path | str, stdout: Path | None) -> str:
    """What the command writes to a terminal that is its stderr, and its stdout if none is given."""
    here, there = pty.openpty()
    target = None if stdout is None else stdout.open("wb")
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, *map(str, arguments)],
        stdout=target or there,
        stderr=there,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm"},
    )
    os.close(there)
    seen = b""
    try:
        while piece := os.read(here, 4096):
            seen += piece
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(here)
    if target:
        target.close()
    process.wait()
    return seen.decode()


def test_a_bar_where_the_results_go_elsewhere(picture: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    (tmp_path / "bad.png").write_text("no")
    names = [picture("a.png"), tmp_path / "bad.png", picture("b.png")]
    seen = on_a_terminal(*names, stdout=out)
    assert out.read_text().count("40x20") == 2
    assert "RICH" in seen
    assert "3/3" in seen
    assert "2 pages" in seen
    assert "ocrx: error: " in seen


@pytest.mark.slow
def test_no_bar_among_the_results(picture: Callable[..., Path]) -> None:
    seen = on_a_terminal(picture("a.png"), stdout=None)
    assert seen.replace("\r\n", "\n") == "40x20\nBARE\n"


@pytest.mark.slow
def test_no_bar_where_stderr_is_no_terminal(picture: Callable[..., Path]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", CODE, str(picture("a.png"))],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert (run.stdout, run.stderr) == ("40x20\n", "BARE\n")


def test_a_bar_for_a_download(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "is_terminal", lambda stream: True)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes any stream for a terminal then
    bar = progress.download_bar("[bold]weights.onnx")
    bar.update(10_000_000, 40_000_000)
    bar.update(40_000_000, 40_000_000)
    bar.close()
    captured = capsys.readouterr()
    assert "[bold]weights.onnx" in captured.err
    assert "40.0" in captured.err
    assert captured.out == ""
