"""The half of the converter that runs in its own environment: `python maker.py JOB`.

JOB is a JSON file that says what to make. Progress and the outcome are printed on stdout, one JSON
object per line. ocrx is not installed in that environment, so of ocrx this file may use only
`template.py`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Tensor: TypeAlias = NDArray[Any]
Feeds: TypeAlias = Mapping[str, Tensor]
Order: TypeAlias = tuple[int, ...]

TOLERANCE, ROUNDING = 5e-3, 1e-5
"""The difference allowed between fp32 outputs and ONNX Runtime's: TOLERANCE times the largest
value, plus ROUNDING for outputs that are all small. As in the converter to Paddle: PP-OCRv6's
detectors average whole maps, and adding up their pixels one by one moves single pixels by
2.3e-3."""


class Refused(Exception):
    """The model cannot be converted; the message says why."""


class Maker:
    """Converts one model at several sizes and makes one template of the results."""

    def __init__(self, job: Mapping[str, Any], template: Any) -> None:
        self._source = Path(job["source"])
        self._folder = Path(job["folder"])
        self._int8 = job["precision"] == "int8"
        self._template = template
        self._inputs: dict[str, list[Any]] = job["inputs"]
        self._lengths = [template.Length(**length) for length in job["lengths"]]
        self._trials: list[tuple[int, ...]] = [tuple(size) for size in job["trials"]]
        self._rows = bool(job["rows"])
        self._dtypes = dtypes(self._source)
        self._feeds = [load_feeds(path, self._dtypes) for path in job["feeds"]]
        self._made_by: dict[str, str] = job["made_by"]

    def make(self) -> Iterator[tuple[float, str]]:
        """Write `model.tflite` and `model.json`. Yields the fraction done and the current step.

        Raises Refused.
        """
        sizes = self._template.corners(self._lengths)
        last = len(sizes) + 1
        plain, files = [], []
        for done, size in enumerate(sizes):
            yield done / last, f"converting at {self._describe(size)}"
            plain.append(self._convert(size))
            files.append(quantised(plain[-1], self._folder) if self._int8 else plain[-1])
        yield len(sizes) / last, "comparing with ONNX Runtime"
        inputs, outputs = self._compare(plain)
        patches = self._template.compare(files)
        if self._int8 and self._lengths:
            self._check_quantised(files[-1], patches)
        made = self._template.Template(
            file="model.tflite",
            inputs=inputs,
            outputs=outputs,
            lengths=tuple(self._lengths),
            patches=patches,
            rows=self._rows,
            made_by=self._made_by,
        )
        (self._folder / "model.tflite").write_bytes(files[-1])
        (self._folder / "model.json").write_text(json.dumps(made.to_json()), "utf-8")

    def _describe(self, size: Sequence[int]) -> str:
        shapes = self._shapes(size).values()
        return " and ".join("x".join(map(str, shape)) for shape in shapes)

    def _shapes(self, size: Sequence[int]) -> dict[str, tuple[int, ...]]:
        known = {length.name: at for length, at in zip(self._lengths, size, strict=True)}
        return {
            name: tuple(known[d] if isinstance(d, str) else d for d in shape)
            for name, shape in self._inputs.items()
        }

    def _convert(self, size: Sequence[int]) -> bytes:
        """The model converted at one size, by onnxsim and onnx2tf."""
        import onnx
        import onnx2tf
        import onnxsim

        shapes = {name: list(shape) for name, shape in self._shapes(size).items()}
        model, same = onnxsim.simplify(onnx.load(self._source), overwrite_input_shapes=shapes)
        if not same:
            raise Refused("onnxsim changes its results")
        with scratch(self._folder) as folder:
            fixed = folder / "fixed.onnx"
            onnx.save(model, fixed)
            with quiet():
                try:
                    onnx2tf.convert(
                        input_onnx_file_path=str(fixed),
                        output_folder_path=str(folder),
                        not_use_onnxsim=True,  # else it runs any `onnxsim` found on the PATH
                        non_verbose=True,
                    )
                # On failure it raises anything, even SystemExit.
                except (Exception, SystemExit) as error:
                    raise Refused(f"onnx2tf failed: {_reason(error)}") from error
            return (folder / "fixed_float32.tflite").read_bytes()

    def _compare(self, files: Sequence[bytes]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Run the file at sizes it was not converted at, and compare with ONNX Runtime.

        Returns the ports of inputs and outputs, with the order of axes in which they agree.
        """
        patches = self._template.compare(files)
        found: list[tuple[dict[str, Order], dict[str, tuple[Order, str]]]] = []
        shapes: list[dict[str, tuple[int, ...]]] = []
        for size, given in zip(self._trials, self._feeds, strict=True):
            feeds = row(given, 0) if self._rows else given
            expected = reference(self._source, feeds)
            found.append(match(self._fill(files[-1], patches, size), feeds, expected))
            shapes.append({name: array.shape for name, array in expected.items()})
        # In the first trial all sizes differ, so the order of axes is certain.
        inside, outside = found[0]
        axes = {}
        if self._rows:
            axes = batch_axes(self._source, self._feeds[0])
        port = self._template.Port
        return (
            tuple(port(n, tuple(s), self._dtypes[n], inside[n]) for n, s in self._inputs.items()),
            tuple(
                port(
                    name,
                    _common([shape[name] for shape in shapes]),
                    dtype,
                    order,
                    axes.get(name, 0),
                )
                for name, (order, dtype) in outside.items()
            ),
        )

    def _check_quantised(self, content: bytes, patches: Sequence[Any]) -> None:
        """Raise Refused unless the file filled in for another size equals, byte for byte, the one
        converted at that size."""
        size = self._trials[0]
        wanted = quantised(self._convert(size), self._folder)
        if self._fill(content, patches, size) != wanted:
            raise Refused("quantised files differ in more than their sizes")

    def _fill(self, content: bytes, patches: Sequence[Any], size: Sequence[int]) -> bytes:
        filled: bytes = self._template.fill(content, self._lengths, patches, size)
        return filled


