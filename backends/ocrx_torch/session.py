"""A network on a device, fed with NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError

import numpy as np
import torch

from ocrx.artifacts import Artifact
from ocrx.errors import BackendError, SessionClosed
from ocrx.interfaces.runtimes import Session
from ocrx.types import Tensor
from ocrx_torch.network import TorchNetwork
from ocrx_torch.placing import Run
from ocrx_torch.threads import workers


class TorchSession(Session):
    """Runs up to `concurrency` calls at once, each on one of the session's own threads."""

    thread_safe = True

    def __init__(
        self,
        network: TorchNetwork,
        compute: Run,
        artifact: Artifact,
        *,
        device: str,
        precision: str,
        concurrency: int,
        threads: int | None,
    ) -> None:
        super().__init__()
        self._program: Run | None = compute
        self._name = artifact.spec.name
        self._dtypes = [getattr(torch, spec.dtype) for spec in network.outputs]
        self._constants = {
            buffer.untyped_storage().data_ptr()
            for buffer in network.module.buffers()
            if buffer.layout == torch.strided
        }
        self.inputs, self.outputs = network.inputs, network.outputs
        self.device = device
        self.precision = precision
        self.concurrency = concurrency
        self.divided = device == "cpu" and concurrency > 1
        self._workers = workers(concurrency, threads)

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        compute = self._program
        if compute is None:
            raise SessionClosed("this session is closed", "Open a new one.")
        arrays = [feeds[spec.name] for spec in self.inputs]
        try:
            results = self._workers.submit(self._on_worker, compute, arrays).result()
        except CancelledError as error:
            raise SessionClosed("this session is closed", "Open a new one.") from error
        except (RuntimeError, IndexError, ValueError) as error:
            # Raised by the thread pool after `close`, or by torch on inputs that do not fit.
            if self.closed:
                raise SessionClosed("this session is closed", "Open a new one.") from error
            shapes = ", ".join(f"{name} {tensor.shape}" for name, tensor in feeds.items())
            raise BackendError(
                f"PyTorch failed to run {self._name} on {shapes}: {error}",
                "Try `--backend onnxruntime`.",
            ) from error
        return {spec.name: array for spec, array in zip(self.outputs, results, strict=True)}

    def _on_worker(self, compute: Run, arrays: Sequence[Tensor]) -> list[Tensor]:
        with torch.inference_mode():
            inputs = [_as_tensor(array) for array in arrays]
            foreign = self._constants | {x.untyped_storage().data_ptr() for x in inputs}
            results = []
            for found, dtype in zip(compute(inputs), self._dtypes, strict=True):
                output = found.to(dtype).contiguous()
                place = output.untyped_storage().data_ptr()
                if place in foreign:  # shares memory with an input, a constant or another output
                    output = output.clone()
                foreign.add(place)
                results.append(output.numpy())
        return results

    def _close(self) -> None:
        self._program = None
        self._workers.shutdown(wait=False, cancel_futures=True)


def _as_tensor(array: Tensor) -> torch.Tensor:
    """The array as a tensor. It is copied only if it is not contiguous, or read-only, about which
    torch would warn."""
    whole = np.ascontiguousarray(array)
    return torch.from_numpy(whole if whole.flags.writeable else whole.copy())
