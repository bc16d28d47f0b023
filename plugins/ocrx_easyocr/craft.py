"""CRAFT, EasyOCR's detector, as an ONNX network.

Baek et al., "Character Region Awareness for Text Detection", CVPR 2019; easyocr/craft.py and
easyocr/model/modules.py (`vgg16_bn`). It is computed in another order that gives the same: batch
normalisation is part of the convolutions, three convolutions with nothing between them are one, and
1x1 convolutions come before the enlargement that they follow in EasyOCR. That saves a fifth of the
weights and 8 % of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ocrx_easyocr.checkpoint import Weights
from ocrx_easyocr.graph import Affine, Checked, Graph, merged, parts

if TYPE_CHECKING:
    import onnx

OUTPUT = "maps"

STAGES = (
    (("slice1", 0, 64), ("slice1", 3, 64)),
    (("slice1", 7, 128), ("slice1", 10, 128)),
    (("slice2", 14, 256), ("slice2", 17, 256), ("slice3", 20, 256)),
    (("slice3", 24, 512), ("slice3", 27, 512), ("slice4", 30, 512)),
    (("slice4", 34, 512), ("slice4", 37, 512)),
)
"""The convolutions of VGG16: the slice, the place in VGG16's list of layers, and the channels.
Between stages the picture is halved."""

SKIPS = (("slice1", 10), ("slice2", 17), ("slice3", 27))
"""The convolutions whose results, after the ReLU, are also joined to the enlarged ones. In EasyOCR
the next slice begins with a ReLU in place, so it changes these too."""

MERGES = ((1024, 512, 512, 256), (256, 512, 256, 128), (128, 256, 128, 64), (64, 128, 64, 32))
"""The channels of `upconv1` to `upconv4`: from below, of the skip, in the middle, and out."""

HEAD = ((0, 32, 32, 3), (2, 32, 32, 3), (4, 32, 16, 3), (6, 16, 16, 1), (8, 16, 2, 1))
"""The convolutions of `conv_cls`: the place, channels in and out, and the side of the kernel."""


def craft(weights: Weights, name: str) -> onnx.ModelProto:
    """The network: `x`, float32 (N, 3, H, W), to `maps`, float32 (N, 2, H / 2, W / 2), which say
    where characters are and where gaps between characters of a word are.

    `name` is how errors refer to the checkpoint. Raises WeightsError if it is of another network.
    """
    held = Checked(weights, name)
    graph = Graph(("N", 3, "H", "W"))
    skips, top = _vgg(graph, held)
    y = _first_merge(graph, held, top)
    for number, skip in enumerate(reversed(skips), 2):
        y = _merge(graph, held, number, y, skip)
    for place, inside, outside, side in HEAD:
        layer = held.affine(f"conv_cls.{place}", outside, inside, side, side)
        y = graph.conv(y, layer, pad=(side // 2, side // 2))
        if place < HEAD[-1][0]:
            y = graph.relu(y)
    held.finish()
    return graph.save(y, OUTPUT, ("N", 2, "h", "w"))


def _vgg(graph: Graph, held: Checked) -> tuple[list[str], str]:
    """The skips, and the result of the last convolution, before any ReLU."""
    x, inside, skips = graph.input, 3, []
    last = STAGES[-1][-1]
    for number, stage in enumerate(STAGES):
        if number:
            x = graph.max_pool(x, (2, 2), (2, 2))
        for one in stage:
            part, place, outside = one
            key = f"basenet.{part}"
            layer = held.normalised(
                f"{key}.{place}", f"{key}.{place + 1}", outside, inside, 3, 3, bias=True
            )
            x = graph.conv(x, layer, pad=(1, 1))
            inside = outside
            if one != last:
                x = graph.relu(x)
            if (part, place) in SKIPS:
                skips.append(x)
    return skips, x


def _first_merge(graph: Graph, held: Checked, top: str) -> str:
    """`slice5` and `upconv1`: what VGG16 found, beside the same seen more widely."""
    wide = held.affine("basenet.slice5.1", 1024, 512, 3, 3)
    wide = merged(wide, held.affine("basenet.slice5.2", 1024, 1024, 1, 1))
    first, own = parts(_mixing(held, 1), 1024)
    pooled = graph.max_pool(top, (3, 3), (1, 1), (1, 1))
    seen = graph.conv(pooled, merged(wide, first), pad=(6, 6), dilation=6)
    return _refined(graph, held, 1, graph.add("Add", seen, graph.conv(top, own)))


def _merge(graph: Graph, held: Checked, number: int, below: str, skip: str) -> str:
    first, own = parts(_mixing(held, number), MERGES[number - 1][0])
    enlarged = graph.add(
        "Resize",
        graph.conv(below, first),
        "",
        graph.constant(np.array([1.0, 1.0, 2.0, 2.0])),
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )
    return _refined(graph, held, number, graph.add("Add", enlarged, graph.conv(skip, own)))


def _mixing(held: Checked, number: int) -> Affine:
    """The 1x1 convolution with which a merge begins."""
    below, skip, middle, _ = MERGES[number - 1]
    key = f"upconv{number}.conv"
    return held.normalised(f"{key}.0", f"{key}.1", middle, below + skip, 1, 1, bias=True)


def _refined(graph: Graph, held: Checked, number: int, x: str) -> str:
    """The rest of a merge: ReLU, 3x3 convolution, ReLU."""
    *_, middle, outside = MERGES[number - 1]
    key = f"upconv{number}.conv"
    layer = held.normalised(f"{key}.3", f"{key}.4", outside, middle, 3, 3, bias=True)
    return graph.relu(graph.conv(graph.relu(x), layer, pad=(1, 1)))
