"""A plugin for processes that measure: engines that fail on demand, and runtimes that need nothing.

`sizes` is an engine with a runtime of its own that reads how large a picture is; its variant says
what it does once the file that FAKECELLS_FLAG names is there. `widths` is a network that reads how
wide a picture is, on runtimes that hand on what they are fed (`crooked` not quite), and `letters` a
CTC network that reads an "a", with a decoder that shouts.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

import ocrx
from ocrx.artifacts import Artifact, ModelSpec, Source
from ocrx.bench.data.dataset import Answer, Sample
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.metric import Metric
from ocrx.errors import DeviceMissing, PrecisionUnavailable
from ocrx.interfaces.components import Recognizer
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.runtimes import Availability, Backend, SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registrar import Registrar, Request
from ocrx.types import Batch, Image, Tensor, Text, Used
from support.fakectc import Greedy, Lattice, Shout, ShoutOptions
from support.fakenetwork import Echo, WidthModel
from support.fakeparts import ColourDetector, ColourOrienter, Doubled
from support.fakereader import FakeOptions, FakeReader
from support.samples import encode, gradient

FLAG = "FAKECELLS_FLAG"
SITE = """
import importlib.metadata as metadata
modules = "support.fakecells", "ocrx.bench.plugin"
points = [metadata.EntryPoint(one.split(".")[1], one, "ocrx") for one in modules]
metadata.entry_points = lambda **_: points
"""
"""A sitecustomize.py that hides every plugin but this one and the forms of datasets."""


def install(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """This process, and those it starts, have this plugin alone. The flag is returned: engines
    misbehave once that file is there."""
    site = folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    patch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(Path(__file__).parents[1])]))
    points = [EntryPoint(one, one, "ocrx") for one in ("support.fakecells", "ocrx.bench.plugin")]
    patch.setattr("ocrx.plugins.registry.entry_points", lambda group: points)
    flag = folder / "flag"
    patch.setenv(FLAG, str(flag))
    return flag


WIDTHS = (20, 31, 40, 53, 60, 75, 80, 90)


def draw_set(folder: Path, read: Callable[[int], str] = "{}x20".format) -> Path:
    """A set of pictures of those widths whose text is what `read` says of their width."""
    folder.mkdir(exist_ok=True)
    for width in WIDTHS:
        (folder / f"{width}.png").write_bytes(encode(gradient(width, 20)))
    rows = [f"{width}.png\t{read(width)}\n" for width in WIDTHS]
    (folder / "labels.tsv").write_text("".join(rows))
    return folder


class Sizes(Recognizer):
    used = (Used("recognition", "sizes", "none", "cpu", "fp32"),)

    def __init__(self, behaviour: str) -> None:
        self._behaviour = behaviour
        self._kept: list[bytearray] = []
        self._calls = 0

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        self._calls += 1
        time.sleep(0.002)
        if FLAG in os.environ and Path(os.environ[FLAG]).exists():
            self._misbehave()
        if self._behaviour == "noisy":
            print("what a runtime says", flush=True)
            os.write(1, b"and what it says in C++\n")
        if self._behaviour == "leak":
            self._kept.append(bytearray(100_000))
        moody = str(self._calls) if self._behaviour == "moody" else ""
        return [Text.uniform(f"{c.shape[1]}x{c.shape[0]}{moody}", 0.95) for c in crops]

    def _misbehave(self) -> None:
        match self._behaviour:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "hang":
                time.sleep(3600)
            case "family":
                subprocess.run([sys.executable, "-c", "import time; time.sleep(3600)"], check=True)
            case "hog":
                hog()
            case "raise":
                raise RuntimeError("this engine is tired")
            case "abort":
                os.write(2, b"terminate called after throwing an instance of 'fake'\n")
                os.abort()
            case "exit":
                os._exit(3)


def hog() -> None:
    """Take all the memory there is, of a little."""
    import resource

    used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**27,) * 2)
    held = [bytearray(2**24) for _ in range(1000)]
    raise AssertionError(f"{len(held)} pieces fit")


class Widths(WidthModel):
    spec = ModelSpec("widths", "recognition", {"onnx": Source("widths", path=Path(__file__))})


class Letters(Lattice):
    """Gives the character "a" for every picture."""

    spec = ModelSpec("letters", "recognition", {"onnx": Source("letters", path=Path(__file__))})

    def shape(self, height: int, width: int) -> tuple[int, int]:
        return 8, 1

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        return Batch({"x": np.ones((len(images), *shape), np.float32)}, [1.0] * len(images))

    def emissions(self, outputs: Mapping[str, Tensor], batch: Batch) -> Emissions:
        return super().emissions({"x": outputs["x"][:, 0]}, batch)


class Lost(Metric):
    """How many characters fewer were read than stand there."""

    title = "lost characters"
    short = "lost %"
    better = "lower"

    def count(self, sample: Sample, answer: Answer, folding: Folding) -> tuple[float, float]:
        truth, read = folding(sample.text), folding(answer.text)
        return max(0, len(truth) - len(read)), len(truth)


class Tired(Lost):
    def count(self, sample: Sample, answer: Answer, folding: Folding) -> tuple[float, float]:
        raise RuntimeError("this metric is tired")


class Missing(WidthModel):
    source = Source("gone.onnx", url="https://example.org/gone.onnx", sha256="0" * 64)
    spec = ModelSpec("gone", "recognition", {"onnx": source})


class Onnxruntime(Backend):
    """Hands on what it is fed, in any precision that is asked for."""

    name = "onnxruntime"
    accepts = ("onnx",)

    def weights(self, asked: Precision) -> Precision:
        return "fp32"

    def probe(self) -> Availability:
        return Availability(True, "1.2.3", ("cpu",))

    def open(self, artifact: Artifact, options: SessionOptions) -> Echo:
        session = self.session()
        session.precision = "fp32" if options.precision == "auto" else options.precision
        if options.device not in ("auto", "cpu"):
            raise DeviceMissing(f"there is no {options.device}", "Get one with: buy it")
        if options.precision == "bf16":
            raise PrecisionUnavailable("bf16 is not for us", "Use fp32.")
        return session

    def session(self) -> Echo:
        return Echo(1)


class Openvino(Onnxruntime):
    name = "openvino"


class Crooked(Onnxruntime):
    """Wrong by one for pictures of an odd width."""

    name = "crooked"

    def session(self) -> Echo:
        return Wrong(1)


class Wrong(Echo):
    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {"x": feeds["x"] + feeds["x"] % 2}


class Absent(Onnxruntime):
    name = "absent"

    def probe(self) -> Availability:
        return Availability(False, remedy="pip install absent")


class Narrow(Onnxruntime):
    name = "narrow"
    accepts = ("tflite",)


@ocrx.hookimpl
def ocrx_register(registry: Registrar) -> None:
    def sizes(request: Request) -> Sizes:
        if request.variant == "refuse":
            raise RuntimeError("no licence")
        return Sizes(request.variant)

    def whole(request: Request) -> FakeReader:
        return FakeReader(request.options)

    registry.add("recognizer", "sizes", sizes)
    registry.add("recognizer", "widths", lambda request: Widths())
    registry.add("recognizer", "gone", lambda request: Missing())
    registry.add("recognizer", "letters", lambda request: Letters())
    registry.add("decoder", "greedy", lambda request: Greedy())
    registry.add("decoder", "shout", lambda request: Shout(request.options), options=ShoutOptions)
    registry.add("metric", "lost", lambda request: Lost())
    registry.add("metric", "tired", lambda request: Tired())
    for name in ("whole", "sizes"):
        registry.add("page_reader", name, whole, options=FakeOptions)
    for name in ("paddle", "letters"):
        registry.add("detector", name, lambda request: ColourDetector())
    registry.add("orienter", "paddle", lambda request: ColourOrienter())
    registry.add("preprocessor", "doubled", lambda request: Doubled())
    for backend in (Onnxruntime, Openvino, Crooked, Absent, Narrow):
        registry.add("backend", backend.name, partial(make, backend))


def make(backend: type[Backend], request: Request) -> Backend:
    return backend()
