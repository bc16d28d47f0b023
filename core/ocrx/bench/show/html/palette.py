"""The report's colours, for light and dark themes, and their contrast (WCAG 2.2).

Text has a contrast of at least 4.5 with its background; marks and lines that carry meaning have at
least 3. A test computes this for every pair of colours that the report uses.
"""

from __future__ import annotations

from collections.abc import Mapping

LEVELS = 7
"""The number of shades of a heat map. Shade 0 is for the worst."""

LIGHT: Mapping[str, str] = {
    "page": "#fcfcfb",
    "panel": "#f3f4f3",
    "ink": "#1c2229",
    "soft": "#56606b",
    "rule": "#d9dde1",
    "link": "#0a58a8",
    "heat": "#5aa0e6",
    "good": "#17693f",
    "warn": "#8a4b00",
    "bad": "#a3213f",
    "del": "#fbdfe3",
    "ins": "#d8f0e1",
    "series-0": "#0b62bd",
    "series-1": "#b45309",
    "series-2": "#187a49",
    "series-3": "#7b49bd",
    "series-4": "#b3264a",
    "series-5": "#0e7480",
    "series-6": "#766600",
    "series-7": "#5a646e",
}
DARK: Mapping[str, str] = {
    "page": "#14181c",
    "panel": "#1d2227",
    "ink": "#e7eaed",
    "soft": "#a3adb7",
    "rule": "#343c45",
    "link": "#85bdff",
    "heat": "#2d78c8",
    "good": "#74d3a2",
    "warn": "#f1b26c",
    "bad": "#ff9cae",
    "del": "#55232d",
    "ins": "#1d4731",
    "series-0": "#6fb2ff",
    "series-1": "#f0a35e",
    "series-2": "#63d09a",
    "series-3": "#c5a5f7",
    "series-4": "#ff90a8",
    "series-5": "#5fd0da",
    "series-6": "#d4c450",
    "series-7": "#adb7c1",
}
SERIES = sum(name.startswith("series-") for name in LIGHT)


def colours(theme: Mapping[str, str]) -> dict[str, str]:
    """All colours of a theme by name, among them the shades of heat maps, "heat-0" to "heat-6"."""
    shades = {
        f"heat-{i}": mixed(theme["page"], theme["heat"], 0.04 + 0.66 * i / (LEVELS - 1))
        for i in range(LEVELS)
    }
    return {**{name: value for name, value in theme.items() if name != "heat"}, **shades}


def mixed(a: str, b: str, share: float) -> str:
    """The colour between `a` and `b` ("#rrggbb"), with `share` (0 to 1) of `b`."""
    pairs = zip(_channels(a), _channels(b), strict=True)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in pairs)


def contrast(a: str, b: str) -> float:
    """The contrast ratio of two colours ("#rrggbb"), 1 to 21, as WCAG 2.2 defines it."""
    dark, light = sorted((_luminance(a), _luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    shares = (channel / 255 for channel in _channels(colour))
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