def _reason(error: BaseException) -> str:
    """The root cause of an error. The errors raised from it only say where it happened."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return f"{type(error).__name__}: {error}"


def _common(shapes: Sequence[tuple[int, ...]]) -> tuple[int | str, ...]:
    """The size of each axis, or "?" where it varies."""
    return tuple(sizes[0] if len(set(sizes)) == 1 else "?" for sizes in zip(*shapes, strict=True))


def quantised(content: bytes, folder: Path) -> bytes:
    """The file with int8 weights, one scale per channel. Activations between operations stay
    fp32."""
    from ai_edge_quantizer import quantizer, recipe

    with scratch(folder) as inside:
        plain = inside / "plain.tflite"
        plain.write_bytes(content)
        with quiet():
            work = quantizer.Quantizer(str(plain))
            work.load_quantization_recipe(recipe.dynamic_wi8_afp32())
            result: bytes | bytearray | None = work.quantize().quantized_model
    if result is None:
        raise Refused("it has nothing to quantise")
    return bytes(result)


def reference(source: Path, feeds: Feeds) -> dict[str, Tensor]:
    """The outputs of the published model on ONNX Runtime."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(source), settings, ["CPUExecutionProvider"])
    names = [node.name for node in session.get_outputs()]
    return dict(zip(names, session.run(None, dict(feeds)), strict=True))


def dtypes(source: Path) -> dict[str, str]:
    """The type of each input of the published model, as NumPy names it."""
    import onnx
    from onnx import helper

    return {
        value.name: np.dtype(helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)).name
        for value in onnx.load(source).graph.input
    }


def batch_axes(source: Path, feeds: Feeds) -> dict[str, int]:
    """The axis of each output along which the results of single pictures form those of a batch.
    The feeds are of two pictures. Raises Refused if there is none."""
    rows = [reference(source, row(feeds, number)) for number in range(2)]
    return {
        name: _batch_axis(name, whole, [one[name] for one in rows])
        for name, whole in reference(source, feeds).items()
    }


def _batch_axis(name: str, whole: Tensor, rows: Sequence[Tensor]) -> int:
    for axis in range(whole.ndim):
        joined = np.concatenate(rows, axis)
        if joined.shape == whole.shape and relative_error(joined, whole) <= TOLERANCE:
            return axis
    raise Refused(f"{name} cannot be computed for one picture at a time")


