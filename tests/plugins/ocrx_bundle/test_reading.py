"""A bundle, run as a program of its own, reads drawn codes as ocrx does."""

from __future__ import annotations

import json
import subprocess
import sys
from operator import eq
from pathlib import Path

import cv2
import pytest

from ocrx import Reader
from ocrx_bundle.making import make
from ocrx_bundle.wanted import Wanted
from ocrx_training.synth.options import SynthOptions
from ocrx_training.synth.stream import stream

pytestmark = pytest.mark.slow

PATTERN, CHARSET = r"[A-Z]{2,4}-?\d{3,8}|[A-Z0-9/ -]+", "A-Z0-9/ -"


# With a pattern ocrx adds up the paths of each text, while the program takes the best path.
@pytest.mark.parametrize(
    ("model", "patterns", "count", "least"),
    [("crnn", (), 100, 100), ("paddle:v6-tiny", (PATTERN,), 40, 36)],
    ids=["freely", "along a pattern"],
)
def test_it_reads_as_ocrx_does(
    model: str, patterns: tuple[str, ...], count: int, least: int, tmp_path: Path
) -> None:
    charset = CHARSET if patterns else ""
    bundle = tmp_path / "bundle"
    make(Wanted(model, "cpu", bundle, patterns=patterns, charset=charset))
    paths = []
    for number, (picture, _) in enumerate(stream(SynthOptions(seed=5), count=count)):
        paths.append(str(tmp_path / f"{number:03}.png"))
        cv2.imwrite(paths[-1], picture[:, :, ::-1])
    command = [sys.executable, str(bundle / "read_codes.py"), "--json", *paths]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    read = ["".join(one["text"] for one in json.loads(line)["lines"]) for line in told.splitlines()]
    with Reader(
        recognizer=model,
        backend="onnxruntime",
        precision="fp32",
        layout="line",
        orienter=None,
        patterns=patterns,
        charset=charset,
    ) as reader:
        expected = ["".join(line.text for line in page.lines) for page in reader.read_many(paths)]
    assert len(read) == count
    assert sum(map(eq, read, expected)) >= least
