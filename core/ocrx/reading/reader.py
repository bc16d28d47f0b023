"""The reader: the public face of the stages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from ocrx.conversion.workshop import no_progress
from ocrx.errors import OcrxError, SessionClosed, UsageError
from ocrx.images.opening import ImageSource, open_document
from ocrx.interfaces.components import Preprocessor
from ocrx.interfaces.conversion import Progress
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import LAYOUTS, ORDERS, PRECISIONS, TIERS, Layout, Order, Precision, Tier
from ocrx.page.looks import MOST
from ocrx.plugins.registry import Registry, load_plugins
from ocrx.profiles.applied import Tuned, apply_profile, runtime_option
from ocrx.profiles.runs import Runs, overridden
from ocrx.profiles.trust import key, load_trust
from ocrx.reading import many_views, pipeline
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import DETECTOR, RECOGNIZER, Asked, Choice, choose
from ocrx.reading.components import Components
from ocrx.reading.language import check_language
from ocrx.reading.patterns import under_patterns
from ocrx.reading.pictures import Picture, decode, pictures_of, raised, work_of
from ocrx.reading.pipeline import Work
from ocrx.reading.quality import by_quality
from ocrx.reading.scripts import write_plainly
from ocrx.reading.stages import read_lines
from ocrx.reading.trusted import Judge
from ocrx.reading.turned_page import better, upright
from ocrx.system.memory import Trimmer
from ocrx.types import Page
from ocrx.weights.store import Store

if TYPE_CHECKING:
    from ocrx.weights.download import ProgressFactory

OnError = Callable[[str, OcrxError], None]
"""Called with the name of a picture that could not be read, and its error."""

MIN_SCORE: Mapping[Layout, float] = {"auto": 0.5, "page": 0.5, "line": 0.0}
"""Lines of lower scores are dropped unless the user says otherwise, because most are texture taken
for text. A picture that is read as a single line keeps that line."""

POOL_PIXELS = 16_000_000
POOL_PICTURES = 64
"""`read_many` reads this many pixels or pictures together: enough to fill batches, and few enough
for a steady stream of results in little memory."""


class Reader:
    """Reads text from pictures. Open one and use it for many; threads may share it.

    Components are given as NAME or NAME:VARIANT; None takes the default:

    - `detector` finds lines, and `recognizer` reads them; "none" reads no text.
    - `orienter` tells which way up doubtful lines are. "auto" takes the one of the recogniser's
      family, None takes none.
    - `decoder` turns the output of a CTC network into text, by default "greedy", or "pattern" if
      there are `patterns` or a `charset`.
    - `preprocessors` change the picture first, one after the other. Each is a name, a name with
      options ("clahe(clip=2.0)"), several joined by "+", or an object, which is closed with the
      reader. `finders` find what a page has besides text, such as bar codes.
    - `page_reader` is an engine that does the work of detector, recogniser, orienter and decoder.

    How networks run. Anything but "auto" is obeyed, or is an error:

    - `backend` is the runtime; "auto" takes the best that is installed.
    - `device` is a name such as "cpu" or "cuda:0". `precision` is that of the computation.
      `threads` is the number of threads, None for one for each processor.
    - `detector_backend`, `detector_device`, `detector_precision` and `detector_threads` override
      them for the detector, those that begin with `recognizer_` for recogniser and orienter.

    What is read, and how:

    - `layout` is "page" (find the lines), "line" (the picture is a single line of text) or "auto"
      (a page, unless the picture looks like a line that was cut out).
    - `order` is "blocks" (columns and addresses one after the other, tables and receipts by rows)
      or "rows" (everything by rows).
    - `patterns` say what lines look like: names such as "ean13", or regular expressions. Each line
      is read as the most probable text that matches one of them. `charset` names the characters
      that may occur, as in "A-Z0-9". `Line.match` has what they say of each line.
    - `views` is in how many views each picture of a single line is read, 1 to 8. The text is taken
      on which they agree.
    - `accept`, from 0 to 1: a line whose confidence is less is refused. It is empty, and what was
      read is in `Line.refused`.
    - `min_score`, from 0 to 1: lines that score below it are dropped. None is 0.5, and 0 with the
      layout "line".
    - `language` is a tag such as "vi". It is an error if the recogniser lacks letters of it.
    - `quality` is "fast", "balanced" or "best": the detector and recogniser that are left open are
      chosen among the models that are on this machine, for the language if one is given.

    And the rest:

    - `options` sets options of components, by kind, or by kind and name:
      `{"detector": {"box_threshold": 0.6}, "preprocessor.clahe": {"clip": 3}}`.
    - `offline` True forbids downloads; None leaves it to OCRX_OFFLINE in the environment.
      `progress` is called at the start of each download, and returns what its progress is reported
      to. `conversion_progress` is called during the conversion of a model for its runtime.
    - `registry` holds the components to choose from; None takes all that are installed.

    Raises UsageError for values that make no sense together, UnknownName, UnknownOption,
    WeightsError, BackendError and PluginError. Some components are opened only when they are first
    needed, so `read` and `read_many` may raise these too.
    """

    tuned: Tuned = Tuned("off")
    """What the user's profile chose. It may choose only where everything is left to "auto"."""

    def __init__(
        self,
        detector: str | None = None,
        recognizer: str | None = None,
        backend: str = "auto",
        device: str = "auto",
        precision: Precision = "auto",
        *,
        threads: int | None = None,
        layout: Layout = "auto",
        order: Order = "blocks",
        min_score: float | None = None,
        patterns: Sequence[str] = (),
        charset: str = "",
        views: int = 1,
        accept: float = 0.0,
        language: str | None = None,
        quality: Tier | None = None,
        orienter: str | None = "auto",
        page_reader: str | None = None,
        decoder: str | None = None,
        preprocessors: Sequence[str | Preprocessor] = (),
        finders: Sequence[str] = (),
        detector_backend: str | None = None,
        recognizer_backend: str | None = None,
        detector_device: str | None = None,
        recognizer_device: str | None = None,
        detector_precision: Precision | None = None,
        recognizer_precision: Precision | None = None,
        detector_threads: int | None = None,
        recognizer_threads: int | None = None,
        offline: bool | None = None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        progress: ProgressFactory | None = None,
        conversion_progress: Progress = no_progress,
        registry: Registry | None = None,
    ) -> None:
        _check("layout", layout, LAYOUTS)
        _check("order", order, ORDERS)
        for one in (precision, detector_precision, recognizer_precision):
            _check("precision", one or "auto", PRECISIONS)
        for count in (threads, detector_threads, recognizer_threads):
            _check_threads(count)
        if not 1 <= views <= MOST:
            raise UsageError(f"views cannot be {views}", f"Give a number from 1 to {MOST}.")
        self.views: int = views
        """As it was asked for."""
        self.layout: Layout = layout
        """As it was asked for."""
        self.order: Order = order
        """As it was asked for."""
        self.min_score: float | None = min_score
        """As it was asked for; None is 0.5, and 0 with the layout "line"."""
        decoder, options = under_patterns(patterns, charset, decoder, options or {})
        backends = (backend, detector_backend, recognizer_backend)
        own = detector_device, detector_precision, detector_threads
        asked = Asked(
            detector, recognizer, orienter, page_reader, decoder, preprocessors, finders,
            *backends, detector_runs=own,
        )  # fmt: skip
        session = SessionOptions(device, precision, threads)
        runs = Runs(
            overridden(session, recognizer_device, recognizer_precision, recognizer_threads),
            overridden(session, *own),
        )
        registry = registry or load_plugins()
        store = Store(offline=offline, progress=progress)
        assembly = Assembly(registry, store, options, layout, conversion_progress, runs, decoder)
        if quality is not None:
            _check("quality", quality, TIERS)
            asked = by_quality(quality, language, asked, assembly)
        self.tuned, choice, runs = _follow_profile(asked, assembly)
        if language is not None:
            check_language(language, choice, assembly)
        if not 0 <= accept <= 1:
            raise UsageError(f"accept cannot be {accept}", "Give a number from 0 to 1.")
        known = key(choice.recognizer or "", choice.decoder or "", views)
        self._judge = Judge(load_trust(known), accept)
        self._components = Components(choice, assembly, runs, self.tuned)
        self._trimmer = Trimmer()

    def read(self, source: ImageSource) -> Page:
        """Read one picture: a path, bytes, a PIL image, or an RGB uint8 array (H, W, 3).

        Raises InputError for a picture that cannot be read, UsageError for a document of several
        pages, SessionClosed after `close`.
        """
        self._components.check_open()
        with open_document(source) as document:
            if len(document) != 1:
                raise UsageError(
                    f"{document.name} has {len(document)} pages", "Read it with `read_many`."
                )
            picture = decode(document, 0)
        page = self._read([picture])[0]
        if isinstance(page, OcrxError):
            raise page
        return page

    def cost(self, pages: int) -> str:
        """What it costs to read so many pages with a service that is paid for, in words; "" if
        nothing."""
        return self._components.cost(pages)

    def read_many(
        self, sources: Iterable[ImageSource], on_error: OnError | None = None
    ) -> Iterator[Page]:
        """Read every page of every source, and yield the pages in order. Pictures share batches.

        If a picture cannot be read, `on_error` is called with its name and error, and reading goes
        on. Without `on_error` the error is raised, after the pages before it. Raises UsageError for
        a single source, SessionClosed after `close`.
        """
        self._components.check_open()
        if isinstance(sources, str | bytes | bytearray | os.PathLike) or hasattr(sources, "dtype"):
            raise UsageError("`read_many` was given a single source", "Put it in a list.")
        return self._stream(sources, on_error or _raise)

    def _stream(self, sources: Iterable[ImageSource], on_error: OnError) -> Iterator[Page]:
        pool: list[Picture] = []
        for item in pictures_of(sources):
            if isinstance(item, Picture):
                pool.append(item)
                if not _full(pool):
                    continue
            yield from self._read_pool(pool, on_error)
            pool = []
            if not isinstance(item, Picture):
                on_error(*item)
        yield from self._read_pool(pool, on_error)

    def _read_pool(self, pool: Sequence[Picture], on_error: OnError) -> Iterator[Page]:
        for picture, page in zip(pool, self.read_pictures(pool), strict=True) if pool else ():
            if isinstance(page, OcrxError):
                on_error(picture.source, page)
            else:
                yield page

    def read_views(self, frames: Iterable[ImageSource]) -> Page:
        """Read one line of which there are several pictures, such as the frames of a camera. They
        need not be alike in size or place. The page is that of the picture that shows best what all
        of them say.

        Raises UsageError without the layout "line" or without a picture, and what `read` raises.
        """
        self._components.check_open()
        if self.layout != "line" or self._components.reads_pages:
            raise UsageError(
                "only pictures of a single line are read together",
                'Open the reader with the layout "line", and a recogniser.',
            )
        works = [work_of(one) for one in map(raised, pictures_of(frames))]
        if not works:
            raise UsageError("there are no pictures to read together", "Give one at least.")
        pipeline.preprocess(works, self._components.preprocessors)
        recognizer = self._components.recognizer()
        pipeline.detect(works, "line", self._components.detector)
        pipeline.rectify(works, self.order, recognizer)
        pipeline.recognize(works, recognizer)
        best = many_views.unite(works, recognizer, self.views)
        write_plainly([best])
        return self._judge.page(pipeline.assemble(best, self.min_score or 0.0, self.order))

    def close(self) -> None:
        """Close all components. May be called twice. The reader cannot be used afterwards."""
        self._components.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def read_pictures(self, pictures: Sequence[Picture]) -> Iterator[Page | OcrxError]:
        """The page of each picture, or the error of one that cannot be read. They share batches.

        If reading them together fails, each is read on its own, so that a bad one costs only
        itself. Raises SessionClosed after `close`.
        """
        self._components.check_open()
        try:
            yield from self._read(pictures)
        except SessionClosed:
            raise  # no picture is to blame
        except OcrxError as error:
            if len(pictures) == 1:
                yield error
                return
            for picture in pictures:
                yield from self.read_pictures([picture])

    def _read(self, pictures: Sequence[Picture]) -> list[Page | OcrxError]:
        """The page of each picture, or the error of a picture that could not be read."""
        works = [work_of(picture) for picture in pictures]
        pipeline.preprocess(works, self._components.preprocessors)
        pipeline.find(works, self._components.finders)
        sound = [work for work in works if work.error is None]
        if not self._components.reads_text:
            pages = [pipeline.without_text(work) for work in sound]
        elif self._components.reads_pages:
            pages = pipeline.read_whole(
                sound, self._components.page_reader(), self.min_score or 0.0
            )
        else:
            pages = self._read_lines(sound)
        self._trimmer.trim()  # pages of ever new sizes leave ever new holes in the heap
        read = iter(pages)
        return [next(read) if work.error is None else work.error for work in works]

    def _read_lines(self, works: Sequence[Work]) -> list[Page]:
        how = self.layout, self.order, self.views
        works = read_lines(works, self._components, *how)
        turned = [upright(work) for work in works]
        read_lines([work for work in turned if work is not None], self._components, *how)
        works = [better(work, anew) for work, anew in zip(works, turned, strict=True)]
        write_plainly(works)
        least = self.min_score if self.min_score is not None else MIN_SCORE[self.layout]
        return [self._judge.page(pipeline.assemble(w, least, self.order)) for w in works]


