"""The cost of ONNX operations: multiply-accumulates, other operations, and how they can be merged.

The counts are of the direct computation of each operation's definition (onnx.ai/onnx/operators).
Each function counts as one operation per element, even an exponential.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from ocrx.interfaces.inspection import Role
from ocrx_onnx.shapes import Shapes

if TYPE_CHECKING:
    import onnx

Count = Callable[["onnx.NodeProto", Shapes], tuple[int, int]]
"""Returns the multiply-accumulates and the other operations of a node."""


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


FREE = frozenset({"Constant", "Shape", "Size"})
VIEWS = _names(
    "Dropout Flatten Identity Reshape Slice Split Squeeze Transpose Unsqueeze DepthToSpace "
    "SpaceToDepth"
)
JOINS = frozenset({"Concat"})
MOVES = _names(
    "Cast CastLike ConstantOfShape Expand EyeLike Gather GatherElements GatherND Pad Range "
    "ReverseSequence Scatter ScatterElements ScatterND Tile Upsample Where NonZero OneHot Compress "
    "Trilu"
)
"""Operations that only move data, so that memory traffic is their only cost."""

ELEMENTWISE = _names(
    "Abs Add And BitShift Ceil Celu Clip Cos DequantizeLinear Div Elu Equal Erf Exp Floor Greater "
    "GreaterOrEqual HardSigmoid IsInf IsNaN LeakyRelu Less LessOrEqual Log Max Mean Min Mod "
    "Mul Neg Not Or Pow PRelu QuantizeLinear Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin "
    "Softplus Softsign Sqrt Sub Sum Tan Tanh ThresholdedRelu Xor DynamicQuantizeLinear "
    "CumSum"
)
COMPOUND: Mapping[str, int] = {
    "BatchNormalization": 2,
    "Gelu": 4,
    "GroupNormalization": 5,
    "HardSwish": 3,
    "InstanceNormalization": 5,
    "LayerNormalization": 5,
    "LogSoftmax": 4,
    "LpNormalization": 3,
    "LRN": 4,
    "MeanVarianceNormalization": 5,
    "Mish": 4,
    "RMSNormalization": 4,
    "Softmax": 4,
}
"""Operations per element of the result."""

REDUCTIONS = _names(
    "ArgMax ArgMin GlobalAveragePool GlobalLpPool GlobalMaxPool ReduceL1 ReduceL2 ReduceLogSum "
    "ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare "
    "TopK"
)
"""Operations that count as one per element of their input."""

POOLS = frozenset({"AveragePool", "LpPool", "MaxPool"})
RESIZES: Mapping[str, int] = {"nearest": 0, "linear": 8, "cubic": 32}
"""Operations per element of the result in two dimensions, by mode."""


def cost(node: onnx.NodeProto, known: Shapes) -> tuple[int, int, bool]:
    """The multiply-accumulates, the other operations, and whether the operation is known."""
    kind = node.op_type
    if node.domain not in ("", "ai.onnx"):
        return 0, 0, False
    if kind in COUNTED:
        return (*COUNTED[kind](node, known), True)
    if kind in ELEMENTWISE or kind in COMPOUND:
        return 0, COMPOUND.get(kind, 1) * _result(node, known), True
    if kind in REDUCTIONS:
        return 0, prod(known.shape(node.input[0])), True
    return 0, 0, kind in VIEWS | JOINS | MOVES


def role(node: onnx.NodeProto) -> Role:
    """How a runtime could merge the node with others."""
    kind = node.op_type
    if node.domain not in ("", "ai.onnx"):
        return "layer"
    if kind in VIEWS:
        return "view"
    if kind in JOINS:
        return "join"
    follows = kind in ELEMENTWISE or kind in COMPOUND or kind in REDUCTIONS or kind in MOVES
    return "follower" if follows else "layer"


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """The node's attributes, by name."""
    from onnx import helper

    return {one.name: helper.get_attribute_value(one) for one in node.attribute}


def _result(node: onnx.NodeProto, known: Shapes) -> int:
    return prod(known.shape(node.output[0]))


