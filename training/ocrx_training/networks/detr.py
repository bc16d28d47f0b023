"""`detr`: a transformer that writes all characters of a code at once.

After N. Carion et al., "End-to-End Object Detection with Transformers", 2020 (arXiv:2005.12872):
convolutions, an encoder, and a decoder with a learned query for each object. Here an object is a
character, and query i stands for the one at place i of the text. So nothing has to be matched: the
order of the characters says which query each is for.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ocrx_training.networks.crnn import WIDTHS, convolutions

QUERIES = 32
"""The most characters of a text."""

SIZE, HEADS, INNER = 160, 5, 320
ENCODERS, DECODERS = 2, 2
LONGEST = 512
"""Places along a line, four columns of pixels each."""

SURE = 30.0
"""The logit of a class that is certain."""


class Detr(nn.Module):
    """Pictures, float32 (N, 3, 32, W) in [-1, 1], to logits, float32 (N, 2 * QUERIES, classes).

    Step 2 i is the character at place i, of class 0 from the end of the text on. The steps between
    are certainly of class 0. So CTC's decoders read what was written, repeated characters too. W is
    a multiple of 4, at most 2048. About 1.6 million parameters.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.columns = convolutions()
        self.into = nn.Linear(WIDTHS[-1], SIZE)
        self.encoders = nn.ModuleList(_Layer() for _ in range(ENCODERS))
        self.decoders = nn.ModuleList(_Layer(crossed=True) for _ in range(DECODERS))
        self.queries = nn.Parameter(torch.randn(QUERIES, SIZE) * 0.02)
        self.norm = nn.LayerNorm(SIZE)
        self.head = nn.Linear(SIZE, classes)
        self.places: Tensor
        self.register_buffer("places", _waves(LONGEST, SIZE), persistent=False)
        self.between: Tensor
        self.register_buffer(
            "between", SURE * torch.eye(classes)[:1].expand(QUERIES, -1), persistent=False
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """The logits."""
        seen = self.into(self.columns(pictures).squeeze(2).transpose(1, 2))
        seen = seen + self.places[: seen.shape[1]]
        for layer in self.encoders:
            seen = layer(seen)
        written = self.queries.expand(pictures.shape[0], -1, -1)
        for layer in self.decoders:
            written = layer(written, seen)
        logits = self.head(self.norm(written))
        between = self.between.expand(pictures.shape[0], -1, -1)
        return torch.stack((logits, between), 2).flatten(1, 2)


class _Layer(nn.Module):
    """A layer of the encoder, or if `crossed`, of the decoder, which also looks at what the encoder
    saw. Norms come first (R. Xiong et al., arXiv:2002.04745), which learns without a slow start."""

    def __init__(self, crossed: bool = False) -> None:
        super().__init__()
        self.own = _Attention()
        self.cross = _Attention() if crossed else None
        self.inner = nn.Sequential(
            nn.LayerNorm(SIZE), nn.Linear(SIZE, INNER), nn.ReLU(), nn.Linear(INNER, SIZE)
        )

    def forward(self, values: Tensor, seen: Tensor | None = None) -> Tensor:
        """The values, (N, L, SIZE), with what was found added."""
        values = values + self.own(values, values)
        if self.cross is not None and seen is not None:
            values = values + self.cross(values, seen)
        found: Tensor = self.inner(values)
        return values + found


class _Attention(nn.Module):
    """Attention of several heads (A. Vaswani et al., arXiv:1706.03762)."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.seen_norm = nn.LayerNorm(SIZE), nn.LayerNorm(SIZE)
        self.query, self.out = nn.Linear(SIZE, SIZE), nn.Linear(SIZE, SIZE)
        self.both = nn.Linear(SIZE, 2 * SIZE)

    def forward(self, values: Tensor, seen: Tensor) -> Tensor:
        """What the values (N, L, SIZE) find in what is seen (N, T, SIZE)."""
        query = _heads(self.query(self.norm(values)))
        key, value = (_heads(part) for part in self.both(self.seen_norm(seen)).chunk(2, 2))
        weights = (query @ key.transpose(2, 3) / math.sqrt(SIZE / HEADS)).softmax(3)
        found: Tensor = self.out((weights @ value).transpose(1, 2).flatten(2))
        return found


def _heads(values: Tensor) -> Tensor:
    """(N, L, SIZE) as (N, HEADS, L, SIZE / HEADS)."""
    split: Tensor = values.unflatten(2, (HEADS, SIZE // HEADS))
    return split.transpose(1, 2)


def _waves(places: int, size: int) -> Tensor:
    """Sines and cosines of a place at `size` // 2 wavelengths, float32 (places, size)."""
    rates = torch.exp(torch.arange(0, size, 2) * (-math.log(1000.0) / size))
    angles = torch.arange(places)[:, None] * rates
    return torch.cat((angles.sin(), angles.cos()), 1)
