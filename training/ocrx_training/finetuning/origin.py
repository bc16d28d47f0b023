"""The recogniser to begin with: its model, its network, and its head cut to a charset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import onnx
import torch

from ocrx.artifacts import Artifact, Source
from ocrx.errors import UsageError
from ocrx.interfaces.networks import CtcModel
from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.names import Precision
from ocrx.reading.assembly import Assembly
from ocrx.types import Tensor
from ocrx_training.charset import Charset
from ocrx_training.finetuning.files import Head, cut_head, find_head, read_network
from ocrx_training.finetuning.network import OnnxNetwork
from ocrx_training.finetuning.splitting import split

Lower: TypeAlias = Callable[[Tensor], Tensor]
"""Encoded pictures, float32 (N, channels, H, W), to what the upper part takes."""


@dataclass(frozen=True)
class Origin:
    """A recogniser with a CTC network: its model, its file, and the network in it."""

    reference: str
    model: CtcModel
    artifact: Artifact
    network: onnx.ModelProto
    head: Head

    @property
    def charset(self) -> Sequence[str]:
        """The characters of its classes 1, 2, ..."""
        return self.model.charset

    def cut(self, charset: Charset, share: float) -> Parts:
        """Its network with a head for another charset, in two parts. Raises UsageError for a
        charset with characters that it does not know."""
        return self._with_classes(self._classes(charset.characters), share)

    def teacher(self, charset: Charset, share: float) -> Teacher:
        """What its upper part says of the characters of another charset."""
        known = self._places()
        folded = {one: charset.folded(one) for one in known}
        kept = [one for one, to in folded.items() if len(to) == 1]  # not the ß, which is SS
        target = [0, *(charset.characters.index(folded[one]) + 1 for one in kept)]
        network = self._with_classes([0, *(known[one] for one in kept)], share).upper
        return Teacher(network.eval(), torch.tensor(target), charset.classes)

    @contextmanager
    def opened(
        self, part: onnx.ModelProto, assembly: Assembly, precision: Precision = "auto"
    ) -> Iterator[Lower]:
        """What runs a part of the network, on the fastest runtime."""
        with TemporaryDirectory(prefix="ocrx-train-") as folder:
            path = Path(folder, self.artifact.path.name)
            onnx.save(part, str(path))
            spec = replace(self.model.spec, artifacts={"onnx": Source(path.name, path=path)})
            artifact = replace(self.artifact, path=path, spec=spec)
            runtime = assembly.runtime(spec, "auto")
            with closing(runtime.open(artifact, SessionOptions(precision=precision))) as session:
                yield partial(_run, session)

    @contextmanager
    def opened_lower(
        self, parts: Parts, assembly: Assembly, precision: Precision = "auto"
    ) -> Iterator[Lower]:
        """What runs the lower part; if there is none, it returns what it is given."""
        if parts.lower is None:
            yield lambda pictures: pictures
            return
        with self.opened(parts.lower, assembly, precision) as lower:
            yield lower

    def _places(self) -> dict[str, int]:
        """The class of each character."""
        return {one: place for place, one in enumerate(self.charset, 1)}

    def _classes(self, characters: str) -> list[int]:
        known = self._places()
        strange = [one for one in characters if one not in known]
        if strange:
            raise UsageError(
                f"{self.reference} does not know the characters {''.join(strange)}",
                "Leave them out of the charset, or begin with a recogniser that knows them.",
            )
        return [0, *(known[one] for one in characters)]

    def _with_classes(self, classes: Sequence[int], share: float) -> Parts:
        whole = onnx.ModelProto()
        whole.CopyFrom(self.network)
        cut_head(whole, self.head, classes)
        lower, upper = split(whole, share)
        return Parts(whole, lower, OnnxNetwork(upper, self.head, self.artifact.path.name))


@dataclass(frozen=True)
class Parts:
    """A network as a file, its lower part as a file, None if there is none, and its upper part,
    which learns."""

    whole: onnx.ModelProto
    lower: onnx.ModelProto | None
    upper: OnnxNetwork


@dataclass(frozen=True)
class Teacher:
    """The recogniser as it was. `target` has the class of the new charset for each of its own."""

    network: OnnxNetwork
    target: torch.Tensor
    classes: int

    def __call__(self, features: torch.Tensor) -> torch.Tensor:
        """Probabilities of the new charset's classes, float32 (N, T, classes)."""
        with torch.no_grad():
            own: torch.Tensor = self.network(features).softmax(2)
            told = own.new_zeros((*own.shape[:2], self.classes))
            told.index_add_(2, self.target, own)
            return told


def open_origin(assembly: Assembly, reference: str) -> Origin:
    """The recogniser of that name. Raises UsageError for one without a CTC network, and what
    finding, converting and reading its file raises."""
    model = assembly.network("recognizer", reference)
    if not isinstance(model, CtcModel):
        raise UsageError(
            f"the recogniser {reference!r} has no network that CTC can train",
            "Give one of the families that have, such as paddle or easyocr.",
        )
    torch_backend = assembly.backend("torch")
    artifacts = assembly.artifacts(model, torch_backend, SessionOptions(precision="fp32"))
    artifact = artifacts[""]
    network = read_network(artifact.path)
    head = find_head(network, len(model.charset) + 1, reference)
    return Origin(reference, model, artifact, network, head)


def _run(session: Session, pictures: Tensor) -> Tensor:
    (name,) = (one.name for one in session.inputs)
    outputs = list(session.run({name: pictures}).values())
    return outputs[0]
