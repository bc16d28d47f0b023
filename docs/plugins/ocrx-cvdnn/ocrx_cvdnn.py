"""OpenCV's own engine for networks, cv2.dnn, as a runtime: ONNX on the CPU, in fp32."""

# --8<-- [start:imports]
from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import cv2
import numpy as np

import ocrx
from ocrx.artifacts import Artifact, Axis, Format
from ocrx.errors import BackendError, DeviceMissing, PrecisionUnavailable, UsageError
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registrar import Registrar
from ocrx.system.cpus import available_cpus
from ocrx.types import Tensor, TensorSpec

# --8<-- [end:imports]


# --8<-- [start:backend]
class CvDnnBackend(Backend):
    name: ClassVar[str] = "cvdnn"
    accepts: ClassVar[tuple[Format, ...]] = ("onnx",)
    priority: ClassVar[int] = -10  # only when it is asked for by name, or alone

    def probe(self) -> Availability:
        return Availability(True, cv2.__version__, ("cpu",))

    def weights(self, asked: Precision) -> Precision:
        return "fp32"  # no use in a file made for another precision

    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        if options.device not in ("auto", "cpu"):
            raise DeviceMissing(f"cvdnn has no device {options.device!r}", "Use cpu.")
        if options.precision not in ("auto", "fp32"):
            raise PrecisionUnavailable(
                f"cvdnn does not compute in {options.precision}", "Use fp32, or another runtime."
            )
        if options.threads not in (None, available_cpus()):  # the reader asks for all of them
            raise UsageError(
                f"cvdnn cannot be held to {options.threads} threads: OpenCV has one number of "
                "threads for the whole process",
                "Leave the number of threads out.",
            )
        try:
            network = cv2.dnn.readNetFromONNX(str(artifact.path))
        except cv2.error as error:
            raise BackendError(
                f"OpenCV cannot open {artifact.path}: {error.err}",
                "Fetch the file again, or choose another runtime.",
            ) from error
        return CvDnnSession(network, artifact)


# --8<-- [end:backend]
# --8<-- [start:session]
class CvDnnSession(Session):
    device = "cpu"
    precision = "fp32"

    def __init__(self, network: cv2.dnn.Net, artifact: Artifact) -> None:
        self._networks = [network]
        self._names = network.getUnconnectedOutLayersNames()
        self.inputs = tuple(
            TensorSpec(name, tuple(None if isinstance(d, Axis) else d for d in shape), "float32")
            for name, shape in artifact.spec.shapes.items()
        )
        self.outputs = tuple(TensorSpec(name, (), "float32") for name in self._names)

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        (network,) = self._networks
        for name, tensor in feeds.items():
            network.setInput(np.ascontiguousarray(tensor), name)
        found = network.forward(self._names)
        return {name: np.array(output) for name, output in zip(self._names, found, strict=True)}

    def _close(self) -> None:
        self._networks.clear()


# --8<-- [end:session]
# --8<-- [start:register]
@ocrx.hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("backend", "cvdnn", lambda request: CvDnnBackend())


# --8<-- [end:register]
