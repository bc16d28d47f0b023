"""Reads, simplifies, runs and writes ONNX networks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocrx.errors import ConversionFailed
from ocrx.interfaces.feeds import Feeds
from ocrx.types import Tensor

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

OPSET = 17
"""The opset that is written. All that is needed exists since 13, and runtimes that take 13 also
take 17."""

STEM = 8
"""The number of convolutions and products at the start of a network that keep more bits. They hold
few of the weights, and every later operation inherits their rounding errors."""

SHORT_STEM = 1
"""The same of a network that has no more than STEM. Its first takes the picture, in which paper has
the largest of all values nearly everywhere: where processors add two products in 16 bits, as they
do without VNNI, sums over paper exceed these. `crnn` loses 3 to 6 points by that."""

WEIGHTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
SILENT = 4
CPU = "CPUExecutionProvider"
REMEDY = "Choose another `--precision` or `--backend`; if the model is one of ocrx's, report it."


def prepared(path: Path, name: str) -> onnx.ModelProto:
    """The network in the file, at OPSET or later and with a name for every node. Constants are
    folded, and normalisations and biases merged into the convolutions before them.

    `name` is for messages. Raises ConversionFailed, which names operations that are not ONNX's.
    """
    import onnx
    from onnx import version_converter

    try:
        model = onnx.load(path)
        _check_operations(model, name)
        if _opset(model) < OPSET:
            model = version_converter.convert_version(model, OPSET)
        tidy = _tidied(model)
    except ConversionFailed:
        raise
    # Both packages raise many types: DecodeError, RuntimeError, Fail, NotImplemented, ...
    except Exception as error:
        raise ConversionFailed(f"{name} ({path}) cannot be converted: {error}", REMEDY) from error
    for index, node in enumerate(tidy.graph.node):
        node.name = f"{node.op_type}_{index}"
    return tidy


def _check_operations(model: onnx.ModelProto, name: str) -> None:
    from onnx import defs

    local = {(function.domain, function.name) for function in model.functions}
    unknown = sorted(
        {
            f"{node.domain or 'ai.onnx'}.{node.op_type}"
            for node in model.graph.node
            if not defs.has(node.op_type, node.domain)
            and (node.domain, node.op_type) not in local
            and node.domain != "com.microsoft"
        }
    )
    if unknown:
        raise ConversionFailed(
            f"{name} has operations that are not part of ONNX: {', '.join(unknown)}", REMEDY
        )


def _opset(model: onnx.ModelProto) -> int:
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=1)


def _tidied(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network as ONNX Runtime optimises it, at a level that keeps to ONNX's own operations."""
    import onnx
    import onnxruntime

    settings = _settings()
    level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    settings.graph_optimization_level = level
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch, "tidy.onnx")
        settings.optimized_model_filepath = str(target)
        onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=[CPU])
        tidy = onnx.load(target)
    del tidy.metadata_props[:]
    tidy.metadata_props.extend(model.metadata_props)
    # ONNX Runtime declares all of its domains, and other runtimes reject the unknown ones.
    used = {node.domain for node in tidy.graph.node}
    imports = [one for one in tidy.opset_import if one.domain in used | {""}]
    del tidy.opset_import[:]
    tidy.opset_import.extend(imports)
    return tidy


def _settings() -> Any:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = SILENT
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return settings


def run(
    model: onnx.ModelProto, batches: Iterable[Feeds], extra: Sequence[str] = ()
) -> Iterator[dict[str, Tensor]]:
    """Run the model on each batch. Yields its outputs and the tensors named in `extra`, by name."""
    import onnx
    import onnxruntime

    if extra:
        more = onnx.ModelProto()
        more.CopyFrom(model)
        known = {output.name for output in model.graph.output}
        more.graph.output.extend(onnx.ValueInfoProto(name=n) for n in extra if n not in known)
        model = more
    session = onnxruntime.InferenceSession(model.SerializeToString(), _settings(), providers=[CPU])
    names = [output.name for output in session.get_outputs()]
    for feeds in batches:
        yield dict(zip(names, session.run(None, dict(feeds)), strict=True))


def stem(model: onnx.ModelProto) -> set[str]:
    """The names of the nodes that run up to and including the STEM-th convolution or product, or in
    a network that has no more than these, the SHORT_STEM-th; none if there is nothing behind it."""
    weighted = [at for at, node in enumerate(model.graph.node) if node.op_type in WEIGHTED]
    count = STEM if len(weighted) > STEM else SHORT_STEM
    last = weighted[count - 1] if len(weighted) > count else -1
    return {node.name for node in model.graph.node[: last + 1]}


def constants(model: onnx.ModelProto) -> dict[str, NDArray[Any]]:
    """The initializers of the model, by name."""
    from onnx import numpy_helper

    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def sort_nodes(graph: onnx.GraphProto) -> None:
    """Sort the nodes so that each follows those it depends on, and otherwise keeps its place.

    Raises ValueError for a cycle.
    """
    made = {name for node in graph.node for name in node.output}
    waiting, ordered = list(graph.node), list[Any]()
    while waiting:
        later = []
        for node in waiting:
            if made.isdisjoint(node.input):
                ordered.append(node)
                made.difference_update(node.output)
            else:
                later.append(node)
        if len(later) == len(waiting):
            raise ValueError(f"{waiting[0].name} depends on its own output")
        waiting = later
    del graph.node[:]
    graph.node.extend(ordered)


def save(model: onnx.ModelProto, path: Path, name: str) -> None:
    """Write the model, if it is valid and ONNX Runtime opens it. Raises ConversionFailed."""
    import onnx
    import onnxruntime

    data = model.SerializeToString(deterministic=True)
    try:
        onnx.checker.check_model(model)
        onnxruntime.InferenceSession(data, _settings(), providers=[CPU])
    # As in `prepared`.
    except Exception as error:
        raise ConversionFailed(f"{name} became invalid: {error}", REMEDY) from error
    path.write_bytes(data)
