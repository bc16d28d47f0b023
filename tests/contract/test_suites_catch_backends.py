"""Each rule of the backend suite fails on a backend that breaks it, and on no sound one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from ocrx.artifacts import Artifact
from ocrx.errors import BackendError, DeviceMissing, PrecisionUnavailable
from ocrx.interfaces.runtimes import Availability, Session, SessionOptions
from ocrx.testing import LINE, MINUS_ONE, BackendContract, Toy
from support.sound_components import SoundBackend
from support.suite_runner import breaks, failures, rules_of

pytestmark = pytest.mark.slow

# Backends, by the rule that must notice what is wrong with them.


class Nameless(SoundBackend):
    name = "Sound"


class ListOfFormats(SoundBackend):
    accepts = cast("tuple[str, ...]", ["onnx"])


class Absent(SoundBackend):
    def probe(self) -> Availability:
        return Availability(False, remedy="pip install sound")


class ProbeRaises(SoundBackend):
    def probe(self) -> Availability:
        raise ImportError("libsound.so")


class Shouting(SoundBackend):
    def probe(self) -> Availability:
        return Availability(True, "1.0", ("CPU",))


class NamesAnother(SoundBackend):
    def probe(self) -> Availability:
        return Availability(True, "1.0", ("cpu",), names={"cuda:0": "NVIDIA L4"})


class PromisesAGpu(SoundBackend):
    def probe(self) -> Availability:
        return Availability(True, "1.0", ("cpu", "cuda:0"))


class FallsBack(SoundBackend):
    """Runs on the processor and says so, whatever was asked for."""

    def probe(self) -> Availability:
        return Availability(True, "1.0", ("cpu", "cuda:0"))

    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        return super().open(artifact, replace(options, device="cpu"))


class ReportsElsewhere(SoundBackend):
    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        session = super().open(artifact, options)
        session.device = "CPUExecutionProvider"
        return session


class VaguePrecision(SoundBackend):
    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        session = super().open(artifact, options)
        session.precision = "auto"
        return session


class TakesMinusOneAtItsWord(SoundBackend):
    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        if artifact.spec.name == MINUS_ONE.name:
            raise BackendError(f"{artifact.path}: a dimension is negative", "Export it again.")
        return super().open(artifact, options)


class TakesAnyDevice(SoundBackend):
    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        return super().open(artifact, replace(options, device="auto"))


class DeviceWithoutRemedy(SoundBackend):
    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        if options.device == "abacus:7":
            raise DeviceMissing("no device 'abacus:7'", "")
        return super().open(artifact, options)


class TakesInt8(SoundBackend):
    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        if options.precision == "int8":
            options = replace(options, precision="auto")
        return super().open(artifact, options)


class PrecisionWithoutRemedy(SoundBackend):
    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        if options.precision == "int8":
            raise PrecisionUnavailable("no int8", "")
        return super().open(artifact, options)


class LowersPrecision(SoundBackend):
    """Runs fp16 in fp32 without a word."""

    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        if options.precision == "fp16":
            options = replace(options, precision="auto")
        return super().open(artifact, options)


class OpensAnything(SoundBackend):
    def load(self, artifact: Artifact) -> Toy:
        return LINE


class RaisesItsOwn(SoundBackend):
    def load(self, artifact: Artifact) -> Toy:
        try:
            return super().load(artifact)
        except BackendError as error:
            raise RuntimeError(str(error)) from error


class DoesNotNameTheFile(SoundBackend):
    def load(self, artifact: Artifact) -> Toy:
        try:
            return super().load(artifact)
        except BackendError as error:
            raise BackendError("the model is damaged", error.remedy) from error


class OneThreadOnly(SoundBackend):
    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        if options.threads not in (None, 1):
            raise BackendError("one thread only", "Use one.")
        return super().open(artifact, options)


class OneSessionOnly(SoundBackend):
    """Opening a model closes the one before it."""

    def __init__(self) -> None:
        self.last: Session | None = None

    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        if self.last is not None:
            self.last.close()
        self.last = super().open(artifact, options)
        return self.last


BACKENDS: list[tuple[type[SoundBackend], str]] = [
    (Nameless, "test_it_has_a_name_and_formats"),
    (ListOfFormats, "test_it_has_a_name_and_formats"),
    (Absent, "test_probe_says_what_there_is"),
    (ProbeRaises, "test_probe_says_what_there_is"),
    (Shouting, "test_probe_says_what_there_is"),
    (NamesAnother, "test_probe_says_what_there_is"),
    (PromisesAGpu, "test_every_listed_device_opens_and_is_reported"),
    (FallsBack, "test_every_listed_device_opens_and_is_reported"),
    (ReportsElsewhere, "test_auto_chooses_and_reports_its_choice"),
    (VaguePrecision, "test_auto_chooses_and_reports_its_choice"),
    (TakesAnyDevice, "test_an_unknown_device_is_an_error"),
    (DeviceWithoutRemedy, "test_an_unknown_device_is_an_error"),
    (TakesInt8, "test_int8_for_a_model_in_fp32_is_an_error"),
    (PrecisionWithoutRemedy, "test_int8_for_a_model_in_fp32_is_an_error"),
    (LowersPrecision, "test_a_precision_is_obeyed_or_refused"),
    (OpensAnything, "test_a_damaged_file_is_an_error_that_names_it"),
    (RaisesItsOwn, "test_a_damaged_file_is_an_error_that_names_it"),
    (DoesNotNameTheFile, "test_a_damaged_file_is_an_error_that_names_it"),
    (TakesMinusOneAtItsWord, "test_a_dimension_of_minus_one_is_dynamic"),
    (OneThreadOnly, "test_threads_are_obeyed_or_refused_and_concurrency_is_accepted"),
    (OneSessionOnly, "test_sessions_do_not_share_anything"),
]


def test_a_sound_backend_passes(tmp_path: Path) -> None:
    assert failures(BackendContract, SoundBackend, tmp_path) == set()


@pytest.mark.parametrize(("broken", "rule"), BACKENDS)
def test_a_broken_backend_is_caught(broken: type[SoundBackend], rule: str, tmp_path: Path) -> None:
    assert breaks(BackendContract, rule, broken, tmp_path)


def test_every_rule_of_backends_has_its_mutant() -> None:
    assert set(rules_of(BackendContract)) == {rule for _, rule in BACKENDS}
