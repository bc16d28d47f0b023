"""The contract of runtimes. The `SessionContract` is the other half of it.

    class Mine:
        def make(self):
            return MyBackend()

    class TestBackend(Mine, BackendContract): ...
    class TestSession(Mine, SessionContract): ...

For a runtime that takes none of the toys' formats, override `artifact` too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias, get_args

import numpy as np
import pytest

from ocrx.artifacts import Artifact
from ocrx.errors import BackendError, DeviceMissing, PrecisionUnavailable, UsageError
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.names import PRECISIONS, Precision
from ocrx.testing.checks import check
from ocrx.testing.toys import DIFFERENCE, LINE, MINUS_ONE, Toy
from ocrx.types import Tensor

Damage: TypeAlias = Callable[[bytes], bytes | None]
"""Turns the content of a file into damaged content; None if the file is to be missing."""

DAMAGES = [
    pytest.param(lambda content: content[: len(content) // 2], id="cut off half-way"),
    pytest.param(lambda content: b"", id="empty"),
    pytest.param(lambda content: b"not a model at all" * 9, id="something else"),
    pytest.param(lambda content: None, id="missing"),
]

DEFAULT_OPTIONS = SessionOptions()
SHAPES = ((1, 16), (3, 16), (1, 48), (2, 32))
REAL_PRECISIONS: tuple[Precision, ...] = tuple(p for p in get_args(Precision) if p != "auto")


class BackendSuite:
    """What both suites of a runtime need: the backend, and the toys in a format that it takes."""

    def make(self) -> Backend:
        """A new instance of the backend under test. Its runtime must be installed."""
        raise NotImplementedError(f"{type(self).__name__} must define make()")

    def artifact(self, toy: Toy, folder: Path) -> Artifact:
        """The toy in a format that the backend takes. A file that has to be made first goes into
        `folder`."""
        return toy.artifact(self.make().accepts)

    def open(self, toy: Toy, folder: Path, options: SessionOptions = DEFAULT_OPTIONS) -> Session:
        """A session for the toy."""
        return self.make().open(self.artifact(toy, folder), options)


class BackendContract(BackendSuite):
    """What the core relies on in a Backend."""

    def test_it_has_a_name_and_formats(self) -> None:
        backend = self.make()
        check(
            isinstance(backend.name, str) and backend.name == backend.name.lower() != "",
            f"name is {backend.name!r}, not a string in lower case",
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
                f"probe() lists {device!r}; a device is in lower case, and not auto",
            )
        unlisted = sorted(set(found.names) - set(found.devices))
        check(not unlisted, f"probe() names devices that it does not list: {unlisted}")
        check(self.make().probe() == found, "a second probe() returned something else")

    def test_every_listed_device_opens_and_is_reported(self, tmp_path: Path) -> None:
        for device in self.make().probe().devices:
            with self.open(LINE, tmp_path, SessionOptions(device=device)) as session:
                check(
                    session.device == device,
                    f"the session runs on {session.device!r}, not on {device!r}",
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

    def test_int8_for_a_model_in_fp32_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(PrecisionUnavailable) as caught:
            self.open(LINE, tmp_path, SessionOptions(precision="int8")).close()
        check(caught.value.remedy, "the error has no remedy")

    def test_a_precision_is_obeyed_or_refused(self, tmp_path: Path) -> None:
        for precision in PRECISIONS:
            try:
                session = self.open(LINE, tmp_path, SessionOptions(precision=precision))
            except PrecisionUnavailable:
                continue
            with session:
                check(
                    precision in ("auto", session.precision),
                    f"the session runs in {session.precision}, not in {precision}",
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
            return  # other formats have their own way to say it
        artifact = MINUS_ONE.artifact(("onnx",))
        with self.make().open(artifact, SessionOptions()) as session:
            for batch, width in SHAPES:
                verify(session, MINUS_ONE, MINUS_ONE.feeds(batch, width))

    def test_threads_are_obeyed_or_refused_and_concurrency_is_accepted(
        self, tmp_path: Path
    ) -> None:
        for threads, concurrency in ((1, 1), (2, 1), (1, 2), (2, 2), (None, 3)):
            options = SessionOptions(threads=threads, concurrency=concurrency)
            try:
                session = self.open(LINE, tmp_path, options)
            except UsageError:
                check(threads is not None, "open() refused a number of threads that was not given")
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


def verify(session: Session, toy: Toy, feeds: Mapping[str, Tensor]) -> None:
    """Fail the test unless the session computes the same as the toy's reference on `feeds`."""
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
