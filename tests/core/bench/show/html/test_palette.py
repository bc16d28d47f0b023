"""Every pair of colours that the report uses stands out enough (WCAG 2.2, AA)."""

from __future__ import annotations

import pytest

from ocrx.bench.show.html.palette import DARK, LEVELS, LIGHT, SERIES, colours, contrast, mixed

THEMES = {"light": colours(LIGHT), "dark": colours(DARK)}
WRITTEN = [
    *((text, ground) for text in ("ink", "soft") for ground in ("page", "panel")),
    *((text, "page") for text in ("link", "good", "warn", "bad")),
    *(("ink", ground) for ground in ("del", "ins")),
    *(("ink", f"heat-{level}") for level in range(LEVELS)),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), WRITTEN)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    assert contrast(THEMES[theme][text], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("number", range(SERIES))
def test_points_and_bars_can_be_seen(theme: str, number: int) -> None:
    assert contrast(THEMES[theme][f"series-{number}"], THEMES[theme]["page"]) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_shades_go_one_way(theme: str) -> None:
    page = THEMES[theme]["page"]
    steps = [contrast(THEMES[theme][f"heat-{level}"], page) for level in range(LEVELS)]
    assert steps == sorted(steps)
    assert steps[-1] > 1.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


def test_mixing() -> None:
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"
    assert mixed("#102030", "#ffffff", 0) == "#102030"
