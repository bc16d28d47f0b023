"""A pruned network learns to compute what the original computes, at several depths and at its end.

Both have tensors of the same name and shape: hints, in the words of A. Romero and others, "FitNets:
Hints for Thin Deep Nets", 2015 (arXiv:1412.6550). They tell each layer what to do, so it takes far
fewer pictures than learning from texts, and the pictures need none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional

from ocrx.errors import UsageError
from ocrx.interfaces.compression import Compression
from ocrx.interfaces.conversion import Progress
from ocrx.interfaces.networks import MapModel, NetworkModel
from ocrx.types import Image, Tensor
from ocrx_torch.importer import import_model
from ocrx_training.compressing.options import MatchOptions
from ocrx_training.finetuning.files import as_inputs, weights_of, with_outputs
from ocrx_training.finetuning.network import Weighted
from ocrx_training.pruning.channels import shapes_of

JUDGED = 10
"""Every so many of the batches is held back, to tell how near the network comes."""

WARM_UP = 0.05
"""The share of the steps over which the learning rate rises."""

LONGEST_GRADIENT = 5.0

WINDOW = 640
"""The longest side of what a detector learns from at a time, in pixels."""

TEXT = 6.0
"""How much more a pixel of a map counts where text is: that is few of them."""

ENDS = ("Softmax", "LogSoftmax", "Sigmoid")


class Observed(Weighted):
    """A network that gives tensors of the graph, by their names."""

    def __init__(self, model: onnx.ModelProto, outputs: Sequence[str], name: str) -> None:
        super().__init__(weights_of(model))
        self._graph = import_model(with_outputs(as_inputs(model), outputs), name).module

    def forward(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        """The tensors for encoded pictures, float32 (N, C, H, W)."""
        return list(self._graph(pictures, *self.in_use()))


class Pair:
    """A network, `source`, that was made from `original`, and what both have in common.

    Raises UsageError for networks that differ by more than their weights.
    """

    def __init__(
        self,
        original: onnx.ModelProto,
        source: onnx.ModelProto,
        picture: Tensor,
        name: str,
        options: MatchOptions,
    ) -> None:
        hints = _hints(original, source, picture, name)
        if not hints or _operations(original) != _operations(source):
            raise UsageError(
                f"the network does not compute as {name} does, from which it is to learn",
                "Use match after prune: --method prune,match.",
            )
        places = np.linspace(0, len(hints) - 1, min(options.hints, len(hints))).round().astype(int)
        self.end, logits = _end(source)
        names = [*(hints[place] for place in places), logits]
        self._weight = options.hint_weight
        self.network = Observed(source, names, name)
        self.original = Observed(original, names, name).requires_grad_(False)

    def wanted(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        """What the original gives."""
        with torch.no_grad():
            found: list[torch.Tensor] = self.original(pictures)
        return found

    def loss(self, pictures: torch.Tensor) -> torch.Tensor:
        """How far the network is from the original."""
        made, wanted = self.network(pictures), self.wanted(pictures)
        hints = torch.stack(off(made[:-1], wanted[:-1]))
        return strayed(made[-1], wanted[-1], self.end) + self._weight * hints.sum()

    def off(self, batches: Sequence[torch.Tensor]) -> float:
        """By which share of their variance the hints are off, on average."""
        found = []
        for pictures in batches:
            with torch.no_grad():
                made = self.network(pictures)
            found += [float(one) for one in off(made[:-1], self.wanted(pictures)[:-1])]
        return sum(found) / len(found)


def matched(
    pair: Pair, asked: Compression, options: MatchOptions, progress: Progress
) -> tuple[Observed, str]:
    """The network, taught on the user's pictures, and a note on what it has learnt. If it is
    farther from the original after that, it stays as it was."""
    if options.threads:
        torch.set_num_threads(options.threads)
    random = np.random.default_rng(asked.seed)
    pictures = list(asked.pictures())
    held = [one for place, one in enumerate(pictures) if place % JUDGED == 0]
    learnt = [one for place, one in enumerate(pictures) if place % JUDGED]
    judged = list(_batches(asked.model, held, options.batch, random))
    before, start = pair.off(judged), deepcopy(pair.network.state_dict())
    optimizer = torch.optim.AdamW(pair.network.parameters(), options.learning_rate, weight_decay=0)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, options.learning_rate, options.steps, pct_start=WARM_UP
    )
    batches = _endless(asked.model, learnt, options, random)
    for step in range(options.steps):
        loss = pair.loss(next(batches))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(pair.network.parameters(), LONGEST_GRADIENT)
        optimizer.step()
        rates.step()
        if step % max(1, options.steps // 100) == 0:
            told = f"step {step} of {options.steps}, off by {float(loss.detach()):.3g}"
            progress(step / options.steps, f"learning from {asked.original[0].spec.name}: {told}")
    after = pair.off(judged)
    told = (
        f"learnt {options.steps} batches of {options.batch} from {len(learnt)} pictures: inside, "
        f"it was off by {before:.1%} before, by {after:.1%} after"
    )
    if not after < before:
        pair.network.load_state_dict(start)
        told += ", so it stays as it was before"
    return pair.network, told


def off(made: Sequence[torch.Tensor], wanted: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """The squared error of each tensor, as a share of the variance of what is wanted."""
    return [
        (one - other).square().mean() / (other - other.mean()).square().mean().clamp_min(1e-12)
        for one, other in zip(made, wanted, strict=True)
    ]


def strayed(made: torch.Tensor, wanted: torch.Tensor, end: str) -> torch.Tensor:
    """How far what comes out is from what is wanted: the divergence of Kullback and Leibler if both
    are probabilities before their softmax or sigmoid."""
    if end in ("Softmax", "LogSoftmax"):
        scores, said = made.log_softmax(-1), wanted.log_softmax(-1)
        return functional.kl_div(scores, said, log_target=True, reduction="none").sum(-1).mean()
    if end == "Sigmoid":
        said = wanted.sigmoid()
        errs = functional.binary_cross_entropy_with_logits(made, said, reduction="none")
        least = functional.binary_cross_entropy_with_logits(wanted, said, reduction="none")
        weights = 1 + TEXT * said
        return ((errs - least) * weights).sum() / weights.sum()
    return off([made], [wanted])[0]


def _hints(
    original: onnx.ModelProto, source: onnx.ModelProto, picture: Tensor, name: str
) -> list[str]:
    """Sums that both networks compute, in order: where branches meet, layers hand on all that they
    know. Other tensors if there are none."""
    shapes, others = shapes_of(source, picture, name), shapes_of(original, picture, name)
    made = {one for node in source.graph.node for one in node.output}
    common = [
        node
        for node in source.graph.node
        if len(shapes[node.output[0]]) > 2 and shapes[node.output[0]] == others.get(node.output[0])
    ]
    sums = [node for node in common if node.op_type == "Add" and made.issuperset(node.input)]
    return [str(node.output[0]) for node in sums or common]


def _operations(model: onnx.ModelProto) -> list[tuple[str, list[str]]]:
    return [(node.op_type, list(node.output)) for node in model.graph.node]


def _end(model: onnx.ModelProto) -> tuple[str, str]:
    """The operation that makes probabilities, "" if there is none, and the name of what it is
    given, or of the network's output."""
    output = model.graph.output[0].name
    for node in model.graph.node:
        if output in node.output and node.op_type in ENDS:
            return node.op_type, str(node.input[0])
    return "", output


