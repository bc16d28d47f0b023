"""How ONNX pads convolutions and pools, in torch's terms."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor


def same_pads(
    sizes: Sequence[int],
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    auto_pad: str,
) -> list[int]:
    """All beginnings, then all ends, so that the output has ceil(size / stride) places."""
    begins, ends = [], []
    for size, k, s, d in zip(sizes, kernel, strides, dilations, strict=True):
        both = max(0, (-(-size // s) - 1) * s + d * (k - 1) + 1 - size)
        small, large = both // 2, both - both // 2
        begins.append(small if auto_pad == "SAME_UPPER" else large)
        ends.append(large if auto_pad == "SAME_UPPER" else small)
    return begins + ends


def split_pads(pads: Sequence[int] | None, rank: int) -> tuple[list[int], list[int] | None]:
    """What torch's operations can pad by themselves, the same on both sides; or zeros and what
    torch.nn.functional.pad has to do before."""
    if pads is None or not any(pads):
        return [0] * rank, None
    begins, ends = list(pads[:rank]), list(pads[rank:])
    if begins == ends:
        return begins, None
    edges = [
        edge
        for begin, end in zip(reversed(begins), reversed(ends), strict=True)
        for edge in (begin, end)
    ]
    return [0] * rank, edges


def crop(x: Tensor, cut: Sequence[int]) -> Tensor:
    """Without so many rows and columns: at all beginnings, then at all ends."""
    rank = len(cut) // 2
    for axis in range(rank):
        length = x.shape[2 + axis] - cut[axis] - cut[rank + axis]
        x = x.narrow(2 + axis, cut[axis], length)
    return x
