"""The steps of training on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import nn

from ocrx_training.charset import Charset
from ocrx_training.finetuning.examples import Example, Examples
from ocrx_training.finetuning.lessons import Known, Lessons, Told
from ocrx_training.finetuning.settings import FineTuning
from ocrx_training.learning.batches import POOL, Lines
from ocrx_training.learning.checkpoints import BEST, LAST, Checkpoint, Point, check_same, load, save
from ocrx_training.learning.curves import write_curves
from ocrx_training.learning.state import State
from ocrx_training.learning.validation import validate

LONGEST_GRADIENT = 5.0
LEAST_RATE = 0.02
"""The share of the learning rate that is left at the end."""
CPU = torch.device("cpu")

Network = TypeVar("Network", bound=nn.Module)

Tell = Callable[[Point], None]
"""Is told each point of the curves as it is reached."""


class _Widened(nn.Module):
    """The network for features in fp16."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._network = network

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Its logits."""
        logits: torch.Tensor = self._network(features.float())
        return logits


class Tuner(Generic[Network]):
    """Trains a network, in a folder. What was reached there before is gone on from.

    The network takes the pictures of `Lessons`, and gives logits, float32 (N, T, classes). `name`
    is its name for checkpoints. Raises InputError for a folder with one of another network.
    """

    def __init__(
        self, folder: Path, settings: FineTuning, network: Network, charset: Charset, name: str
    ) -> None:
        self.folder, self.settings, self.charset = folder, settings, charset
        if settings.threads:
            torch.set_num_threads(settings.threads)
        self.network: Network = network
        self._identity = {
            **settings.as_values(),
            "network": name,
            "charset": charset.characters,
        }
        self._optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
        )
        self.state = State()
        if (folder / LAST).exists():
            self._go_on(load(folder / LAST))

    def train(
        self, examples: Examples, validation: Sequence[Example], lessons: Lessons, tell: Tell
    ) -> None:
        """Train until all steps are done, or until nothing gets better. What the network read of
        `validation` before the first step counts as a result too."""
        settings, state = self.settings, self.state
        judged = lessons.reading(validation, settings.batch)
        losses: list[float] = []
        if not state.step:
            self._judge(losses, judged, tell)
        for known in self._batches(examples, lessons):
            losses.append(self._learn(known))
            state.step += 1
            done = state.step == settings.steps
            if state.step % settings.validate_every == 0 or done:
                self._judge(losses, judged, tell)
            elif state.step % settings.save_every == 0:
                self._keep(LAST)
            if done or state.since >= settings.patience:
                break

    def best_network(self) -> Network:
        """The best network so far; the tuner's own, which takes its weights."""
        if (self.folder / BEST).exists():
            self.network.load_state_dict(load(self.folder / BEST).model)
        return self.network.eval()

    def wrong(self, judged: Sequence[Lines]) -> float:
        """The share of characters that the network reads wrongly at present."""
        return validate(_Widened(self.network), judged, self.charset, CPU).characters

    def _learn(self, known: Known) -> float:
        """Learn from a batch; its loss."""
        lines, told = known
        for group in self._optimizer.param_groups:
            group["lr"] = self.settings.rate(self.state.step, LEAST_RATE)
        scores = self.network(lines.pictures.float()).log_softmax(2)
        steps = torch.full((scores.shape[0],), scores.shape[1], dtype=torch.long)
        wrong = nn.functional.ctc_loss(
            scores.transpose(0, 1),
            lines.classes,
            steps,
            lines.lengths,
            reduction="none",
            zero_infinity=True,
        )
        texts = lines.lengths > 0
        loss = (wrong / lines.lengths.clamp(min=1))[texts].sum() / texts.sum().clamp(min=1)
        loss = loss + self.settings.distillation * self._strayed(scores, told, lines.texts)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), LONGEST_GRADIENT)
        self._optimizer.step()
        return float(loss.detach())

    def _strayed(self, scores: torch.Tensor, told: Told, texts: Sequence[str]) -> torch.Tensor:
        """How far the distributions are from those of the teacher (the mean Kullback-Leibler
        divergence of a step), over the lines that it reads rightly, or whose text is not known."""
        read = self.charset.texts(told.classes[..., 0].tolist())
        right = [row for row, text in enumerate(read) if texts[row] in ("", text)]
        if not right:
            return scores.new_zeros(())
        learnt = scores[right].gather(2, told.classes[right].long())
        said = told.probabilities[right].float()
        return nn.functional.kl_div(learnt, said, reduction="none").sum(2).mean()

    def _batches(self, examples: Examples, lessons: Lessons) -> Iterator[Known]:
        """Batches from the present step on. Each is learnt from `reuse` times while the last `kept`
        are at hand."""
        settings = self.settings
        kept = deque[Known](maxlen=max(settings.kept // settings.batch, POOL))
        number = self.state.step // (POOL * settings.reuse)
        while True:
            random = np.random.default_rng([settings.seed, number])
            pool = examples.pool(number, POOL * settings.batch)
            fresh = lessons.training(pool, random)
            kept.extend(fresh)
            again = random.integers(len(kept), size=len(fresh) * (settings.reuse - 1))
            yield from fresh
            yield from (kept[place] for place in again)
            number += 1

    def _judge(self, losses: list[float], judged: Sequence[Lines], tell: Tell) -> None:
        """Validate, take a point of the curves, and keep the network, as the best if it is."""
        errors = validate(_Widened(self.network), judged, self.charset, CPU)
        point = self.state.add(losses, errors)
        write_curves(self.folder, self.state.history, self.settings.steps)
        tell(point)
        if self.state.improved(errors):
            self._keep(BEST)
        self._keep(LAST)

    def _keep(self, name: str) -> None:
        checkpoint = Checkpoint(
            self._identity,
            self.state.step,
            self.network.state_dict(),
            self._optimizer.state_dict(),
            {},
            tuple(self.state.history),
            self.state.best,
            self.state.since,
        )
        save(self.folder / name, checkpoint)

    def _go_on(self, checkpoint: Checkpoint) -> None:
        check_same(checkpoint, self._identity, self.folder)
        self.network.load_state_dict(checkpoint.model)
        self._optimizer.load_state_dict(checkpoint.optimizer)
        self.state = State.of(checkpoint)
