"""The half of the converter that runs in its own environment: `python maker.py JOB`.

JOB is a JSON file that says what to make. Progress and the outcome are printed on stdout, one JSON
object per line. ocrx is not installed in that environment, so of ocrx this file may use only
`pir.py`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import tempfile
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Tensor: TypeAlias = NDArray[Any]
Feeds: TypeAlias = Mapping[str, Tensor]

TOLERANCE, ROUNDING = 5e-3, 1e-5
"""The difference allowed between outputs before and after conversion: TOLERANCE times the largest
value, plus ROUNDING for outputs that are all small. PP-OCRv6's detectors average whole maps, and a
runtime that adds up their pixels one by one moves single pixels of the smallest's output by 2.3e-3.
A wrong operation moves them by far more."""

OPSET = 17
INPUT = "input_"
HARMLESS = re.compile(r"[\w ,.>-]*")
"""The strings that x2paddle may put into the Python program that it writes and runs."""

EVERYTHING_TO_ONEDNN = "onednn_placement_pass"  # as in backend.py


class Refused(Exception):
    """The model cannot be converted; the message says why."""


def make(job: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    """Convert, and compare the result with its source. Yields the fraction done and the current
    step. Raises Refused."""
    source, target = Path(job["source"]), Path(job["target"])
    yield 0.0, "converting"
    if job["to"] == "paddle":
        to_paddle(source, target)
        network, model = target, source
    else:
        to_onnx(source, target)
        network, model = source, target
    for done, trial in enumerate(job["trials"]):
        with np.load(trial) as read:
            feeds = typed(model, {name: read[name] for name in read.files})
        shapes = " and ".join("x".join(map(str, feed.shape)) for feed in feeds.values())
        yield 0.6 + 0.4 * done / len(job["trials"]), f"comparing at {shapes}"
        compare(network, model, feeds)


def to_paddle(source: Path, target: Path) -> None:
    """Convert with x2paddle, which writes a Python program and lets Paddle trace it."""
    import onnx

    # x2paddle reports every conversion to its makers, using `requests`. An empty module stops it.
    sys.modules["requests"] = types.ModuleType("requests")
    from x2paddle.decoder.onnx_decoder import ONNXDecoder
    from x2paddle.op_mapper.onnx2paddle.onnx_op_mapper import ONNXOpMapper
    from x2paddle.optimizer.optimizer import GraphOptimizer

    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch, "plain.onnx")
        onnx.save(plain_names(onnx.load(source)), plain)
        graph = ONNXOpMapper(ONNXDecoder(str(plain), True, None)).paddle_graph
        graph.build()
        GraphOptimizer(source_frame="onnx").optimize(graph)
        graph.gen_model(scratch)
        made = Path(scratch, "inference_model", "model.json")
        if not made.is_file():
            raise Refused("x2paddle made no network of it")
        inputs, outputs = names_of(onnx.load(source))
        names = renamed(made.read_text("utf-8"), inputs, outputs)
        target.write_text(names, "utf-8")
        parameters = made.with_suffix(".pdiparams")
        if parameters.is_file():
            target.with_suffix(".pdiparams").write_bytes(parameters.read_bytes())


def names_of(model: Any) -> tuple[dict[str, str], dict[str, str]]:
    """The model's names of its inputs and of its outputs, by the names they have once converted."""
    held = {tensor.name for tensor in model.graph.initializer}
    inputs = [value.name for value in model.graph.input if value.name not in held]
    return (
        {f"x2paddle_{INPUT}{at}": name for at, name in enumerate(inputs)},
        {f"fetch_name_{at}": value.name for at, value in enumerate(model.graph.output)},
    )


