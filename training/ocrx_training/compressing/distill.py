"""`distill`: a smaller network that has learnt to read as a larger one does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ocrx.errors import UsageError
from ocrx.interfaces.compression import Compressed, Compression, Compressor
from ocrx.interfaces.conversion import Progress
from ocrx.interfaces.runtimes import Availability
from ocrx_training.compressing.needs import available
from ocrx_training.compressing.options import DistillOptions

if TYPE_CHECKING:
    from ocrx_training.compressing.teaching import Tell


class Distill(Compressor):
    """Has a student learn from the model that the chain began with."""

    name = "distill"

    def __init__(self, options: DistillOptions) -> None:
        self._options = options
        self.settings: Mapping[str, Any] = asdict(options)

    def probe(self) -> Availability:
        return available()

    def compress(self, asked: Compression, folder: Path, progress: Progress) -> Compressed:
        """As its interface says. Raises UsageError if there is no student."""
        tell: Tell = partial(_tell, progress, asked.original[0].spec.name)
        if self._options.architecture:
            return self._from_nothing(asked, folder, tell)
        return self._from_student(asked, folder, tell)

    def _from_student(self, asked: Compression, folder: Path, tell: Tell) -> Compressed:
        """What the compressor before has made learns, or another model."""
        from ocrx_training.compressing.networks import (
            MODEL,
            ctc_model,
            in_torch,
            tidy_network,
            with_learnt,
            write,
        )
        from ocrx_training.compressing.rounding import Rounded
        from ocrx_training.compressing.teaching import School
        from ocrx_training.finetuning.network import OnnxNetwork

        levels, reference = self._options.levels, self._options.student
        model, artifact = asked.find(reference) if reference else (asked.model, asked.artifact)
        if artifact.path == asked.original[1].path and not levels:
            raise UsageError(
                f"{model.spec.name} cannot be its own student",
                "Prune it before (--method prune,distill), or name a smaller one with --set "
                "compressor.distill.student=NAME, or --set compressor.distill.architecture=crnn, "
                "or --set compressor.distill.rounding=int8.",
            )
        family, network = ctc_model(model), tidy_network(artifact)
        school = School(asked, family, self._options)
        kind = partial(Rounded, levels=levels) if levels else OnnxNetwork
        best, told = school.teach(in_torch(network, family, kind), tell)
        write(with_learnt(network, best), folder)
        return Compressed(MODEL, "onnx", "fp32", (told,), reference)

    def _from_nothing(self, asked: Compression, folder: Path, tell: Tell) -> Compressed:
        """A new network with the charset of the original."""
        import torch

        from ocrx_training.charset import Charset
        from ocrx_training.compressing.networks import MODEL, ctc_model
        from ocrx_training.compressing.teaching import School
        from ocrx_training.learning.architectures import NETWORKS
        from ocrx_training.learning.export import export_onnx

        name = self._options.architecture
        charset = Charset("".join(ctc_model(asked.original[0]).charset))
        torch.manual_seed(asked.seed)
        network = NETWORKS[name].make(charset.classes)
        with TemporaryDirectory(prefix="ocrx-distill-") as scratch:
            path = Path(scratch, MODEL)
            export_onnx(network, name, charset, path)
            model, _ = asked.find(f"{name}:{path}")  # it knows how to encode pictures
            school = School(asked, ctc_model(model), self._options)
            best, told = school.teach(network, tell)
        export_onnx(best, name, charset, folder / MODEL)
        count = sum(one.numel() for one in best.parameters())
        return Compressed(MODEL, "onnx", "fp32", (f"{count:,} parameters", told), name)


def _tell(progress: Progress, name: str, done: float, what: str) -> None:
    progress(done, f"learning from {name}: {what}")
