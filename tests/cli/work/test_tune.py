"""`ocrx tune` with cells that are told what they come to; the profile it keeps is then followed by
real readers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrx.bench.figures.result import (
    Cell,
    CellResult,
    Component,
    Cost,
    Figures,
    Interval,
    MachineInfo,
    Quality,
)
from ocrx.bench.tuning.harness import Survey
from ocrx.bench.tuning.search import Effort
from ocrx.errors import BackendError
from ocrx.plugins.registry import load_plugins
from ocrx.profiles.profile import Machine, load, profile_path, save
from ocrx.reading.assembly import Assembly
from ocrx.reading.reader import Reader
from ocrx.system.cpus import available_cpus
from ocrx.weights.store import Store
from ocrx_cli.app import main
from ocrx_cli.work import tune as tuning
from support.preferred import PREFERRED
from support.samples import encode, gradient

MACHINE = MachineInfo("s", "3", "c", (), available_cpus(), 1000.0)
PICTURE = np.full((48, 200, 3), 255, np.uint8)
ORT = "onnxruntime"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCRX_PROFILE", str(tmp_path / "profile.json"))
    found = profile_path()
    assert found is not None
    return found


Costs = dict[tuple[str, str], tuple[float, float]]
"""By runtime and precision, milliseconds and accuracy."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, path: Path) -> Callable[..., None]:
    """Makes cells come to what it is given, the `weak` ones until the final; the versions of the
    runtimes are the real ones."""

    def make(costs: Costs, weak: Sequence[tuple[str, str]] = ()) -> None:
        def measure(cells: Sequence[Cell], effort: Effort) -> list[CellResult]:
            return [result(cell, effort) for cell in cells]

        def result(cell: Cell, effort: Effort) -> CellResult:
            if (cell.backend, cell.precision) in weak and effort.rounds > 1:
                return CellResult(cell, "failed", "it ran out of memory")
            if (cell.backend, cell.precision) not in costs or cell.threads != available_cpus():
                return CellResult(cell, "no route", "it cannot")
            ms, percent = costs[cell.backend, cell.precision]
            used = Component("recognition", "m", cell.backend, "cpu", cell.precision)
            quality = Quality(9, "none", Interval(percent, 0, 100))
            cost = Cost(ms, ms, ms, 1000 / ms, (ms, ms, ms), 0.1)
            return CellResult(cell, "ok", figures=Figures(quality, cost, (used,)))

        def survey(known: Sequence[str]) -> Survey:
            assembly = Assembly(load_plugins(), Store(offline=True))
            found = {name: assembly.version(name) for name in (ORT, "openvino")}
            return Survey(MACHINE, {name: found[name] for name in known if name in found})

        monkeypatch.setattr(tuning, "harness", lambda *arguments: measure)
        monkeypatch.setattr(tuning, "survey", survey)

    return make


BOTH: Costs = {
    ("openvino", "fp32"): (10.0, 99.0),
    (ORT, "fp32"): (8.0, 99.0),
    ("openvino", "bf16"): (5.0, 90.0),
}