def plain_names(model: Any) -> Any:
    """Change the model into one that x2paddle can convert: every name is a valid Python name, what
    ONNX allows to be left out is written out, HardSwish is written as what it is made of, and
    pixels are mapped by a name that x2paddle understands. Raises Refused."""
    graph = model.graph
    if model.functions or any(node.domain not in ("", "ai.onnx") for node in graph.node):
        raise Refused("it has operations that are not part of ONNX")
    nodes = [plain for node in graph.node for plain in plain_nodes(node)]
    del graph.node[:]
    graph.node.extend(nodes)
    held = {tensor.name: tensor for tensor in graph.initializer}
    inputs = [value.name for value in graph.input if value.name not in held]
    names = {"": ""} | {name: f"{INPUT}{at}" for at, name in enumerate(inputs)}
    for name in [*held, *(name for node in graph.node for name in node.output)]:
        names.setdefault(name, f"t{len(names)}")
    for at, node in enumerate(graph.node):
        node.name = f"node_{at}"
        for attribute in node.attribute:
            check_attribute(attribute)
        if node.op_type in ("Conv", "ConvTranspose"):
            say_kernel(node, held)
        for ends in (node.input, node.output):
            ends[:] = [names[name] for name in ends]
    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = names[value.name]
    del graph.value_info[:]
    graph.name = "network"
    return model


def plain_nodes(node: Any) -> list[Any]:
    """The node as nodes that x2paddle knows."""
    from onnx import helper

    if node.op_type == "HardSwish":
        (x,), (y,) = node.input, node.output
        gate = helper.make_node("HardSigmoid", [x], [f"{y}.gate"], alpha=1 / 6, beta=0.5)
        return [gate, helper.make_node("Mul", [x, f"{y}.gate"], [y])]
    for attribute in node.attribute:
        # Both map pixels alike, except where one pixel is left. x2paddle takes the first for
        # `align_corners`.
        if node.op_type == "Resize" and attribute.s == b"half_pixel":
            attribute.s = b"pytorch_half_pixel"
    return stated(node) if node.op_type == "LSTM" else [node]


def stated(node: Any) -> list[Any]:
    """An LSTM with all its outputs, and with the states that it begins with, zeros (D, N, H)."""
    from onnx import helper, numpy_helper

    def number(name: str, value: int) -> Any:
        held = numpy_helper.from_array(np.array([value], dtype=np.int64))
        return helper.make_node("Constant", [], [name], value=held)

    zero = numpy_helper.from_array(np.zeros(1, dtype=np.float32))

    given = [*node.output, "", ""][:3]
    node.output[:] = [name or f"{given[0]}.state{at}" for at, name in enumerate(given)]
    inputs = [*node.input, "", "", "", ""][:7]
    if any(inputs[5:]):
        return [node]
    attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    both = attributes.get("direction", b"forward") == b"bidirectional"
    shape, index, batch, first, last, size, zeros = (f"{given[0]}.zeros{at}" for at in range(7))
    node.input[:] = [*inputs[:5], zeros, zeros]
    return [
        helper.make_node("Shape", [inputs[0]], [shape]),
        number(index, 1),
        helper.make_node("Gather", [shape, index], [batch]),
        number(first, 1 + both),
        number(last, attributes["hidden_size"]),
        helper.make_node("Concat", [first, batch, last], [size], axis=0),
        helper.make_node("ConstantOfShape", [size], [zeros], value=zero),
        node,
    ]


def say_kernel(node: Any, held: Mapping[str, Any]) -> None:
    from onnx import helper

    if all(attribute.name != "kernel_shape" for attribute in node.attribute):
        if node.input[1] not in held:
            raise Refused("it has a convolution whose weights are not constant")
        kernel = held[node.input[1]].dims[2:]
        node.attribute.append(helper.make_attribute("kernel_shape", kernel))


def check_attribute(attribute: Any) -> None:
    from onnx import AttributeProto

    if attribute.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS):
        raise Refused("it has loops or branches")
    for text in (attribute.s, *attribute.strings, attribute.name.encode()):
        if not HARMLESS.fullmatch(text.decode("utf-8", "replace")):
            raise Refused(f"an attribute is {text[:40]!r}, which is not safe to put into a program")