def relative_error(found: Tensor, right: Tensor) -> float:
    """The largest difference beyond rounding, relative to the largest value."""
    beyond = np.maximum(np.abs(found - right).max(initial=0) - ROUNDING, 0)
    return float(beyond / max(1e-6, np.abs(right).max(initial=0)))


def match(
    content: bytes, feeds: Feeds, expected: Feeds
) -> tuple[dict[str, Order], dict[str, tuple[Order, str]]]:
    """The order of axes of every input, and of every output with its dtype, in which the file gives
    the expected outputs. Raises Refused if there is none."""
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_content=content, num_threads=1)
    runner.allocate_tensors()
    takes = {detail["name"]: detail for detail in runner.get_input_details()}
    gives = {detail["name"]: detail for detail in runner.get_output_details()}
    if set(takes) != set(feeds) or set(gives) != set(expected):
        raise Refused(f"its tensors lost their names: {sorted(takes)}, {sorted(gives)}")
    best, worst = None, float("inf")
    choices = [orders(feeds[name].shape, takes[name]["shape"], to_last=True) for name in feeds]
    for choice in product(*choices):
        for name, order in zip(feeds, choice, strict=True):
            runner.set_tensor(takes[name]["index"], feeds[name].transpose(order))
        runner.reset_all_variables()  # an LSTM would go on from the state of the last choice
        runner.invoke()
        outside, off = {}, 0.0
        for name, right in expected.items():
            found = runner.get_tensor(gives[name]["index"])
            order, error = nearest(found, right)
            outside[name] = order, right.dtype.name
            off = max(off, error)
        if off < worst:
            best, worst = (dict(zip(feeds, choice, strict=True)), outside), off
    if best is None or worst > TOLERANCE:
        raise Refused(f"TFLite gives other results: off by {worst:.2g} of the largest value")
    return best


def nearest(found: Tensor, right: Tensor) -> tuple[Order, float]:
    """The order of axes in which `found` is closest to `right`, and the difference that remains,
    relative to the largest value."""
    best: tuple[Order, float] = ((), float("inf"))
    for order in orders(right.shape, found.shape, to_last=True):
        off = relative_error(found, right.transpose(order))
        if off < best[1]:
            best = order, off
    return best


def orders(outside: Sequence[int], inside: Sequence[int], *, to_last: bool) -> list[Order]:
    """The orders that turn axes of sizes `outside` into `inside`: unchanged, or channels last."""
    count = len(outside)
    unchanged = tuple(range(count))
    moved = (0, *range(2, count), 1) if count > 2 and to_last else unchanged
    return [
        order
        for order in dict.fromkeys((unchanged, moved))
        if tuple(outside[axis] for axis in order) == tuple(int(size) for size in inside)
    ]


def load_feeds(path: str, types: Mapping[str, str]) -> dict[str, Tensor]:
    """The inputs of a call, which ocrx has saved as floats, in the types that the model takes."""
    with np.load(path) as saved:
        return {name: saved[name].astype(types[name]) for name in saved.files}


def row(feeds: Feeds, number: int) -> dict[str, Tensor]:
    """The inputs of one picture."""
    return {name: feed[number : number + 1] for name, feed in feeds.items()}


@contextlib.contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A temporary folder inside `folder`, so that nothing of it stays with the result."""
    import tempfile

    with tempfile.TemporaryDirectory(dir=folder) as name:
        yield Path(name)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what is printed meanwhile."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        yield


def load_template() -> Any:
    """The module `template.py` beside this file, which is not on the environment's path."""
    path = Path(__file__).with_name("template.py")
    spec = importlib.util.spec_from_file_location("template", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is missing")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def tell(**what: Any) -> None:
    print(json.dumps(what), file=sys.__stdout__, flush=True)


def main() -> int:
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    try:
        for fraction, what in Maker(job, load_template()).make():
            tell(fraction=fraction, what=what)
    # Third-party converters may raise anything. Whatever it is, it is the outcome.
    except Exception as error:
        tell(
            failed=str(error) if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
        )
        return 1
    tell(fraction=1.0, what="done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
