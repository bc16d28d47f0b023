"""The contracts between the core and its plugins, and nothing else.

Every method takes many and returns as many, in the same order. Pictures are RGB uint8 of shape
(height, width, 3). `close` may be called twice; using a component after it raises SessionClosed.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Generic, TypeAlias, TypeVar

from ocrx.artifacts import Artifact, Format, ModelSpec, Precision
from ocrx.errors import SessionClosed
from ocrx.feeds import check_feeds
from ocrx.heap import trim_heap
from ocrx.types import Batch, Image, Orientation, Region, Tensor, TensorSpec, Text, Used

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ocrx.environments import Environment
    from ocrx.types import Page

C = TypeVar("C", bound="Component")
R = TypeVar("R")


class Component:
    """Anything a reader holds. `used` says what really runs it.

    Unless a class says it is `thread_safe`, a reader calls its instances from one thread at a time.
    """

    used: tuple[Used, ...] = ()
    thread_safe: bool = False
    guard: AbstractContextManager[object] = nullcontext()

    def decoding(self) -> float:
        """The share, 0 to 1, that making results of a network's outputs had in the work of the last
        call from this thread; 0 for a component that does not know."""
        return 0.0

    def close(self) -> None:
        """Free what the component holds."""
        return

    def __enter__(self: C) -> C:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Preprocessor(Component, ABC):
    """A picture in, a picture out, with the way back for coordinates."""

    @abstractmethod
    def apply(self, images: Sequence[Image]) -> list[tuple[Image, NDArray[np.float64]]]:
        """Each new picture, and the (3, 3) homography from its pixels to the given picture's."""


class Detector(Component, ABC):
    @abstractmethod
    def detect(self, pages: Sequence[Image]) -> list[list[Region]]:
        """The lines of text of each page, in any order, in the page's pixels."""


class Recognizer(Component, ABC):
    """`charset` holds what it can read, None if it does not say."""

    charset: Sequence[str] | None = None

    @abstractmethod
    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        """The text of each crop; a crop holds one upright line."""


class Orienter(Component, ABC):
    @abstractmethod
    def orient(self, crops: Sequence[Image]) -> list[Orientation]:
        """How far each crop is turned from upright."""


class PageReader(Component, ABC):
    """An engine that does it all itself: no choice of detector, recogniser or runtime.

    One that also reads pictures of a single line as such says `reads_lines`; its factory finds in
    `Request.layout` which it is to do.
    """

    reads_lines: bool = False

    @abstractmethod
    def read(self, pages: Sequence[Image]) -> list[Page]:
        """Each page read; `source`, `index` and `used` are filled in by the caller."""