def _endless(
    model: NetworkModel[Any],
    pictures: Sequence[Image],
    options: MatchOptions,
    random: np.random.Generator,
) -> Iterator[torch.Tensor]:
    while True:
        yield from _batches(model, pictures, options.batch, random)


def _batches(
    model: NetworkModel[Any], pictures: Sequence[Image], size: int, random: np.random.Generator
) -> Iterator[torch.Tensor]:
    """All pictures once, as the model encodes them, in batches of one shape, in random order."""
    groups: dict[tuple[int, int], list[int]] = {}
    for place in random.permutation(len(pictures)).tolist():
        groups.setdefault(model.shape(*pictures[place].shape[:2]), []).append(place)
    parts = [
        (shape, group[start : start + size])
        for shape, group in groups.items()
        for start in range(0, len(group), size)
    ]
    for part in random.permutation(len(parts)).tolist():
        shape, places = parts[part]
        (given,) = model.encode([pictures[place] for place in places], shape).feeds.values()
        if isinstance(model, MapModel):
            given = window(given, random)
        yield torch.from_numpy(np.ascontiguousarray(given, np.float32))


def window(given: Tensor, random: np.random.Generator) -> Tensor:
    """A part of pages at a random place: float32 (N, C, H, W)."""
    top, left = (int(random.integers(0, max(0, one - WINDOW) + 1)) for one in given.shape[2:])
    return given[:, :, top : top + WINDOW, left : left + WINDOW]
