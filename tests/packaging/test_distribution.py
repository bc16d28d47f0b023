"""What is published: sdist -> wheel, its contents, and the wheel in an environment of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from configparser import ConfigParser
from email.message import Message
from email.parser import Parser
from pathlib import Path, PurePosixPath

import pytest

from ocrx.version import VERSION

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ROOTS = ("core", "cli", "backends", "plugins", "serve", "batch", "training")
PACKAGES = sorted(path.parent for root in ROOTS for path in (ROOT / root).glob("*/__init__.py"))


def run(*command: str | Path, **env: str) -> str:
    """What the command prints; fails with everything it said."""
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **env},
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def wheel_files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(wheel_files: dict[str, bytes]) -> Message:
    return Parser().parsestr(wheel_files[f"ocrx-{VERSION}.dist-info/METADATA"].decode())


def source_files() -> set[str]:
    """Each file of the four roots, named as it is to be installed."""
    return {
        path.relative_to(ROOT / root).as_posix()
        for root in ROOTS
        for path in (ROOT / root).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_every_source_file_and_nothing_else(wheel_files: dict[str, bytes]) -> None:
    shipped = {name for name in wheel_files if ".dist-info/" not in name}
    assert shipped == source_files()
    assert {name.partition("/")[0] for name in shipped} == {path.name for path in PACKAGES}
    assert len(PACKAGES) >= 6


def test_every_package_is_marked_as_typed(wheel_files: dict[str, bytes]) -> None:
    assert {f"{path.name}/py.typed" for path in PACKAGES} <= set(wheel_files)


def test_the_wheel_holds_no_tests_and_no_strays(wheel_files: dict[str, bytes]) -> None:
    files = {PurePosixPath(name) for name in wheel_files if ".dist-info/" not in name}
    toys = PurePosixPath("ocrx/testing/models")
    pages = PurePosixPath("ocrx/bench/show/html/templates")
    packages = PurePosixPath("ocrx_cli/templates")  # of `ocrx plugins new`, with their tests
    kinds = {
        toys: {".onnx"},
        pages: {".html", ".css", ".svg"},
        PurePosixPath("ocrx_serve/page"): {".html", ".css", ".js", ".svg"},
        PurePosixPath("ocrx_bundle/texts"): {".md", ".sh", ".py"},
        PurePosixPath("ocrx_training/recipes"): {".toml"},
    }
    weights = {file for file in files if "weights" in file.parts and file.suffix == ".onnx"}
    apart = weights | {f for f in files if f.parent in kinds or packages in f.parents}
    others = files - apart
    assert {file.suffix for file in others} <= {".py", ".typed", ".json"}
    assert {file.suffix for file in files if packages in file.parents} == {".json", ".tmpl"}
    for folder, suffixes in kinds.items():
        assert {file.suffix for file in files if file.parent == folder} == suffixes
    test = re.compile(r"(^|/)(tests?|test_[^/]*|conftest)\b")
    assert [str(file) for file in others if test.search(str(file))] == []
    heavy = sum(len(wheel_files[str(file)]) for file in weights)
    assert heavy < 25_000_000, "small networks of our own, which read offline from the first minute"
    assert sum(map(len, wheel_files.values())) - heavy < 3_500_000


def test_the_wheel_holds_the_licence(wheel_files: dict[str, bytes], metadata: Message) -> None:
    assert metadata["License-Expression"] == "Apache-2.0"
    shipped = wheel_files[f"ocrx-{VERSION}.dist-info/licenses/LICENSE"]
    assert shipped == (ROOT / "LICENSE").read_bytes()


def test_the_wheel_carries_command_and_plugins(wheel_files: dict[str, bytes]) -> None:
    points = ConfigParser()
    points.read_string(wheel_files[f"ocrx-{VERSION}.dist-info/entry_points.txt"].decode())
    assert dict(points["console_scripts"]) == {"ocrx": "ocrx_cli.app:main"}
    plugins = {path.name for path in PACKAGES if path.parent.name not in ("core", "cli")}
    own = {value for value in points["ocrx"].values() if value.endswith(".plugin")}
    assert own == {"ocrx.bench.plugin", "ocrx.output.plugin", "ocrx_cli.plugin"}
    registered = {value.partition(":")[0] for value in points["ocrx"].values()} - own
    assert registered == plugins - {"ocrx_ocrmypdf"}, "which is a plugin of OCRmyPDF"


def test_the_base_needs_no_extra(metadata: Message) -> None:
    base = [value for value in metadata.get_all("Requires-Dist", []) if "extra ==" not in value]
    names = {re.split(r"[^\w.-]", value)[0] for value in base}
    assert {"numpy", "openvino", "opencv-python-headless", "rapidocr"} <= names
    assert not names & {"onnxruntime", "torch", "opencv-python", "mkdocs-material", "pytest"}
    assert all(">=" in value for value in base), "each dependency states the least version"
    assert set(metadata.get_all("Provides-Extra", [])) >= {"dev", "onnxruntime", "onnxruntime-gpu"}


def test_each_dependency_is_accounted_for(metadata: Message) -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    wanted = {re.split(r"[^\w.-]", value)[0] for value in metadata.get_all("Requires-Dist", [])}
    assert {name for name in wanted - {"ocrx"} if not re.search(rf"\b{name}\b", page)} == set()


def test_the_version_is_written_in_one_place(metadata: Message) -> None:
    (written,) = re.findall(r'(?m)^version = "(.+)"$', (ROOT / "pyproject.toml").read_text())
    assert written == metadata["Version"] == VERSION
    code = [path for root in ROOTS for path in (ROOT / root).rglob("*.py")]
    assert not [path for path in code if f'"{written}"' in path.read_text(encoding="utf-8")]


def test_the_sdist_holds_what_is_needed_to_build_and_to_test(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml"} <= names
    assert {"tests/conftest.py", "examples/label.png", "docs/architecture.md"} <= names
    assert {f"{root}/{name}" for root in ROOTS for name in source_files()} & names
    assert not [name for name in names if re.search(r"(^|/)(\.venv|__pycache__|\.git|site)/", name)]
    assert path.stat().st_size < 30_000_000  # at most 25 MB of weights, and 5 of all the rest


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment: the wheel is its own, the dependencies are ours."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    paths = {"base": str(folder), "platbase": str(folder)}
    scheme = sysconfig.get_preferred_scheme("prefix")
    bin_folder = Path(sysconfig.get_path("scripts", scheme, paths))
    site = Path(sysconfig.get_path("purelib", scheme, paths))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    pip = (sys.executable, "-m", "pip", "--python", folder)
    run(*pip, "install", "--no-deps", "--no-index", wheel)
    return bin_folder


def test_the_installed_wheel_knows_its_version(environment: Path) -> None:
    where = run(environment / "python", "-c", "import ocrx_cli; print(ocrx_cli.__file__)")
    assert Path(where.strip()).is_relative_to(environment.parent), "the wheel itself is imported"
    assert VERSION in run(environment / "ocrx", "--version")


def test_the_installed_wheel_finds_its_plugins(environment: Path) -> None:
    code = "from ocrx.plugins import load_plugins; print(len(load_plugins().entries()))"
    assert int(run(environment / "python", "-c", code, OCRX_STRICT_PLUGINS="1")) >= 5


def test_the_installed_wheel_reads_the_sample(environment: Path) -> None:
    assert run(environment / "ocrx", "read", ROOT / "examples" / "label.png").strip()
