"""What was asked for and is not here, on every backend: an error that says how to get it, on the
command line one line; and never something else in its place."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ocrx.errors import BackendError, DeviceMissing
from ocrx.interfaces.runtimes import Availability, SessionOptions
from ocrx.names import PRECISIONS, Precision
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.testing import LINE
from ocrx.weights.store import Store
from ocrx_tensorrt.library import driver_remedy

SAMPLE = Path(__file__).parents[2] / "examples" / "label.png"
REGISTRY = load_plugins()
BACKENDS = REGISTRY.names("backend")
DEVICES = (
    "cuda",
    "cuda:0",
    "cuda:99",
    "gpu",
    "gpu:9",
    "mps",
    "npu",
    "tensorrt:0",
    "sm89",
    "abacus",
)
GPU_FREE = {"CUDA_VISIBLE_DEVICES": ""}
"""So that a machine that has GPUs shows none."""


def assembly(cache: Path) -> Assembly:
    return Assembly(REGISTRY, Store(cache, offline=True))


def probe(backend: str, cache: Path) -> Availability:
    return assembly(cache).backend(backend).probe()


def outcome(backend: str, options: SessionOptions, cache: Path) -> BackendError | tuple[str, str]:
    """The error that the toy meets on its way onto the backend, or the device and precision it
    has there."""
    made = assembly(cache)
    try:
        runtime = made.runtime(LINE.spec(), backend)
        with made.open(made.artifact(LINE.spec(), runtime, options), runtime, options) as session:
            return session.device, session.precision
    except BackendError as error:
        return error


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("device", DEVICES)
def test_a_device_is_had_or_refused(backend: str, device: str, tmp_path: Path) -> None:
    there = probe(backend, tmp_path).devices
    came = outcome(backend, SessionOptions(device=device), tmp_path)
    if isinstance(came, BackendError):
        assert came.remedy
        assert device not in there or not isinstance(came, DeviceMissing)
    else:
        assert came[0] in there
        assert came[0].replace(".", ":").startswith(device.replace(".", ":"))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("precision", [p for p in PRECISIONS if p != "auto"])
def test_a_precision_is_obeyed_or_refused(
    backend: str, precision: Precision, tmp_path: Path
) -> None:
    came = outcome(backend, SessionOptions(precision=precision), tmp_path)
    if isinstance(came, BackendError):
        assert came.remedy
    else:
        assert came[1] == precision


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_runtime_that_is_there_runs_what_it_is_given(backend: str, tmp_path: Path) -> None:
    """Else the tests above would pass on errors alone."""
    if probe(backend, tmp_path).present and "onnx" in assembly(tmp_path).backend(backend).accepts:
        came = outcome(backend, SessionOptions("cpu", "fp32"), tmp_path)
        assert came == ("cpu", "fp32")


@dataclass(frozen=True)
class Case:
    """A command line, the modules that are not here, and what the one line says in the end."""

    arguments: Sequence[str]
    without: Sequence[str]
    ends: str
    code: int = 5


INSTALL = "Get it with: pip install "
CASES = {
    "openvino": Case(["-b", "openvino"], ["openvino"], f'{INSTALL}"openvino>=2025.0"'),
    "onnxruntime": Case(["-b", "onnxruntime"], ["onnxruntime"], f'{INSTALL}"ocrx[onnxruntime]"'),
    "torch": Case(["-b", "torch"], ["torch"], f'{INSTALL}"ocrx[torch]"'),
    "torch without onnx": Case(["-b", "torch"], ["onnx"], f'{INSTALL}"ocrx[torch]"'),
    "tflite": Case(
        ["-b", "tflite"], ["ai_edge_litert", "tflite_runtime"], f'{INSTALL}"ocrx[tflite]"'
    ),
    "paddle": Case(["-b", "paddle"], ["paddle"], f'{INSTALL}"ocrx[paddle]"'),
    "tensorrt": Case(["-b", "tensorrt"], [], f"Get it with: {driver_remedy()}"),
    "every one": Case(
        [],
        ["openvino", "onnxruntime", "torch", "ai_edge_litert", "tflite_runtime", "paddle"],
        "Run `ocrx doctor` to see how to get one.",
    ),
    "the converter to tflite": Case(
        ["-b", "tflite"], [], "Get it with: ocrx converters install onnx2tflite"
    ),
    "the converter to fp16": Case(
        ["-b", "onnxruntime", "--precision", "fp16"], ["onnx"], f"{INSTALL}onnx"
    ),
    "the converter to int8": Case(
        ["-b", "openvino", "--precision", "int8", "-r", "crnn", "--layout", "line"],
        ["onnx", "onnxruntime"],
        f'{INSTALL}"ocrx[quantize]"',
    ),
    "a device of openvino": Case(["-b", "openvino", "--device", "npu.7"], [], "."),
    "a device of onnxruntime": Case(["-b", "onnxruntime", "--device", "cuda:99"], [], ""),
    "a device of torch": Case(["-b", "torch", "--device", "cuda:99"], [], "."),
    "a device of tflite": Case(["-b", "tflite", "--device", "cuda:0"], [], ""),
    "a precision of tflite": Case(
        ["-b", "tflite", "--precision", "bf16"],
        [],
        "Choose another backend or precision; `ocrx doctor` lists them.",
    ),
    "a precision of onnxruntime": Case(
        ["-b", "onnxruntime", "--precision", "bf16"],
        [],
        "Use `--backend openvino`, which can compute in bf16 where the device can.",
    ),
    "a backend": Case(["-b", "torchh"], [], "", code=2),
    "a precision": Case(["--precision", "fp4"], [], "", code=2),
}

# Each starts a process that imports a runtime, so only one is not slow.
QUICK = "openvino"

BLOCK = """
import sys
arguments, blocked = sys.argv[1].split("|"), sys.argv[2].split("|")
sys.modules.update(dict.fromkeys(filter(None, blocked)))
from ocrx_cli.app import main
sys.exit(main(arguments))
"""


@pytest.mark.parametrize(
    "name",
    [name if name == QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CASES],
)
def test_one_line_names_what_gets_it(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    arguments = ["read", "--recognizer", "paddle", *case.arguments, str(SAMPLE)]
    done = subprocess.run(
        [sys.executable, "-c", BLOCK, "|".join(arguments), "|".join(case.without)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OCRX_CACHE_DIR": str(tmp_path), **GPU_FREE},
    )
    assert (done.returncode, done.stdout) == (case.code, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("ocrx: error: ")
    assert line.endswith(case.ends)
    assert not list(tmp_path.rglob("*.part-*"))
