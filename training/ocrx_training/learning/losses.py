"""What a network is to make small: its losses, from its logits, float32 (N, T, classes)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ocrx_training.learning.batches import Lines

FILLED = 0.25
"""The part of a character's room, to both sides of its middle, in which it is to be read."""

BLANKS = 0.3
"""How much a blank counts in guidance: most steps are blank, and the easiest."""


def ctc(lines: Lines, logits: Tensor, guided: float) -> Tensor:
    """The loss of A. Graves et al., "Connectionist Temporal Classification", 2006; and `guided`
    times the cross-entropy against where characters are, roughly.

    CTC alone finds no beginning for long: a network that says nothing is the best of those that do
    not look at the picture, and stays so for thousands of steps.
    """
    scores = logits.log_softmax(2).transpose(0, 1)
    steps = torch.full((scores.shape[1],), scores.shape[0], dtype=torch.long)
    classes = lines.classes.to(logits.device)
    loss = functional.ctc_loss(scores, classes, steps, lines.lengths, zero_infinity=True)
    if guided > 0:
        told = aligned(lines, logits.shape[1]).to(logits.device)
        weights = torch.ones(logits.shape[2], device=logits.device)
        weights[0] = BLANKS
        near = functional.cross_entropy(logits.flatten(0, 1), told.flatten(), weights)
        loss = loss + guided * near
    return loss


def placed(lines: Lines, logits: Tensor, guided: float) -> Tensor:
    """The cross-entropy of a network whose step 2 i is the character at place i. It needs no
    guidance."""
    written = logits[:, ::2]
    told = torch.zeros(written.shape[:2], dtype=torch.long)
    for row, text in zip(told, lines.classes.split(lines.lengths.tolist()), strict=True):
        row[: len(text)] = text[: len(row)]
    return functional.cross_entropy(written.flatten(0, 1), told.flatten().to(logits.device))


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