def tune(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    assert main(["tune", *arguments]) == code
    out, err = capsys.readouterr()
    return out, err


def test_what_is_found_is_shown_kept_and_followed(
    capsys: pytest.CaptureFixture[str], world: Callable[..., None], path: Path
) -> None:
    world(BOTH)
    out, err = tune(capsys, "--layout", "line")
    table = [row for row in out.splitlines() if row.split()[2:3] == [str(available_cpus())]]
    rows = {tuple(row.split()[:2]): row for row in table}
    assert rows[ORT, "fp32"].endswith("chosen, the reference")
    assert rows["openvino", "bf16"].endswith("reads worse than --max-loss 1 allows")
    assert "no route: it cannot" in rows[ORT, "bf16"]
    assert f"kept in {path}" in out
    assert "line: every runtime in fp32 (2 cells)" in err
    (kept,) = load(path).choices
    assert (kept.layout, kept.backend, kept.precision, kept.device) == ("line", ORT, "fp32", "cpu")
    with Reader(layout="line") as reader:
        assert (reader.tuned.state, reader.tuned.choice) == ("active", kept)
        (used,) = [u for u in reader.read(PICTURE).used if u.task == "recognition"]
    assert (used.backend, used.precision) == (ORT, "fp32")


@pytest.mark.slow
def test_both_layouts_are_tuned_each_for_itself(
    capsys: pytest.CaptureFixture[str], world: Callable[..., None], path: Path
) -> None:
    world(BOTH)
    told = json.loads(tune(capsys, "--json")[0])
    assert [one["choice"]["layout"] for one in told["tuned"]] == ["line", "page"]
    assert [choice.detector for choice in load(path).choices] == ["", "paddle"]
    trials = told["tuned"][0]["trials"]
    assert [one["backend"] for one in trials if one["chosen"]] == [ORT]
    assert {one["state"] for one in trials} == {"ok", "no route"}
    with Reader() as reader:
        assert reader.tuned.choice == load(path).choices[1]


def test_a_decoder_is_tuned_with_and_told(
    capsys: pytest.CaptureFixture[str], world: Callable[..., None], path: Path
) -> None:
    world(BOTH)
    arguments = ("--decoder", "beam", "--set", "decoder.beam.width=4", "--layout", "line")
    told = json.loads(tune(capsys, *arguments, "--json")[0])
    assert {one["decoder"] for one in told["tuned"][0]["trials"]} == {"beam"}
    assert "line (paddle, beam): onnxruntime fp32" in tune(capsys, "--show")[0]
    with Reader(layout="line") as reader:  # with any decoder
        assert (reader.tuned.state, reader.tuned.choice) == ("active", load(path).choices[0])


def test_a_reference_that_fails_in_the_final_does_not_cost_the_search(
    capsys: pytest.CaptureFixture[str], world: Callable[..., None], path: Path
) -> None:
    world(BOTH, weak=[(ORT, "fp32")])
    out, err = tune(capsys, "--layout", "line")
    (kept,) = load(path).choices
    assert (kept.backend, kept.precision, kept.reference_ms) == ("openvino", "fp32", 8.0)
    assert "failed: it ran out of memory" in out
    assert "the reference failed in the final, so the earlier measurements decide" in err
    assert "no time to measure" not in err


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        {"backend": "openvino"},
        {"precision": "fp32"},
        {"device": "cpu"},
        {"threads": 1},
        {"recognizer_backend": "openvino"},
        {"options": {"backend.onnxruntime": {}}},
    ],
)
def test_who_asks_for_something_gets_that_alone(
    capsys: pytest.CaptureFixture[str],
    world: Callable[..., None],
    path: Path,
    asked: dict[str, Any],
) -> None:
    world(BOTH)
    tune(capsys, "--layout", "line")
    with Reader(layout="line", **asked) as reader:
        assert reader.tuned.state == "off"
        used = reader.read(PICTURE).used[0]
    with Reader(layout="line", **asked) as reader:
        path.unlink()
        assert used == reader.read(PICTURE).used[0]


def test_a_profile_of_another_version_is_said_and_not_used(
    capsys: pytest.CaptureFixture[str], world: Callable[..., None], path: Path
) -> None:
    world(BOTH)
    tune(capsys, "--layout", "line")
    kept = load(path)
    (choice,) = kept.choices
    old = Machine(**{**choice.machine.__dict__, "runtimes": {ORT: "0.1", "openvino": "0.1"}})
    save(kept.put(type(choice)(**{**choice.__dict__, "machine": old})))
    with Reader(layout="line") as reader:
        assert reader.tuned.state == "stale"
        assert reader.read(PICTURE).used[0].backend == PREFERRED  # as without a profile
    out, _ = tune(capsys, "--show")
    assert "openvino is " in out
    assert ", it was 0.1" in out
    assert "run `ocrx tune` again" in out


def test_a_runtime_that_refuses_names_the_profile(
    capsys: pytest.CaptureFixture[str], world: Callable[..., None], path: Path
) -> None:
    world(BOTH)
    tune(capsys, "--layout", "line")
    kept = load(path)
    (choice,) = kept.choices
    save(kept.put(type(choice)(**{**choice.__dict__, "device": "cuda:7"})))
    with pytest.raises(BackendError, match=r"as the profile .*profile\.json chose.*ocrx tune"):
        Reader(layout="line")