def _conv(node: onnx.NodeProto, known: Shapes) -> tuple[int, int]:
    """Each element of the result sums over one filter, of (channels / groups) x kernel."""
    result = _result(node, known)
    bias = result if len(node.input) > 2 and node.input[2] else 0
    return result * prod(known.shape(node.input[1])[1:]), bias


def _integer_conv(node: onnx.NodeProto, known: Shapes) -> tuple[int, int]:
    """ConvInteger, and QLinearConv, which has a scale and a zero point after its input."""
    filters = node.input[3 if node.op_type == "QLinearConv" else 1]
    return _result(node, known) * prod(known.shape(filters)[1:]), 0


def _conv_transpose(node: onnx.NodeProto, known: Shapes) -> tuple[int, int]:
    """Each element of the input is multiplied by one filter, of (channels / groups) x kernel."""
    macs = prod(known.shape(node.input[0])) * prod(known.shape(node.input[1])[1:])
    return macs, _result(node, known) if len(node.input) > 2 and node.input[2] else 0


def _matmul(node: onnx.NodeProto, known: Shapes) -> tuple[int, int]:
    return _result(node, known) * known.shape(node.input[0])[-1], 0


def _gemm(node: onnx.NodeProto, known: Shapes) -> tuple[int, int]:
    rows, columns = known.shape(node.input[0])
    inner = rows if attributes(node).get("transA") else columns
    result = _result(node, known)
    return result * inner, result if len(node.input) > 2 and node.input[2] else 0


def _einsum(node: onnx.NodeProto, known: Shapes) -> tuple[int, int]:
    """One multiplication less than there are factors, for each combination of indices."""
    equation = attributes(node)["equation"].decode().replace(" ", "").partition("->")[0]
    lengths: dict[str, int] = {}
    for term, name in zip(equation.split(","), node.input, strict=True):
        shape = known.shape(name)
        lengths.update(zip(reversed(term.replace("...", "")), reversed(shape), strict=False))
    factors = len(node.input)
    return max(1, factors - 1) * max(prod(lengths.values()), _result(node, known)), 0


GATES: Mapping[str, tuple[int, int]] = {"LSTM": (4, 9), "GRU": (3, 8), "RNN": (1, 2)}
"""The gates of a recurrent operation, and its operations per step and element of the state."""


def _recurrent(node: onnx.NodeProto, known: Shapes) -> tuple[int, int]:
    """For each step, picture and direction: the weights of all gates times input and state."""
    steps, pictures, width = known.shape(node.input[0])
    if attributes(node).get("layout", 0):
        steps, pictures = pictures, steps
    directions, rows, _ = known.shape(node.input[1])
    gates, others = GATES[node.op_type]
    hidden = rows // gates
    rounds = steps * pictures * directions
    return rounds * rows * (width + hidden), rounds * hidden * others


def _pool(node: onnx.NodeProto, known: Shapes) -> tuple[int, int]:
    return 0, _result(node, known) * prod(attributes(node)["kernel_shape"])


def _resize(node: onnx.NodeProto, known: Shapes) -> tuple[int, int]:
    mode = attributes(node).get("mode", b"nearest").decode()
    return 0, _result(node, known) * RESIZES[mode]


def _attention(node: onnx.NodeProto, known: Shapes) -> tuple[int, int]:
    """The scores, and their weighted sum over the values. All have shape (batch, heads, length,
    width)."""
    *outer, queries, width = known.shape(node.input[0])
    keys, values = known.shape(node.input[1])[-2], known.shape(node.input[2])[-1]
    pairs = prod(outer) * queries * keys
    return pairs * (width + values), 4 * pairs


COUNTED: Mapping[str, Count] = {
    "Attention": _attention,
    "Conv": _conv,
    "ConvInteger": _integer_conv,
    "ConvTranspose": _conv_transpose,
    "Einsum": _einsum,
    "GRU": _recurrent,
    "Gemm": _gemm,
    "LSTM": _recurrent,
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "QLinearConv": _integer_conv,
    "QLinearMatMul": _matmul,
    "RNN": _recurrent,
    "Resize": _resize,
    **dict.fromkeys(POOLS, _pool),
}
