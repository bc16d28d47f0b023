"""Training: batches, curves, checkpoints that survive, and the network as a file."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from ocrx.errors import DeviceMissing, InputError, OutputError, UsageError
from ocrx.system.files import only_one
from ocrx.weights.onnx_metadata import onnx_metadata
from ocrx_cli.app import main
from ocrx_training.charset import Charset
from ocrx_training.files import write_whole
from ocrx_training.learning.architectures import NETWORKS
from ocrx_training.learning.batches import POOL, batches, collated, line, readable
from ocrx_training.learning.checkpoints import BEST, LAST, Checkpoint, Point, load, save
from ocrx_training.learning.curves import curves
from ocrx_training.learning.settings import Settings, read_settings
from ocrx_training.learning.trainer import Trainer, stages, take_over
from ocrx_training.networks.detr import QUERIES
from ocrx_training.synth.options import SynthOptions

EASY = SynthOptions(patterns={"[0-3]{2}": 1}, kinds={"label": 1}, severity=0.0)
QUICK = Settings(
    charset="0123",
    steps=2 * POOL,
    batch=2,
    warm_up=2,
    easy_steps=POOL,
    threads=1,
    validate_every=POOL,
    validation_pictures=4,
    save_every=3,
    synth=EASY,
    validation=replace(EASY, seed=99),
)


def silent(point: Point, settings: Settings) -> None:
    """Tells nobody."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most", "steps"), [("crnn", 1_200_000, 1 / 4), ("detr", 6_000_000, 0)]
)
def test_a_network_is_small_and_takes_any_width(name: str, most: int, steps: float) -> None:
    network = NETWORKS[name].make(41).eval()
    assert sum(weights.numel() for weights in network.parameters()) <= most
    for lines, columns in ((1, 32), (3, 100), (2, 640)):
        expected = (lines, int(columns * steps) or 2 * QUERIES, 41)
        assert network(torch.zeros(lines, 3, 32, columns)).shape == expected


def test_texts_and_classes_are_each_others_inverse() -> None:
    charset = Charset("AB")
    assert charset.numbers("ABBA") == [1, 2, 2, 1]
    assert charset.text([0, 1, 1, 0, 2, 0, 2, 2, 1]) == "ABBA"
    assert charset.folded("a-b c") == "AB"
    assert Charset("aA").folded("aAb") == "aA"


def test_a_label_outside_the_charset_is_an_error() -> None:
    with pytest.raises(UsageError, match="'A-1' has characters outside the charset: -1"):
        Charset("AB").numbers("A-1")


@pytest.mark.parametrize("characters", ["", "ABA"])
def test_a_charset_without_sense_is_an_error(characters: str) -> None:
    with pytest.raises(UsageError, match="the charset"):
        Charset(characters)


def test_a_batch_is_padded_with_grey() -> None:
    black = np.zeros((16, 40, 3), np.uint8)
    lines = collated([line(black, "1"), line(black[:, :10], "23")], Charset("0123"))
    assert lines.pictures.shape == (2, 3, 32, 96)
    assert lines.classes.tolist() == [2, 3, 4]
    assert lines.lengths.tolist() == [1, 2]
    assert lines.pictures[1, 0, 0, :20].tolist() == [-1.0] * 20
    assert abs(float(lines.pictures[1, 0, 0, 20:].max())) < 0.01


def test_lines_that_ctc_cannot_write_are_left_out() -> None:
    picture = np.zeros((32, 12, 3), np.uint8)
    assert readable(line(picture, "121"))
    assert not readable(line(picture, "112"))  # which takes a blank between the two
    assert not readable(line(picture, ""))
    lines = [line(picture, "112")] * 3 + [line(picture, "1")] * 20
    found = batches(lines, Charset("12"), np.random.default_rng(0))
    assert len(found) == POOL
    assert sum(len(one.texts) for one in found) == 20


def test_the_learning_rate_rises_and_falls() -> None:
    settings = Settings(steps=100, warm_up=10, learning_rate=1.0)
    rates = [settings.rate(step, 0.002) for step in range(100)]
    assert rates[0] == 0.1
    assert max(rates) == rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.01


def test_severity_rises_to_what_is_asked() -> None:
    settings = Settings(easy_steps=60 * POOL, synth=SynthOptions(severity=0.9))
    found = stages(settings, 100)
    assert [found[0][0], found[-1][1]] == [0, 100]
    assert all(a[1] == b[0] for a, b in pairwise(found))
    assert [one[2] for one in found] == pytest.approx([0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9])


@pytest.mark.slow
def test_training_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    Trainer(tmp_path / "whole", QUICK).train(silent)

    def stop(point: Point, settings: Settings) -> None:
        if point.step == 6:  # after it, nothing is kept before step 8
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Trainer(tmp_path / "stopped", QUICK).train(stop)
    again = Trainer(tmp_path / "stopped", QUICK)
    assert again.state.step == 3
    again.train(silent)
    whole, stopped = (load(tmp_path / name / LAST) for name in ("whole", "stopped"))
    assert whole.step == stopped.step == 2 * POOL
    assert all(torch.equal(a, stopped.model[key]) for key, a in whole.model.items())
    assert (tmp_path / "whole" / "curves.png").stat().st_size > 1000


