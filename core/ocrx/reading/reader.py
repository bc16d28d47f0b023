"""Reading pictures: the public face of the pipeline."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, cast, get_args

from ocrx.conversion.workshop import no_progress
from ocrx.errors import OcrxError, SessionClosed, UsageError
from ocrx.images.document import Document, Raster
from ocrx.images.opening import ImageSource, open_document, source_name
from ocrx.interfaces.components import Component, Detector, Orienter, PageReader, Recognizer
from ocrx.interfaces.conversion import Progress
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import PRECISIONS, Layout, Precision
from ocrx.plugins.registrar import KINDS, Kind
from ocrx.plugins.registry import Registry, load_plugins
from ocrx.profiles.applied import Tuned, apply_profile, profile_errors, runtime_option
from ocrx.reading import pipeline
from ocrx.reading.assembly import AUTO, Assembly, check_options, is_page_reader, split_reference
from ocrx.reading.pipeline import Work
from ocrx.types import Page
from ocrx.weights.store import Store

if TYPE_CHECKING:
    from ocrx.weights.download import ProgressFactory

OnError = Callable[[str, OcrxError], None]
"""Called with a picture's name and why it could not be read."""

MIN_SCORE = 0.5
"""Lines that read worse are dropped unless the user says otherwise: most are texture taken for
text. A picture that the user says is a line keeps its line."""

POOL_PIXELS = 16_000_000
POOL_PICTURES = 64
"""`read_many` reads so many pixels or pictures together: enough to fill batches, few enough that
results flow and memory stays small."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One decoded picture or page, before any stage."""

    source: str
    index: int
    raster: Raster
    decode_ms: float


