"""Reading with TensorRT: what the user sees, from the command line to a page of text."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocrx.conversion.kept import cached
from ocrx.interfaces.conversion import Converter
from ocrx.interfaces.runtimes import Backend
from ocrx.names import Precision
from ocrx.plugins.registrar import Request
from ocrx.plugins.registry import load_plugins
from ocrx.reading.reader import Reader
from ocrx.types import Image
from ocrx.weights.store import Store
from ocrx_tensorrt import library
from ocrx_tensorrt.library import driver_remedy, library_remedy
from support.faketensorrt import Generation
from support.tensorrtmachine import machine

TESTS = Path(__file__).parents[2]


def picture() -> Image:
    """Two lines of text."""
    image = np.full((160, 640, 3), 255, np.uint8)
    for text, y in (("HELLO WORLD 2024", 60), ("INVOICE 31415", 130)):
        cv2.putText(image, text, (20, y), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 0), 3, cv2.LINE_AA)
    return image


@pytest.mark.slow
@pytest.mark.parametrize(("generation", "precision"), [("8.4", "fp32"), ("rtx", "fp16")])
def test_it_reads_what_onnx_runtime_reads(
    generation: Generation, precision: Precision, cache_dir: Path
) -> None:
    """Every network of PP-OCR goes through the converter and runs in a session."""
    with Reader(backend="onnxruntime", offline=True) as reader:
        right = reader.read(picture())
    with machine(generation, cache_dir) as made:
        with Reader(backend="tensorrt", precision=precision, offline=True) as reader:
            page = reader.read(picture())
        assert {used.backend for used in page.used} == {"tensorrt"}
        assert {used.device for used in page.used} == {"cuda:0"}
        assert {used.precision for used in page.used} == {precision}
        built = len(made.tensorrt.configs)
        with Reader(backend="tensorrt", precision=precision, offline=True) as reader:
            again = reader.read(picture())
        assert len(made.tensorrt.configs) == built
        made.tensorrt.check_clean()
    assert page.text == again.text == right.text == "HELLO WORLD 2024\nINVOICE 31415"
    entries = cached(Store(cache_dir))
    assert len(entries) == built
    assert all(entry.whole and entry.identity["converter"] == "tensorrt" for entry in entries)


def test_a_reader_gives_the_converter_its_options(cache_dir: Path) -> None:
    options = {"converter.tensorrt": {"workspace": 64}}
    with machine("10", cache_dir) as made:
        Reader(backend="tensorrt", layout="line", offline=True, options=options).close()
        assert list(made.tensorrt.configs[-1].pools.values()) == [64 << 20]


def save(folder: Path) -> Path:
    path = folder / "line.png"
    cv2.imwrite(str(path), picture())
    return path


def run(code: list[str], **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
    )


@pytest.mark.slow
def test_without_a_gpu_one_line_says_so(tmp_path: Path) -> None:
    command = ["-m", "ocrx_cli", "read", "--recognizer", "paddle", "--backend", "tensorrt"]
    # So that a machine that has a GPU shows none.
    done = run([*command, str(save(tmp_path))], CUDA_VISIBLE_DEVICES="")
    assert done.returncode == 5
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("ocrx: error: the runtime 'tensorrt' cannot be used here (")
    assert "NVIDIA driver" in line
    assert f"Get it with: {driver_remedy()}" in line


WITHOUT_LIBRARY = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from support.fakecuda import FakeCuda
from ocrx_tensorrt import driver
cuda = FakeCuda()
driver.open_library = lambda: cuda
sys.modules["tensorrt"] = sys.modules["tensorrt_rtx"] = None
from ocrx_cli.app import main
sys.exit(main(["read", "--recognizer", "paddle", "--backend", "tensorrt", sys.argv[1]]))
"""


@pytest.mark.slow
def test_without_the_library_one_line_names_the_command(tmp_path: Path) -> None:
    done = run(["-c", WITHOUT_LIBRARY, str(save(tmp_path))])
    assert (done.returncode, done.stdout) == (5, "")
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"Get it with: {library_remedy()}")
    assert "TensorRT does not load" in line
    assert "tensorrt" in line


@pytest.mark.slow
def test_an_engine_is_built_for_another_machine_from_the_command_line(cache_dir: Path) -> None:
    """For real, by TensorRT for RTX."""
    build = ["-m", "ocrx_cli", "models", "build", "paddle:v2-mobile", "--backend", "tensorrt"]
    options = ["--precision", "fp16", "--set", "converter.tensorrt.library=tensorrt_rtx"]
    done = run([*build, *options, "--device", "sm89"], CUDA_VISIBLE_DEVICES="")
    assert done.returncode == 0, done.stderr
    engine = Path(done.stdout.strip())
    assert engine.is_relative_to(cache_dir)
    assert engine.is_file()
    told = done.stderr.splitlines()
    assert told[0].endswith(": building an engine in fp16 (0%)")
    assert told[-1].endswith(": built (100%)")
    again = run([*build, *options, "--device", "sm89"], CUDA_VISIBLE_DEVICES="")
    assert (again.returncode, again.stdout, again.stderr) == (0, done.stdout, "")
    listed = run(["-m", "ocrx_cli", "models", "list"])
    assert "(tensorrt fp16 sm89)" in listed.stdout
    assert f"{engine.stat().st_size / 1e6:.1f} MB" in listed.stdout
    hopper = run([*build, *options, "--device", "sm90"], CUDA_VISIBLE_DEVICES="")
    assert (hopper.returncode, hopper.stdout) == (5, "")


def test_the_remedy_fits_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = tmp_path / "cards"
    (cards / "0").mkdir(parents=True)
    (cards / "0" / "vendor").write_text("0x8086\n")
    monkeypatch.setattr(library, "PCI_VENDORS", (cards, "*/vendor"))
    assert "a machine with an NVIDIA GPU" in driver_remedy()
    (cards / "0" / "vendor").write_text("0x10de\n")
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/ubuntu-drivers")
    assert driver_remedy() == "sudo ubuntu-drivers install"
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "nvidia.com/drivers" in driver_remedy()
    monkeypatch.setattr(library, "PCI_VENDORS", (tmp_path / "none", "*/vendor"))
    assert "nvidia.com/drivers" in driver_remedy()
    assert library_remedy() == 'pip install "ocrx[tensorrt]"'
    (tmp_path / "nv_tegra_release").touch()
    monkeypatch.setattr(library, "JETSON_RELEASE", tmp_path / "nv_tegra_release")
    assert library_remedy() == "sudo apt install python3-libnvinfer"


def test_nothing_of_it_is_imported_before_it_is_used() -> None:
    code = (
        "import sys; from ocrx.plugins.registry import load_plugins; r = load_plugins(); "
        "e = [r.get(kind, 'tensorrt') for kind in ('backend', 'converter')]; "
        "assert not {'tensorrt', 'tensorrt_rtx'} & set(sys.modules), 'early'; "
        "print(e[0].plugin, e[1].distribution)"
    )
    done = run(["-c", code])
    assert (done.returncode, done.stdout) == (0, "tensorrt ocrx\n"), done.stderr


def test_it_is_registered_and_never_chosen_by_itself(tmp_path: Path) -> None:
    registry = load_plugins()
    built = [
        entry.build(Request("", entry.options(), Store(tmp_path)))
        for entry in (registry.get("backend", "tensorrt"), registry.get("converter", "tensorrt"))
    ]
    assert isinstance(built[0], Backend)
    assert isinstance(built[1], Converter)
    assert built[0].priority == 0
    assert [built[0].weights(p) for p in ("fp32", "fp16", "int8")] == ["fp32", "fp16", "int8"]
