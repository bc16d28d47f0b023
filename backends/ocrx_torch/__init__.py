"""PyTorch: ONNX files, by an importer of our own, and TorchScript; processors, CUDA, Apple GPUs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocrx.hookspecs import hookimpl

if TYPE_CHECKING:
    from ocrx.plugins import Registrar, Request
    from ocrx_torch.backend import TorchBackend


@dataclass(frozen=True)
class TorchOptions:
    """`cuda_graphs` is for how many input shapes the work on a CUDA device is recorded and then
    replayed whole; the shapes used longest ago go first, and 0 records none."""

    cuda_graphs: int = 16


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("backend", "torch", _build, options=TorchOptions)


def _build(request: Request) -> TorchBackend:
    from ocrx_torch.backend import TorchBackend

    return TorchBackend(request.options)
