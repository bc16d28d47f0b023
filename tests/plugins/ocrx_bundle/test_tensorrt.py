"""A bundle's program on TensorRT: how its engines are built, and that it reads with them.

TensorRT and its GPU are stood in for, the engine by ONNX Runtime.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from ocrx_bundle.device import engines, main
from support.tinylines import stripes

TEXTS = ["ABBA", "B", "AAB"]


def cudart(blocks: dict[int, Any]) -> SimpleNamespace:
    """The functions of libcudart that are used, on the memory of the processor: `blocks`."""

    def malloc(address: Any, size: ctypes.c_size_t) -> int:
        block = ctypes.create_string_buffer(size.value)
        address._obj.value = ctypes.addressof(block)
        blocks[address._obj.value] = block
        return 0

    def free(address: ctypes.c_void_p) -> int:
        if address.value:
            del blocks[address.value]
        return 0

    def copy(target: Any, source: Any, size: ctypes.c_size_t, kind: int) -> int:
        device = target.value if kind == engines.Cuda.TO_DEVICE else source.value
        if ctypes.sizeof(blocks[device]) < size.value:
            return 1
        ctypes.memmove(target, source, size.value)
        return 0

    return SimpleNamespace(cudaMalloc=malloc, cudaFree=free, cudaMemcpy=copy)


class Engine:
    """An engine of TensorRT 8.2, which computes with ONNX Runtime. It is its own context."""

    num_bindings = 2

    def __init__(self, path: bytes) -> None:
        self._session = onnxruntime.InferenceSession(path.decode())
        self._shape: tuple[int, ...] = ()

    def binding_is_input(self, index: int) -> bool:
        return index == 0

    def create_execution_context(self) -> Engine:
        return self

    def set_binding_shape(self, index: int, shape: tuple[int, ...]) -> bool:
        self._shape = shape
        return shape[3] <= 320

    def get_binding_shape(self, index: int) -> tuple[int, ...]:
        return 1, self._shape[3] // 16, 4

    def execute_v2(self, addresses: list[int]) -> bool:
        given, made = (
            np.ctypeslib.as_array(
                (ctypes.c_float * int(np.prod(shape))).from_address(address)
            ).reshape(shape)
            for address, shape in zip(
                addresses, (self._shape, self.get_binding_shape(1)), strict=True
            )
        )
        made[...] = self._session.run(None, {"x": given})[0]
        return True


def test_it_reads_with_tensorrt(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("tensorrt")
    module.Logger = type("Logger", (), {"WARNING": 2, "__init__": lambda self, level: None})
    module.Runtime = type(
        "Runtime",
        (),
        {
            "__init__": lambda self, logger: None,
            "deserialize_cuda_engine": lambda self, blob: Engine(blob) if blob else None,
        },
    )
    monkeypatch.setitem(sys.modules, "tensorrt", module)
    blocks: dict[int, Any] = {}
    monkeypatch.setattr(ctypes, "CDLL", lambda name: cudart(blocks))
    monkeypatch.setattr(main, "HERE", bundle)
    with pytest.raises(engines.CannotRun, match=r"engine is not here: run \./build_engine"):
        main.Reader(bundle, "tensorrt", None, free=False)
    engine = bundle / "recognition.engine"
    engine.write_bytes(str(bundle / "recognition.onnx").encode())
    try:
        reader = main.Reader(bundle, "auto", None, free=False)
        assert (reader.engine, reader.precision) == ("tensorrt", "fp16")
        assert [reader.text(stripes(text)) for text in TEXTS] == TEXTS
        assert len(blocks) == 2
        with pytest.raises(engines.CannotRun, match="not built for the size"):
            reader.text(stripes("AB" * 20))
        engine.write_bytes(b"")
        with pytest.raises(engines.CannotRun, match="of another TensorRT or GPU"):
            main.Reader(bundle, "tensorrt", None, free=False)
    finally:
        engine.unlink()


def test_the_engines_are_built_whole(bundle: Path, tmp_path: Path) -> None:
    tool = tmp_path / "trtexec"
    tool.write_text(
        '#!/bin/sh\nfor a; do case "$a" in --saveEngine=*) echo "$@" > "${a#*=}";; esac; done\n'
        "exit ${STATUS:-0}\n"
    )
    tool.chmod(0o755)

    def build(**variables: str) -> int:
        return subprocess.run(
            ["sh", str(bundle / "build_engine.sh")],
            env={"PATH": "/usr/bin:/bin", **variables},
            capture_output=True,
            check=False,
        ).returncode

    engine = bundle / "recognition.engine"
    assert build(TRTEXEC=str(tmp_path / "none")) == 1
    assert build(TRTEXEC=str(tool), STATUS="3") == 3
    assert not engine.exists()
    assert build(TRTEXEC=str(tool)) == 0
    asked = engine.read_text("utf-8")
    engine.unlink()
    assert (
        "--fp16 --minShapes=x:1x3x48x128 --optShapes=x:1x3x48x320 --maxShapes=x:1x3x48x3200"
        in asked
    )
