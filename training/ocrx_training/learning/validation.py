"""How well a network reads lines that it was not trained on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn

from ocrx.bench.data.extra import bench_module
from ocrx_training.charset import Charset
from ocrx_training.learning.batches import Lines


@dataclass(frozen=True)
class Errors:
    """Edits over characters of the truth, and the share of lines with one, both from 0 on."""

    characters: float
    lines: float


def validate(
    network: nn.Module, batches: Iterable[Lines], charset: Charset, device: torch.device
) -> Errors:
    """The errors of the network, which is left ready for training."""
    distance = bench_module("rapidfuzz").distance.Levenshtein.distance
    edits = wrong = length = count = 0
    network.eval()
    with torch.inference_mode():
        for batch in batches:
            best = network(batch.pictures.to(device)).argmax(2).cpu().tolist()
            for text, truth in zip(charset.texts(best), batch.texts, strict=True):
                missed = distance(text, truth)
                edits, wrong = edits + missed, wrong + (missed > 0)
                length, count = length + len(truth), count + 1
    network.train()
    return Errors(edits / max(length, 1), wrong / max(count, 1))
