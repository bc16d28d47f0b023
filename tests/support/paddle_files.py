"""The toys as Paddle models, made by Paddle itself; and conversions, for real: the environment is
installed once and kept, as are the files, in the folder that pytest keeps between its runs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ocrx.artifacts import Artifact, ModelSpec
from ocrx.conversion.environments import install
from ocrx.conversion.routes import wanted_by
from ocrx.conversion.workshop import Workshop, no_progress
from ocrx.interfaces.runtimes import Backend
from ocrx.testing import DIFFERENCE, LINE, Toy
from ocrx.testing.toys import line_kernels
from ocrx.weights.store import Store
from ocrx_paddle.converter import ENVIRONMENT, PaddleOnnx
from ocrx_paddle.pir import renamed
from ocrx_paddle.program import read_program
from ocrx_paddle.runtime import load_runtime

KEPT = Path(__file__).parents[2] / ".pytest_cache" / "ocrx"

Network = Callable[[Any, Sequence[Any]], Sequence[Any]]


def toy_artifact(toy: Toy, folder: Path) -> Artifact:
    """`toy` as a network in `folder`, with its parameters beside it."""
    path = folder / f"{toy.name}.json"
    if not path.exists():
        shapes = {
            name: [size if isinstance(size, int) else -1 for size in shape]
            for name, shape in toy.shapes.items()
        }
        save(NETWORKS[toy.name], shapes, path)
        rename(path, toy.outputs)
    return Artifact(path, "paddle", toy.spec())


def save(network: Network, shapes: dict[str, list[int]], path: Path) -> None:
    """Write the network, as Paddle 3 does (.json) or as Paddle 2 did (.pdmodel), with its
    parameters beside it."""
    paddle = load_runtime()
    old = path.suffix == ".pdmodel"
    guard = paddle.pir_utils.OldIrGuard() if old else paddle.pir_utils.IrGuard()
    paddle.enable_static()
    try:
        with guard:
            program, start = paddle.static.Program(), paddle.static.Program()
            with paddle.static.program_guard(program, start):
                inputs = [
                    paddle.static.data(name, shape, "float32") for name, shape in shapes.items()
                ]
                outputs = network(paddle, inputs)
                executor = paddle.static.Executor(paddle.CPUPlace())
                executor.run(start)
                with warnings.catch_warnings():
                    warnings.filterwarnings("ignore", "no variable in your model")
                    paddle.static.save_inference_model(
                        str(path.with_suffix("")), inputs, outputs, executor, program=program
                    )
    finally:
        paddle.disable_static()


def rename(path: Path, outputs: Sequence[str]) -> None:
    """Give a network's outputs these names, where Paddle counts them."""
    program = read_program(path)
    inputs = {spec.name: spec.name for spec in program.inputs}
    given = {spec.name: new for spec, new in zip(program.outputs, outputs, strict=True)}
    path.write_text(renamed(path.read_text("utf-8"), inputs, given), "utf-8")


def _line(paddle: Any, inputs: Sequence[Any]) -> Sequence[Any]:
    kernels = paddle.nn.initializer.Assign(line_kernels())
    convolve = paddle.nn.Conv2D(1, 4, 3, padding=1, weight_attr=kernels, bias_attr=False)
    features = paddle.nn.functional.relu(convolve(inputs[0]))
    return [features, features.mean(2).transpose([0, 2, 1])]


def _difference(paddle: Any, inputs: Sequence[Any]) -> Sequence[Any]:
    first, second = inputs
    return [first - second]


NETWORKS: dict[str, Network] = {LINE.name: _line, DIFFERENCE.name: _difference}


@cache
def converter() -> PaddleOnnx:
    """The converter with its environment, which takes a minute or two to install the first time."""
    install(ENVIRONMENT, KEPT, lambda _: None)
    return PaddleOnnx(KEPT)


def converted(spec: ModelSpec, backend: Backend) -> Artifact:
    """`spec` as `backend` takes it, made once and kept."""
    return Workshop(Store(KEPT, offline=True), [converter()], no_progress).artifact(
        spec, wanted_by(backend, spec, "fp32")
    )