@pytest.mark.slow
def test_a_network_begins_with_what_another_has_learnt(tmp_path: Path) -> None:
    path, other = tmp_path / "other.pt", NETWORKS["crnn"].make(5)
    learnt = {name: torch.full_like(one, 0.25) for name, one in other.state_dict().items()}
    save(path, Checkpoint(QUICK.as_values(), 9, learnt, {}, {}, (), math.inf, 0))
    detr = Trainer(tmp_path, replace(QUICK, network="detr", begin=str(path))).network
    shared = {name: one for name, one in detr.state_dict().items() if name.startswith("columns.")}
    assert len(shared) > 20
    assert all(torch.equal(one, learnt[name]) for name, one in shared.items())
    assert not torch.all(detr.get_parameter("into.weight") == 0.25)
    with pytest.raises(InputError, match=r"other\.pt has no weights that the network has too"):
        take_over(torch.nn.Linear(2, 3), path)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_loss_falls_and_the_file_says_what_the_network_says(name: str, tmp_path: Path) -> None:
    points: list[Point] = []
    trainer = Trainer(tmp_path, replace(QUICK, network=name, batch=8))
    trainer.train(lambda point, _: points.append(point))
    assert points[-1].loss < 0.5 * points[0].loss
    trainer.export(tmp_path / "own.onnx")  # which compares them
    told = onnx_metadata(tmp_path / "own.onnx")
    assert told == {"character": "0\n1\n2\n3", "recognizer": name}
    assert load(tmp_path / BEST).best == trainer.state.best


@pytest.mark.slow
def test_training_stops_when_nothing_gets_better(tmp_path: Path) -> None:
    never = replace(QUICK, learning_rate=1e-12, validate_every=1, patience=3)
    trainer = Trainer(tmp_path, never)
    trainer.train(silent)
    assert trainer.state.step <= 4 + 3


@pytest.mark.slow
def test_a_checkpoint_of_another_network_is_an_error(tmp_path: Path) -> None:
    Trainer(tmp_path, replace(QUICK, steps=1)).train(silent)
    with pytest.raises(InputError, match="charset '0123', not '01234'"):
        Trainer(tmp_path, replace(QUICK, charset="01234"))


@pytest.mark.slow
def test_a_file_that_is_no_checkpoint_is_an_error(tmp_path: Path) -> None:
    (tmp_path / LAST).write_bytes(b"nothing")
    with pytest.raises(InputError, match="is no checkpoint"):
        Trainer(tmp_path, QUICK)


def test_the_last_good_checkpoint_survives_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "last.pt"
    write_whole(path, b"good")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write_whole(path, b"half")
    assert path.read_bytes() == b"good"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceMissing, match="no CUDA device"):
        Trainer(tmp_path, replace(QUICK, device="cuda"))


def test_an_unknown_network_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no network 'vit'"):
        Trainer(tmp_path, replace(QUICK, network="vit"))


def test_a_file_gives_settings(tmp_path: Path) -> None:
    path = tmp_path / "train.toml"
    path.write_text(
        "steps = 10\nlearning_rate = 1\n[synth]\nkinds = ['plate']\nfonts = ['f']\n", "utf-8"
    )
    settings = read_settings(path)
    assert (settings.steps, settings.learning_rate) == (10, 1.0)
    assert settings.synth.kinds == {"plate": 1.0}
    assert settings.synth.fonts == (tmp_path / "f",)
    assert settings.synth.split == "train"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stesp = 1", "unknown setting 'stesp'. Did you mean 'steps'"),
        ("steps = 'many'", "steps cannot be 'many'"),
        ("steps = 0", "steps cannot be 0"),
        ("learning_rate = nan", "learning_rate cannot be nan"),
        ("device = 'tpu'", "no device 'tpu'"),
        ("synth = 3", "synth is not a table"),
        ("[synth]\nkind = 3", r"\[synth\] has an unknown option 'kind'"),
        ("[validation]\nseed = 0", "would draw the pictures that are trained on"),
    ],
)
def test_a_wrong_setting_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "train.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_settings(path)


def test_curves_are_drawn_with_and_without_points() -> None:
    points = [Point(1, 5.0), Point(2, math.nan), Point(3, 1.0, 0.5, 0.9)]
    assert not np.array_equal(curves(points, 10), curves([], 10))


@pytest.mark.slow
def test_the_command_trains_goes_on_and_exports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "train.toml"
    config.write_text(
        "charset = '0123'\nbatch = 2\nthreads = 1\nsave_every = 2\nvalidation_pictures = 2\n"
        "[synth]\npatterns = ['[0-3]{2}']\n[validation]\npatterns = ['[0-3]{2}']\n",
        encoding="utf-8",
    )
    for steps in ("4", "6"):
        asked = ["train", str(tmp_path / "run"), "--config", str(config), "--steps", steps]
        assert main([*asked, "--device", "cpu"]) == 0
    out, err = capsys.readouterr()
    assert "the best of 6 steps" in out
    assert "goes on from step 4" in err
    files = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"last.pt", "best.pt", "curves.png", "settings.json", "crnn.onnx"} <= files


def test_two_do_not_train_in_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = UsageError("taken", "")
    with only_one(tmp_path / ".lock", taken):
        assert main(["train", str(tmp_path)]) == 2
    assert "another process trains in" in capsys.readouterr().err
    assert not (tmp_path / "settings.json").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        ["--device", "tpu"],
        ["--config", "none.toml"],
        ["--from", "none"],
        ["--from", "paddle", "--data", "none"],
        ["--from", "paddle", "--test", "none"],
    ],
)
def test_a_wrong_argument_fails_before_torch_is_imported(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wrong: list[str],
) -> None:
    for module in ("learning.trainer", "finetuning.work"):
        monkeypatch.setitem(sys.modules, f"ocrx_training.{module}", None)
    assert main(["train", str(tmp_path / "run"), *wrong]) in (1, 2)
    told = "--test goes with --data" if "--test" in wrong else wrong[-1]
    assert told in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
