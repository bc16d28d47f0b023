"""What the builder is told, by generation of TensorRT, and what is kept from one build to the next.

Real builds are in test_build.py.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ocrx.conversion.routes import wanted_by
from ocrx.conversion.workshop import Workshop, no_progress
from ocrx.errors import BackendMissing, ConversionFailed, DeviceMissing
from ocrx.interfaces.conversion import Conversion
from ocrx.names import Precision
from ocrx.testing import DIFFERENCE, LINE
from ocrx.weights.store import Store
from ocrx_tensorrt import library
from ocrx_tensorrt.library import load_library
from support.fakecuda import FakeCuda
from support.faketensorrt import GENERATIONS, Generation
from support.tensorrtmachine import Machine, machine

ONNX = Conversion(LINE.spec(), LINE.artifact(("onnx",)), "fp32")
H200 = [("NVIDIA H200", (9, 0))]


def flags(made: Machine) -> set[str]:
    return {flag.name for flag in made.tensorrt.configs[-1].flags}


def in_fp16(made: Machine) -> bool:
    """Whether the network that was parsed holds fp16."""
    return any(node.op_type == "Cast" for node in made.tensorrt.networks[-1].model.graph.node)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_precision_is_a_flag_where_there_are_flags(generation: Generation, tmp_path: Path) -> None:
    by_flag = generation in ("8.4", "8.6", "10")
    with machine(generation, tmp_path) as made:
        made.engine(LINE, tmp_path / "a")
        assert flags(made) == set()
        assert not in_fp16(made)
        made.engine(LINE, tmp_path / "b", "fp16")
        assert flags(made) == ({"FP16"} if by_flag else set())
        assert in_fp16(made) is not by_flag


@pytest.mark.parametrize("generation", GENERATIONS)
def test_int8_and_fp16_networks_are_taken_as_they_are(
    generation: Generation, tmp_path: Path
) -> None:
    with machine(generation, tmp_path) as made:
        precisions: tuple[Precision, ...] = ("int8", "fp16")
        for precision in precisions:
            held = replace(ONNX.artifact, spec=replace(LINE.spec(), precision=precision))
            wanted = replace(ONNX, artifact=held, precision=precision)
            made.converter().convert(wanted, tmp_path, no_progress)
            assert flags(made) <= {precision.upper()}
            assert bool(flags(made)) == (generation in ("8.4", "8.6", "10"))
            assert not in_fp16(made)


@pytest.mark.parametrize(
    ("generation", "bits"), [("8.4", 1), ("8.6", 1), ("10", 1), ("11", 2), ("rtx", 2)]
)
def test_the_network_is_typed_where_it_must_be(
    generation: Generation, bits: int, tmp_path: Path
) -> None:
    with machine(generation, tmp_path) as made:
        made.engine(LINE, tmp_path)
        assert made.tensorrt.networks[-1].flags == bits


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_profile_is_the_models(generation: Generation, tmp_path: Path) -> None:
    with machine(generation, tmp_path) as made:
        made.engine(DIFFERENCE, tmp_path)
        (profile,) = made.tensorrt.configs[-1].profiles
        assert profile.ranges == {name: [[1, 1], [2, 8], [8, 64]] for name in ("first", "second")}


def test_an_axis_of_one_size_is_fixed_in_the_network(tmp_path: Path) -> None:
    spec = replace(LINE.spec(), shapes={"picture": (2, 1, 8, LINE.shapes["picture"][3])})
    with machine("11", tmp_path) as made:
        made.converter().convert(replace(ONNX, spec=spec), tmp_path, no_progress)
        assert made.tensorrt.networks[-1].inputs[0].shape == (2, 1, 8, -1)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_options_reach_the_builder_by_the_names_it_has(
    generation: Generation, tmp_path: Path
) -> None:
    with machine(generation, tmp_path) as made:
        made.engine(LINE, tmp_path, tf32=True, workspace=64)
        config = made.tensorrt.configs[-1]
        assert flags(made) == {"TF32"}
        if generation == "8.4":
            assert config.max_workspace_size == 64 << 20
            with pytest.raises(ConversionFailed, match="no optimisation levels"):
                made.engine(LINE, tmp_path, optimization_level=5)
            return
        assert list(config.pools.values()) == [64 << 20]
        made.engine(LINE, tmp_path, optimization_level=5)
        assert made.tensorrt.configs[-1].builder_optimization_level == 5


@pytest.mark.parametrize("generation", ["8.4", "8.6", "10", "11"])
def test_what_was_measured_is_used_the_next_time(generation: Generation, tmp_path: Path) -> None:
    with machine(generation, tmp_path / "cache") as made:
        for _ in range(3):
            made.engine(LINE, tmp_path / "made")
        (kept,) = (tmp_path / "cache" / "compiled" / "tensorrt").glob("timings-*.cache")
        assert kept.read_bytes() == b"timings 3"
        assert kept.name == f"timings-tensorrt-{made.tensorrt.version}-sm89-NVIDIA-L4.cache"
        kept.write_bytes(b"damaged")
        made.engine(LINE, tmp_path / "made")
        assert kept.read_bytes() == b"timings 1"


def test_timings_of_another_process_are_kept(tmp_path: Path) -> None:
    with machine("10", tmp_path / "cache") as made:
        made.engine(LINE, tmp_path / "made")
        (kept,) = (tmp_path / "cache" / "compiled" / "tensorrt").glob("timings-*.cache")

        # While this one builds, another process has built seven.
        def report(fraction: float, what: str) -> None:
            kept.write_bytes(b"timings 7")

        made.engine(LINE, tmp_path / "made", report=report)
        assert kept.read_bytes() == b"timings 7"


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where a folder should be")
    with machine("10", blocked) as made:
        assert made.engine(LINE, tmp_path / "made").path.is_file()


@pytest.mark.parametrize("generation", ["10", "11", "rtx"])
def test_progress_is_told(generation: Generation, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    with machine(generation, tmp_path) as made:
        made.engine(LINE, tmp_path, report=lambda fraction, what: told.append((fraction, what)))
    fractions = [fraction for fraction, _ in told]
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    assert fractions == sorted(fractions)
    assert len(told) > 40
    assert "Timing" in {what for _, what in told}


@pytest.mark.parametrize("generation", ["8.4", "8.6"])
def test_without_a_monitor_the_ends_are_told(generation: Generation, tmp_path: Path) -> None:
    told: list[float] = []
    with machine(generation, tmp_path) as made:
        made.engine(LINE, tmp_path, report=lambda fraction, what: told.append(fraction))
    assert told == [0.0, 1.0]


def test_ctrl_c_stops_the_build(tmp_path: Path) -> None:
    def interrupt(fraction: float, what: str) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt

    with machine("11", tmp_path) as made, pytest.raises(KeyboardInterrupt):
        made.engine(LINE, tmp_path, report=interrupt)


def test_what_tensorrt_complains_of_is_in_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with machine("10", tmp_path) as made:
        monkeypatch.setattr(made.tensorrt.module.Builder, "_reported", lambda *_: False)
        with pytest.raises(ConversionFailed, match=r"toy-line in fp32 cannot be built: .*aborted"):
            made.engine(LINE, tmp_path)


def key(made: Machine, device: str = "auto") -> dict[str, str]:
    return dict(made.converter().fingerprint(replace(ONNX, device=device)))


def test_the_key_tells_cards_libraries_and_systems_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = FakeCuda([("NVIDIA L4", (8, 9)), ("NVIDIA L40", (8, 9)), ("NVIDIA A100", (8, 0))])
    with machine("10", tmp_path, cards) as made:
        keys = [key(made, device) for device in ("cuda:0", "cuda:1", "cuda:2")]
        assert key(made) == keys[0]
        monkeypatch.setattr("ocrx_tensorrt.converter.this_platform", lambda: "win32-amd64")
        keys.append(key(made))
    with machine("11", tmp_path, cards) as made:
        keys.append(key(made))
    with machine("rtx", tmp_path, cards) as made:
        keys.append(key(made))
        # Built for the architecture alone, whatever the card is called.
        assert key(made, "cuda:1") == key(made, "sm89") == keys[-1]
    assert len({tuple(sorted(one.items())) for one in keys}) == len(keys)


def test_an_engine_is_built_once_per_card(tmp_path: Path) -> None:
    cards = FakeCuda([("NVIDIA L4", (8, 9)), ("NVIDIA A100", (8, 0))])
    with machine("10", tmp_path, cards) as made:
        shop = Workshop(Store(tmp_path / "store"), [made.converter()], no_progress)
        wanted = [
            wanted_by(made.backend(), LINE.spec(), "fp16", d)
            for d in ("cuda:0", "cuda:1", "cuda:0")
        ]
        paths = [shop.artifact(LINE.spec(), each).path for each in wanted]
        assert paths[0] == paths[2] != paths[1]
        assert len(made.tensorrt.configs) == 2


@pytest.mark.parametrize("generation", ["10", "11"])
def test_tensorrt_proper_needs_the_card(generation: Generation, tmp_path: Path) -> None:
    with machine(generation, tmp_path) as made, pytest.raises(DeviceMissing, match="'sm89'"):
        key(made, "sm89")
    with machine(generation, tmp_path, FakeCuda([])) as made:
        assert made.converter().probe().present
        with pytest.raises(DeviceMissing, match="no GPU to build for") as caught:
            key(made)
    assert caught.value.remedy.startswith("Get it with: ")


def test_rtx_has_no_target_for_a_hopper(tmp_path: Path) -> None:
    rtx = machine("rtx", tmp_path, FakeCuda(H200))
    with rtx as made, pytest.raises(DeviceMissing) as caught:
        key(made)
    assert "does not build for NVIDIA H200 (sm90), only for sm75" in caught.value.message
    assert 'pip install "ocrx[tensorrt]"' in caught.value.remedy
    with machine("11", tmp_path, FakeCuda(H200)) as made:
        assert key(made)["architecture"] == "sm90"


def test_without_a_library_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def import_library(name: str) -> object:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(library, "import_library", import_library)
    with pytest.raises(BackendMissing) as caught:
        load_library()
    assert "No module named 'tensorrt'; ModuleNotFoundError" in caught.value.message
    assert caught.value.remedy == 'Get it with: pip install "ocrx[tensorrt]"'
    with pytest.raises(BackendMissing, match=r"pip install .ocrx\[tensorrt-rtx\]"):
        load_library("tensorrt_rtx")