class Reader:
    """Reads text from pictures. Open one, use it for many; threads may share it.

    Components are given as NAME or NAME:VARIANT; `backend` as a name or "auto" (the best that is
    installed), with `detector_backend` and `recognizer_backend` to differ from it. `device`,
    `precision` and `threads` go to the runtimes: anything but "auto" is what runs, or an error.
    `layout` is "page" (find the lines), "line" (the picture is one line of text) or "auto" (a page,
    unless the picture looks like a line cut out). Lines that score below `min_score` are dropped:
    by default 0.5, and 0 with the layout "line". `options` gives components their own,
    by kind, or by kind and name: `{"detector": {"box_threshold": 0.6}, "preprocessor.contrast":
    {"clip": 3}}`. `offline` True forbids downloads; `progress` shows them, and `report` is
    told how far the conversion of a model is that its runtime does not take as it is.

    Raises UsageError, UnknownName, UnknownOption, WeightsError, BackendError, PluginError.
    """

    tuned: Tuned = Tuned("off")
    """What of the user's profile is used: it may choose where everything is left to "auto"."""

    def __init__(
        self,
        detector: str = "paddle",
        recognizer: str = "paddle",
        backend: str = AUTO,
        device: str = AUTO,
        precision: Precision = "auto",
        *,
        threads: int | None = None,
        layout: Layout = "auto",
        min_score: float | None = None,
        orienter: str | None = "paddle",
        preprocessors: Sequence[str] = (),
        detector_backend: str | None = None,
        recognizer_backend: str | None = None,
        offline: bool | None = None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        progress: ProgressFactory | None = None,
        report: Progress = no_progress,
        registry: Registry | None = None,
    ) -> None:
        _check("layout", layout, get_args(Layout))
        _check("precision", precision, PRECISIONS)
        if threads is not None and threads < 1:
            raise UsageError(f"threads cannot be {threads}", "Give 1 or more.")
        options = options or {}
        self.layout = layout
        self.min_score = min_score
        self._least_score = min_score if min_score is not None else MIN_SCORE * (layout != "line")
        self._registry = registry or load_plugins()
        self._assembly = Assembly(
            self._registry,
            Store(offline=offline, progress=progress),
            options,
            layout,
            report,
        )
        self.tuned, backend, self._session = apply_profile(
            layout,
            recognizer,
            detector,
            backend,
            SessionOptions(device, precision, threads),
            version=self._assembly.version,
            free=not any((detector_backend, recognizer_backend, *map(runtime_option, options))),
        )
        self._references: dict[Kind, str | None] = {
            "detector": detector,
            "orienter": orienter,
            "recognizer": recognizer,
        }
        self._backends = {
            "detector": detector_backend or backend,
            "orienter": recognizer_backend or backend,
            "recognizer": recognizer_backend or backend,
        }
        self._open: dict[Kind, Component] = {}
        self._locks: dict[Kind, threading.Lock] = {kind: threading.Lock() for kind in KINDS}
        self._closed = False
        self._check_options(options, preprocessors)
        self._preprocessors = [self._assembly.preprocessor(name) for name in preprocessors]
        self._page_reader = self._find_page_reader()
        if self._page_reader is None:
            self._open_together(["recognizer"] if layout == "line" else ["recognizer", "detector"])

    def read(self, source: ImageSource) -> Page:
        """The text of one picture: a path, bytes, PIL image, or RGB uint8 array (H, W, 3).

        Raises InputError for one that cannot be read, UsageError for a document of several pages.
        """
        self._check_open()
        with open_document(source) as document:
            if len(document) != 1:
                raise UsageError(
                    f"{document.name} has {len(document)} pages", "Read it with `read_many`."
                )
            picture = _picture(document, 0)
        return self._read([picture])[0]

    def read_many(
        self, sources: Iterable[ImageSource], on_error: OnError | None = None
    ) -> Iterator[Page]:
        """Every page of every source, in order, as they are read; crops share batches.

        A picture that cannot be read is handed to `on_error`, and reading goes on; without it the
        error is raised, after the pages before it. Raises UsageError for a single source.
        """
        self._check_open()
        if isinstance(sources, str | bytes | bytearray | os.PathLike) or hasattr(sources, "dtype"):
            raise UsageError("`read_many` is given a single source", "Put it in a list.")
        return self._stream(sources, on_error or _raise)

    def _stream(self, sources: Iterable[ImageSource], report: OnError) -> Iterator[Page]:
        pool: list[Picture] = []
        for item in _pictures(sources):
            if isinstance(item, Picture):
                pool.append(item)
                if not _full(pool):
                    continue
            yield from self._read_pool(pool, report)
            pool = []
            if not isinstance(item, Picture):
                report(*item)
        yield from self._read_pool(pool, report)

    def close(self) -> None:
        """Free every session. A reader can be closed twice, and not be used after."""
        self._closed = True
        for kind, lock in self._locks.items():
            with lock:
                component = self._open.pop(kind, None)
                if component is not None:
                    component.close()
        for whole in (*self._preprocessors, self._page_reader):
            if whole is not None:
                whole.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _read_pool(self, pool: Sequence[Picture], report: OnError) -> Iterator[Page]:
        """The pool's pages; if that fails, each picture on its own: one costs only itself."""
        if not pool:
            return
        try:
            pages = self._read(pool)
        except SessionClosed:
            raise  # no picture is to blame
        except OcrxError as error:
            if len(pool) == 1:
                report(pool[0].source, error)
                return
            for picture in pool:
                yield from self._read_pool([picture], report)
        else:
            yield from pages

    def _read(self, pictures: Sequence[Picture]) -> list[Page]:
        works = [_work(picture) for picture in pictures]
        pipeline.preprocess(works, self._preprocessors)
        if self._page_reader is not None:
            return self._read_whole(works, self._page_reader)
        recognizer = self._recognizer()
        pipeline.detect(works, self.layout, self._detector)
        pipeline.rectify(works)
        pipeline.recognize(works, recognizer)
        orienter = self._orienter if self._references["orienter"] else None
        pipeline.orient(works, orienter, recognizer)
        return [pipeline.assemble(work, self._least_score) for work in works]

    def _read_whole(self, works: Sequence[Work], engine: PageReader) -> list[Page]:
        pages = pipeline.call(engine, engine.read, [w.image for w in works], works, "recognize")
        min_score = self.min_score or 0.0
        return [
            pipeline.finish(work, page, min_score) for page, work in zip(pages, works, strict=True)
        ]

    def _detector(self) -> Detector:
        return cast("Detector", self._component("detector"))

    def _orienter(self) -> Orienter:
        return cast("Orienter", self._component("orienter"))

    def _recognizer(self) -> Recognizer:
        return cast("Recognizer", self._component("recognizer"))

    def _component(self, kind: Kind) -> Component:
        """The component of that kind, opened on first use."""
        with self._locks[kind]:
            self._check_open()
            if kind not in self._open:
                concurrency = (self._session.threads or 1) if kind == "recognizer" else 1
                with profile_errors(self.tuned):
                    self._open[kind] = self._assembly.component(
                        kind,
                        str(self._references[kind]),
                        self._backends[kind],
                        replace(self._session, concurrency=concurrency),
                    )
            return self._open[kind]

    def _open_together(self, kinds: Sequence[Kind]) -> None:
        """Open components side by side: most of it is one thread's work in the runtime."""
        later: list[Kind] = ["orienter"] if self._references["orienter"] else []
        for kind in (*kinds, *later):
            self._registry.get(kind, split_reference(str(self._references[kind]))[0])
        try:
            with ThreadPoolExecutor(len(kinds)) as pool:
                for opening in [pool.submit(self._component, kind) for kind in kinds]:
                    opening.result()
        except BaseException:
            self.close()
            raise

    def _check_options(self, options: Mapping[str, object], preprocessors: Sequence[str]) -> None:
        """UsageError for options of what this reader cannot come to use."""
        backends = list(self._backends.values())
        if AUTO in backends:
            backends = self._registry.names("backend")
        used: dict[Kind, Sequence[str | None]] = {
            **{kind: [reference] for kind, reference in self._references.items()},
            "preprocessor": preprocessors,
            "backend": backends,
            "converter": self._registry.names("converter"),
        }
        reference = str(self._references["recognizer"])
        if self._registry.find("page_reader", split_reference(reference)[0]):
            used["page_reader"] = [reference]
        check_options(options, used)

    def _find_page_reader(self) -> PageReader | None:
        """The engine, if the recogniser's name is that of one which reads whole pages."""
        reference = str(self._references["recognizer"])
        if not is_page_reader(self._registry, reference):
            return None
        name = split_reference(reference)[0]
        if self._backends["recognizer"] != AUTO:
            raise UsageError(f"{name!r} has a runtime of its own", "Leave out the backend.")
        engine = self._assembly.page_reader(reference)
        if self.layout == "line" and not engine.reads_lines:
            engine.close()
            raise UsageError(f"{name!r} reads whole pages only", "Leave out the layout.")
        return engine

    def _check_open(self) -> None:
        if self._closed:
            raise _closed()


