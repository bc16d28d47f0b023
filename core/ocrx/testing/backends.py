"""The contracts of a runtime: what a Backend promises, and what its Sessions promise.

    class Mine:
        def make(self):
            return MyBackend()

    class TestBackend(Mine, BackendContract): ...
    class TestSession(Mine, SessionContract): ...

A runtime that takes none of the toys' formats also overrides `artifact`.
"""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias, get_args

import numpy as np
import pytest

from ocrx.artifacts import Artifact, Axis
from ocrx.errors import (
    BackendError,
    DeviceMissing,
    InvalidFeed,
    PrecisionUnavailable,
    SessionClosed,
    UsageError,
)
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.interfaces.tensors import DeviceTensor, HostTensor
from ocrx.names import PRECISIONS, Precision
from ocrx.testing.checks import THREADS, check, in_threads, resident_bytes
from ocrx.testing.toys import DIFFERENCE, LINE, MINUS_ONE, Toy
from ocrx.types import Tensor

Spoil: TypeAlias = Callable[[Tensor], dict[str, Tensor]]

Damage: TypeAlias = Callable[[bytes], bytes | None]
"""What becomes of a file's content; None if the file is to be missing."""

DAMAGES = [
    pytest.param(lambda content: content[: len(content) // 2], id="cut off half-way"),
    pytest.param(lambda content: b"", id="empty"),
    pytest.param(lambda content: b"not a model at all" * 9, id="something else"),
    pytest.param(lambda content: None, id="missing"),
]

DEFAULT_OPTIONS = SessionOptions()
SHAPES = ((1, 16), (3, 16), (1, 48), (2, 32))
CLOSED = 30
MOST_HELD = 250_000
"""Bytes. An open session of LINE takes 500 000 to 1 500 000."""
REAL_PRECISIONS: tuple[Precision, ...] = tuple(p for p in get_args(Precision) if p != "auto")


class BackendSuite:
    """What both suites need: the backend, and the toys in a format that it takes."""

    def make(self) -> Backend:
        """A new instance of the backend under test; its runtime must be installed."""
        raise NotImplementedError(f"{type(self).__name__} must define make()")

    def artifact(self, toy: Toy, folder: Path) -> Artifact:
        """`toy` as a file the backend takes; `folder` is for files that have to be made."""
        return toy.artifact(self.make().accepts)

    def open(self, toy: Toy, folder: Path, options: SessionOptions = DEFAULT_OPTIONS) -> Session:
        """A session of `toy`."""
        return self.make().open(self.artifact(toy, folder), options)


class BackendContract(BackendSuite):
    """What the core relies on in a Backend."""

    def test_it_has_a_name_and_formats(self) -> None:
        backend = self.make()
        check(
            isinstance(backend.name, str) and backend.name == backend.name.lower() != "",
            f"name is {backend.name!r}, not a text in lower case",
        )
        check(
            isinstance(backend.accepts, tuple) and backend.accepts,
            f"accepts is {backend.accepts!r}, not a tuple of formats",
        )

    def test_probe_says_what_there_is(self) -> None:
        found = self.make().probe()
        check(isinstance(found, Availability), f"probe() returned {found!r}")
        check(found.present, f"the runtime is not present: {found.detail}; {found.remedy}")
        check(found.version, "probe() gives no version")
        check(found.devices, "probe() lists no devices")
        for device in found.devices:
            check(
                device == device.lower() and device != "auto",
                f"probe() lists {device!r}; devices are in lower case, and auto is none",
            )
        unlisted = sorted(set(found.names) - set(found.devices))
        check(not unlisted, f"probe() names devices that it does not list: {unlisted}")
        check(self.make().probe() == found, "a second probe() says something else")

    def test_every_listed_device_opens_and_is_reported(self, tmp_path: Path) -> None:
        for device in self.make().probe().devices:
            with self.open(LINE, tmp_path, SessionOptions(device=device)) as session:
                check(
                    session.device == device, f"asked for {device!r}, it runs on {session.device!r}"
                )

    def test_auto_chooses_and_reports_its_choice(self, tmp_path: Path) -> None:
        devices = self.make().probe().devices
        with self.open(LINE, tmp_path) as session:
            check(
                session.device in devices,
                f"the session runs on {session.device!r}, which probe() does not list: {devices}",
            )
            check(
                session.precision in REAL_PRECISIONS,
                f"the session reports the precision {session.precision!r}",
            )

    def test_an_unknown_device_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(DeviceMissing) as caught:
            self.open(LINE, tmp_path, SessionOptions(device="abacus:7")).close()
        check("abacus:7" in caught.value.message, "the error does not name the device asked for")
        check(caught.value.remedy, "the error has no remedy")

    def test_int8_of_a_model_that_is_not_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(PrecisionUnavailable) as caught:
            self.open(LINE, tmp_path, SessionOptions(precision="int8")).close()
        check(caught.value.remedy, "the error has no remedy")

    def test_a_precision_is_had_or_refused(self, tmp_path: Path) -> None:
        for precision in PRECISIONS:
            try:
                session = self.open(LINE, tmp_path, SessionOptions(precision=precision))
            except PrecisionUnavailable:
                continue
            with session:
                check(
                    precision in ("auto", session.precision),
                    f"asked for {precision}, it runs in {session.precision}",
                )

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_a_damaged_file_is_an_error_that_names_it(self, tmp_path: Path, damage: Damage) -> None:
        whole = self.artifact(LINE, tmp_path)
        damaged = tmp_path / f"damaged{whole.path.suffix}"
        content = damage(whole.path.read_bytes())
        if content is not None:
            damaged.write_bytes(content)
        with pytest.raises(BackendError) as caught:
            self.make().open(Artifact(damaged, whole.format, whole.spec), SessionOptions()).close()
        check(damaged.name in str(caught.value), f"{caught.value} does not name the file")
        check(caught.value.remedy, "the error has no remedy")

    def test_a_dimension_of_minus_one_is_dynamic(self, tmp_path: Path) -> None:
        """Some ONNX files give -1 where a dimension may be anything."""
        if "onnx" not in self.make().accepts:
            return  # a format of its own says it in its own way
        artifact = MINUS_ONE.artifact(("onnx",))
        with self.make().open(artifact, SessionOptions()) as session:
            for batch, width in SHAPES:
                verify(session, MINUS_ONE, MINUS_ONE.feeds(batch, width))

    def test_threads_are_had_or_refused_and_concurrency_is_taken(self, tmp_path: Path) -> None:
        for threads, concurrency in ((1, 1), (2, 1), (1, 2), (2, 2), (None, 3)):
            options = SessionOptions(threads=threads, concurrency=concurrency)
            try:
                session = self.open(LINE, tmp_path, options)
            except UsageError:
                check(threads is not None, "nobody asked for a number of threads; it was refused")
                continue
            with session:
                check(session.concurrency >= 1, f"concurrency is reported as {session.concurrency}")
                verify(session, LINE, LINE.feeds(1, 16))

    def test_sessions_do_not_share_anything(self, tmp_path: Path) -> None:
        backend = self.make()
        artifacts = [self.artifact(toy, tmp_path) for toy in (LINE, DIFFERENCE)]
        line, difference = (backend.open(artifact, SessionOptions()) for artifact in artifacts)
        with difference:
            with line:
                verify(difference, DIFFERENCE, DIFFERENCE.feeds(2, 5))
                verify(line, LINE, LINE.feeds(2, 24))
            verify(difference, DIFFERENCE, DIFFERENCE.feeds(2, 5, seed=1))


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

    def test_what_it_computes_is_what_it_runs(self, tmp_path: Path) -> None:
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
            _check_equal(_on_host(computed), right, "compute() gives another result than run()")
            with pytest.raises(InvalidFeed):
                session.compute({"picture": feeds["picture"].astype(np.float64)})
        with pytest.raises(SessionClosed):
            session.compute(feeds)

    def test_what_it_computed_stays_and_may_be_fed_again(self, tmp_path: Path) -> None:
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
            _check_equal(_on_host(found), {"difference": right}, f"what was computed is {what}")

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
        """However long someone keeps it. Measured where the system tells a process its size."""
        backend, artifact = self.make(), self.artifact(LINE, tmp_path)

        def used() -> Session:
            with _with_one_thread(backend, artifact) as session:
                session.run(LINE.feeds(8, 256))
            return session

        held = [used() for _ in range(5)]  # so that all is there that a runtime has but once
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
        check(gone() is None, "the backend, or a reference of its own, keeps a closed session")


def _with_one_thread(backend: Backend, artifact: Artifact) -> Session:
    """Threads have memory of their own, which is not the model's."""
    try:
        return backend.open(artifact, SessionOptions(threads=1))
    except UsageError:  # it cannot be told their number
        return backend.open(artifact, SessionOptions())


def verify(session: Session, toy: Toy, feeds: Mapping[str, Tensor]) -> None:
    """Fail unless the session computes on `feeds` what the toy's reference does."""
    outputs = session.run(feeds)
    expected = toy.reference(feeds)
    check(outputs.keys() == expected.keys(), f"outputs are {sorted(outputs)}")
    close = 1e-4 if session.precision == "fp32" else 3e-2
    for name, right in expected.items():
        found = outputs[name]
        check(
            isinstance(found, np.ndarray) and found.dtype == right.dtype,
            f"output {name!r} is not a {right.dtype} array: {found!r}",
        )
        check(
            found.shape == right.shape,
            f"output {name!r} has the shape {found.shape}, not {right.shape}",
        )
        check(
            np.allclose(found, right, rtol=close, atol=close),
            f"output {name!r} is off by {np.abs(found - right).max():.3g}",
        )


def _on_host(tensors: Mapping[str, DeviceTensor]) -> dict[str, Tensor]:
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def _check_equal(found: Mapping[str, Tensor], right: Mapping[str, Tensor], message: str) -> None:
    for name, array in right.items():
        check(np.allclose(found[name], array, rtol=1e-4, atol=1e-5), f"{message}: {name!r}")
