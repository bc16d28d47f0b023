"""What is prepared is what the cell's reader will open, and what the machine is said to have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ocrx.artifacts import Artifact, Format, ModelSpec, Part, Source
from ocrx.bench.run import preparing
from ocrx.bench.run.messages import Job
from ocrx.errors import NoRoute
from ocrx.interfaces.runtimes import Availability, Backend, SessionOptions
from ocrx.plugins.registrar import Registrar
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.profiles.profile import Choice, Profile, profile_path, save, this_machine
from ocrx.reading.reader import Reader
from support.fakenetwork import Echo, WidthModel
from support.fakeparts import ColourDetector

JOB = Job("widths", "own", "auto", "auto", "auto", None, "line", (), {}, True, (), 1.0)
MEGABYTES: dict[Format, int] = {"onnx": 1, "tflite": 3}


class Plain(Backend):
    """What "auto" means where no profile says otherwise."""

    name = "plain"
    accepts = ("onnx",)
    priority = 9
    found = Availability(True, "1", ("cpu", "cuda:0"))

    def probe(self) -> Availability:
        return self.found

    def open(self, artifact: Artifact, options: SessionOptions) -> Echo:
        return Echo(1)


class Chosen(Plain):
    name = "chosen"
    accepts = ("tflite",)
    priority = 1
    found = Availability(True, "2", ("cpu", "cuda:0"), names={"cuda:0": "NVIDIA L4"})


@pytest.fixture
def registry(tmp_path: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A model of 1 MB for `plain` and of 3 MB for `chosen`, which a profile chooses."""
    for form, size in MEGABYTES.items():
        (tmp_path / form).write_bytes(bytes(size << 20))

    class Widths(WidthModel):
        spec = ModelSpec(
            "widths",
            "recognition",
            {form: Source(form, path=tmp_path / form) for form in MEGABYTES},
        )

    registrar = Registrar("mine", "mine")
    registrar.add("recognizer", "widths", lambda request: Widths())
    onnx = {"onnx": Source("onnx", path=tmp_path / "onnx")}

    class Halves(WidthModel):
        spec = ModelSpec("halves", "recognition", parts={"one": Part(onnx), "other": Part(onnx)})

    registrar.add("recognizer", "halves", lambda request: Halves())
    registrar.add("detector", "own", lambda request: ColourDetector())
    registrar.add("orienter", "paddle", lambda request: Widths())
    registrar.add("backend", "plain", lambda request: Plain())
    registrar.add("backend", "chosen", lambda request: Chosen())
    found = Registry([PluginRecord("mine", "mine", "1", registrar.added)])
    monkeypatch.setattr(preparing, "load_plugins", lambda: found)
    monkeypatch.setenv("OCRX_PROFILE", str(tmp_path / "profile.json"))
    keep("chosen")
    return found


def keep(backend: str) -> None:
    """A profile that chooses it, for lines and for pages."""
    path = profile_path()
    assert path is not None
    machine = this_machine({"chosen": "2", "plain": "1"})
    line = Choice("line", "widths", "", backend, "fp32", 1, "cpu", machine)
    save(Profile(path).put(line).put(replace(line, layout="page", detector="own")))


@pytest.mark.parametrize(
    ("job", "backend"),
    [
        (JOB, "chosen"),
        (replace(JOB, options={"recognizer": {}}), "chosen"),
        (replace(JOB, threads=1), "plain"),
        (replace(JOB, device="cpu"), "plain"),
        (replace(JOB, options={"backend.plain": {}}), "plain"),
        (replace(JOB, layout="page"), "plain"),  # its detector has a runtime of its own
    ],
)
def test_a_cell_of_auto_follows_the_profile_as_its_reader_does(
    registry: Registry, job: Job, backend: str
) -> None:
    prepared = preparing.prepare(job)
    size = {"plain": MEGABYTES["onnx"], "chosen": MEGABYTES["tflite"]}[backend]
    assert (prepared.model_mb, prepared.build) == (size, None)
    with Reader(
        job.detector,
        job.recognizer,
        device=job.device,
        threads=job.threads,
        layout="line" if job.layout == "line" else "page",
        detector_backend="auto" if prepared.own_detector else None,
        options=job.options,
        registry=registry,
    ) as reader:
        assert (reader.tuned.state == "active") == (backend == "chosen")


@pytest.mark.usefixtures("registry")
def test_every_network_of_a_model_is_prepared() -> None:
    prepared = preparing.prepare(replace(JOB, recognizer="halves", backend="plain"))
    assert prepared.model_mb == 2 * MEGABYTES["onnx"]


@pytest.mark.usefixtures("registry")
def test_a_runtime_that_the_profile_chose_is_named_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chosen, "accepts", ("paddle",))
    with pytest.raises(NoRoute, match=r"as the profile .* chose"):
        preparing.prepare(JOB)


@pytest.mark.usefixtures("registry")
def test_a_device_has_the_name_that_any_runtime_knows() -> None:
    found = preparing.machine()
    assert found.devices == ["cpu", "cuda:0 (NVIDIA L4)"]
    assert (found.packages["plain"], found.packages["chosen"]) == ("1", "2")
