"""`crnn`: convolutions, a bidirectional LSTM, and CTC, for codes on small devices.

After B. Shi, X. Bai, C. Yao, "An End-to-End Trainable Neural Network for Image-based Sequence
Recognition", 2015 (arXiv:1507.05717), with residual connections and fewer, narrower layers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

HEIGHT = 32
"""Rows of pixels that the network takes."""

STEP = 4
"""Columns of pixels for each step of the output."""

WIDTHS = (16, 32, 64, 96, 128)
HIDDEN = 96


class Crnn(nn.Module):
    """Pictures, float32 (N, 3, 32, W) in [-1, 1], to logits, float32 (N, W // 4, classes).

    Class 0 is the blank. W is a multiple of 4. About 0.4 million parameters, most of them where a
    picture is only four rows high or less: that is where they cost the least time.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.columns = convolutions()
        self.lines = nn.LSTM(WIDTHS[-1], HIDDEN, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * HIDDEN, classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """The logits."""
        steps = self.columns(pictures).squeeze(2).transpose(1, 2)
        hidden, _ = self.lines(steps)
        logits: Tensor = self.head(hidden)
        return logits


def convolutions() -> nn.Sequential:
    """From pictures, float32 (N, 3, 32, W), to what is seen at each step along a line, (N,
    WIDTHS[-1], 1, W // STEP)."""
    first, second, third, fourth, fifth = WIDTHS
    return nn.Sequential(
        _convolution(3, first, (2, 2)),
        _convolution(first, second, (2, 2)),
        _convolution(second, third, (2, 1)),
        _Residual(third),
        _convolution(third, fourth, (2, 1)),
        _Residual(fourth),
        nn.Conv2d(fourth, fifth, (2, 1), bias=False),
        nn.BatchNorm2d(fifth),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):
    """A convolution whose input is added to its output."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, values: Tensor) -> Tensor:
        """The sum, above 0."""
        return torch.relu(values + self.norm(self.convolution(values)))


def _convolution(inside: int, outside: int, stride: tuple[int, int]) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )
