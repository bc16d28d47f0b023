"""ONNX's padding of convolutions and pools, in torch's terms."""

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
    """The padding, all beginnings then all ends, with which the output has ceil(size / stride)
    places."""
    begins, ends = [], []
    for size, k, s, d in zip(sizes, kernel, strides, dilations, strict=True):
        both = max(0, (-(-size // s) - 1) * s + d * (k - 1) + 1 - size)
        small, large = both // 2, both - both // 2
        begins.append(small if auto_pad == "SAME_UPPER" else large)
        ends.append(large if auto_pad == "SAME_UPPER" else small)
    return begins + ends


def split_pads(pads: Sequence[int] | None, rank: int) -> tuple[list[int], list[int] | None]:
    """Splits padding into what torch's operations do themselves, equal on both sides, and what
    torch.nn.functional.pad must do before (None if nothing)."""
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
    """Crop the axes from the third on. `cut` counts rows and columns: all beginnings, then all
    ends."""
    rank = len(cut) // 2
    for axis in range(rank):
        length = x.shape[2 + axis] - cut[axis] - cut[rank + axis]
        x = x.narrow(2 + axis, cut[axis], length)
    return x
