"""A TFLite model at any size, with an interpreter for each size and concurrent call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ocrx.artifacts import Artifact
from ocrx.errors import BackendError, InvalidFeed
from ocrx.interfaces.runtimes import Session
from ocrx.system.memory import trim_memory
from ocrx.types import Tensor, TensorSpec
from ocrx_tflite.pool import Pool
from ocrx_tflite.template import Length, NotAffine, Port, Template, fill

Make = Callable[[bytes], Any]
Size = tuple[int, ...]

ARENA = 16
"""An interpreter's memory besides the weights, as a multiple of its inputs (measured: 10 to 17)."""


class TfliteSession(Session):
    """Runs up to `concurrency` calls at once; further calls wait.

    `content` is the TFLite file, `make` opens one that is filled in for a size, and `memory` limits
    in bytes what is kept for sizes seen before.
    """

    thread_safe = True

    def __init__(
        self,
        artifact: Artifact,
        content: bytes,
        template: Template,
        make: Make,
        *,
        concurrency: int,
        memory: int,
    ) -> None:
        super().__init__()
        self._name = artifact.spec.name
        self._template = template
        self.inputs = tuple(_spec(port, template.rows) for port in template.inputs)
        self.outputs = tuple(_spec(port, template.rows) for port in template.outputs)
        self.device = "cpu"
        self.precision = artifact.spec.precision
        self.concurrency = concurrency
        self.divided = concurrency > 1
        if template.rows:
            self.batch = 1  # pictures are run one by one

        def build(size: Size) -> _Interpreter:
            return _Interpreter(
                make(fill(content, template.lengths, template.patches, size)), template
            )

        weights = len(content)
        self._pool: Pool[Size, _Interpreter] = Pool(
            build, lambda runner: 2 * weights + ARENA * runner.input_bytes, concurrency, memory
        )
        # Open the likeliest size, the one it was converted at. This also detects a broken file.
        with self._pool.take(tuple(length.high for length in template.lengths)):
            pass

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        size = self._size(feeds)
        try:
            with self._pool.take(size) as runner:
                return runner.run(feeds)
        except NotAffine as error:
            raise InvalidFeed(
                f"{self._name} cannot be run at this size: {error}", "Feed another size."
            ) from error
        except (ValueError, RuntimeError) as error:
            shapes = ", ".join(f"{name} {tensor.shape}" for name, tensor in feeds.items())
            raise BackendError(
                f"TFLite failed to run {self._name} on {shapes}: {error}",
                "Try `--backend onnxruntime`.",
            ) from error

    def _size(self, feeds: Mapping[str, Tensor]) -> Size:
        """The value of each dynamic length. Raises InvalidFeed where inputs disagree."""
        if self._template.rows and len({len(tensor) for tensor in feeds.values()}) != 1:
            raise InvalidFeed(
                "the inputs have different batch sizes", "Feed the same number of rows to each."
            )
        found: dict[str, int] = {}
        for port in self._template.inputs:
            for length, fed in zip(port.shape, feeds[port.name].shape, strict=True):
                if isinstance(length, str) and found.setdefault(length, fed) != fed:
                    raise InvalidFeed(
                        f"the inputs disagree: {length} is {found[length]} and {fed}",
                        "Feed inputs of the same size.",
                    )
        return tuple(_checked(length, found[length.name]) for length in self._template.lengths)

    def release(self) -> None:
        """Free the interpreters, unless a call is running."""
        self._pool.release()
        trim_memory()

    def _close(self) -> None:
        self._pool.close()


class _Interpreter:
    """A TFLite interpreter for one size. Copies feeds in and outputs out, row by row if the
    template says so."""

    def __init__(self, runner: Any, template: Template) -> None:
        self._runner = runner
        self._rows = template.rows
        takes = {detail["name"]: detail for detail in runner.get_input_details()}
        gives = {detail["name"]: detail for detail in runner.get_output_details()}
        self._inputs = [
            (p.name, runner.tensor(takes[p.name]["index"]), p.order) for p in template.inputs
        ]
        self._outputs = [
            (p.name, runner.tensor(gives[p.name]["index"]), _inverse(p.order), p.axis)
            for p in template.outputs
        ]
        self.input_bytes = sum(int(view().nbytes) for _, view, _ in self._inputs)

    def run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        if not self._rows:
            self._invoke(feeds)
            return {name: view().transpose(order).copy() for name, view, order, _ in self._outputs}
        count = len(next(iter(feeds.values())))
        outputs: dict[str, Tensor] = {}
        for row in range(count):
            self._invoke({name: tensor[row : row + 1] for name, tensor in feeds.items()})
            for name, view, order, axis in self._outputs:
                found = view().transpose(order)
                before, size, after = found.shape[:axis], found.shape[axis], found.shape[axis + 1 :]
                if row == 0:
                    outputs[name] = np.empty((*before, count * size, *after), found.dtype)
                own = slice(row * size, (row + 1) * size)
                outputs[name][(slice(None),) * axis + (own,)] = found
                # TFLite refuses to run while a view of its tensors exists.
                del found
        return outputs

    def _invoke(self, feeds: Mapping[str, Tensor]) -> None:
        for name, view, order in self._inputs:
            view()[...] = feeds[name].transpose(order)
        # Recurrent operations keep their state from one call to the next, as if a sequence went on.
        self._runner.reset_all_variables()
        self._runner.invoke()


def _inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(axis) for axis in np.argsort(order))


def _spec(port: Port, rows: bool) -> TensorSpec:
    shape = [size if isinstance(size, int) else None for size in port.shape]
    if rows:
        shape[port.axis] = None
    return TensorSpec(port.name, tuple(shape), port.dtype)


def _checked(length: Length, fed: int) -> int:
    if fed % length.step:
        raise InvalidFeed(
            f"{length.name} is {fed}", f"Feed a multiple of {length.step}, as the model says."
        )
    return fed
