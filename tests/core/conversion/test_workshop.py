"""Routes between formats, and the cache of what was made on them."""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import resource
import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocrx.artifacts import ModelSpec, Source
from ocrx.conversion.kept import FOLDER, MANIFEST, cached, clean
from ocrx.conversion.routes import find_route, wanted_by
from ocrx.conversion.workshop import Workshop, no_progress
from ocrx.errors import BackendMissing, ConversionFailed, NoRoute, PluginError, WeightsError
from ocrx.interfaces.conversion import Conversion, Progress
from ocrx.interfaces.runtimes import Availability
from ocrx.testing import LINE
from ocrx.weights.store import Store
from support.fakeconverter import (
    BROKEN,
    ONNX_TO_ENGINE,
    FakeBackend,
    FakeConverter,
    convert_forever,
    convert_slowly,
    make,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache", offline=True)


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"weights")
    return ModelSpec("toy", "recognition", {"onnx": Source("model.onnx", path=path)})


def test_a_published_file_beats_any_conversion(spec: ModelSpec, tmp_path: Path) -> None:
    held = {**spec.artifacts, "tflite": Source("m.tflite", path=tmp_path / "m.tflite")}
    route = find_route(
        replace(spec, artifacts=held),
        wanted_by(FakeBackend(), spec),
        [FakeConverter("a", ONNX_TO_ENGINE, price=0.1)],
    )
    assert (route.start, route.steps) == (("tflite", "fp32"), ())


def test_the_cheapest_way_wins_however_long(spec: ModelSpec) -> None:
    dear = FakeConverter("dear", ONNX_TO_ENGINE, price=5)
    first = FakeConverter("first", (("onnx", "fp32", "middle", "fp32"),), price=1)
    second = FakeConverter("second", (("middle", "fp32", "engine", "fp32"),), price=2)
    route = find_route(spec, wanted_by(FakeBackend(), spec), [dear, second, first])
    assert [converter.name for converter, _ in route.steps] == ["first", "second"]


def test_of_equal_ways_the_format_that_the_runtime_prefers_wins(spec: ModelSpec) -> None:
    to_tflite = FakeConverter("t", (("onnx", "fp32", "tflite", "fp32"),))
    to_engine = FakeConverter("e", ONNX_TO_ENGINE)
    route = find_route(spec, wanted_by(FakeBackend(), spec), [to_tflite, to_engine])
    assert route.steps[-1][1] == ("engine", "fp32")


def test_what_is_published_serves_who_asks_for_just_that(
    spec: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeBackend, "weights", lambda self, asked: "fp32")
    held = replace(spec, artifacts={"engine": spec.artifacts["onnx"]}, precision="int8")
    route = find_route(held, wanted_by(FakeBackend(), held, "int8"), [])
    assert route.start == ("engine", "int8")
    with pytest.raises(NoRoute, match="in fp32"):
        find_route(held, wanted_by(FakeBackend(), held, "bf16"), [])


def test_what_is_published_in_another_precision_serves_processors(
    spec: ModelSpec, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeBackend, "weights", lambda self, asked: asked)
    path = tmp_path / "small.engine"
    path.write_bytes(b"rounded")
    both = replace(spec, rounded={("engine", "int8"): Source("small.engine", path=path)})
    quantiser = FakeConverter("q", (("onnx", "fp32", "engine", "int8"),))
    for device, rounded in (("auto", True), ("cpu", True), ("cuda:0", False)):
        wanted = wanted_by(FakeBackend(), both, "int8", device)
        assert (find_route(both, wanted, [quantiser]).steps == ()) is rounded
    found = Workshop(store, [], no_progress).artifact(both, wanted_by(FakeBackend(), both, "int8"))
    assert (found.path, found.format, found.spec.precision) == (path, "engine", "int8")
    with pytest.raises(NoRoute, match="in fp32"):
        find_route(both, wanted_by(FakeBackend(), both), [])


def test_int8_needs_a_way_to_an_int8_file(spec: ModelSpec) -> None:
    plain = FakeConverter("plain", ONNX_TO_ENGINE)
    with pytest.raises(NoRoute, match="int8"):
        find_route(spec, wanted_by(FakeBackend(), spec, "int8"), [plain])
    quantiser = FakeConverter("q", (("onnx", "fp32", "engine", "int8"),))
    route = find_route(spec, wanted_by(FakeBackend(), spec, "int8"), [plain, quantiser])
    assert route.steps[-1][1] == ("engine", "int8")


def test_no_way_names_what_is_held_and_what_was_tried(spec: ModelSpec) -> None:
    with pytest.raises(NoRoute) as caught:
        find_route(
            spec,
            wanted_by(FakeBackend(), spec),
            [FakeConverter("x", (("a", "fp32", "b", "fp32"),))],
        )
    for word in ("onnx", "engine in fp32, tflite in fp32", "x (a to b fp32)", "fake"):
        assert word in caught.value.message


def test_a_converter_that_is_not_installed_is_named_with_its_command(spec: ModelSpec) -> None:
    with pytest.raises(BackendMissing) as caught:
        find_route(
            spec,
            wanted_by(FakeBackend(), spec),
            [FakeConverter("gone", ONNX_TO_ENGINE, present=False)],
        )
    assert "gone" in caught.value.message
    assert "pip install gone" in caught.value.remedy


