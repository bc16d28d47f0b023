"""Weights between those before and after training.

A network that was trained on a narrow task forgets others. The mean of its weights before and after
reads both nearly as well as either network reads its own: Wortsman et al., Robust fine-tuning of
zero-shot models (WiSE-FT), https://arxiv.org/abs/2109.01903.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import nn

SHARES = (0.25, 0.5, 0.75)
"""The shares of what was learnt that are tried."""

Weights = Mapping[str, torch.Tensor]


def copied(network: nn.Module) -> Weights:
    """A copy of the network's weights."""
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def keep_what_is_needed(
    network: nn.Module, before: Weights, wrong: Callable[[], float], tolerance: float
) -> float:
    """Set the weights to the mixture nearest to those `before` that still reads as well as the
    network does; the share of what was learnt that it has, 1 for the network as it is.

    `wrong` gives the share of characters that the network reads wrongly at present. A mixture may
    read `tolerance` more of them wrongly.
    """
    learnt = copied(network)
    if all(torch.equal(before[name], learnt[name]) for name in learnt):
        return 1.0
    most = wrong() + tolerance
    for share in SHARES:
        network.load_state_dict(mixed(before, learnt, share))
        if wrong() <= most:
            return share
    network.load_state_dict(dict(learnt))
    return 1.0


def mixed(before: Weights, learnt: Weights, share: float) -> dict[str, torch.Tensor]:
    """The weights that have a `share` of what was learnt."""
    return {name: torch.lerp(before[name], learnt[name], share) for name in learnt}
