from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import ocrx_paddleocr
from ocrx.estimate import check, measure
from ocrx_cli.app import main
from support.crnn import crnn

NANO = ("--device", "jetson-nano")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    assert main(["estimate", *arguments]) == 0
    out, err = capsys.readouterr()
    return out, err


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(capsys, *arguments, "--json")[0])
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["estimate", *arguments]) in (2, 5)
    return capsys.readouterr().err


@pytest.mark.slow
def test_a_model_is_estimated_for_another_device(capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be 1x3x640x640" in refused(capsys, "paddle", *NANO, "--shape", "640x640")
    shape = ("--task", "recognition", "--precision", "fp16", "--shape", "48x320", "--top", "3")
    out, _ = run(capsys, "paddle:v6-small", *NANO, *shape)
    assert "PP-OCRv6_rec_small, x 1x3x48x320, fp16" in out
    assert "on Jetson Nano: 0.472 TOP/s in fp16, 25.6 GB/s" in out
    assert "1.092 GMAC" in out
    assert "bound by compute: an estimate, not measured" in out
    rows = [line for line in out.splitlines() if line.endswith(("compute", "memory"))]
    assert len(rows) == 3
    assert rows[0].startswith("MatMul.12")


def test_every_network_of_a_name_is_estimated(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "paddle", *NANO)
    assert found["estimate"] is True
    assert found["device"]["name"] == "jetson-nano"
    assert len(found["models"]) == 3
    for model in found["models"]:
        layers = model["layers"]
        assert model["ms"] == pytest.approx(sum(layer["ms"] for layer in layers))
        assert model["macs"] == sum(layer["macs"] for layer in layers)
        assert model["peak"] == max(layer["live"] for layer in layers)
        assert (model["uncounted"], model["check"], model["precision"]) == ([], None, "fp32")


def test_fp16_takes_half_the_bytes_and_less_time(capsys: pytest.CaptureFixture[str]) -> None:
    (full,) = told(capsys, "PP-OCRv6_rec_small.onnx", *NANO)["models"]
    (half,) = told(capsys, "PP-OCRv6_rec_small.onnx", *NANO, "--precision", "fp16")["models"]
    assert (2 * half["weights"], 2 * half["peak"]) == (full["weights"], full["peak"])
    assert 0.4 < half["ms"] / full["ms"] < 0.6


def test_a_file_of_ones_own_with_an_lstm(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = crnn(tmp_path).path
    out, _ = run(capsys, str(path), *NANO, "--shape", "32x128", "--batch", "2")
    assert "picture 2x1x32x128, fp32" in out
    assert "LSTM" in out
    assert "takes inputs of any size (picture: 1x1x32x?)" in refused(capsys, str(path), *NANO)


def test_a_compressed_model_is_estimated_by_its_name_and_its_path(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Path(ocrx_paddleocr.__file__).parent / "weights" / "recognition"
    found = [
        told(capsys, one, "--task", "recognition", *NANO)["models"][0]
        for one in ("paddle:fast", f"{folder}/", "paddle")
    ]
    assert found[0]["macs"] == found[1]["macs"] == found[2]["macs"]


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("model", ["PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx",
                                   "ch_ppocr_mobile_v2.0_cls_mobile.onnx"])  # fmt: skip
def test_the_bound_holds_on_this_processor(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setattr(check, "SECONDS", 0.3)
    found = told(capsys, model, "--check", "-b", "onnxruntime", "--precision", "fp32")
    (answer,) = found["models"]
    measured = answer["check"]
    assert found["device"]["name"] == "this-cpu"
    assert (measured["backend"], measured["precision"]) == ("onnxruntime", "fp32")
    assert measured["holds"] is True, measured
    assert answer["ms"] == measured["bound"] <= measured["fastest"] <= measured["median"]
    assert 0 < measured["efficiency"] <= 100


@pytest.mark.slow
def test_what_has_to_be_converted_is_checked_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "SECONDS", 0.0)
    model = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"
    found = told(capsys, model, "--check", "-b", "onnxruntime", "--precision", "int8")
    (answer,) = found["models"]
    assert (answer["precision"], answer["check"]["precision"]) == ("int8", "int8")


@pytest.mark.slow
def test_a_bound_that_does_not_hold_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "SECONDS", 0.0)
    monkeypatch.setattr(measure, "_probe", lambda cores: (1e6, 1e6, 1e6))  # a very slow processor
    model = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"
    out, err = run(capsys, model, "--check", "-b", "onnxruntime", "--precision", "fp32")
    assert "the bound does NOT hold" in out
    assert "measured on onnxruntime cpu fp32" in out
    assert "running paddle:v2-mobile (orientation) on onnxruntime" in err


def test_the_devices_are_listed_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capsys, "--devices")
    assert "raspberry-pi-5" in out
    assert "rtx-2080-ti: NVIDIA, Turing GPU architecture whitepaper" in out
    names = {one["name"] for one in told(capsys, "--devices")["devices"]}
    assert {"jetson-nano", "jetson-orin-nano", "rtx-3090", "h200"} <= names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no model was given"),
        (["nothing.onnx"], "there is no file or model nothing.onnx"),
        (["padle"], "there is no model 'padle'"),
        (["paddle", "--device", "jetson-nan"], "Did you mean 'jetson-nano'?"),
        (["paddle", *NANO, "--precision", "int8"], "Jetson Nano has no figure for int8"),
        (["paddle", *NANO, "--shape", "48by320"], "'48by320' is not HEIGHTxWIDTH"),
        (["paddle", *NANO, "--shape", "y=48x320"], "'y', which is no input of PP-OCR"),
        (["paddle", *NANO, "--shape", "48x320", "--shape", "48x640"], "two shapes for the input"),
        (["paddle", *NANO, "--check"], "--check measures on this machine"),
        (["paddle", "--precision", "fp8"], "'fp8' is not one of"),
    ],
)
def test_what_makes_no_sense_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert message in refused(capsys, *arguments)


def test_a_file_in_a_format_that_nobody_counts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "net.tflite"
    path.write_bytes(b"TFL3")
    assert "format 'tflite'" in refused(capsys, str(path), *NANO)
