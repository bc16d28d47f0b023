"""`ocrx synth` as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrx.bench.data.load import load_dataset
from ocrx.plugins.registry import load_plugins
from ocrx_cli.app import main
from ocrx_cli.commands import COMMANDS, PLUGGED


def test_the_help_lists_the_commands_of_our_plugins() -> None:
    added = {entry.name for entry in load_plugins().entries() if entry.kind == "command"}
    assert set(PLUGGED) == added - set(COMMANDS)


def test_a_dataset_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "codes"
    options = ["-n", "5", "-p", r"[A-Z]{2}-\d{3}=2", "-k", "label", "--seed", "4"]
    assert main(["synth", str(folder), *options, "--height", "20-30", "--processes", "1"]) == 0
    assert capsys.readouterr().out == f"5 pictures in {folder}, form labels, seed 4\n"
    texts = [sample.text for sample in load_dataset(folder).samples]
    assert len(texts) == 5
    assert all(len(text) == 6 and text[2] == "-" for text in texts)


def test_a_preview_is_drawn(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.jpg"
    assert main(["synth", "--preview", str(sheet), "-n", "4", "-k", "display"]) == 0
    assert sheet.stat().st_size > 1000


def test_kinds_patterns_and_fonts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["synth", "--list"]) == 0
    out = capsys.readouterr().out
    for name in ("dot-peen", "iso6346", "LiberationSans"):
        assert name in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there is nothing to do"),
        (["x", "-p", r"\d{2"], "wrong at column 3"),
        (["x", "--height", "tall"], "'tall' is no range of heights"),
        (["x", "--config", "none.toml"], "cannot read none.toml"),
    ],
)
def test_a_wrong_request_is_one_line(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["synth", *arguments]) in (1, 2)
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