class NetworkModel(ABC, Generic[R]):
    """The runtime-free half of a component: pictures to tensors, tensors to results.

    R is `list[Region]` for detection, `Text` for recognition, `Orientation` for orientation.
    Methods are called from several threads at once. A batch holds at most `max_batch` pictures, and
    no more than `max_area` pixels of input unless one picture alone has more; after one of
    more than that, or than `large_area`, the session is asked to give memory back. `charset` holds
    what a recogniser can read, None if it does not say.
    """

    spec: ModelSpec
    charset: Sequence[str] | None = None
    max_batch: int = 1
    max_area: float = inf
    large_area: float = inf

    @abstractmethod
    def shape(self, height: int, width: int) -> tuple[int, int]:
        """The network's input (height, width) for a picture of that size: one of its buckets."""

    @abstractmethod
    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        """The pictures as one batch of that input shape, no smaller than any one's own `shape`."""

    def infer(
        self, run: Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]], batch: Batch
    ) -> Mapping[str, Tensor]:
        """The network's outputs for the batch: one `run`, unless a model does it in pieces."""
        return run(batch.feeds)

    @abstractmethod
    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[R]:
        """A result for each picture of the batch, in the batch's order."""

    def undecided(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[int]:
        """Which pictures' results, by their index in the batch, the rounding of bf16 may have
        tipped: they are run again in fp32. None, unless a model says so."""
        return []


@dataclass(frozen=True)
class Availability:
    """Whether a runtime can be used here; if not, `remedy` is the one command that gets it. `names`
    says what the makers call the devices, as far as that is known: {"cuda:0": "NVIDIA L4"}."""

    present: bool
    version: str = ""
    devices: tuple[str, ...] = ()
    remedy: str = ""
    detail: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SessionOptions:
    """How a session is asked to run.

    `device` is "auto" or a name from `Availability.devices` ("cpu", "cuda:0"); `threads` None
    leaves the number to the runtime; `concurrency` is how many `run` calls will be under way at
    once.
    """

    device: str = "auto"
    precision: Precision = "auto"
    threads: int | None = None
    concurrency: int = 1


class Session(Component, ABC):
    """A model opened on a runtime. `device` and `precision` are those it really runs on.

    `run` checks its feeds and is safe to call from any thread; `concurrency` calls make progress at
    once. `divided` says that each of these has but its share of the processors, even when it is
    alone. More than `batch` pictures in a call bring nothing. A plugin implements `_run`; unless it
    sets `thread_safe`, calls of it are serialised.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    device: str
    precision: str
    concurrency: int = 1
    divided: bool = False
    batch: float = inf
    closed: bool = False

    def __init__(self) -> None:
        self.guard = nullcontext() if self.thread_safe else threading.Lock()

    def run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Every output by name. The arrays are the caller's own.

        Raises InvalidFeed for an unknown or missing input, a wrong dtype or shape; SessionClosed.
        """
        self._check_open()
        check_feeds(self.inputs, feeds)
        with self.guard:
            self._check_open()  # it may have been closed while this call waited its turn
            return self._run(feeds)

    def _check_open(self) -> None:
        if self.closed:
            raise SessionClosed("this session is closed", "Open a new one.")

    @abstractmethod
    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """`run`, after the checks."""

    def release(self) -> None:
        """Give back memory that is held only for the next run to start faster; asked for after runs
        that were larger than most, and after many of shapes that are new."""
        trim_heap()


class Backend(ABC):
    """A runtime. It knows nothing of OCR and is imported lazily, in `probe` and `open`.

    `accepts` lists formats in order of preference. `priority` ranks the runtimes that are present
    when the user leaves the choice: the highest is taken.
    """

    name: ClassVar[str]
    accepts: ClassVar[tuple[Format, ...]]
    priority: ClassVar[int] = 0

    def weights(self, asked: Precision) -> Precision:
        """The precision an artifact must have to be run in the precision `asked`: most runtimes
        compute in bf16 or fp16 from fp32 weights, and need a quantised file for int8."""
        return "int8" if asked == "int8" else "fp32"

    @abstractmethod
    def probe(self) -> Availability:
        """Whether this runtime works here. Never raises."""

    @abstractmethod
    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        """Raises BackendMissing, DeviceMissing, PrecisionUnavailable, or BackendError."""


Feeds: TypeAlias = Mapping[str, Tensor]
"""One call's inputs by name."""


@dataclass(frozen=True)
class Calibration:
    """What a network will be fed, for converters that round its numbers: `batches()` gives some
    calls' inputs, the same each time, and `identity` stands for all that they depend on."""

    identity: str
    batches: Callable[[], Iterator[Feeds]]


@dataclass(frozen=True)
class Conversion:
    """What a converter is asked to make: `spec` is the model, `artifact` the file to start from,
    `precision` that of the result, `device` where an engine is to run ("auto" for the converter's
    choice). `calibration` is None where nobody knows how the model's pictures are encoded; a
    converter that uses it has its `identity` in the fingerprint."""

    spec: ModelSpec
    artifact: Artifact
    precision: Precision
    device: str = "auto"
    calibration: Calibration | None = None


class Converter(ABC):
    """An edge of the format graph: turns a model file of one format into one of another.

    `makes` lists the edges as (source format, source precision, target format, target precision);
    `cost` ranks routes, a published file costs nothing. Results are cached by the source's sha256,
    the converter's name and `fingerprint`; the core takes care of atomic writes and locks.
    `environment` is where its packages are, if they cannot be beside ours.
    """

    name: str
    makes: tuple[tuple[Format, Precision, Format, Precision], ...]
    cost: float = 1.0
    environment: Environment | None = None

    @abstractmethod
    def probe(self) -> Availability:
        """Whether this converter works here; if not, the one command that gets it. Never raises.

        `devices` are those it makes results for that need not be here.
        """

    @abstractmethod
    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        """All that the result depends on besides the source file: versions, options, and for an
        engine the runtime's version, the device's architecture and the shape profile."""

    @abstractmethod
    def convert(self, conversion: Conversion, folder: Path, report: Report) -> str:
        """Write the result into the empty `folder`; the name of its main file there.

        `report(fraction, what)` tells how far a long conversion is. Raises ConversionFailed.
        """


Report: TypeAlias = Callable[[float, str], None]
