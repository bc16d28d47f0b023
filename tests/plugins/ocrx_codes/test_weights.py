"""The networks that come with the package: their size, and what they read."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from ocrx import Reader
from ocrx.bench.data.dataset import Answer, Sample
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.quality import measure_quality
from ocrx.weights.store import Store
from ocrx_codes.catalogue import charset_of, find
from ocrx_training.synth.options import SynthOptions
from ocrx_training.synth.stream import pictures
from support.labels import label

STORE = Store(offline=True)


@pytest.mark.parametrize(("recognizer", "most"), [("crnn", 1.2e6), ("detr", 6e6)])
def test_networks_are_for_edge_devices(recognizer: str, most: float) -> None:
    spec = find(recognizer, "")
    network = onnx.load(str(STORE.path(spec.artifacts["onnx"])))
    assert sum(np.prod(one.dims) for one in network.graph.initializer) <= most
    assert {"0", "9", "A", "Z", "-", "."} <= set(charset_of(spec, STORE))


@pytest.mark.parametrize("text", ["LOT4711", "2026-03-14", "AB172HG", "7F3K-204"])
def test_crnn_reads_plain_codes_from_a_fresh_install(text: str) -> None:
    with Reader(recognizer="crnn", layout="line", offline=True) as reader:
        page = reader.read(label([text], (26 * len(text) + 60, 68), height=24))
    assert page.text.strip() == text


@pytest.mark.slow
@pytest.mark.parametrize(("recognizer", "least"), [("crnn", 80), ("detr", 70)])
def test_most_of_what_is_drawn_to_be_hard_is_read(recognizer: str, least: float) -> None:
    drawn = list(pictures(SynthOptions(seed=5, severity=0.5, split="held-out"), count=150))
    with Reader(recognizer=recognizer, layout="line", offline=True) as reader:
        answers = [Answer(page.text) for page in reader.read_many([one.picture for one in drawn])]
    samples = [Sample(str(i), one.picture, one.text) for i, one in enumerate(drawn)]
    found = measure_quality(samples, answers, Folding(code=True)).characters
    assert found is not None
    assert found.value > least
