"""The version of ONNX in which a network is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ocrx.errors import ConversionFailed
from ocrx_bundle.equivalents import OLDER, Equivalent, Rewriter
from ocrx_bundle.operators import ONNX_DOMAINS, kind

if TYPE_CHECKING:
    import onnx

REMEDY = "Choose another model, or a target whose runtime takes it, such as --target cpu."

OLDEST, OPSET, IR_VERSION = "ONNX Runtime 1.10", 15, 8
"""The last ONNX Runtime for Python 3.6, and the latest versions of ONNX that it reads."""


def opset(model: onnx.ModelProto) -> int:
    """The version of ONNX's own operators that a network uses."""
    return max(int(one.version) for one in model.opset_import if one.domain in ONNX_DOMAINS)


def lowered(model: onnx.ModelProto, name: str, taker: str, latest: int) -> onnx.ModelProto:
    """The network at the `latest` opset that `taker` knows, or at its own if that is older.

    Most operators of later opsets differ from older ones only in the types that they take. ONNX's
    own converter has no rules for some of these, so it is asked only where the network does not
    pass for one of the older opset. Raises ConversionFailed.
    """
    import onnx
    from onnx import version_converter

    if opset(model) <= latest:
        return model
    older = onnx.ModelProto()
    older.CopyFrom(model)
    replace_operators(older, OLDER)
    for one in older.opset_import:
        if one.domain in ONNX_DOMAINS:
            one.version = latest
    try:
        onnx.checker.check_model(older, full_check=True)
    except Exception as error:
        try:
            return version_converter.convert_version(model, latest)
        except Exception:
            raise ConversionFailed(
                f"{name} is at opset {opset(model)} and cannot be written at {latest}, which "
                f"is the latest that {taker} takes: {' '.join(str(error).split())}",
                REMEDY,
            ) from error
    return older


def replace_operators(model: onnx.ModelProto, equivalents: Mapping[str, Equivalent]) -> list[str]:
    """Replace the operators for which there is an equivalent. Returns their names."""
    rewriter = Rewriter(model)
    replaced: dict[str, None] = {}
    nodes = []
    for node in model.graph.node:
        equivalent = equivalents.get(kind(node))
        if equivalent is not None and equivalent(rewriter, node):
            replaced[kind(node)] = None
            nodes += rewriter.taken()
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return list(replaced)