def test_a_conversion_is_made_once(spec: ModelSpec, store: Store) -> None:
    converter = FakeConverter("a", ONNX_TO_ENGINE)
    first, second = make(spec, store, converter), make(spec, store, converter)
    assert first.path.read_bytes() == b"a<weights>"
    assert (first.path, first.format) == (second.path, "engine")
    assert len(converter.calls) == 1


@pytest.mark.parametrize("change", ["source", "version", "name"])
def test_whatever_it_depends_on_makes_another(
    spec: ModelSpec, store: Store, tmp_path: Path, change: str
) -> None:
    before = make(spec, store, FakeConverter("a", ONNX_TO_ENGINE))
    if change == "source":
        (tmp_path / "model.onnx").write_bytes(b"other weights")
    other = FakeConverter(
        "b" if change == "name" else "a",
        ONNX_TO_ENGINE,
        version="2" if change == "version" else "1",
    )
    after = make(spec, store, other)
    assert after.path != before.path
    assert other.calls


def test_weights_in_a_file_beside_are_part_of_an_onnx_file(
    spec: ModelSpec, store: Store, tmp_path: Path
) -> None:
    def made() -> Path:
        return make(spec, store, FakeConverter("a", ONNX_TO_ENGINE)).path

    model = onnx.load(str(LINE.artifact(("onnx",)).path))
    onnx.save(
        model,
        str(tmp_path / "model.onnx"),
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    before = made()
    (tmp_path / "another.bin").write_bytes(b"of another model")
    assert made() == before
    weights = tmp_path / "weights.bin"
    weights.write_bytes(bytes(weights.stat().st_size))
    assert made() != before


def test_files_are_open_for_writing_when_they_are_flushed(
    spec: ModelSpec, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses it otherwise."""
    flushed: list[int] = []
    monkeypatch.setattr(
        os, "fsync", lambda file: flushed.append(fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE)
    )
    make(spec, store, FakeConverter("a", ONNX_TO_ENGINE))
    assert flushed == [os.O_RDWR] * 2


@pytest.mark.parametrize("damage", ["truncated", "gone", "manifest", "emptied manifest"])
def test_a_damaged_conversion_is_made_again(spec: ModelSpec, store: Store, damage: str) -> None:
    converter = FakeConverter("a", ONNX_TO_ENGINE)
    path = make(spec, store, converter).path
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:3])
    elif damage == "gone":
        path.unlink()
    elif damage == "manifest":
        (path.parent / MANIFEST).unlink()
    else:
        (path.parent / MANIFEST).write_text("")
    assert not cached(store)[0].whole
    assert make(spec, store, converter).path.read_bytes() == b"a<weights>"
    assert len(converter.calls) == 2


def test_a_failed_conversion_leaves_nothing(spec: ModelSpec, store: Store) -> None:
    with pytest.raises(ConversionFailed):
        make(spec, store, FakeConverter("a", ONNX_TO_ENGINE, error=BROKEN))
    assert [p for p in (store.cache_dir / FOLDER).iterdir() if p.is_dir()] == []


@pytest.mark.slow
def test_two_processes_make_it_once(spec: ModelSpec, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    log = tmp_path / "log"
    both = [
        context.Process(target=convert_slowly, args=(spec, tmp_path / "cache", log))
        for _ in range(2)
    ]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert sorted(log.read_text().splitlines()) == ["0 a<weights>", "1 a<weights>"]


def test_a_killed_conversion_leaves_nothing_that_is_used(spec: ModelSpec, store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=convert_forever, args=(spec, store.cache_dir))
    process.start()
    root = store.cache_dir / FOLDER
    deadline = time.monotonic() + 60
    while not list(root.glob("*/model.bin")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(root.glob("*/model.bin")), "it was killed half-way"
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join(60)
    assert make(spec, store, FakeConverter("a", ONNX_TO_ENGINE)).path.read_bytes() == b"a<weights>"
    left = [path for path in root.iterdir() if path.is_dir()]
    assert len(left) == len(cached(store)) == 1, "what the killed one left is swept up"


def test_a_cache_that_cannot_be_written_says_so(spec: ModelSpec, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / FOLDER).write_text("a file where the folder would be")
    with pytest.raises(WeightsError, match="OCRX_CACHE_DIR"):
        make(spec, Store(blocked, offline=True), FakeConverter("a", ONNX_TO_ENGINE))


def test_what_is_cached_is_listed_and_cleaned(spec: ModelSpec, store: Store) -> None:
    assert cached(store) == []
    assert clean(store) == 0
    path = make(spec, store, FakeConverter("a", ONNX_TO_ENGINE)).path
    (entry,) = cached(store)
    assert (entry.identity["model"], entry.identity["converter"]) == ("toy", "a")
    assert json.loads((path.parent / MANIFEST).read_text())["files"].keys() == {"model.bin"}
    assert entry.size > len(b"a<weights>")
    assert clean(store) == entry.size
    assert cached(store) == []


def test_what_a_converter_made_serves_when_it_has_gone(spec: ModelSpec, store: Store) -> None:
    gone = FakeConverter("a", ONNX_TO_ENGINE, present=False)
    with pytest.raises(BackendMissing, match="'a', which is not here"):
        make(spec, store, gone)
    path = make(spec, store, FakeConverter("a", ONNX_TO_ENGINE)).path
    assert make(spec, store, gone).path == path
    path.write_bytes(b"damaged")
    with pytest.raises(BackendMissing, match="pip install a"):
        make(spec, store, gone)
    assert gone.calls == []


def test_a_converter_that_raises_is_named(spec: ModelSpec, store: Store) -> None:
    with pytest.raises(PluginError, match="the converter 'a' failed: KeyError: 'axis'"):
        make(spec, store, FakeConverter("a", ONNX_TO_ENGINE, error=KeyError("axis")))
    with pytest.raises(PluginError, match="'a' failed: FileNotFoundError"):
        make(spec, store, FakeConverter("a", ONNX_TO_ENGINE, error=FileNotFoundError(2, "gone")))
    assert [p for p in (store.cache_dir / FOLDER).iterdir() if p.is_dir()] == []


def test_a_converter_that_wrote_nothing_is_named(spec: ModelSpec, store: Store) -> None:
    class Idle(FakeConverter):
        def convert(self, conversion: Conversion, folder: Path, progress: Progress) -> str:
            return "model.bin"

    with pytest.raises(PluginError, match=r"'a' did not write the file 'model\.bin'"):
        make(spec, store, Idle("a", ONNX_TO_ENGINE))
    assert cached(store) == []


def test_a_full_disk_is_told_from_a_broken_converter(spec: ModelSpec, store: Store) -> None:
    class Talkative(FakeConverter):
        def convert(self, conversion: Conversion, folder: Path, progress: Progress) -> str:
            with Path("/dev/full").open("wb") as file:
                file.write(b"weights")
            return "model.bin"

    with pytest.raises(WeightsError, match="No space left on device") as caught:
        make(spec, store, Talkative("a", ONNX_TO_ENGINE))
    assert "OCRX_CACHE_DIR" in caught.value.remedy


def test_a_disk_that_is_full_in_silence_is_found_out(spec: ModelSpec, store: Store) -> None:
    """Most libraries that fail to write say something else."""
    weights = spec.artifacts["onnx"].path
    assert weights
    weights.write_bytes(bytes(3_000_000))
    converter = FakeConverter("a", ONNX_TO_ENGINE, error=BROKEN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, before[1]))
    try:
        with pytest.raises(WeightsError, match="takes no file of 12 MB: File too large") as caught:
            make(spec, store, converter)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert BROKEN.message in caught.value.message
    with pytest.raises(ConversionFailed):
        make(spec, store, converter)


def test_a_published_file_asks_no_converter(spec: ModelSpec, tmp_path: Path) -> None:
    class Heavy(FakeConverter):
        def probe(self) -> Availability:
            raise AssertionError("it was looked at")

    published = replace(
        spec, artifacts={"tflite": Source("m.tflite", path=tmp_path / "model.onnx")}
    )
    assert (
        find_route(
            published, wanted_by(FakeBackend(), published), [Heavy("a", ONNX_TO_ENGINE)]
        ).steps
        == ()
    )


def test_a_probe_that_fails_takes_only_its_converter_away(spec: ModelSpec) -> None:
    class Faulty(FakeConverter):
        def probe(self) -> Availability:
            raise OSError("libfault.so.1")

    faulty, sound = Faulty("f", ONNX_TO_ENGINE, price=0.1), FakeConverter("s", ONNX_TO_ENGINE)
    route = find_route(spec, wanted_by(FakeBackend(), spec), [faulty, sound])
    assert [converter.name for converter, _ in route.steps] == ["s"]
    with pytest.raises(BackendMissing, match=r"not here \(OSError: libfault\.so\.1\)"):
        find_route(spec, wanted_by(FakeBackend(), spec), [faulty])


def test_how_far_it_is_is_told_of_the_model(spec: ModelSpec, store: Store) -> None:
    told: list[tuple[float, str]] = []
    Workshop(
        store,
        [FakeConverter("a", ONNX_TO_ENGINE)],
        lambda fraction, what: told.append((fraction, what)),
    ).artifact(spec, wanted_by(FakeBackend(), spec))
    assert told == [(0.0, "toy: pressing")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@pytest.mark.slow
@given(files=JSON, identity=JSON, main=JSON)
@example(files={"\0": ""}, identity={}, main="\0")
@example(files={"": ""}, identity={"model": 3}, main="")
def test_no_manifest_whatever_is_taken_for_whole(
    files: object, identity: object, main: object
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder), offline=True)
        entry = Path(folder, FOLDER, "0123")
        entry.mkdir(parents=True)
        (entry / MANIFEST).write_text(
            json.dumps({"files": files, "identity": identity, "main": main}), "utf-8"
        )
        assert [found.whole for found in cached(store)] == [False]
        assert clean(store) > 0
