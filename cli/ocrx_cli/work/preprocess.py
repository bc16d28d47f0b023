"""The work of `ocrx preprocess`: run a chain of preprocessors and write what it makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path, PurePath

import cv2
import numpy as np

from ocrx.errors import InputError, OcrxError, OutputError, UsageError
from ocrx.images.document import Blob
from ocrx.images.opening import open_document
from ocrx.images.sources import expand
from ocrx.names import Layout
from ocrx.plugins.registry import load_plugins
from ocrx.plugins.settings import parse_settings
from ocrx.profiles.applied import Tuned
from ocrx.profiles.runs import Runs
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import only_preprocessors
from ocrx.reading.components import Components
from ocrx.reading.pipeline import Work, preprocess
from ocrx.system.text import printable
from ocrx.types import Image
from ocrx.weights.store import Store
from ocrx_cli.shared.failures import Failures
from ocrx_cli.terminal.console import note, print_line

FORMS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp")
"""The suffixes of pictures that can be written."""

GAP = (228, 228, 231)
PAPER = (252, 252, 253)
INK = (24, 24, 27)


@dataclass(frozen=True)
class PreprocessArguments:
    """The command line of `ocrx preprocess`."""

    source: str
    target: Path
    preprocessors: Sequence[str]
    settings: Sequence[str] = ()
    lines: bool = False
    compare: bool = False
    offline: bool | None = None
    debug: bool = False


@dataclass(frozen=True, eq=False)
class Prepared:
    """One page: its picture before and after. `index` counts pages of its document."""

    source: str
    index: int
    before: Image
    after: Image
    spent: float
    notes: Sequence[str]

    @property
    def name(self) -> str:
        return f"page {self.index + 1} of {self.source}" if self.index else self.source

    @property
    def file(self) -> str:
        """What it is called in a folder."""
        stem = printable(PurePath(self.source).stem).strip("-") or "page"
        return f"{stem}.page-{self.index + 1}.png" if self.index else f"{stem}.png"


def run(arguments: PreprocessArguments) -> int:
    """Write everything and return the exit code. Raises OcrxError for what stops it all."""
    _check(arguments)
    failures = Failures(arguments.debug)
    with closing(_components(arguments)) as components:
        pages = _pages(arguments, components, failures)
        first = list(islice(pages, 2))
        target = arguments.target
        if len(first) > 1 and target.suffix.lower() in FORMS:
            raise UsageError(
                f"{printable(arguments.source)} has several pictures, and {target} is one file",
                "Give a folder in its place.",
            )
        taken: set[Path] = set()
        for page in chain(first, pages):
            path = target if target.suffix.lower() in FORMS else _free(target / page.file, taken)
            picture = side_by_side(page.before, page.after) if arguments.compare else page.after
            _write(path, picture)
            print_line(_told(page, path))
            for one in page.notes:
                note(f"{page.name}: {one}")
    return InputError.exit_code if failures.count else 0


def side_by_side(before: Image, after: Image) -> Image:
    """Both pictures under the words "before" and "after", as high as the higher of the two: RGB
    uint8."""
    height = max(before.shape[0], after.shape[0])
    panels = [_captioned(_as_high(before, height), "before")]
    panels.append(np.full((panels[0].shape[0], max(4, height // 100), 3), GAP, np.uint8))
    panels.append(_captioned(_as_high(after, height), "after"))
    return np.concatenate(panels, axis=1)


def _as_high(image: Image, height: int) -> Image:
    size = (max(1, round(image.shape[1] * height / image.shape[0])), height)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _captioned(image: Image, word: str) -> Image:
    """The picture below a word, and at least as wide as that."""
    height = max(24, image.shape[0] // 25)
    scale = height / 40
    (wide, tall), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    band = np.full((height, max(wide + height, image.shape[1]), 3), PAPER, np.uint8)
    place, thick = (height // 2, (height + tall) // 2), max(1, height // 24)
    cv2.putText(band, word, place, cv2.FONT_HERSHEY_SIMPLEX, scale, INK, thick, cv2.LINE_AA)
    beside = band.shape[1] - image.shape[1]
    return np.concatenate([band, np.pad(image, ((0, 0), (0, beside), (0, 0)), "edge")])


def _check(arguments: PreprocessArguments) -> None:
    """Raise UsageError if there is nothing to do, or if the picture itself would be overwritten."""
    if not arguments.preprocessors:
        names = ", ".join(load_plugins().names("preprocessor"))
        raise UsageError("no preprocessor was named", f"Give one or more with -p: {names}.")
    source, target = Path(arguments.source), arguments.target
    if target.is_file() and source.is_file() and target.samefile(source):
        raise UsageError(f"{target} would overwrite the picture itself", "Give another file.")
    if target.suffix and target.suffix.lower() not in FORMS and not target.is_dir():
        raise UsageError(
            f"pictures cannot be written as {target.suffix}",
            f"Give a folder, or a file that ends in one of: {', '.join(FORMS)}.",
        )


def _components(arguments: PreprocessArguments) -> Components:
    store = Store(offline=arguments.offline)
    options = parse_settings(arguments.settings)
    layout: Layout = "line" if arguments.lines else "page"
    assembly = Assembly(load_plugins(), store, options, layout)
    choice = only_preprocessors(arguments.preprocessors)
    return Components(choice, assembly, Runs(), Tuned("off"))


def _pages(
    arguments: PreprocessArguments, components: Components, failures: Failures
) -> Iterator[Prepared]:
    for source in expand([arguments.source], failures):
        name = printable(source.name if isinstance(source, Blob) else str(source))
        try:
            with open_document(source) as document:
                for index in range(len(document)):
                    try:
                        yield _prepared(name, index, document.image(index), components)
                    except OcrxError as error:
                        failures(name, error)
        except OcrxError as error:
            failures(name, error)


def _prepared(name: str, index: int, image: Image, components: Components) -> Prepared:
    work = Work(name, index, image, image.shape[1], image.shape[0])
    preprocess([work], components.preprocessors)
    return Prepared(name, index, image, work.image, work.spent.get("preprocess", 0.0), work.notes)


def _free(path: Path, taken: set[Path]) -> Path:
    """The path, numbered if it was taken in this run."""
    found, count = path, 1
    while found in taken:
        count += 1
        found = path.with_stem(f"{path.stem}-{count}")
    taken.add(found)
    return found


def _write(path: Path, picture: Image) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        encoded = cv2.imencode(path.suffix.lower(), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
        path.write_bytes(encoded.tobytes())
    except (OSError, cv2.error) as error:
        raise OutputError(
            f"cannot write {printable(str(path))}: {getattr(error, 'strerror', None) or error}",
            "Give a file or folder that can be written, on a disk with space.",
        ) from error


def _told(page: Prepared, path: Path) -> str:
    sizes = [f"{one.shape[1]}x{one.shape[0]}" for one in (page.before, page.after)]
    size = sizes[1] if sizes[0] == sizes[1] else " to ".join(sizes)
    return f"{printable(str(path))}: {size}, {page.spent:.1f} ms"
