"""Where characters are, roughly: what a network is told while it cannot read at all.

CTC alone finds no beginning for long: a network that says nothing is the best of those that do not
look at the picture, and stays so for thousands of steps.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ocrx_training.learning.batches import Lines

FILLED = 0.25
"""The part of a character's room, to both sides of its middle, in which it is to be read."""


def guidance(lines: Lines, logits: Tensor) -> Tensor:
    """The cross-entropy of logits (N, T, classes) against an alignment."""
    return nn.functional.cross_entropy(
        logits.flatten(0, 1), aligned(lines, logits.shape[1]).flatten().to(logits.device)
    )


def aligned(lines: Lines, steps: int) -> Tensor:
    """The class at each step, int64 (N, T), as if all characters of a line were equally wide.

    It is one of the alignments that CTC takes for the text: blanks are between the characters,
    wherever there is room.
    """
    found = torch.zeros(len(lines.texts), steps, dtype=torch.long)
    texts = lines.classes.split(lines.lengths.tolist())
    for row, text, (start, end) in zip(found, texts, lines.spans, strict=True):
        room = (end - start) * steps / max(1, len(text))
        for place, number in enumerate(text.tolist()):
            middle = start * steps + (place + 0.5) * room
            first = min(max(0, round(middle - FILLED * room)), steps - 1)
            row[first : max(first + 1, round(middle + FILLED * room))] = number
    return found
