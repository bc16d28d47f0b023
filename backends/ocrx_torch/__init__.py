"""PyTorch as a backend: ONNX and TorchScript files, on processors, CUDA and Apple GPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_torch.options import TorchOptions

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_torch.backend import TorchBackend


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("backend", "torch", _build, options=TorchOptions)


def _build(request: Request) -> TorchBackend:
    from ocrx_torch.backend import TorchBackend

    return TorchBackend(request.options)
