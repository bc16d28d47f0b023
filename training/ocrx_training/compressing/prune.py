"""`prune`: a network without its least important channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocrx.errors import UsageError
from ocrx.interfaces.compression import Compressed, Compression, Compressor
from ocrx.interfaces.conversion import Progress
from ocrx.interfaces.runtimes import Availability
from ocrx_training.compressing.needs import available
from ocrx_training.compressing.options import PruneOptions

if TYPE_CHECKING:
    import onnx

    from ocrx_training.compressing.teaching import School, Tell

TRIES = 3
"""With a budget, half as many channels are removed at each try."""

UNLEARNT = (
    "Choose a recogniser such as paddle or easyocr, or remove channels without learning: --set "
    "compressor.prune.steps=0 --set compressor.prune.importance=obs."
)


class Prune(Compressor):
    """Removes channels of convolutions, matrix products and recurrent layers, and all that hangs
    on them, and has the rest learn from the original."""

    name = "prune"

    def __init__(self, options: PruneOptions) -> None:
        self._options = options
        self.settings: Mapping[str, Any] = asdict(options)

    def probe(self) -> Availability:
        return available()

    def compress(self, asked: Compression, folder: Path, progress: Progress) -> Compressed:
        """As its interface says. With a budget that is not kept, fewer channels are removed; if it
        never is, the network that lost least stays."""
        from ocrx_training.compressing.networks import MODEL, ctc_model, network_of, write
        from ocrx_training.compressing.teaching import School

        if self._options.importance == "taylor" and not self._options.steps:
            raise UsageError(
                "importance=taylor is found by learning, and steps=0 asks for none",
                "Add --set compressor.prune.importance=obs, which needs none, or leave out steps.",
            )
        source, school = network_of(asked), None
        if self._options.steps:
            steps = max(1, self._options.steps // self._options.rounds)
            learning = replace(self._options, steps=steps)
            school = School(asked, ctc_model(asked.model, UNLEARNT), learning)
        found: list[tuple[float, onnx.ModelProto, Compressed]] = []
        for number in range(1 if asked.budget is None else TRIES):
            options = replace(self._options, ratio=self._options.ratio / 2**number)
            tell = partial(_tell, progress, asked.model.spec.name, options)
            model, notes = _in_rounds(source, asked, school, options, tell)
            write(model, folder)
            made = Compressed(MODEL, "onnx", "fp32", notes)
            if asked.budget is None:
                return made
            tell(0.95, "measuring what it loses")
            lost = asked.before() - asked.measure(folder, made)
            found.append((lost, model, made))
            if lost <= asked.budget:
                return made
        _, model, made = min(found, key=lambda one: one[0])
        write(model, folder)
        return made


def _in_rounds(
    source: onnx.ModelProto,
    asked: Compression,
    school: School | None,
    options: PruneOptions,
    tell: Tell,
) -> tuple[onnx.ModelProto, tuple[str, ...]]:
    """The network without channels, of which each round has removed the same share, and notes."""
    share = 1 - (1 - options.ratio) ** (1 / options.rounds)
    model, notes = source, tuple[str, ...]()
    for _ in range(options.rounds):
        model, told = _pruned(model, asked, school, replace(options, ratio=share), tell)
        notes += told
    return model, notes


def _pruned(
    source: onnx.ModelProto,
    asked: Compression,
    school: School | None,
    options: PruneOptions,
    tell: Tell,
) -> tuple[onnx.ModelProto, tuple[str, ...]]:
    """The network without channels, after it has learnt in the school, and notes on that."""
    from ocrx_training.compressing.networks import ctc_model, in_torch, inputs, picture, with_learnt
    from ocrx_training.finetuning.network import OnnxNetwork
    from ocrx_training.pruning.products import moments
    from ocrx_training.pruning.refitting import refit
    from ocrx_training.pruning.removing import Cut, prune

    tell(0.0, "following channels")
    worth = None
    if options.importance == "taylor" and school is not None:
        family = ctc_model(asked.model)
        worth = school.worth(in_torch(source, family, OnnxNetwork, UNLEARNT))
    name = asked.model.spec.name
    known = moments(source, inputs(asked), name)
    given = known if options.importance == "obs" else None
    cut = Cut(options.ratio, options.scope, options.importance, options.multiple, worth, given)
    tell(0.0, "choosing channels")
    pruned = prune(source, picture(asked), cut, name)
    tell(0.0, "fitting the weights that are left")
    refit(source, pruned, known)
    note = f"{pruned.removed} of {pruned.channels} channels removed (ratio {options.ratio:.3g})"
    if school is None:
        return pruned.model, (note, "nothing was learnt after that")
    network = in_torch(pruned.model, ctc_model(asked.model), OnnxNetwork, UNLEARNT)
    best, told = school.teach(network, tell)
    return with_learnt(pruned.model, best), (note, told)


def _tell(progress: Progress, name: str, options: PruneOptions, done: float, what: str) -> None:
    whose = "operations" if options.scope == "operations" else "channels"
    progress(done, f"{name} without {options.ratio:.0%} of its {whose}: {what}")
