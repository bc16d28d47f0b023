"""`match`: a pruned network learns to compute what the original computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocrx.errors import UsageError
from ocrx.interfaces.compression import Compressed, Compression, Compressor
from ocrx.interfaces.conversion import Progress
from ocrx.interfaces.runtimes import Availability
from ocrx_training.compressing.needs import available
from ocrx_training.compressing.options import MatchOptions


class Match(Compressor):
    """Has what `prune` left learn from the original, on pictures without texts: recognisers and
    detectors."""

    name = "match"

    def __init__(self, options: MatchOptions) -> None:
        self._options = options
        self.settings: Mapping[str, Any] = asdict(options)

    def probe(self) -> Availability:
        return available()

    def compress(self, asked: Compression, folder: Path, progress: Progress) -> Compressed:
        """As its interface says. Raises UsageError for a network that was not made from the
        original by removing channels."""
        from ocrx_training.compressing.matching import Pair, matched
        from ocrx_training.compressing.networks import (
            MODEL,
            network_of,
            picture,
            tidy_network,
            with_learnt,
            write,
        )

        source, name = network_of(asked), asked.original[0].spec.name
        if asked.artifact.path == asked.original[1].path:
            raise UsageError(
                f"{name} has nothing to learn from itself",
                "Prune it before: --method prune,match.",
            )
        pair = Pair(tidy_network(asked.original[1]), source, picture(asked), name, self._options)
        network, told = matched(pair, asked, self._options, progress)
        write(with_learnt(source, network), folder)
        return Compressed(MODEL, "onnx", "fp32", (told,))
