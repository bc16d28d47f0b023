"""A network on a device, fed with NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from typing import TypeAlias

import numpy as np
import torch

from ocrx.artifacts import Artifact
from ocrx.errors import BackendError, SessionClosed
from ocrx.interfaces.runtimes import Session
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor
from ocrx.types import Tensor
from ocrx_torch.network import TorchNetwork
from ocrx_torch.runner import Runner, TorchTensor
from ocrx_torch.threads import workers

Work: TypeAlias = Callable[[Runner, Sequence[torch.Tensor]], list[torch.Tensor]]


class TorchSession(Session):
    """Runs up to `concurrency` calls at once, each on one of the session's own threads."""

    thread_safe = True

    def __init__(
        self,
        network: TorchNetwork,
        runner: Runner,
        artifact: Artifact,
        *,
        device: str,
        precision: str,
        concurrency: int,
        threads: int | None,
    ) -> None:
        super().__init__()
        self._runner: Runner | None = runner
        self._where = runner.placement.device
        self._name = artifact.spec.name
        self.inputs, self.outputs = network.inputs, network.outputs
        self.device = device
        self.precision = precision
        self.concurrency = concurrency
        self.divided = device == "cpu" and concurrency > 1
        self._workers = workers(concurrency, threads)

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        found = self._worked(lambda runner, inputs: runner.on_host(inputs), feeds)
        return {name: output.numpy() for name, output in found.items()}

    def _compute(self, feeds: Mapping[str, AnyTensor]) -> dict[str, DeviceTensor]:
        found = self._worked(lambda runner, inputs: runner.on_device(inputs), feeds)
        return {name: TorchTensor(output) for name, output in found.items()}

    def _worked(self, work: Work, feeds: Mapping[str, AnyTensor]) -> dict[str, torch.Tensor]:
        """The outputs by name, computed on a thread of the session."""
        runner = self._runner
        if runner is None:
            raise SessionClosed("this session is closed", "Open a new one.")
        try:
            results = self._workers.submit(self._on_worker, work, runner, feeds).result()
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
        return {spec.name: output for spec, output in zip(self.outputs, results, strict=True)}

    def _on_worker(
        self, work: Work, runner: Runner, feeds: Mapping[str, AnyTensor]
    ) -> list[torch.Tensor]:
        with torch.inference_mode():
            return work(runner, [self._as_tensor(feeds[spec.name]) for spec in self.inputs])

    def _as_tensor(self, feed: AnyTensor) -> torch.Tensor:
        """The feed as a tensor, not copied if it lies on this device, or is an array that is
        contiguous and not read-only, about which torch would warn."""
        if isinstance(feed, TorchTensor) and feed.value.device == self._where:
            return feed.value
        array = feed.numpy() if isinstance(feed, DeviceTensor) else feed
        whole = np.ascontiguousarray(array)
        return torch.from_numpy(whole if whole.flags.writeable else whole.copy())

    def _close(self) -> None:
        self._runner = None
        self._workers.shutdown(wait=False, cancel_futures=True)
