"""A small network learns to read as a large one does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ocrx.errors import UsageError
from ocrx.interfaces.compression import Compression
from ocrx.interfaces.networks import CtcModel
from ocrx_training.charset import Charset
from ocrx_training.compressing.networks import ctc_model
from ocrx_training.compressing.options import LearningOptions
from ocrx_training.compressing.teacher import Teacher, aligned
from ocrx_training.finetuning.dataset import ChangedExamples, learnt_text
from ocrx_training.finetuning.examples import Encoder, Example
from ocrx_training.finetuning.lessons import Known, told
from ocrx_training.finetuning.network import OnnxNetwork
from ocrx_training.finetuning.settings import FineTuning
from ocrx_training.finetuning.tuner import Tuner
from ocrx_training.learning.batches import POOL, Lines
from ocrx_training.learning.checkpoints import Point
from ocrx_training.learning.losses import ctc

LEAST = 8
"""Lines with a text that there must be, to learn from and to choose by."""

JUDGED = 5
"""Every so many of the lines with a text chooses among what was learnt."""

BATCHES = 16
"""How many batches tell what weights are worth."""

VALIDATIONS = 8

Network = TypeVar("Network", bound=nn.Module)

Tell = Callable[[float, str], None]
"""Is told the share that is done, and what is being done."""


class TaughtLessons:
    """Batches as the student's model encodes them, with what the teacher says of the pictures."""

    def __init__(
        self, model: CtcModel, charset: Charset, student: nn.Module, teacher: Teacher
    ) -> None:
        self._model, self._student, self._teacher = model, student, teacher
        self._encoder = Encoder(model, charset)
        self._charset = charset
        self._steps: dict[int, int] = {}

    def training(self, examples: Sequence[Example], random: np.random.Generator) -> list[Known]:
        return [
            self._known(part, padding) for part, padding in self._encoder.parts(examples, random)
        ]

    def reading(self, examples: Sequence[Example], size: int) -> list[Lines]:
        return self._encoder.reading(examples, size)

    def _known(self, part: Sequence[Example], padding: int) -> Known:
        lines = self._encoder.batch(part, padding)
        width = lines.pictures.shape[3]
        steps = self._steps.get(width) or self._counted(lines.pictures[:1])
        shown = [self._share(one, width) for one in part]
        says = self._teacher.says([one.picture for one in part], padding, self._charset)
        return Known(lines, told(torch.from_numpy(aligned(says, steps, shown))))

    def _counted(self, picture: torch.Tensor) -> int:
        """How many steps the student makes of an input."""
        self._student.eval()
        with torch.no_grad():
            steps = int(self._student(picture).shape[1])
        self._student.train()
        self._steps[picture.shape[3]] = steps
        return steps

    def _share(self, example: Example, width: int) -> float:
        """The share of an input of that width that a picture fills."""
        height, wide = example.picture.shape[:2]
        rows = self._model.shape(height, wide)[0]
        return min(1.0, float(wide * rows / height / width))


class School:
    """Where networks learn from a user's lines and from the original.

    `model` encodes pictures for the networks, and has their charset. Lines without a text, or with
    one that it cannot write, are learnt from the original alone. Raises UsageError for an original
    without a CTC network, and for too few lines with a text.
    """

    def __init__(self, asked: Compression, model: CtcModel, options: LearningOptions) -> None:
        self._asked, self._model, self._options = asked, model, options
        self._charset = Charset("".join(model.charset))
        original, artifact = asked.original
        self._teacher = Teacher(ctc_model(original), artifact)
        known: list[Example] = []
        plain: list[Example] = []
        for picture, text in asked.lines():
            folded = learnt_text(text, self._charset)
            if folded and set(folded) <= set(self._charset.characters):
                known.append(Example(picture, folded))
            else:
                plain.append(Example(picture, ""))
        if len(known) < LEAST:
            raise UsageError(
                f"{len(known)} lines have a text that {model.spec.name} can write, too few to "
                "learn from",
                f"Give at least {LEAST}, and better some hundreds; `ocrx synth` draws them.",
            )
        self._learnt = [one for place, one in enumerate(known) if place % JUDGED] + plain
        self._judged = known[::JUDGED]
        self._plain = len(plain)

    def worth(self, network: OnnxNetwork) -> dict[str, NDArray[np.float32]]:
        """What each weight is worth: how much the loss would change without it, to first order
        (P. Molchanov and others, 2019, arXiv:1906.10771), on average over BATCHES batches."""
        held = network.by_name()
        found = {name: np.zeros(weight.shape, np.float32) for name, weight in held.items()}
        encoder, size = Encoder(self._model, self._charset), self._options.batch
        labelled = [one for one in self._learnt if one.text][: size * BATCHES]
        for lines in encoder.reading(labelled, size):
            network.zero_grad()
            ctc(lines, network(lines.pictures), guided=0).backward()
            for name, weight in zip(network.names, network.weights, strict=True):
                if weight.grad is not None:
                    change = (weight.detach() * weight.grad).abs() * len(lines.texts)
                    found[name] += change.numpy()
        return found

    def teach(self, network: Network, tell: Tell) -> tuple[Network, str]:
        """The network, which gives logits, at its best, and a note on what it has learnt."""
        options, charset, seed = self._options, self._charset, self._asked.seed

        def point(reached: Point) -> None:
            wrong = f"{reached.characters:.1%} of characters wrong"
            tell(reached.step / options.steps, f"step {reached.step} of {options.steps}, {wrong}")

        lessons = TaughtLessons(self._model, charset, network, self._teacher)
        examples = ChangedExamples(len(self._learnt), self._learnt.__getitem__, seed)
        with TemporaryDirectory(prefix="ocrx-learn-") as folder:
            settings, name = _settings(options, seed), self._model.spec.name
            tuner = Tuner(Path(folder), settings, network, charset, name)
            tuner.train(examples, self._judged, lessons, point)
            best = tuner.best_network()
        first = tuner.state.history[0].characters
        without = f", {self._plain} of them without a usable text" if self._plain else ""
        return best, (
            f"learnt {tuner.state.step} batches of {options.batch} from {len(self._learnt)} "
            f"lines{without}: of the characters of {len(self._judged)} others {first:.1%} were "
            f"wrong before, {tuner.state.best:.1%} after"
        )


def _settings(options: LearningOptions, seed: int) -> FineTuning:
    return FineTuning(
        steps=options.steps,
        batch=options.batch,
        learning_rate=options.learning_rate,
        distillation=options.distillation,
        warm_up=min(20, options.steps // 10),
        reuse=2,
        kept=POOL * options.batch,
        seed=seed,
        threads=options.threads,
        validate_every=max(1, options.steps // VALIDATIONS),
        save_every=options.steps,
        patience=VALIDATIONS + 1,
    )
