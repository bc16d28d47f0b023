"""Each rule of the suite for NetworkModels fails on a model that breaks it, and on no sound one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrx.artifacts import Axis, ShapeProfile
from ocrx.interfaces.runtimes import Backend
from ocrx.names import Task
from ocrx.testing import LINE, NetworkModelContract
from ocrx.types import Batch, Image, Orientation, Region, Text, frozen_quad
from support.sound_components import SoundBackend
from support.sound_models import SoundModel, strokes
from support.suite_runner import breaks, failures, rules_of

pytestmark = pytest.mark.slow


class SoundModelContract(NetworkModelContract):
    def backend(self) -> Backend:
        return SoundBackend()

    def pictures(self) -> list[Image]:
        return [strokes(1), strokes(3)[:, :120], strokes(4)]

    def expected(self) -> list[tuple[Image, Any]]:
        return [(strokes(count), "|" * count) for count in (1, 3)]


def spec(**changes: Any) -> Callable[[SoundModel], None]:
    """An __init__ that gives the model another spec."""

    def init(self: SoundModel) -> None:
        self.spec = replace(LINE.spec(), **changes)

    return init


def shapes(*dimensions: Any, name: str = "picture") -> Callable[[SoundModel], None]:
    profile: ShapeProfile = {name: dimensions}
    return spec(shapes=profile)


BATCH = Axis(1, 2, 8)
WIDTH = Axis(8, 32, 256, 8)


def encoding(change: Callable[[Batch], Batch]) -> Any:
    def encode(self: SoundModel, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        return change(SoundModel.encode(self, images, shape))

    return encode


def fed(change: Callable[[Any], Any], name: str = "picture") -> Any:
    """An encode whose one input is changed, or called something else."""
    return encoding(lambda batch: Batch({name: change(batch.feeds["picture"])}, batch.context))


def drifting(self: SoundModel, height: int, width: int) -> tuple[int, int]:
    """A shape that is a bucket larger than what was given."""
    return 8, min(256, SoundModel.shape(self, height, width)[1] + 8)


def scribble(self: SoundModel, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
    for image in images:
        image[0, 0] = 0
    return SoundModel.encode(self, images, shape)


def blind_to_views(self: SoundModel, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
    read = [image if image.flags.c_contiguous else np.full_like(image, 255) for image in images]
    return SoundModel.encode(self, read, shape)


def fussy(self: SoundModel, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
    if min(min(image.shape[:2]) for image in images) < 3:
        raise ValueError("too small")
    return SoundModel.encode(self, images, shape)


def mixing(self: SoundModel, outputs: Any, batch: Batch) -> list[Any]:
    """The first picture's result for all."""
    return [self.one(outputs["scores"][:, :, :].max(axis=(0, 2)))] * len(batch.context)


class Remembering(SoundModel):
    """Keeps what it encodes on itself, and decodes it too late in another thread."""

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        self.ink = [int((image < 128).sum()) for image in images]
        return super().encode(images, shape)

    def decode(self, outputs: Any, batch: Batch) -> list[Any]:
        return [Text.uniform("|" * (ink % 7), 0.9) for ink in self.ink]


def mutant(changes: dict[str, Any]) -> Callable[[], SoundModel]:
    return type("BrokenModel", (SoundModel,), changes)


def box(**changes: Any) -> list[Region]:
    parts: dict[str, Any] = {"quad": frozen_quad([[0, 0], [9, 0], [9, 9], [0, 9]]), "score": 0.9}
    return [Region(**(parts | changes))]


def giving(result: Any, task: Task = "recognition") -> dict[str, Any]:
    return {"__init__": spec(task=task), "one": lambda self, seen: result}


TOO_FEW = {"decode": lambda self, outputs, batch: SoundModel.decode(self, outputs, batch)[:-1]}

