"""The steps of training, from the first or from a checkpoint on."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ocrx.errors import DeviceMissing, InputError, UsageError
from ocrx.system.text import printable
from ocrx_training.charset import Charset
from ocrx_training.learning.architectures import NETWORKS
from ocrx_training.learning.batches import (
    POOL,
    Line,
    Lines,
    batches,
    collated,
    drawn_lines,
    readable,
)
from ocrx_training.learning.changes import KEPT, changed
from ocrx_training.learning.checkpoints import BEST, LAST, Checkpoint, Point, check_same, load, save
from ocrx_training.learning.curves import write_curves
from ocrx_training.learning.export import export_onnx
from ocrx_training.learning.settings import Settings
from ocrx_training.learning.state import State
from ocrx_training.learning.validation import Errors, validate

LONGEST_GRADIENT = 5.0

LEAST_RATE = 0.002
"""The share of the learning rate that is left at the end."""

EASY = 6
"""Stages in which severity rises."""

Tell = Callable[[Point, Settings], None]
"""Is told each point of the curves as it is reached."""


class Trainer:
    """Trains a network in a folder. What was reached there before is gone on from.

    Raises UsageError for an unknown network, DeviceMissing for a device that is not there,
    InputError for a folder with a checkpoint of another network.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        if settings.network not in NETWORKS:
            raise UsageError(
                f"there is no network {settings.network!r}",
                f"Choose one of: {', '.join(NETWORKS)}.",
            )
        self.folder, self.settings = folder, settings
        self.charset = Charset(settings.charset)
        self.device = _device(settings.device)
        if settings.threads:
            torch.set_num_threads(settings.threads)
        torch.manual_seed(settings.seed)
        self._architecture = NETWORKS[settings.network]
        self.network = self._architecture.make(self.charset.classes).to(self.device)
        if settings.begin and not (folder / LAST).exists():
            take_over(self.network, Path(settings.begin))
        self.network.train()
        self._optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=self.device.type == "cuda",
        )
        self._mixed = self.device.type == "cuda"
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=self._mixed)
        self.state = State()
        if (folder / LAST).exists():
            self._go_on(load(folder / LAST))

    def train(self, tell: Tell) -> None:
        """Train until all steps are done, or until nothing gets better."""
        settings, state = self.settings, self.state
        validation = self._validation()
        losses: list[float] = []
        for lines in self._batches():
            losses.append(self._step(lines))
            state.step += 1
            done = state.step == settings.steps
            if state.step % settings.validate_every == 0 or done:
                errors = validate(self.network, validation, self.charset, self.device)
                self._point(losses, errors, tell)
                self._judge(errors)
            elif state.step % settings.save_every == 0:
                self._point(losses, None, tell)
                self._keep(LAST)
            if done or state.since >= settings.patience:
                break

    def export(self, path: Path) -> None:
        """Write the best network so far as an ONNX file. Raises what `export_onnx` raises."""
        best = self.folder / BEST
        weights = load(best).model if best.exists() else self.network.state_dict()
        network = self._architecture.make(self.charset.classes)
        network.load_state_dict(weights)
        export_onnx(network, self.settings.network, self.charset, path)

    def _step(self, lines: Lines) -> float:
        """Learn from a batch; its loss."""
        for group in self._optimizer.param_groups:
            group["lr"] = self.settings.rate(self.state.step, LEAST_RATE)
        with torch.autocast(self.device.type, torch.float16, enabled=self._mixed):
            logits = self.network(lines.pictures.to(self.device, non_blocking=True))
        guided = max(0.0, 1 - self.state.step / max(1, self.settings.guided))
        loss = self._architecture.loss(lines, logits.float(), guided)
        self._optimizer.zero_grad(set_to_none=True)
        self._scaler.scale(loss).backward()
        self._scaler.unscale_(self._optimizer)
        nn.utils.clip_grad_norm_(self.network.parameters(), LONGEST_GRADIENT)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        return float(loss.detach())

    def _batches(self) -> Iterator[Lines]:
        """The batches of the steps that are left: the same as if training had not stopped."""
        first, skipped = divmod(self.state.step, POOL)
        for number, lines in enumerate(self._pools(first), first):
            random = np.random.default_rng([self.settings.seed, number])
            found = batches(lines, self.charset, random)
            yield from found[skipped:] if number == first else found

    def _pools(self, first: int) -> Iterator[list[Line]]:
        """Lines for POOL batches each, from pool `first` on: those drawn for it, and a choice of
        those before them, all changed."""
        settings = self.settings
        count = POOL * settings.batch
        fresh = math.ceil(count / settings.reuse)
        kept = deque[Line](maxlen=max(settings.kept, fresh))
        begin = max(0, first - math.ceil(settings.kept / fresh))
        for number, lines in enumerate(self._drawn(begin, fresh), begin):
            kept.extend(lines)
            if number >= first:
                random = np.random.default_rng([settings.seed, 1, number])
                others = random.integers(len(kept), size=count - fresh).tolist()
                chosen = [*lines, *(kept[i] for i in others)]
                yield [changed(one, random) for one in chosen]

    def _drawn(self, first: int, count: int) -> Iterator[list[Line]]:
        """`count` lines for each pool from `first` on, of growing severity."""
        settings = self.settings
        for start, stop, severity in stages(settings, math.ceil(settings.steps / POOL)):
            begin = max(start, first)
            if begin >= stop:
                continue
            lines = drawn_lines(
                replace(settings.synth, severity=severity),
                self.charset,
                start=begin * count,
                count=(stop - begin) * count,
                processes=settings.processes,
                rows=KEPT,
            )
            for _ in range(begin, stop):
                yield list(islice(lines, count))

    def _validation(self) -> list[Lines]:
        count, size = self.settings.validation_pictures, 64
        drawn = drawn_lines(self.settings.validation, self.charset, start=0, count=count)
        lines = list(filter(readable, drawn))
        lines.sort(key=lambda one: one.picture.shape[1])
        return [collated(lines[i : i + size], self.charset) for i in range(0, len(lines), size)]

    def _point(self, losses: list[float], errors: Errors | None, tell: Tell) -> None:
        """Take a point of the curves, and draw them."""
        point = self.state.add(losses, errors)
        write_curves(self.folder, self.state.history, self.settings.steps)
        tell(point, self.settings)

    def _judge(self, errors: Errors) -> None:
        """Keep the network, as the best if it is."""
        if self.state.improved(errors):
            self._keep(BEST)
        self._keep(LAST)

    def _keep(self, name: str) -> None:
        checkpoint = Checkpoint(
            self.settings.as_values(),
            self.state.step,
            self.network.state_dict(),
            self._optimizer.state_dict(),
            self._scaler.state_dict(),
            tuple(self.state.history),
            self.state.best,
            self.state.since,
        )
        save(self.folder / name, checkpoint)

    def _go_on(self, checkpoint: Checkpoint) -> None:
        check_same(checkpoint, self.settings.as_values(), self.folder)
        self.network.load_state_dict(checkpoint.model)
        self._optimizer.load_state_dict(checkpoint.optimizer)
        if self._mixed and checkpoint.scaler:
            self._scaler.load_state_dict(checkpoint.scaler)
        self.state = State.of(checkpoint)


def take_over(network: nn.Module, path: Path) -> None:
    """Give the network the weights of a checkpoint that have the names and shapes of its own.

    Raises InputError for a file that is no checkpoint, or has no such weights.
    """
    own = network.state_dict()
    theirs = load(path).model
    alike = {key: one for key, one in theirs.items() if key in own and one.shape == own[key].shape}
    if not alike:
        raise InputError(
            f"{printable(str(path))} has no weights that the network has too",
            "Begin with another checkpoint, or from nothing.",
        )
    network.load_state_dict(alike, strict=False)


def stages(settings: Settings, end: int) -> list[tuple[int, int, float]]:
    """Ranges of pools up to `end`, each with how severe its pictures are: not at all at first, as
    asked after the easy steps."""
    full = settings.synth.severity
    bounds = [
        min(end, round(settings.easy_steps / POOL * number / EASY)) for number in range(EASY + 1)
    ]
    rising = [(bounds[number], bounds[number + 1], full * number / EASY) for number in range(EASY)]
    return [*rising, (bounds[-1], end, full)]


def _device(name: str) -> torch.device:
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise DeviceMissing("PyTorch sees no CUDA device", "Train with device = 'cpu'.")
    return torch.device("cuda" if there and name != "cpu" else "cpu")
