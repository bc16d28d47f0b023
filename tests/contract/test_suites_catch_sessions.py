"""Each rule of the session suite fails on a session that breaks it, and on no sound one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor, HostTensor
from ocrx.testing import SessionContract, Toy, checks
from ocrx.types import Tensor, TensorSpec
from support.sound_components import SoundBackend, SoundSession
from support.suite_runner import breaks, failures, rules_of

pytestmark = pytest.mark.slow


def backend_of(session: type[SoundSession]) -> Callable[[], SoundBackend]:
    return type("BackendOf" + session.__name__, (SoundBackend,), {"session": session})


class WrongSpecs(SoundSession):
    def __init__(self, toy: Toy, options: SessionOptions) -> None:
        super().__init__(toy, options)
        self.inputs = tuple(TensorSpec(i.name, (1,) * len(i.shape), i.dtype) for i in self.inputs)


class RenamedOutputs(SoundSession):
    def __init__(self, toy: Toy, options: SessionOptions) -> None:
        super().__init__(toy, options)
        self.outputs = tuple(replace(spec, name=f"{spec.name}:0") for spec in self.outputs)


class Inexact(SoundSession):
    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: x + 0.01 for name, x in super()._run(feeds).items()}


class DropsAnOutput(SoundSession):
    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return dict(list(super()._run(feeds).items())[:1])


class Float64(SoundSession):
    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: x.astype(np.float64) for name, x in super()._run(feeds).items()}


class KeepsTheFirstOfAShape(SoundSession):
    """A cache by shape that holds results where plans should be."""

    def __init__(self, toy: Toy, options: SessionOptions) -> None:
        super().__init__(toy, options)
        self.seen: dict[Any, dict[str, Tensor]] = {}

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        key = tuple(x.shape for x in feeds.values())
        found = self.seen.setdefault(key, super()._run(feeds))
        return {name: x.copy() for name, x in found.items()}


class ByPosition(SoundSession):
    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return super()._run(dict(zip(self.toy.shapes, feeds.values(), strict=True)))


class Unchecked(SoundSession):
    def run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return self._run(feeds)


class OnlyContiguous(SoundSession):
    """Reads the memory of its feeds without regard to their strides."""

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        raw = {
            name: np.frombuffer(x.tobytes(order="A"), x.dtype).reshape(x.shape)
            for name, x in feeds.items()
        }
        return super()._run(raw)


class ScribblesOnFeeds(SoundSession):
    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        outputs = super()._run(feeds)
        for name in feeds:
            if feeds[name].flags.writeable:
                feeds[name][:] *= 2
        return outputs


class ReusesItsBuffers(SoundSession):
    def __init__(self, toy: Toy, options: SessionOptions) -> None:
        super().__init__(toy, options)
        self.buffers: dict[Any, Tensor] = {}

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        outputs = super()._run(feeds)
        for name, x in outputs.items():
            self.buffers.setdefault((name, x.shape), x)[:] = x
        return {name: self.buffers[name, x.shape] for name, x in outputs.items()}


class ReadOnlyOutputs(SoundSession):
    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        outputs = super()._run(feeds)
        for x in outputs.values():
            x.setflags(write=False)
        return outputs


class ClearsOnClose(SoundSession):
    def __init__(self, toy: Toy, options: SessionOptions) -> None:
        super().__init__(toy, options)
        self.given: list[Tensor] = []

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        outputs = super()._run(feeds)
        self.given.extend(outputs.values())
        return outputs

    def close(self) -> None:
        super().close()
        for x in self.given:
            x[:] = 0


class OneRequestForAll(SoundSession):
    """Claims to be safe in threads, and hands its feeds over in an attribute."""

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        self.fed = feeds
        super()._run(feeds)
        return super()._run(self.fed)


class NeverCloses(SoundSession):
    def close(self) -> None:
        return


class ClosesOnce(SoundSession):
    def close(self) -> None:
        if self.closed:
            raise RuntimeError("closed twice")
        super().close()


class PulledAwayByClose(SoundSession):
    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        outputs = super()._run(feeds)
        if self.closed:
            raise RuntimeError("the request is gone")
        return outputs


class StuckAfterClose(SoundSession):
    """A call that waits for its turn when the session is closed waits for ever."""

    def __init__(self, toy: Toy, options: SessionOptions) -> None:
        super().__init__(toy, options)
        self.turn = threading.Semaphore(1)

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        self.turn.acquire()
        outputs = super()._run(feeds)
        if not self.closed:
            self.turn.release()
        return outputs


class HoldsOn(SoundSession):
    def __init__(self, toy: Toy, options: SessionOptions) -> None:
        super().__init__(toy, options)
        self.arena = np.ones(500_000)


class ComputesOnlyTheFirst(SoundSession):
    def _compute(self, feeds: Mapping[str, AnyTensor]) -> dict[str, DeviceTensor]:
        return dict(list(super()._compute(feeds).items())[:1])


class ComputesIntoOneBuffer(SoundSession):
    """Every call's outputs lie in the same place."""

    def __init__(self, toy: Toy, options: SessionOptions) -> None:
        super().__init__(toy, options)
        self.places: dict[str, Tensor] = {}

    def _compute(self, feeds: Mapping[str, AnyTensor]) -> dict[str, DeviceTensor]:
        for name, tensor in super()._compute(feeds).items():
            place = self.places.setdefault(name, tensor.numpy())
            if place.shape == tensor.shape:
                place[:] = tensor.numpy()
        return {name: HostTensor(place) for name, place in self.places.items()}


