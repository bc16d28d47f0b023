"""Tesseract's engines: one for each thread, because a handle can do only one thing at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from ocrx.errors import BackendMissing, SessionClosed, UnknownOption, WeightsError
from ocrx.system.cpus import available_cpus
from ocrx_tesseract.data import find_tessdata, has_old_engine
from ocrx_tesseract.settings import TesseractOptions

T = TypeVar("T")
Handle = Any
"""A `tesserocr.PyTessBaseAPI`. What its stubs say of `SetImageBytes` is not what it takes."""

ENGINES = {
    "default": "DEFAULT",
    "lstm": "LSTM_ONLY",
    "legacy": "TESSERACT_ONLY",
    "both": "TESSERACT_LSTM_COMBINED",
}
"""The engines, and what tesserocr calls them."""


class Handles:
    """A pool of threads, each with a handle of its own, made when the thread first works.

    Threads may share it. Tesseract lets go of the interpreter's lock while it reads.
    """

    def __init__(
        self,
        options: TesseractOptions,
        mode: str,
        dpi: int | None,
        threads: int | None,
        also: Sequence[str] = (),
    ) -> None:
        """`mode` is the page segmentation mode. `threads` is None for one for each processor.
        `also` names language data that the mode needs.

        Raises BackendMissing without tesserocr, WeightsError for missing language data, and
        UnknownOption for files or parameters that do not exist.
        """
        _check_installed()
        self.languages: Sequence[str] = options.languages.split("+")
        self.folder: Path = find_tessdata(options.tessdata, (*self.languages, *also))
        # What it learns from one picture must not change how it reads another.
        self._forgets = options.engine != "lstm" and has_old_engine(self.folder, self.languages)
        self._options = options
        self._mode = mode
        self._variables = variables(options, dpi)
        self._own = threading.local()
        self._made: list[Handle] = []
        self._closed = False
        self._pool = ThreadPoolExecutor(threads or available_cpus(), "tesseract")
        try:
            self._pool.submit(self._handle).result()
        except BaseException:
            self.close()
            raise

    def map(self, work: Callable[[Handle, T], Any], inputs: Sequence[T]) -> list[Any]:
        """What `work` gives for each input, with the handle of the thread it runs in. Raises
        SessionClosed after `close`."""
        if self._closed:
            raise SessionClosed("this Tesseract is closed", "Open a new one.")
        return list(self._pool.map(lambda one: work(self._ready(), one), inputs))

    def close(self) -> None:
        """End all handles, after what they are doing. May be called twice."""
        self._closed = True
        self._pool.shutdown(cancel_futures=True)
        while self._made:
            self._made.pop().End()

    def _ready(self) -> Handle:
        handle = self._handle()
        if self._forgets:
            handle.ClearAdaptiveClassifier()
        return handle

    def _handle(self) -> Handle:
        if not hasattr(self._own, "handle"):
            self._own.handle = self._make()
            self._made.append(self._own.handle)
        return self._own.handle

    def _make(self) -> Handle:
        import tesserocr

        handle: Handle = tesserocr.PyTessBaseAPI(init=False)
        try:
            handle.InitFull(
                path=f"{self.folder}{os.sep}",
                lang=self._options.languages,
                oem=getattr(tesserocr.OEM, ENGINES[self._options.engine]),
                variables=self._variables,
            )
        except RuntimeError as error:
            raise WeightsError(
                f"Tesseract cannot open its data for {self._options.languages} in {self.folder} "
                f"with the engine {self._options.engine!r}",
                "Choose another engine: most language data hold the network (lstm) alone. If "
                "they do, install them anew.",
            ) from error
        for name in self._variables:
            if handle.GetVariableAsString(name) is None:
                handle.End()
                raise UnknownOption(
                    f"Tesseract has no parameter {name!r}",
                    "`tesseract --print-parameters` lists those it has.",
                )
        handle.SetPageSegMode(getattr(tesserocr.PSM, self._mode.upper().replace("-", "_")))
        return handle


def variables(options: TesseractOptions, dpi: int | None) -> Mapping[str, str]:
    """The options as Tesseract's own parameters. Raises UnknownOption for a file that is not
    there."""
    found = {
        "tessedit_char_whitelist": options.whitelist,
        "tessedit_char_blacklist": options.blacklist,
        "user_words_file": _file("user_words", options.user_words),
        "user_patterns_file": _file("user_patterns", options.user_patterns),
        "user_defined_dpi": "" if dpi is None else str(dpi),
    }
    given = (one.strip().partition("=") for one in options.parameters.split(",") if one.strip())
    return {name: value for name, value in found.items() if value} | {
        name: value for name, _, value in given
    }


def _file(option: str, path: str) -> str:
    """The path in full, for Tesseract looks for others among its data, and says nothing if it finds
    none."""
    if not path:
        return ""
    found = Path(path).expanduser()
    with suppress(OSError):
        if found.is_file():
            return str(found.absolute())
    raise UnknownOption(
        f"tesseract: option {option!r}: there is no file {path}",
        "Give the path of a text file with an entry on each line.",
    )


def _check_installed() -> None:
    try:
        library = import_module("tesserocr")
    except ImportError as error:
        raise BackendMissing(
            f"Tesseract is run by tesserocr, which cannot be imported ({error})",
            "Install it: pip install 'ocrx[tesseract]'.",
        ) from error
    # Leptonica, the library of images below it, prints what it finds odd in a picture.
    library.set_leptonica_log_level(library.LeptLogLevel.NONE)