MUTANTS: list[tuple[str, str, dict[str, Any]]] = [
    ("its_spec_is_complete", "no name", {"__init__": spec(name="")}),
    ("its_spec_is_complete", "no shapes", {"__init__": spec(shapes={})}),
    ("its_spec_is_complete", "another input", {"__init__": shapes(BATCH, 1, 8, WIDTH, name="x")}),
    ("its_spec_is_complete", "an axis too few", {"__init__": shapes(BATCH, 8, WIDTH)}),
    ("its_spec_is_complete", "another height", {"__init__": shapes(BATCH, 1, 9, WIDTH)}),
    ("its_spec_is_complete", "a free height", {"__init__": shapes(BATCH, 1, WIDTH, WIDTH)}),
    (
        "its_spec_is_complete",
        "no multiple",
        {"__init__": shapes(BATCH, 1, 8, Axis(8, 32, 250, 8))},
    ),
    ("its_limits_are_numbers", "no batch", {"max_batch": 0}),
    ("its_limits_are_numbers", "half a batch", {"max_batch": 1.5}),
    ("its_limits_are_numbers", "no area", {"max_area": 0}),
    ("a_shape_is_a_bucket_of_the_profile", "a list", {"shape": lambda self, h, w: [8, 32]}),
    ("a_shape_is_a_bucket_of_the_profile", "a float", {"shape": lambda self, h, w: (8.0, 32.0)}),
    ("a_shape_is_a_bucket_of_the_profile", "any width", {"shape": lambda self, h, w: (8, w)}),
    ("a_shape_is_a_bucket_of_the_profile", "too wide", {"shape": lambda self, h, w: (8, 512)}),
    ("a_shape_is_a_bucket_of_the_profile", "another input", {"encode": fed(lambda x: x, "x")}),
    ("a_picture_of_a_bucket_s_shape_needs_no_larger_one", "drifting", {"shape": drifting}),
    ("the_network_takes_what_it_encodes", "float64", {"encode": fed(lambda x: x * np.float64(1))}),
    ("the_network_takes_what_it_encodes", "another input", {"encode": fed(lambda x: x, "x")}),
    ("the_network_takes_what_it_encodes", "one row", {"encode": fed(lambda x: x[:1])}),
    (
        "the_network_takes_what_it_encodes",
        "one context",
        {"encode": encoding(lambda batch: Batch(batch.feeds, [None]))},
    ),
    ("a_result_of_its_task_for_each_picture", "too few", TOO_FEW),
    ("a_result_of_its_task_for_each_picture", "a string", giving("text")),
    ("a_result_of_its_task_for_each_picture", "text of an orienter", giving(Text(), "orientation")),
    ("a_result_of_its_task_for_each_picture", "text of a detector", giving(Text(), "detection")),
    (
        "a_result_of_its_task_for_each_picture",
        "an eighth",
        giving(Orientation(45, 0.5), "orientation"),
    ),
    ("a_result_of_its_task_for_each_picture", "a score", giving(box(score=9.0), "detection")),
    ("odd_pictures_do_no_harm", "fussy", {"encode": fussy}),
    ("a_picture_gives_the_same_alone_and_in_a_batch", "mixing", {"decode": mixing}),
    ("pictures_stay_as_they_are", "scribbling", {"encode": scribble}),
    ("views_of_a_picture_will_do", "blind", {"encode": blind_to_views}),
    (
        "what_is_undecided_is_in_the_batch",
        "beyond",
        {"undecided": lambda self, outputs, batch: [len(batch.context)]},
    ),
    (
        "what_is_undecided_is_in_the_batch",
        "twice",
        {"undecided": lambda self, outputs, batch: [0, 0]},
    ),
    ("it_gives_what_is_expected", "nothing", giving(Text())),
    ("it_gives_what_is_expected", "always the same", giving(Text.uniform("|", 0.9))),
]


def test_a_sound_model_passes(tmp_path: Path) -> None:
    assert failures(SoundModelContract, SoundModel, tmp_path) == set()


@pytest.mark.parametrize(
    ("rule", "changes"),
    [pytest.param(rule, changes, id=f"{rule}: {name}") for rule, name, changes in MUTANTS],
)
def test_a_fault_is_caught(rule: str, changes: dict[str, Any], tmp_path: Path) -> None:
    assert breaks(SoundModelContract, f"test_{rule}", mutant(changes), tmp_path)


def test_a_model_that_keeps_a_batch_on_itself_is_caught(tmp_path: Path) -> None:
    rule = "test_threads_get_what_one_thread_gets"
    assert breaks(SoundModelContract, rule, Remembering, tmp_path)


def test_expected_answers_must_differ(tmp_path: Path) -> None:
    class Same(SoundModelContract):
        def expected(self) -> list[tuple[Image, Any]]:
            return [(strokes(2), "||")] * 2

    assert failures(Same, SoundModel, tmp_path) == {"test_it_gives_what_is_expected"}


def test_every_rule_has_its_mutant() -> None:
    tried = {f"test_{rule}" for rule, _, _ in MUTANTS} | {"test_threads_get_what_one_thread_gets"}
    assert set(rules_of(SoundModelContract)) == tried
