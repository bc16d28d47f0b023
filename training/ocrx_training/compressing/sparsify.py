"""`sparsify`: a network some of whose weights are zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocrx.interfaces.compression import Compressed, Compression, Compressor
from ocrx.interfaces.conversion import Progress
from ocrx.interfaces.runtimes import Availability
from ocrx_training.compressing.needs import available
from ocrx_training.compressing.options import SparsifyOptions

if TYPE_CHECKING:
    from ocrx_training.pruning.sparsity import Masks


class Sparsify(Compressor):
    """Makes the smallest weights zero, in rounds, and has the rest learn after each."""

    name = "sparsify"

    def __init__(self, options: SparsifyOptions) -> None:
        self._options = options
        self.settings: Mapping[str, Any] = asdict(options)

    def probe(self) -> Availability:
        return available()

    def compress(self, asked: Compression, folder: Path, progress: Progress) -> Compressed:
        """As its interface says. With a budget, the last round that keeps it stays, or the
        first."""
        from ocrx_training.compressing.networks import (
            MODEL,
            ctc_model,
            in_torch,
            network_of,
            with_learnt,
            write,
        )
        from ocrx_training.compressing.teaching import School
        from ocrx_training.pruning.sparsity import Masked

        options, name = self._options, asked.model.spec.name
        model, family = network_of(asked), ctc_model(asked.model)
        each = replace(options, steps=-(-options.steps // options.rounds))
        school = School(asked, family, each) if options.steps else None
        network = in_torch(model, family, Masked)
        before: Compressed | None = None
        kept = model
        for number in range(options.rounds):
            share = options.share(number)

            def tell(done: float, what: str, share: float = share, number: int = number) -> None:
                total = (number + min(done, 1.0)) / options.rounds
                progress(total, f"{name} with {share:.0%} of zeros: {what}")

            tell(0.0, "choosing weights")
            masks = self._masks(model, network.by_name(), share)
            network.mask(masks)
            notes = [_told(masks)]
            if school is not None:
                network, told = school.teach(network, tell)
                notes.append(told)
            made = Compressed(MODEL, "onnx", "fp32", tuple(notes))
            now = with_learnt(model, network)
            write(now, folder)
            if asked.budget is not None:
                tell(0.95, "measuring what it loses")
                lost = asked.before() - asked.measure(folder, made)
                if lost > asked.budget and before is not None:
                    write(kept, folder)
                    return before
                if lost > asked.budget:
                    return made
            before, kept = made, now
        return made

    def _masks(self, model: Any, weights: Mapping[str, Any], share: float) -> Masks:
        from ocrx_training.pruning.sparsity import smallest_gone, summed_axes, two_of_four

        axes = summed_axes(model)
        found = {name: weights[name].numpy() for name in axes if name in weights}
        if self._options.pattern == "2:4":
            return two_of_four(found, axes)
        return smallest_gone(found, share)


def _told(masks: Masks) -> str:
    gone = sum(int((~mask).sum()) for mask in masks.values())
    count = sum(mask.size for mask in masks.values())
    return f"{gone:,} of {count:,} weights of {len(masks)} constants are zero"
