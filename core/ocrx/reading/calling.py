"""Calls the components of plugins: one thread at a time where necessary. Errors name the component,
and results are checked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Generic, NamedTuple, TypeAlias, TypeVar, cast

from ocrx.errors import PluginError, plugin_errors
from ocrx.interfaces.components import Component
from ocrx.types import Image, Used

C = TypeVar("C", bound=Component)
T = TypeVar("T")
Fault: TypeAlias = Callable[[object, Image], str]
"""Says what is wrong with a result for a picture; "" if nothing is."""

REMEDY = "Report it to its author, or choose another."


class Called(NamedTuple, Generic[T]):
    """The outcome of a call: one result for each picture, and the time `spent`, in milliseconds."""

    results: list[T]
    spent: float


class Held(Generic[C]):
    """A reader's hold on a component. `name` is the component's name in errors: "detector 'paddle'
    of plugin 'paddleocr'". A component that is not `thread_safe` is called by one thread at a
    time."""

    def __init__(self, component: C, name: str) -> None:
        self.name = name
        self._component = component
        self._turn: AbstractContextManager[object] = (
            nullcontext() if component.thread_safe else threading.Lock()
        )

    @property
    def used(self) -> tuple[Used, ...]:
        """The models and runtimes that really run the component."""
        return self._component.used

    def call(
        self,
        method: Callable[[C, Sequence[Image]], Sequence[T]],
        images: Sequence[Image],
        fault: Fault,
    ) -> Called[T]:
        """Call `method` with the component and the images.

        `fault` says what is wrong with a result; "" if it is what the interface promises. Raises
        PluginError for a wrong result, for a wrong number of results, and for any error that is not
        an OcrxError.
        """
        with self._turn, plugin_errors(self.name):
            started = time.perf_counter()
            results = method(self._component, images)
            spent = (time.perf_counter() - started) * 1000
        self._check(results, images, fault)
        return Called(cast("list[T]", results), spent)

    def ask(self, question: Callable[[C], T]) -> T:
        """What the component says of itself. Raises PluginError for any error that is not an
        OcrxError."""
        with plugin_errors(self.name):
            return question(self._component)

    def close(self) -> None:
        """Close the component."""
        with plugin_errors(f"{self.name}, being closed,"):
            self._component.close()

    def _check(self, results: object, images: Sequence[Image], fault: Fault) -> None:
        """Raise PluginError unless `results` is a list with a correct result for each picture."""
        if not isinstance(results, list) or len(results) != len(images):
            returned = len(results) if isinstance(results, list) else type(results).__name__
            raise PluginError(f"{self.name} returned {returned} for {len(images)} pictures", REMEDY)
        for image, result in zip(images, results, strict=True):
            found = fault(result, image)
            if found:
                raise PluginError(f"{self.name} returned {found}", REMEDY)