KEPT: list[Session] = []


class Kept(SoundSession):
    def __init__(self, toy: Toy, options: SessionOptions) -> None:
        super().__init__(toy, options)
        KEPT.append(self)


SESSIONS: list[tuple[type[SoundSession], str]] = [
    (WrongSpecs, "test_it_describes_its_tensors"),
    (RenamedOutputs, "test_it_describes_its_tensors"),
    (Inexact, "test_it_computes_what_the_model_says"),
    (DropsAnOutput, "test_it_computes_what_the_model_says"),
    (Float64, "test_it_computes_what_the_model_says"),
    (KeepsTheFirstOfAShape, "test_it_returns_to_a_shape_it_has_seen"),
    (ByPosition, "test_inputs_are_told_apart_by_name"),
    (Unchecked, "test_a_wrong_feed_is_an_error_and_does_no_harm"),
    (OnlyContiguous, "test_any_memory_layout_will_do"),
    (ScribblesOnFeeds, "test_feeds_stay_as_they_are"),
    (ReusesItsBuffers, "test_outputs_belong_to_the_caller"),
    (ReadOnlyOutputs, "test_outputs_belong_to_the_caller"),
    (ClearsOnClose, "test_outputs_belong_to_the_caller"),
    (ComputesOnlyTheFirst, "test_compute_gives_what_run_gives"),
    (ComputesIntoOneBuffer, "test_computed_tensors_stay_and_may_be_fed_again"),
    (OneRequestForAll, "test_threads_get_what_one_thread_gets"),
    (NeverCloses, "test_it_is_closed_for_good"),
    (ClosesOnce, "test_it_is_closed_for_good"),
    (PulledAwayByClose, "test_it_may_be_closed_while_it_runs"),
    (StuckAfterClose, "test_it_may_be_closed_while_it_runs"),
    (HoldsOn, "test_a_closed_session_holds_no_memory"),
    (Kept, "test_a_closed_session_is_let_go"),
]


@pytest.mark.slow
def test_a_sound_session_passes(tmp_path: Path) -> None:
    assert failures(SessionContract, SoundBackend, tmp_path) == set()


@pytest.mark.slow
def test_a_session_that_is_not_thread_safe_passes_behind_the_core_s_lock(tmp_path: Path) -> None:
    class Unsafe(OneRequestForAll):
        thread_safe = False

    assert failures(SessionContract, backend_of(Unsafe), tmp_path) == set()


@pytest.mark.parametrize(("broken", "rule"), SESSIONS)
def test_a_broken_session_is_caught(
    broken: type[SoundSession], rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "PATIENCE", 2.0)
    assert breaks(SessionContract, rule, backend_of(broken), tmp_path)
    KEPT.clear()


def test_every_rule_of_sessions_has_its_mutant() -> None:
    assert set(rules_of(SessionContract)) == {rule for _, rule in SESSIONS}