def to_onnx(source: Path, target: Path) -> None:
    """Convert with paddle2onnx, without its optimiser, which runs `pip install` by itself."""
    import paddle2onnx

    parameters = source.with_suffix(".pdiparams")
    paddle2onnx.export(
        str(source),
        str(parameters) if parameters.is_file() else "",
        str(target),
        opset_version=OPSET,
        optimize_tool="None",
    )
    if not target.is_file():
        raise Refused("paddle2onnx made no network of it")
    keep_names(target, open_paddle(source).get_output_names())


def keep_names(path: Path, outputs: list[str]) -> None:
    """Give the outputs their old names back. Those of Paddle 2's models come out numbered."""
    import onnx

    model = onnx.load(path)
    names = {value.name: name for value, name in zip(model.graph.output, outputs, strict=True)}
    for node in model.graph.node:
        for ends in (node.input, node.output):
            ends[:] = [names.get(name, name) for name in ends]
    for value in model.graph.output:
        value.name = names[value.name]
    onnx.save(model, path)


def compare(network: Path, model: Path, feeds: Feeds) -> None:
    """Raise Refused unless `network` on Paddle gives the outputs of `model` on ONNX Runtime."""
    expected, found = run_onnx(model, feeds), run_paddle(network, feeds)
    if expected.keys() != found.keys():
        raise Refused(f"its outputs are {sorted(found)}, not {sorted(expected)}")
    for name, right in expected.items():
        if found[name].shape != right.shape:
            raise Refused(f"{name} has the shape {found[name].shape}, not {right.shape}")
        wide = right.astype(np.float64)
        difference = np.abs(found[name] - wide).max(initial=0)
        largest = np.abs(wide).max(initial=0)
        if not difference <= TOLERANCE * largest + ROUNDING:
            raise Refused(f"{name} is off by {difference:.2g}, where {largest:.2g} is the largest")


def typed(model: Path, feeds: Feeds) -> Feeds:
    """The feeds in the types that the ONNX file declares. Of noise between -1 and 1, zeros are left
    where it takes integers: an index of anything."""
    import onnx
    from onnx import helper

    kinds = {value.name: value.type.tensor_type.elem_type for value in onnx.load(model).graph.input}
    return {
        name: tensor.astype(helper.tensor_dtype_to_np_dtype(kinds[name]))
        if name in kinds
        else tensor
        for name, tensor in feeds.items()
    }


def run_onnx(model: Path, feeds: Feeds) -> dict[str, Tensor]:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(model), settings, ["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, dict(feeds)), strict=True))


def open_paddle(network: Path) -> Any:
    import paddle.inference

    config = paddle.inference.Config(str(network), str(network.with_suffix(".pdiparams")))
    config.disable_glog_info()
    config.disable_gpu()
    config.delete_pass(EVERYTHING_TO_ONEDNN)
    return paddle.inference.create_predictor(config)


def run_paddle(network: Path, feeds: Feeds) -> dict[str, Tensor]:
    predictor = open_paddle(network)
    if set(predictor.get_input_names()) != set(feeds):
        raise Refused(f"its inputs are {predictor.get_input_names()}, not {sorted(feeds)}")
    for name, tensor in feeds.items():
        handle = predictor.get_input_handle(name)
        handle.reshape(tensor.shape)
        handle.copy_from_cpu(tensor)
    predictor.run()
    return {
        name: predictor.get_output_handle(name).copy_to_cpu()
        for name in predictor.get_output_names()
    }


def renamed(content: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """As in `pir.py` beside this file, which is not on the environment's path."""
    path = Path(__file__).with_name("pir.py")
    spec = importlib.util.spec_from_file_location("pir", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is missing")
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names: str = module.renamed(content, inputs, outputs)
    return names


def main() -> int:
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    # C++ code prints on stdout too. Keep the real stdout for our messages, send theirs to stderr.
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(**what: Any) -> None:
        print(json.dumps(what), file=told, flush=True)

    try:
        for fraction, what in make(job):
            tell(fraction=fraction, what=what)
    # Third-party converters may raise anything, even SystemExit. Whatever it is, it is the outcome.
    except (Exception, SystemExit) as error:
        tell(
            failed=str(error) if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
        )
        return 1
    tell(fraction=1.0, what="done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
