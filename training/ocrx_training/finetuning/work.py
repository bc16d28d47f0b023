"""What `ocrx train --from` does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import onnx
import torch

from ocrx.errors import UsageError
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.weights.store import Store
from ocrx_training.charset import CODES, Charset
from ocrx_training.files import write_whole
from ocrx_training.finetuning.dataset import (
    ChangedExamples,
    Divided,
    check_labels,
    divide,
    divide_with,
    labelled_examples,
    learnt_text,
    read_labelled,
)
from ocrx_training.finetuning.examples import DrawnExamples, Encoder, Example, drawn_examples
from ocrx_training.finetuning.lessons import OwnLessons
from ocrx_training.finetuning.mixing import copied, keep_what_is_needed
from ocrx_training.finetuning.origin import Origin, Parts, open_origin
from ocrx_training.finetuning.report import Report, folding_for, quality_of
from ocrx_training.finetuning.settings import FineTuning
from ocrx_training.finetuning.tuner import Tuner
from ocrx_training.finetuning.written import check_same_output, halved, network_file
from ocrx_training.learning.checkpoints import Point

MODEL = "model.onnx"
CHECKED = 4
"""Pictures with which the file is compared with the network."""

Say = Callable[[str], None]
"""Shows a line to the user."""


@dataclass(frozen=True)
class Data:
    """A dataset to learn from, and one to report on; None to hold a part of the first out."""

    path: Path
    test: Path | None = None


def fine_tune(folder: Path, settings: FineTuning, data: Data | None, say: Say) -> Path:
    """Train the recogniser on, in a folder that exists; the path of the new one.

    Without `data` it learns from drawn pictures. What was reached in the folder is gone on from.
    Raises UsageError, InputError, OutputError, and what opening the recogniser raises.
    """
    options = {"recognizer": settings.options}
    assembly = Assembly(load_plugins(), Store(), options=options, layout="line")
    origin = open_origin(assembly, settings.recognizer)
    divided = None if data is None else _divided(data, settings, say)
    charset = charset_named(settings.charset, origin, divided)
    parts = origin.cut(charset, settings.trained)
    name = f"{settings.trained} of {origin.reference} ({origin.model.spec.name})"
    before = copied(parts.upper)
    tuner = Tuner(folder, settings, parts.upper, charset, name)
    teacher = origin.teacher(charset, settings.trained)
    examples, judged = _examples(settings, charset, divided)
    if tuner.state.step:
        say(f"goes on from step {tuner.state.step:,}")
    with origin.opened_lower(parts, assembly) as lower:
        lessons = OwnLessons(Encoder(origin.model, charset), lower, teacher)
        tuner.train(examples, judged, lessons, lambda point: say(_told(point, settings)))
        best, lines = tuner.best_network(), lessons.reading(judged, settings.batch)
        wrong = partial(tuner.wrong, lines)
        share = keep_what_is_needed(best, before, wrong, settings.tolerance)
    if share < 1:
        say(f"{share:.0%} of what was learnt is enough, so the weights go back by the rest")
    trained = replace(parts, upper=best.eval())
    kept = _file(trained, charset, origin, judged[:CHECKED], assembly)
    path = folder / MODEL
    write_whole(path, (halved(kept) if settings.half else kept).SerializeToString())
    if divided is not None:
        folding, reported = folding_for(charset), divided.reported
        old = quality_of(settings.recognizer, settings.options, reported, folding)
        new = quality_of(str(path), settings.options, reported, folding)
        for line in Report(old, new).lines():
            say(line)
    return path


def charset_named(asked: str, origin: Origin, divided: Divided | None) -> Charset:
    """The charset of the new recogniser. `asked` has its characters, or is "codes", "data" for
    those of the labels, or "" for those of the recogniser as it is. The space comes last.

    Raises UsageError for a charset that the recogniser does not know, InputError for labels with
    other characters.
    """
    everything = [] if divided is None else [*divided.learnt, *divided.judged, *divided.reported]
    if asked == "data":
        if not everything:
            raise UsageError("there is no data to take the charset from", "Give --data.")
        asked = "".join(sorted({char for one in everything for char in one.sample.text}))
    elif asked == "codes":
        asked = CODES
    characters = asked or "".join(origin.charset)
    if " " in characters:
        characters = characters.replace(" ", "") + " "
    charset = Charset(characters)
    check_labels(everything, charset)
    return charset


def _divided(data: Data, settings: FineTuning, say: Say) -> Divided:
    labelled = read_labelled(data.path, say)
    if data.test is None:
        divided = divide(labelled, settings.held_out, settings.seed)
    else:
        divided = divide_with(labelled, read_labelled(data.test, say), settings.seed)
    learnt, judged, reported = map(len, (divided.learnt, divided.judged, divided.reported))
    say(f"{learnt} pictures to learn from, {judged} to choose by, {reported} held out to report on")
    return divided


def _examples(
    settings: FineTuning, charset: Charset, divided: Divided | None
) -> tuple[ChangedExamples | DrawnExamples, list[Example]]:
    """What is learnt from, and what chooses among checkpoints."""
    if divided is not None:
        judged = [
            Example(one.picture(), learnt_text(one.sample.text, charset)) for one in divided.judged
        ]
        return labelled_examples(divided.learnt, charset, settings.seed), judged
    if not settings.synth:
        raise UsageError(
            "there is nothing to learn from",
            "Give --data DATASET, or a --config with [[synth]], which says what to draw.",
        )
    drawn = drawn_examples(settings.validation, charset, settings.validation_pictures)
    return DrawnExamples(settings.synth, charset, settings.seed), drawn


def _file(
    parts: Parts,
    charset: Charset,
    origin: Origin,
    examples: Sequence[Example],
    assembly: Assembly,
) -> onnx.ModelProto:
    """The network as a file, compared with the one in PyTorch."""
    network = parts.upper
    model = network_file(parts.whole, network.by_name(), origin, charset)
    lines = Encoder(origin.model, charset).reading(examples, CHECKED)[0]
    with origin.opened_lower(parts, assembly, "fp32") as lower, torch.inference_mode():
        features = torch.from_numpy(lower(lines.pictures.numpy()))
        expected = network(features).softmax(2).numpy()
    with origin.opened(model, assembly, "fp32") as run:
        check_same_output(run, lines.pictures.numpy(), expected)
    return model


def _told(point: Point, settings: FineTuning) -> str:
    read = f"{point.characters:.1%} of characters, {point.lines:.1%} of lines"
    loss = "" if math.isnan(point.loss) else f"  loss {point.loss:.3f}"
    return f"step {point.step:,} of {settings.steps:,}{loss}  wrong: {read}"