def read(source: ImageSource, **options: Any) -> Page:
    """Read one picture with a reader of its own: `Reader(**options).read(source)`.

    Takes the arguments of `Reader`, and raises what `Reader` and `Reader.read` raise.
    """
    with Reader(**options) as reader:
        return reader.read(source)


def _follow_profile(asked: Asked, assembly: Assembly) -> tuple[Tuned, Choice, Runs]:
    """The part of the user's profile that is used, the components, and how networks run."""
    others = (asked.detector_backend, asked.recognizer_backend)
    tuned, backend, runs = apply_profile(
        assembly.layout,
        asked.page_reader or asked.recognizer or RECOGNIZER,
        asked.detector or DETECTOR,
        asked.backend,
        assembly.asked,
        version=assembly.version,
        free=not any((*others, *map(runtime_option, assembly.options))),
    )
    return tuned, choose(replace(asked, backend=backend), assembly.registry), runs


def _full(pool: Sequence[Picture]) -> bool:
    pixels = sum(p.raster.image.shape[0] * p.raster.image.shape[1] for p in pool)
    return pixels >= POOL_PIXELS or len(pool) >= POOL_PICTURES


def _check_threads(threads: int | None) -> None:
    if threads is not None and threads < 1:
        raise UsageError(f"threads cannot be {threads}", "Give 1 or more.")


def _check(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(f"{name} cannot be {value!r}", f"Choose one of: {', '.join(known)}.")


def _raise(_: str, error: OcrxError) -> NoReturn:
    raise error
