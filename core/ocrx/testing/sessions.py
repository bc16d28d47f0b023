"""The contract of sessions. Subclass it together with `BackendContract`, which has an example."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest

from ocrx.artifacts import Artifact, Axis
from ocrx.errors import InvalidFeed, SessionClosed, UsageError
from ocrx.interfaces.runtimes import Backend, Session, SessionOptions
from ocrx.interfaces.tensors import HostTensor, on_host
from ocrx.testing.backends import SHAPES, BackendSuite, verify
from ocrx.testing.checks import THREADS, check, in_threads, resident_bytes
from ocrx.testing.toys import DIFFERENCE, LINE
from ocrx.types import Tensor

Spoil: TypeAlias = Callable[[Tensor], dict[str, Tensor]]
"""Makes wrong feeds out of a correct picture."""

CLOSED = 30
"""The number of sessions that are opened and closed to measure the memory of closed ones."""

MOST_HELD = 250_000
"""The most memory that a closed session may hold, in bytes. An open session of LINE takes 500 000
to 1 500 000."""


class SessionContract(BackendSuite):
    """What the core relies on in the sessions that a Backend opens."""

    def test_it_describes_its_tensors(self, tmp_path: Path) -> None:
        for toy in (LINE, DIFFERENCE):
            with self.open(toy, tmp_path) as session:
                found = {spec.name: spec for spec in session.inputs}
                check(found.keys() == toy.shapes.keys(), f"inputs are {sorted(found)}")
                for name, dimensions in toy.shapes.items():
                    shape = tuple(None if isinstance(d, Axis) else d for d in dimensions)
                    check(
                        found[name].shape == shape and found[name].dtype == "float32",
                        f"{found[name]} should have shape {shape} and dtype float32",
                    )
                names = [spec.name for spec in session.outputs]
                check(sorted(names) == sorted(toy.outputs), f"outputs are {names}")

    def test_it_computes_what_the_model_says(self, tmp_path: Path) -> None:
        with self.open(LINE, tmp_path) as session:
            for batch, width in SHAPES:
                verify(session, LINE, LINE.feeds(batch, width))

    def test_it_returns_to_a_shape_it_has_seen(self, tmp_path: Path) -> None:
        with self.open(LINE, tmp_path) as session:
            for seed in range(3):
                for batch, width in SHAPES:
                    verify(session, LINE, LINE.feeds(batch, width, seed))

    def test_inputs_are_told_apart_by_name(self, tmp_path: Path) -> None:
        feeds = DIFFERENCE.feeds(2, 5)
        with self.open(DIFFERENCE, tmp_path) as session:
            verify(session, DIFFERENCE, feeds)
            verify(session, DIFFERENCE, dict(reversed(feeds.items())))

    @pytest.mark.parametrize(
        "spoil",
        [
            pytest.param(lambda x: {"picture": x[:, :, :-1]}, id="a fixed size that is wrong"),
            pytest.param(lambda x: {"picture": x[0]}, id="an axis too few"),
            pytest.param(lambda x: {"picture": x[None]}, id="an axis too many"),
            pytest.param(lambda x: {"picture": x[..., :0]}, id="no width at all"),
            pytest.param(lambda x: {"picture": x.astype(np.float64)}, id="float64"),
            pytest.param(lambda x: {"picture": x.astype(np.uint8)}, id="uint8"),
            pytest.param(lambda x: {"picture": x, "more": x}, id="an unknown input"),
            pytest.param(lambda x: {}, id="a missing input"),
        ],
    )
    def test_a_wrong_feed_is_an_error_and_does_no_harm(self, tmp_path: Path, spoil: Spoil) -> None:
        feeds = LINE.feeds(2, 16)
        with self.open(LINE, tmp_path) as session:
            with pytest.raises(InvalidFeed):
                session.run(spoil(feeds["picture"]))
            verify(session, LINE, feeds)

    def test_any_memory_layout_will_do(self, tmp_path: Path) -> None:
        picture = LINE.feeds(2, 32)["picture"]
        frozen = picture.copy()
        frozen.setflags(write=False)
        with self.open(LINE, tmp_path) as session:
            for feed in (frozen, np.asfortranarray(picture), picture[::-1], picture[..., ::2]):
                verify(session, LINE, {"picture": feed})

    def test_feeds_stay_as_they_are(self, tmp_path: Path) -> None:
        feeds = LINE.feeds(2, 32)
        before = feeds["picture"].copy()
        with self.open(LINE, tmp_path) as session:
            session.run(feeds)
        check(np.array_equal(feeds["picture"], before), "run() changed the array it was fed")

    def test_outputs_belong_to_the_caller(self, tmp_path: Path) -> None:
        feeds = LINE.feeds(2, 32)
        with self.open(LINE, tmp_path) as session:
            first = session.run(feeds)
            kept = {name: array.copy() for name, array in first.items()}
            feeds["picture"][:] = 0
            for _ in range(3):
                session.run(LINE.feeds(2, 32, seed=1))
            _check_equal(first, kept, "a later run() changed the outputs of an earlier one")
            for array in first.values():
                check(array.flags.writeable, "an output cannot be written to by the caller")
                array[:] = 7
            verify(session, LINE, LINE.feeds(2, 32))
        _check_equal(
            first, {name: np.full_like(array, 7) for name, array in kept.items()}, "close() did"
        )

    def test_compute_gives_what_run_gives(self, tmp_path: Path) -> None:
        feeds = LINE.feeds(2, 32)
        with self.open(LINE, tmp_path) as session:
            right, computed = session.run(feeds), session.compute(feeds)
            check(computed.keys() == right.keys(), f"compute() gives {sorted(computed)}")
            for name, tensor in computed.items():
                array = tensor.numpy()
                check(
                    (tensor.shape, tensor.dtype) == (array.shape, array.dtype.name),
                    f"{name!r} says {tensor.shape}, {tensor.dtype}: it is {array.shape}, "
                    f"{array.dtype}",
                )
            _check_equal(on_host(computed), right, "compute() gives another result than run()")
            with pytest.raises(InvalidFeed):
                session.compute({"picture": feeds["picture"].astype(np.float64)})
        with pytest.raises(SessionClosed):
            session.compute(feeds)

    def test_computed_tensors_stay_and_may_be_fed_again(self, tmp_path: Path) -> None:
        feeds = DIFFERENCE.feeds(2, 16)
        first, second = feeds["first"], feeds["second"]
        with self.open(DIFFERENCE, tmp_path) as session, self.open(DIFFERENCE, tmp_path) as other:
            once = session.compute(feeds)
            twice = other.compute({"first": once["difference"], "second": second})
            host = session.compute({"first": HostTensor(first), "second": once["difference"]})
            for seed in range(3):
                session.compute(DIFFERENCE.feeds(2, 16, seed=seed + 1))
        for found, right, what in (
            (once, first - second, "changed by a later call, or by close()"),
            (twice, first - 2 * second, "wrong when it is fed to another session"),
            (host, second, "wrong when it is fed beside an array of the host"),
        ):
            _check_equal(on_host(found), {"difference": right}, f"what was computed is {what}")

    @pytest.mark.parametrize("concurrency", [1, 4])
    def test_threads_get_what_one_thread_gets(self, tmp_path: Path, concurrency: int) -> None:
        many = [LINE.feeds(1 + seed % 3, 16 + 8 * (seed % 4), seed) for seed in range(THREADS)]
        with self.open(LINE, tmp_path, SessionOptions(concurrency=concurrency)) as session:
            serial = [session.run(feeds) for feeds in many]
            for _ in range(3):
                for alone, together in zip(serial, in_threads(session.run, many), strict=True):
                    _check_equal(together, alone, "in threads, run() gave another result")

    def test_it_is_closed_for_good(self, tmp_path: Path) -> None:
        session = self.open(LINE, tmp_path)
        with session as entered:
            check(entered is session, "`with` does not give the session itself")
            session.run(LINE.feeds(1, 16))
        session.close()
        with pytest.raises(SessionClosed):
            session.run(LINE.feeds(1, 16))

    def test_it_may_be_closed_while_it_runs(self, tmp_path: Path) -> None:
        session = self.open(LINE, tmp_path)
        feeds = LINE.feeds(2, 64)
        expected = session.run(feeds)
        running = threading.Event()

        def run_or_close(number: int) -> None:
            if number == 0:
                running.wait()
                session.close()
                return
            try:
                for _ in range(50):
                    outputs = session.run(feeds)
                    running.set()
                    _check_equal(outputs, expected, "a run() during close() went wrong")
            except SessionClosed:
                return
            finally:
                running.set()

        in_threads(run_or_close, range(THREADS))

    def test_a_closed_session_holds_no_memory(self, tmp_path: Path) -> None:
        """A session that is kept after it was closed gives its memory back. Nothing is measured on
        systems without /proc."""
        backend, artifact = self.make(), self.artifact(LINE, tmp_path)

        def used() -> Session:
            with _with_one_thread(backend, artifact) as session:
                session.run(LINE.feeds(8, 256))
            return session

        held = [used() for _ in range(5)]  # first let the runtime allocate what it shares
        before = resident_bytes()
        held += [used() for _ in range(CLOSED)]
        grown = (resident_bytes() - before) / len(held[5:])
        check(grown < MOST_HELD, f"a closed session holds on to {grown / 1000:.0f} kB")

    def test_a_closed_session_is_let_go(self, tmp_path: Path) -> None:
        backend = self.make()
        session = backend.open(self.artifact(LINE, tmp_path), SessionOptions())
        session.run(LINE.feeds(1, 16))
        session.close()
        gone = weakref.ref(session)
        del session
        gc.collect()
        check(gone() is None, "a closed session is kept, by the backend or by a reference cycle")


def _with_one_thread(backend: Backend, artifact: Artifact) -> Session:
    """A session with one thread, because threads hold memory that is not the model's."""
    try:
        return backend.open(artifact, SessionOptions(threads=1))
    except UsageError:  # the number of threads cannot be set
        return backend.open(artifact, SessionOptions())


def _check_equal(found: Mapping[str, Tensor], right: Mapping[str, Tensor], message: str) -> None:
    for name, array in right.items():
        check(np.allclose(found[name], array, rtol=1e-4, atol=1e-5), f"{message}: {name!r}")
