"""Weights between those before and after training."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ocrx_training.finetuning.mixing import copied, keep_what_is_needed


class Number(nn.Module):
    """A network of one weight."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(value))


@pytest.mark.parametrize(("tolerance", "share"), [(0.0, 1.0), (0.1, 0.75), (0.3, 0.5), (0.6, 0.25)])
def test_as_little_is_kept_as_reads_as_well(tolerance: float, share: float) -> None:
    network, before = Number(10.0), copied(Number(2.0))

    def wrong() -> float:
        return (1 - (network.weight.item() - 2) / 8) ** 2

    assert keep_what_is_needed(network, before, wrong, tolerance) == share
    assert network.weight.item() == pytest.approx(2 + 8 * share)


def test_what_learnt_nothing_stays() -> None:
    network = Number(1.0)
    assert keep_what_is_needed(network, copied(network), lambda: 0.5, 0.0) == 1.0
