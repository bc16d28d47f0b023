"""Runtimes, and the sessions that they open."""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from math import inf
from typing import ClassVar, TypeVar

from ocrx.artifacts import Artifact, Format
from ocrx.errors import SessionClosed
from ocrx.interfaces.components import Component
from ocrx.interfaces.feeds import check_feeds
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor, HostTensor, on_host
from ocrx.names import Precision
from ocrx.system.memory import trim_memory
from ocrx.types import Tensor, TensorSpec

S = TypeVar("S", bound="Session")


@dataclass(frozen=True)
class Availability:
    """Whether a runtime can be used here; if not, `remedy` is the command that installs it.

    `detail` says what else a user should know, such as why a device is missing. `names` maps
    devices to product names, as far as they are known: {"cuda:0": "NVIDIA L4"}.
    """

    present: bool
    version: str = ""
    devices: tuple[str, ...] = ()
    remedy: str = ""
    detail: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def has(self, device: str) -> bool:
        """Whether the device is there: by its name, or by its kind, such as "cuda" for "cuda:0".
        "auto" always is."""
        return device == "auto" or any(device in (d, re.split("[:.]", d)[0]) for d in self.devices)


@dataclass(frozen=True)
class SessionOptions:
    """How a session is asked to run.

    `device` is "auto" or a name from `Availability.devices` ("cpu", "cuda:0"). `threads` is the
    number of threads to compute with; None leaves it to the runtime. `concurrency` is how many
    calls of `run` will be under way at once.
    """

    device: str = "auto"
    precision: Precision = "auto"
    threads: int | None = None
    concurrency: int = 1


class Session(Component, ABC):
    """A model opened on a runtime.

    `run` checks its feeds and may be called from any thread. A plugin implements `_run` and
    `_close`. ocrx makes one call of either at a time, so they need no lock. If the class sets
    `thread_safe`, any number of threads call `_run` at once, and `_close` while others are in it.
    """

    inputs: tuple[TensorSpec, ...]
    """The inputs of the network, as the opened file declares them."""

    outputs: tuple[TensorSpec, ...]
    """The outputs of the network."""

    device: str
    """The device that it really runs on, one of `Availability.devices`; never "auto"."""

    precision: str
    """The precision that it really computes in; never "auto"."""

    concurrency: int = 1
    """How many calls of `run` can make progress at once. A reader has as many batches under way."""

    divided: bool = False
    """Whether a call has only its share of the processors, even when it runs alone. The core then
    opens a second session, with all processors, for calls that come alone."""

    batch: float = inf
    """A call of more pictures than this is no faster than several calls."""

    closed: bool = False
    """Whether `close` was called: a plugin's own `close` sets it."""

    _turn: AbstractContextManager[object]

    # Not in __init__: a plugin's own may forget to call it, and would lose the lock.
    def __new__(cls: type[S], *_: object, **__: object) -> S:
        session = super().__new__(cls)
        session._turn = threading.Lock()
        return session

    def run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Every output by name. The arrays belong to the caller.

        Raises InvalidFeed for an unknown or missing input, a wrong dtype or shape; SessionClosed
        after `close`; BackendError if the runtime fails.
        """
        self._check_open()
        check_feeds(self.inputs, feeds)
        with nullcontext() if self.thread_safe else self._turn:
            self._check_open()  # it may have been closed while this call waited its turn
            return self._run(feeds)

    def compute(self, feeds: Mapping[str, AnyTensor]) -> dict[str, DeviceTensor]:
        """`run` for networks that feed each other.

        Outputs stay on the device if the runtime can keep them there, and may be fed to any
        session. Raises what `run` raises.
        """
        self._check_open()
        check_feeds(self.inputs, feeds)
        with nullcontext() if self.thread_safe else self._turn:
            self._check_open()
            return self._compute(feeds)

    def _check_open(self) -> None:
        if self.closed:
            raise SessionClosed("this session is closed", "Open a new one.")

    def close(self) -> None:
        """Free the model once running calls have returned. A second call does nothing."""
        with self._turn:
            if not self.closed:
                self.closed = True
                self._close()

    @abstractmethod
    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """`run`, after the checks: `feeds` has every input, in its dtype and with a fitting
        shape."""

    def _close(self) -> None:
        """Free what the session holds. Called once, after which `run` raises SessionClosed.

        A `thread_safe` session lets calls that are under way finish first, and has those that wait
        in `_run` raise SessionClosed.
        """
        return

    def _compute(self, feeds: Mapping[str, AnyTensor]) -> dict[str, DeviceTensor]:
        """`compute`, after the checks. A runtime with a device of its own overrides it."""
        return {name: HostTensor(array) for name, array in self._run(on_host(feeds)).items()}

    def release(self) -> None:
        """Give back memory that is kept only so that the next run starts faster.

        The core calls this after unusually large runs, and after many new shapes.
        """
        trim_memory()


class Backend(ABC):
    """A runtime. It knows nothing of OCR, and imports its packages only in `probe` and `open`."""

    name: ClassVar[str]
    """The name that users give, and that it is registered under, in lower case."""

    accepts: ClassVar[tuple[Format, ...]]
    """The formats that it opens, the preferred one first."""

    priority: ClassVar[int] = 0
    """Its rank when the user leaves the choice ("auto"). Of the runtimes that are present and take
    a file of the model as published, the core uses the one of the highest priority that has the
    device that was asked for. Those that come with ocrx have 0 to 20. A runtime below 0 is for
    users who name it."""

    def weights(self, asked: Precision) -> Precision:
        """The precision that a file's weights must have for the runtime to compute in `asked`. Most
        runtimes compute in bf16 or fp16 from fp32 weights, and need a quantised file for int8."""
        return "int8" if asked == "int8" else "fp32"

    @abstractmethod
    def probe(self) -> Availability:
        """Whether this runtime works here. Never raises."""

    @abstractmethod
    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        """Open the model in a session.

        Raises BackendMissing if the runtime is not installed; DeviceMissing or PrecisionUnavailable
        if it has no such device or precision; UsageError if it cannot be held to that number of
        threads; BackendError if the model cannot be opened.
        """