def read(source: ImageSource, **options: Any) -> Page:
    """Read one picture with a reader made for it: `Reader(**options).read(source)`."""
    with Reader(**options) as reader:
        return reader.read(source)


def _pictures(sources: Iterable[ImageSource]) -> Iterator[Picture | tuple[str, OcrxError]]:
    """Every page of every source, decoded, or its name and why it could not be."""
    for source in sources:
        try:
            document = open_document(source)
        except OcrxError as error:
            yield source_name(source), error
            continue
        with document:
            for index in range(len(document)):
                try:
                    yield _picture(document, index)
                except OcrxError as error:
                    yield document.name, error


def _picture(document: Document, index: int) -> Picture:
    started = time.perf_counter()
    raster = document.page(index)
    return Picture(document.name, index, raster, (time.perf_counter() - started) * 1000)


def _work(picture: Picture) -> Work:
    raster = picture.raster
    return Work(
        picture.source,
        picture.index,
        raster.image,
        raster.width,
        raster.height,
        matrix=raster.matrix,
        spent={"decode": picture.decode_ms},
        notes=list(raster.notes),
    )


def _full(pool: Sequence[Picture]) -> bool:
    pixels = sum(p.raster.image.shape[0] * p.raster.image.shape[1] for p in pool)
    return pixels >= POOL_PIXELS or len(pool) >= POOL_PICTURES


def _check(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(f"{name} cannot be {value!r}", f"Choose one of: {', '.join(known)}.")


def _raise(_: str, error: OcrxError) -> NoReturn:
    raise error


def _closed() -> SessionClosed:
    return SessionClosed("this reader is closed", "Open a new one.")
