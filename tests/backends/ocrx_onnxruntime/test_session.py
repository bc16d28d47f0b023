"""ONNX Runtime's sessions: errors, outputs that stay where they are, closing, types."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import helper

from ocrx.errors import BackendError
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.testing import DIFFERENCE, LINE
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_onnxruntime.session import OrtTensor
from support.onnx_files import KINDS, reshaper, save

ARTIFACT = LINE.artifact(("onnx",))


def test_what_is_wrong_is_raised_and_not_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    artifact = reshaper(tmp_path)
    with OnnxRuntimeBackend().open(artifact, SessionOptions()) as session:
        with pytest.raises(BackendError, match=r"reshaper on x \(7,\)"):
            session.run({"x": np.zeros(7, np.float32)})
        assert session.run({"x": np.zeros(6, np.float32)})["y"].shape == (3, 2)
    artifact.path.write_bytes(b"damaged")
    with pytest.raises(BackendError, match=r"reshaper\.onnx"):
        OnnxRuntimeBackend().open(artifact, SessionOptions())
    assert capfd.readouterr() == ("", "")


def test_what_it_left_somewhere_is_fed_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    bind = onnxruntime.IOBinding.bind_cpu_input

    def counted(binding: Any, name: str, array: Any) -> None:
        copied.append(name)
        bind(binding, name, array)

    monkeypatch.setattr(onnxruntime.IOBinding, "bind_cpu_input", counted)
    feeds = DIFFERENCE.feeds(2, 16)
    artifact = DIFFERENCE.artifact(("onnx",))
    backend = OnnxRuntimeBackend()
    with (
        backend.open(artifact, SessionOptions()) as session,
        backend.open(artifact, SessionOptions()) as other,
    ):
        once = session.compute(feeds)["difference"]
        twice = other.compute({"first": once, "second": feeds["second"]})["difference"]
    assert isinstance(once, OrtTensor)
    assert copied == ["first", "second", "second"]
    np.testing.assert_allclose(twice.numpy(), feeds["first"] - 2 * feeds["second"], atol=1e-5)


def test_closing_frees_the_model() -> None:
    session = OnnxRuntimeBackend().open(ARTIFACT, SessionOptions())
    model = weakref.ref(session._session)
    session.close()
    gc.collect()
    assert model() is None


def test_types_are_named_as_numpy_names_them(tmp_path: Path) -> None:
    artifact = save(
        tmp_path / "types.onnx",
        [helper.make_node("Identity", [f"in_{name}"], [f"out_{name}"]) for name in KINDS],
        {f"in_{name}": (name, [1]) for name in KINDS},
        {f"out_{name}": (name, [1]) for name in KINDS},
    )
    with OnnxRuntimeBackend().open(artifact, SessionOptions()) as session:
        assert {spec.name.removeprefix("in_"): spec.dtype for spec in session.inputs} == {
            name: name for name in KINDS
        }
        results = session.run({f"in_{name}": np.ones(1, name) for name in KINDS})
    assert {name.removeprefix("out_"): x.dtype.name for name, x in results.items()} == {
        name: name for name in KINDS
    }
