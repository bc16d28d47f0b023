"""From names to components: which runtime is taken, and what is told where none can be."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from ocrx.artifacts import Artifact, Format, ModelSpec, Source
from ocrx.errors import BackendMissing, NoRoute, PluginError, UnknownName, UsageError
from ocrx.interfaces.components import Recognizer
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.networks.sessions import IN_A_ROW
from ocrx.plugins.registrar import Registrar, Request
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.reading.assembly import Assembly
from ocrx.weights.store import Store
from support.fakenetwork import Echo, WidthModel


class Fake(Backend):
    """Opens an echo; remembers what it was asked for."""

    name: ClassVar[str] = "fake"
    accepts: ClassVar[tuple[Format, ...]] = ("onnx",)
    present: ClassVar[bool] = True

    def __init__(self) -> None:
        self.opened: list[tuple[Artifact, SessionOptions]] = []
        self.devices: tuple[str, ...] = ("cpu",)

    def probe(self) -> Availability:
        return Availability(
            self.present, "1", self.devices, f"pip install {self.name}", "it is gone"
        )

    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        self.opened.append((artifact, options))
        session = Echo(options.concurrency)
        session.divided = options.concurrency > 1
        return session


class Better(Fake):
    name = "better"
    priority = 5


class Best(Fake):
    name = "best"
    priority = 9
    present = False


class Foreign(Fake):
    name = "foreign"
    accepts = ("tflite",)
    priority = 99


def _given(backend: Fake, request: Request) -> Fake:
    return backend


@pytest.fixture
def backends() -> dict[str, Fake]:
    return {backend.name: backend() for backend in (Fake, Better, Best, Foreign)}


@pytest.fixture
def assembly(backends: dict[str, Fake], tmp_path: Path) -> Assembly:
    weights = tmp_path / "weights.onnx"
    weights.write_bytes(b"weights")

    def widths(request: Request) -> WidthModel:
        model = WidthModel()
        sources = {"onnx": Source(weights.name, path=weights)}
        model.spec = ModelSpec("widths", "recognition", sources)
        return model

    def breaks(request: Request) -> object:
        raise ZeroDivisionError("no")

    registrar = Registrar("acme", "acme-ocr")
    for name, backend in backends.items():
        registrar.add("backend", name, partial(_given, backend))
    registrar.add("recognizer", "widths", widths)
    registrar.add("recognizer", "number", lambda request: 42)
    registrar.add("recognizer", "breaks", breaks)
    registry = Registry([PluginRecord("acme", "acme-ocr", "1", registrar.added)])
    return Assembly(registry, Store(tmp_path / "cache", offline=True))


def recognizer(assembly: Assembly, name: str, backend: str = "auto") -> Recognizer:
    made = assembly.component("recognizer", name, backend, SessionOptions(concurrency=2))
    assert isinstance(made, Recognizer)
    return made


def test_auto_takes_the_best_that_is_present_and_takes_the_model(
    assembly: Assembly, backends: dict[str, Fake], tmp_path: Path
) -> None:
    with recognizer(assembly, "widths") as made:
        assert made.used[0].backend == "better"
        assert made.recognize([np.zeros((8, 33, 3), np.uint8)])[0].text == "33"
    ((artifact, options),) = backends["better"].opened
    assert (artifact.path, artifact.format) == (tmp_path / "weights.onnx", "onnx")
    assert options.concurrency == 2


@pytest.mark.parametrize(
    ("device", "chosen"),
    [("auto", "better"), ("cpu", "better"), ("npu", "fake"), ("npu:1", "fake")],
)
def test_auto_takes_a_runtime_that_has_the_device(
    assembly: Assembly, backends: dict[str, Fake], device: str, chosen: str
) -> None:
    backends["fake"].devices = ("cpu", "npu:1")
    model = assembly.network("recognizer", "widths")
    assert model is not None
    assert assembly.runtime(model.spec, "auto", device).name == chosen


def test_auto_takes_the_best_if_none_has_the_device(assembly: Assembly) -> None:
    model = assembly.network("recognizer", "widths")
    assert model is not None
    assert assembly.runtime(model.spec, "auto", "tpu").name == "better"


@pytest.mark.parametrize("replaced", [False, True])
def test_lines_that_come_alone_get_a_session_unless_another_model_lies_there(
    assembly: Assembly,
    backends: dict[str, Fake],
    tmp_path: Path,
    replaced: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with recognizer(assembly, "widths", "fake") as made:
        made.recognize([np.zeros((8, 33, 3), np.uint8)])
        if replaced:
            (tmp_path / "weights.onnx").write_bytes(b"others")
        for _ in range(IN_A_ROW + 1):
            assert made.recognize([np.zeros((8, 35, 3), np.uint8)])[0].text == "35"
    asked = [options.concurrency for _, options in backends["fake"].opened]
    assert asked == ([2] if replaced else [2, 1])
    assert ("has changed since it was first opened" in caplog.text) == replaced


def test_a_runtime_that_is_named_is_taken(assembly: Assembly) -> None:
    with recognizer(assembly, "widths", "fake") as made:
        assert made.used[0].backend == "fake"


def test_a_runtime_that_is_not_there_says_how_to_get_it(assembly: Assembly) -> None:
    with pytest.raises(BackendMissing) as caught:
        recognizer(assembly, "widths", "best")
    assert "it is gone" in caught.value.message
    assert "pip install best" in caught.value.remedy


def test_a_runtime_that_takes_no_file_of_the_model_says_so(assembly: Assembly) -> None:
    with pytest.raises(NoRoute, match=r"onnx.*tflite"):
        recognizer(assembly, "widths", "foreign")


def test_without_a_runtime_that_fits_auto_says_so(
    assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    for backend in (Fake, Better):
        monkeypatch.setattr(backend, "present", False)
    with pytest.raises(BackendMissing, match="widths"):
        recognizer(assembly, "widths")


def test_an_unknown_runtime_or_component_lists_those_there_are(assembly: Assembly) -> None:
    with pytest.raises(UnknownName, match="better"):
        recognizer(assembly, "widths", "bettter")
    with pytest.raises(UnknownName, match="widths"):
        recognizer(assembly, "width")


def test_rubbish_and_breakage_name_the_plugin(assembly: Assembly) -> None:
    with pytest.raises(PluginError, match=r"acme.*made a int.*number"):
        recognizer(assembly, "number")
    with pytest.raises(PluginError, match=r"breaks.*acme.*ZeroDivisionError"):
        recognizer(assembly, "breaks")


def test_an_engine_of_its_own_takes_no_runtime(tmp_path: Path) -> None:
    from support.fakeparts import Parts

    assembly = Assembly(Parts().registry(), Store(tmp_path, offline=True))
    with pytest.raises(UsageError, match="runtime of its own"):
        recognizer(assembly, "paddle", "openvino")
