"""Which cells a run has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrx.bench.data.dataset import Dataset, Sample
from ocrx.bench.data.pictures import as_files
from ocrx.bench.figures.result import Cell
from ocrx.bench.run.plan import Choices, options_of, plan
from ocrx.errors import UnknownName, UsageError
from ocrx.images.document import Blob
from ocrx.images.opening import ImageSource
from ocrx.plugins.registry import load_plugins
from support.samples import decode, encode, gradient


@pytest.mark.usefixtures("world")
def test_everything_is_combined_but_for_engines() -> None:
    choices = Choices(
        recognizers=["widths", "sizes", "whole", "widths"],
        backends=["onnxruntime", "crooked"],
        precisions=["fp32", "int8"],
        threads=[None, 1],
    )
    cells = plan(choices, load_plugins(), "line", {})
    networks = [
        Cell("widths", "", backend, precision, threads=threads)
        for backend in ("onnxruntime", "crooked")
        for precision in ("fp32", "int8")
        for threads in (None, 1)
    ]
    assert cells == [*networks, Cell("sizes", backend=""), Cell("whole", backend="")]


@pytest.mark.usefixtures("world")
def test_pages_need_detectors_and_every_backend_is_the_default() -> None:
    cells = plan(Choices(recognizers=["widths", "whole", "sizes"]), load_plugins(), "page", {})
    names = ["absent", "crooked", "narrow", "onnxruntime", "openvino"]
    assert cells[:5] == [Cell("widths", "paddle", name) for name in names]
    assert cells[5:] == [Cell("whole", "", ""), Cell("sizes", "paddle", "")]


@pytest.mark.usefixtures("world")
def test_recognisers_meet_what_is_of_their_own_family() -> None:
    choices = Choices(
        recognizers=["letters", "sizes", "widths", "whole"],
        detectors=["own", "paddle"],
        backends=["onnxruntime"],
    )
    found = [(one.recognizer, one.detector) for one in plan(choices, load_plugins(), "page", {})]
    assert found == [
        ("letters", "letters"),
        ("letters", "paddle"),
        ("sizes", ""),  # which is a page reader's name too
        ("sizes", "paddle"),
        ("widths", "paddle"),
        ("whole", ""),
    ]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("decoders", "options", "expected"),
    [
        ((), {}, [""]),
        (("greedy", "shout"), {}, ["greedy", "shout"]),
        (("shout",), {"decoder.shout": {"times": 2}}, ["shout"]),
        ((), {"decoder": {}}, ["greedy"]),  # options need a decoder that is named
    ],
)
def test_only_ctc_networks_are_combined_with_decoders(
    decoders: Sequence[str], options: Mapping[str, Mapping[str, Any]], expected: Sequence[str]
) -> None:
    recognizers = ["letters", "widths", "sizes", "whole"]
    choices = Choices(recognizers, backends=["openvino"], decoders=decoders)
    cells = plan(choices, load_plugins(), "line", options)
    network = Cell("widths", "", "openvino")
    engines = [Cell("sizes", backend=""), Cell("whole", backend="")]
    lettered = [Cell("letters", "", "openvino", decoder=name) for name in expected]
    assert cells == [*lettered, network, *engines]
    assert [options_of(cell, options) for cell in (network, *engines)] == [{}, {}, {}]
    assert [options_of(cell, options) for cell in lettered] == [options] * len(lettered)


@pytest.mark.usefixtures("world")
def test_a_decoder_that_no_recogniser_takes_is_refused() -> None:
    with pytest.raises(UsageError, match=r"\(widths, sizes\) is a CTC network"):
        plan(Choices(["widths", "sizes"], decoders=["shout"]), load_plugins(), "line", {})


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("choices", "says"),
    [
        (Choices(recognizers=["widhts"]), "Did you mean 'widths'"),
        (Choices(["widths"], detectors=["padle"]), "Did you mean 'paddle'"),
        (Choices(["widths"], backends=["openvin"]), "Did you mean 'openvino'"),
        (Choices(["letters"], decoders=["shot"]), "Did you mean 'shout'"),
        (Choices(["widths"], precisions=["fp31"]), "no precision 'fp31'"),
        (Choices(["widths"], detector_precisions=["fp31"]), "no precision 'fp31'"),
        (Choices(["widths"], preprocessors=["double"]), "Did you mean 'doubled'"),
    ],
)
def test_a_slip_is_told_before_anything_is_measured(choices: Choices, says: str) -> None:
    with pytest.raises(UnknownName, match=says):
        plan(choices, load_plugins(), "line", {})


@pytest.mark.usefixtures("world")
def test_chains_of_preprocessors_are_an_axis() -> None:
    choices = Choices(["widths", "whole"], backends=["openvino"], preprocessors=["", "doubled"])
    cells = plan(choices, load_plugins(), "line", {})
    network, engine = Cell("widths", "", "openvino"), Cell("whole", backend="")
    doubled = [replace(one, preprocessors="doubled") for one in (network, engine)]
    assert cells == [network, engine, *doubled]
    assert doubled[0].name == "doubled > widths openvino"
    options = {"preprocessor.doubled": {"x": 1}, "preprocessor": {"y": 2}}
    assert [options_of(cell, options) for cell in cells] == [{}, {}, options, options]


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_detectors_may_run_in_another_way() -> None:
    choices = Choices(
        ["widths"], backends=["openvino"], precisions=["fp32", "int8"],
        detector_precisions=["", "fp32"], detector_threads=[2],
    )  # fmt: skip
    cells = plan(choices, load_plugins(), "page", {})
    assert [cell.name for cell in cells] == [
        "paddle+widths openvino fp32 (detector 2 threads)",
        "paddle+widths openvino int8 (detector 2 threads)",
        "paddle+widths openvino int8 (detector fp32 2 threads)",
    ]
    lines = plan(choices, load_plugins(), "line", {})
    assert [cell.name for cell in lines] == ["widths openvino fp32", "widths openvino int8"]


def test_a_cell_has_the_options_of_its_own_components() -> None:
    options = {"recognizer": {"a": 1}, "recognizer.x": {"b": 2}, "backend.openvino": {"c": 3}}
    assert options_of(Cell("x:small", backend="openvino"), options) == options
    assert options_of(Cell("y", backend="torch"), options) == {"recognizer": {"a": 1}}
    assert set(options_of(Cell("y"), options)) == {"recognizer", "backend.openvino"}


def test_pictures_in_memory_become_files(tmp_path: Path) -> None:
    picture = encode(gradient(30, 20))
    sources: list[ImageSource] = [
        tmp_path / "x.png",
        Blob(picture, "blob"),
        picture,
        np.asarray(gradient(30, 20)),
    ]
    (tmp_path / "x.png").write_bytes(picture)
    samples = [Sample(str(i), source, "") for i, source in enumerate(sources)]
    with as_files(Dataset("set", tmp_path, "lines", samples)) as paths:
        assert paths[0] == str(tmp_path / "x.png")
        for path in paths:
            assert (decode(path) == np.asarray(gradient(30, 20))).all()
    assert not Path(paths[1]).parent.exists()
