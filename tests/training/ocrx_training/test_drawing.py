"""Pictures of codes: every kind, every size, again and again the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from ocrx.errors import UsageError
from ocrx_training.synth.drawing import Draughtsman, Drawn
from ocrx_training.synth.kinds import marks
from ocrx_training.synth.kinds.studio import Stage
from ocrx_training.synth.kinds.table import KINDS
from ocrx_training.synth.options import SynthOptions
from ocrx_training.synth.stream import pictures, stream


def sums(drawn: list[Drawn]) -> list[str]:
    """What tells each picture and its truth from any other."""
    return [
        hashlib.sha256(
            one.picture.tobytes() + repr((one.text, one.kind, one.picture.shape)).encode()
        ).hexdigest()
        for one in drawn
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_draws_pictures_of_its_text(kind: str) -> None:
    draughtsman = Draughtsman(SynthOptions(kinds={kind: 1}, severity=0.8, heights=(10, 96)))
    for number in range(4):
        drawn = draughtsman.draw(number)
        height, width = drawn.picture.shape[:2]
        assert drawn.picture.dtype == np.uint8
        assert drawn.picture.shape == (height, width, 3)
        assert drawn.kind == kind
        assert 10 <= height <= 400
        assert drawn.text == drawn.text.strip() != ""
        assert drawn.picture.std() > 2
        middle = drawn.quad.mean(axis=0)
        assert 0 < middle[0] < width
        assert 0 < middle[1] < height


def test_ink_is_where_the_quad_says() -> None:
    options = SynthOptions(kinds={"receipt": 1}, patterns={r"\d{8}": 1}, severity=0)
    draughtsman = Draughtsman(options)
    for number in range(8):
        drawn = draughtsman.draw(number)
        (left, top), (right, bottom) = drawn.quad[0], drawn.quad[2]
        inside = drawn.picture[
            max(0, round(float(top))) : round(float(bottom)),
            max(0, round(float(left))) : round(float(right)),
        ]
        assert inside.min() < drawn.picture.mean() - 30
        assert min(inside[:, :6].min(), inside[:, -6:].min()) < drawn.picture.mean()


def test_a_picture_depends_on_seed_and_number_alone() -> None:
    options = SynthOptions(severity=1.0)
    first = [Draughtsman(options).draw(number) for number in range(6)]
    again = list(pictures(options, start=3, count=3))
    assert sums(first)[3:] == sums(again)
    other = [Draughtsman(SynthOptions(severity=1.0, seed=1)).draw(n) for n in range(6)]
    assert not set(sums(first)) & set(sums(other))


@pytest.mark.slow
def test_the_pictures_are_the_same_for_any_number_of_processes() -> None:
    options = SynthOptions(seed=5)
    alone = list(pictures(options, count=80))
    assert sums(list(pictures(options, count=80, processes=3))) == sums(alone)
    assert [one.text for one in alone] != sorted(one.text for one in alone)


def test_a_stream_has_no_end() -> None:
    found = stream(SynthOptions(patterns={"[A-C]{4}": 1}))
    for _ in range(40):
        picture, text = next(found)
        assert picture.ndim == 3
        assert set(text) <= set("ABC")


def test_heights_are_kept_unless_the_text_would_be_too_small() -> None:
    options = SynthOptions(kinds={"label": 1}, severity=0.3, heights=(40, 50))
    drawn = [Draughtsman(options).draw(number).picture.shape[0] for number in range(20)]
    assert 38 <= min(drawn) <= max(drawn) <= 52


@pytest.mark.parametrize("kind", ["laser", "dot-peen", "embossed", "stamped"])
def test_marks_are_so_large_that_their_parts_can_be_told_apart(kind: str) -> None:
    draughtsman = Draughtsman(SynthOptions(kinds={kind: 1}, severity=0, heights=(10, 12)))
    for number in range(4):
        quad = draughtsman.draw(number).quad
        assert np.linalg.norm(quad[3] - quad[0]) > 13.5


def test_marks_stand_out_from_a_rough_surface() -> None:
    random = np.random.default_rng(3)
    plain = random.integers(100, 140, (60, 200, 3)).astype(np.uint8)
    marked = plain.copy()
    marked[20:40, 20:180:4] -= 6
    stage = Stage(np.zeros((60, 200), np.uint8), (20, 20, 180, 40))
    scene = marks._scene(plain, marked, stage)
    change = plain.astype(int) - scene.picture
    assert change[20:40, 20:180:4].min() > 24
    assert not change[:20].any()
    marked[20:40, 20:180:4] = 0
    assert marks._scene(plain, marked, stage).picture is marked


def test_a_kind_that_cannot_show_a_pattern_is_left_out() -> None:
    options = SynthOptions(kinds={"display": 9, "label": 1}, patterns={"[K-Z]{5}": 1})
    assert {Draughtsman(options).draw(number).kind for number in range(10)} == {"label"}


def test_a_pattern_that_no_kind_can_show_is_an_error() -> None:
    with pytest.raises(UsageError, match="no kind among display"):
        Draughtsman(SynthOptions(kinds={"display": 1}, patterns={"[K-Z]{5}": 1}))


def test_a_pattern_that_no_font_has_is_an_error() -> None:
    with pytest.raises(UsageError, match="no font has all characters"):
        Draughtsman(SynthOptions(patterns={"[\U00012000-\U00012002]{2}": 1}))


def test_some_plates_have_one_shape_for_1_and_i() -> None:
    ones, letters = (
        sums([replace(plates.draw(number), text="") for number in range(24)])
        for plates in (
            Draughtsman(SynthOptions(kinds={"plate": 1}, patterns={text: 1}))
            for text in ("[1]0", "[I]O")
        )
    )
    alike = sum(map(str.__eq__, ones, letters))
    assert 3 <= alike <= 18


def test_severity_0_spoils_nothing() -> None:
    clean, spoilt = (
        Draughtsman(SynthOptions(kinds={"label": 1}, severity=s, heights=(48, 48)))
        for s in (0.0, 1.0)
    )
    assert all(_skew(clean.draw(n)) < 0.01 for n in range(10))
    assert any(_skew(spoilt.draw(n)) > 0.05 for n in range(10))


def _skew(drawn: Drawn) -> float:
    along = drawn.quad[1] - drawn.quad[0]
    return abs(float(along[1] / along[0]))
