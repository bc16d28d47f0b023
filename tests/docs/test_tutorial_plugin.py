"""The tutorial's packages, installed with pip into a fresh environment, read there, offline."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PLUGINS = ("ocrx-rapidocr", "ocrx-tally", "ocrx-qr", "ocrx-segments", "ocrx-cvdnn")


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and a folder of its own to work in."""

    folder: Path
    work: Path

    def run(self, program: str, *arguments: str | Path) -> str:
        """What the environment's program prints on stdout; it must succeed and say nothing else."""
        done = subprocess.run(
            [self.scripts / program, *arguments],
            cwd=self.work,
            env={**os.environ, "OCRX_OFFLINE": "1", "OCRX_STRICT_PLUGINS": "1"},
            capture_output=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        return done.stdout

    @property
    def scripts(self) -> Path:
        return Path(sysconfig.get_path("scripts", "venv", {"base": str(self.folder)}))

    @property
    def packages(self) -> Path:
        return Path(sysconfig.get_path("purelib", "venv", {"base": str(self.folder)}))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """ocrx and both plugins, built from copies of their sources. What they depend on is taken from
    the environment of the tests, so that nothing is downloaded."""
    base = tmp_path_factory.mktemp("environment")
    made = Environment(base / "venv", base / "work")
    made.work.mkdir()
    venv.create(made.folder, with_pip=False, symlinks=True)
    lent = sysconfig.get_path("purelib")
    (made.packages / "lent.pth").write_text(f"import site; site.addsitedir({lent!r})\n")
    for name in PLUGINS:
        shutil.copytree(ROOT / "docs" / "plugins" / name, base / name)
    install(made.folder, ROOT, *(base / name for name in PLUGINS))
    return made


def install(folder: Path, *sources: Path) -> None:
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--ignore-installed"]
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install"]
    command = [*pip, *options, *map(str, sources)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_both_are_listed_as_what_they_are(environment: Environment) -> None:
    rows: list[dict[str, Any]] = json.loads(environment.run("ocrx", "plugins", "--json"))["plugins"]
    theirs = {
        (row["kind"], row["name"], row["distribution"], row["version"], row["state"])
        for row in rows
        if row["distribution"] in PLUGINS
    }
    assert theirs == {
        ("page_reader", "rapidocr", "ocrx-rapidocr", "0.1.0", "ok"),
        ("recognizer", "tally", "ocrx-tally", "0.1.0", "ok"),
        ("command", "tally", "ocrx-tally", "0.1.0", "ok"),
        ("finder", "qr", "ocrx-qr", "0.1.0", "ok"),
        ("recognizer", "segments", "ocrx-segments", "0.1.0", "ok"),
        ("backend", "cvdnn", "ocrx-cvdnn", "0.1.0", "ok"),
    }


def test_ocrx_and_the_plugins_are_those_of_the_environment(environment: Environment) -> None:
    code = "import ocrx, ocrx_rapidocr; print(ocrx.__file__, ocrx_rapidocr.__file__)"
    for path in environment.run("python", "-c", code).split():
        assert Path(path).is_relative_to(environment.packages)


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_rapidocr_reads_the_sample_picture(environment: Environment, engine: str) -> None:
    label = ROOT / "examples" / "label.png"
    setting = f"page_reader.engine={engine}"
    printed = environment.run(
        "ocrx", "read", "-r", "rapidocr", "--set", setting, "-f", "json", label
    )
    (page,) = json.loads(printed)["pages"]
    assert [used["backend"] for used in page["used"]] == [engine]
    texts = [line["text"] for line in page["lines"]]
    assert len(texts) == 18
    assert {"L2611-0873", "7F3K-204-99182", "伺服驱动器", "Hergestellt in Österreich"} <= {*texts}


def test_tally_reads_what_the_tutorial_says(environment: Environment) -> None:
    strokes = np.full((48, 120, 3), 255, np.uint8)
    strokes[6:42, 10:110:25] = strokes[6:42, 11:110:25] = strokes[6:42, 12:110:25] = 0
    cv2.imwrite(str(environment.work / "strokes.png"), strokes)
    printed = environment.run("ocrx", "read", "-r", "tally", "--layout", "line", "strokes.png")
    assert printed == "||||\n"
    assert environment.run("ocrx", "tally", "strokes.png") == "strokes.png: 4\n"
    assert "tally  Added by the plugin 'tally' of ocrx-tally." in environment.run("ocrx", "--help")


def test_a_qr_code_is_found(environment: Environment) -> None:
    code = cv2.QRCodeEncoder.create().encode("https://example.org")
    code = np.pad(np.kron(code, np.ones((4, 4), np.uint8)), 20, constant_values=255)
    cv2.imwrite(str(environment.work / "code.png"), code)
    printed = environment.run("ocrx", "read", "--recognizer", "none", "--find", "qr", "code.png")
    assert printed == "qr: https://example.org\n"


@pytest.mark.parametrize("backend", ["auto", "cvdnn", "onnxruntime"])
def test_a_display_is_read_on_any_runtime(environment: Environment, backend: str) -> None:
    code = (
        "import cv2; from ocrx_segments.digits import draw; cv2.imwrite('meter.png', draw('2041'))"
    )
    environment.run("python", "-c", code)
    asked = ["--recognizer", "segments", "--backend", backend, "--layout", "line", "meter.png"]
    assert environment.run("ocrx", "read", *asked) == "2041\n"


@pytest.mark.parametrize("name", PLUGINS)
def test_their_own_tests_pass_there(environment: Environment, name: str) -> None:
    tests = environment.folder.parent / name / "tests"
    printed = environment.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", tests)
    assert " passed" in printed
    assert "skipped" not in printed
