"""OpenVINO as a backend: Intel and ARM processors, Intel GPUs and NPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_openvino.backend import OpenVinoBackend


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("backend", "openvino", _build)


def _build(request: Request) -> OpenVinoBackend:
    from ocrx_openvino.backend import OpenVinoBackend

    return OpenVinoBackend(request.store.cache_dir)