def test_show_and_reset(
    capsys: pytest.CaptureFixture[str],
    world: Callable[..., None],
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world(BOTH)
    with monkeypatch.context() as patch:
        patch.setattr(Assembly, "version", None)  # asking a runtime takes seconds
        assert "There is no profile" in tune(capsys, "--show")[0]
    tune(capsys, "--layout", "line")
    out, _ = tune(capsys, "--show")
    assert f"line (paddle): onnxruntime fp32 on cpu with {available_cpus()} thread" in out
    assert "8.0 ms a picture, 99.00 % of characters" in out
    shown = json.loads(tune(capsys, "--show", "--json")[0])
    assert shown["profile"] == str(path)
    assert shown["choices"][0]["backend"] == ORT
    assert f"removed {path}" in tune(capsys, "--reset")[1]
    assert "there was no profile" in tune(capsys, "--reset")[1]


def test_the_doctor_tells_of_it(
    capsys: pytest.CaptureFixture[str], world: Callable[..., None], path: Path
) -> None:
    world(BOTH)
    tune(capsys, "--layout", "line")
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["profile"]
    assert told["file"] == str(path)
    (one,) = told["choices"]
    assert (one["layout"], one["models"]) == ("line", "paddle")
    assert one["choice"].startswith("onnxruntime fp32 on cpu")
    assert one["created"].startswith("20")
    path.write_text("{")
    assert main(["doctor"]) == 0
    assert "cannot be read" in capsys.readouterr().out


def test_one_runtime_can_be_tuned_alone(
    capsys: pytest.CaptureFixture[str], world: Callable[..., None], path: Path
) -> None:
    world(BOTH)
    out, _ = tune(capsys, "--layout", "line", "-b", "openvino", "--max-loss", "20")
    assert ORT not in out
    (kept,) = load(path).choices
    assert (kept.backend, kept.precision) == ("openvino", "bf16")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-b", "openvin"], "Did you mean 'openvino'?"),
        (["-r", "padle"], "padle"),
        (["--show", "--reset"], "do not go together"),
        (["--layout", "poem"], "'poem' is not one of"),
        (["--max-loss", "-1"], "cannot be negative"),
        (["--budget", "0"], "the budget must be positive"),
        (["--decoder", "beem"], "Did you mean 'beam'?"),
        (["--set", "decoder.beam.width=2"], "but no cell uses it"),
        (["--set", "backend.openvino.x=2"], "without options of their own"),
    ],
)
def test_what_makes_no_sense_is_told(
    capsys: pytest.CaptureFixture[str],
    world: Callable[..., None],
    arguments: list[str],
    message: str,
) -> None:
    world(BOTH)
    assert message in tune(capsys, *arguments, code=2)[1]


def test_a_dataset_of_lines_is_not_for_pages(
    capsys: pytest.CaptureFixture[str], world: Callable[..., None], tmp_path: Path
) -> None:
    import PIL.Image

    PIL.Image.fromarray(PICTURE).save(tmp_path / "a.png")
    (tmp_path / "labels.tsv").write_text("a.png\tA\n")
    world(BOTH)
    message = "holds lines: --layout page does not go with it"
    assert message in tune(capsys, str(tmp_path), "--layout", "page", code=2)[1]


def test_what_is_taken_of_a_large_dataset_is_said(
    capsys: pytest.CaptureFixture[str], world: Callable[..., None], tmp_path: Path
) -> None:
    def named(count: int) -> str:
        folder = tmp_path / str(count)
        folder.mkdir()
        for index in range(count):
            (folder / f"{index}.png").write_bytes(encode(gradient(40, 20)))
        (folder / "labels.tsv").write_text("".join(f"{i}.png\tA\n" for i in range(count)))
        return str(folder)

    world(BOTH)
    assert "200 of the 201 lines of 201 are used, evenly spread" in tune(capsys, named(201))[1]
    assert "evenly spread" not in tune(capsys, named(200))[1]


def test_switched_off_there_is_nothing_to_keep(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRX_PROFILE", "off")
    for arguments in ([], ["--show"], ["--reset"]):
        assert "OCRX_PROFILE switches profiles off" in tune(capsys, *arguments, code=2)[1]
