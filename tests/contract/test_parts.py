"""A recogniser of two networks keeps the contract of a recogniser, on each runtime."""

from __future__ import annotations

import pytest

from ocrx.artifacts import Artifact, ModelSpec
from ocrx.interfaces.components import Recognizer
from ocrx.interfaces.runtimes import Backend, SessionOptions
from ocrx.networks.network import Network, NetworkRecognizer
from ocrx.networks.sessions import Sessions
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.reading.opening import Opener
from ocrx.testing import RecognizerContract
from ocrx.types import Image
from ocrx.weights.store import Store
from support import paddle_files, tflite_files
from support.attention import Attention, picture, reading, spec

LINES = ("ab", "^ab", "a^b^a", "bbbb", "^", "b^ab")


class OfTwoNetworks(RecognizerContract):
    backend: str

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.model = Attention(spec(tmp_path_factory.mktemp("attention")))

    def make(self) -> Recognizer:
        assembly = Assembly(load_plugins(), Store(offline=True))
        runtime, session = assembly.backend(self.backend), SessionOptions()
        artifacts = {
            part: self.artifact(network, assembly, runtime)
            for part, network in self.model.spec.networks.items()
        }
        return NetworkRecognizer(
            Network(self.model, Sessions(Opener(artifacts, runtime.open), session), self.backend)
        )

    def artifact(self, network: ModelSpec, assembly: Assembly, runtime: Backend) -> Artifact:
        return assembly.artifact(network, runtime, SessionOptions())

    def pictures(self) -> list[Image]:
        return [picture(line) for line in LINES]

    def expected(self) -> list[tuple[Image, str]]:
        return [(picture(line), reading(line)) for line in LINES]


class TestOpenVino(OfTwoNetworks):
    backend = "openvino"


class TestOnnxRuntime(OfTwoNetworks):
    backend = "onnxruntime"


class TestTorch(OfTwoNetworks):
    backend = "torch"


@pytest.mark.slow  # each part is converted
@pytest.mark.timeout(900)
class TestTflite(OfTwoNetworks):
    backend = "tflite"

    def artifact(self, network: ModelSpec, assembly: Assembly, runtime: Backend) -> Artifact:
        return tflite_files.converted(network)


@pytest.mark.slow
@pytest.mark.timeout(900)
class TestPaddle(OfTwoNetworks):
    backend = "paddle"

    def artifact(self, network: ModelSpec, assembly: Assembly, runtime: Backend) -> Artifact:
        return paddle_files.converted(network, runtime)
