"""A run with real networks on two runtimes, on pictures made here."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

from ocrx.bench.data.dataset import Dataset, Sample
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.result import Cell
from ocrx.bench.run.runner import run_matrix
from ocrx.bench.run.settings import Settings
from support.labels import label

pytestmark = pytest.mark.slow

TEXTS = ("LOT 4711", "EXP 2027", "AB 12-34")


@pytest.mark.usefixtures("cache_dir")
def test_two_runtimes_read_the_same_and_every_figure_is_there(tmp_path: Path) -> None:
    samples = []
    for number, text in enumerate(TEXTS):
        path = tmp_path / f"{number}.png"
        PIL.Image.fromarray(label([text], (280, 80))).save(path)
        samples.append(Sample(path.name, path, text))
    dataset = Dataset("lots", tmp_path, "lines", samples)
    cells = [Cell("paddle", "", name, "fp32") for name in ("onnxruntime", "openvino")]
    settings = Settings(
        rounds=2, warm_seconds=5, folding=Folding(code=True), reading={"charset": "A-Z0-9- "}
    )
    result = run_matrix(dataset, cells, settings)
    for one in result.cells:
        assert (one.state, one.reason) == ("ok", "")
        figures = one.figures
        assert figures is not None
        assert figures.parity is not None
        assert (figures.parity.reference, figures.parity.equal) == ("onnxruntime", 100.0)
        assert figures.quality.exact is not None
        assert figures.quality.exact.value == 100.0
        (used,) = figures.used
        assert (used.backend, used.precision) == (one.cell.backend, "fp32")
        assert used.decoder == "pattern"
        assert figures.quality.trust is not None
        assert figures.quality.trust.read_01.value == 100.0
        cost = figures.cost
        assert cost.stages["decode_text"] > 0
        assert cost.stages["recognize"] > cost.stages["decode_text"]
        assert sum(cost.stages.values()) == pytest.approx(sum(cost.rounds) / 2, rel=1)
        assert cost.startup > 10
        assert cost.model_mb is not None
        assert cost.model_mb == pytest.approx(20.3, abs=0.5)
        assert cost.peak_mb is not None
        assert cost.peak_mb > cost.model_mb
    assert result.settings["charset"] == '"A-Z0-9- "'
    assert {"ocrx", "openvino", "onnxruntime"} <= set(result.environment.packages)
