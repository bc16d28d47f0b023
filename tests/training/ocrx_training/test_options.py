"""Options of `ocrx synth`, and files of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ocrx.errors import InputError, UsageError
from ocrx_training.synth.fonts import FAMILIES, ROLES, find_fonts
from ocrx_training.synth.options import SynthOptions, read_options


def test_a_file_gives_options(tmp_path: Path) -> None:
    path = tmp_path / "codes.toml"
    path.write_text(
        "seed = 3\nseverity = 1\nheights = [10, 20]\nsplit = 'train'\nfonts = ['f']\n"
        "kinds = ['plate', 'inkjet']\n[patterns]\ndate = 2\n'[A-Z]{3}' = 0.5\n",
        encoding="utf-8",
    )
    assert read_options(path) == SynthOptions(
        seed=3,
        severity=1.0,
        heights=(10, 20),
        split="train",
        fonts=(tmp_path / "f",),
        kinds={"plate": 1.0, "inkjet": 1.0},
        patterns={"date": 2.0, "[A-Z]{3}": 0.5},
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sed = 1", "unknown option 'sed'. Did you mean 'seed'"),
        ("seed = '1'", "seed cannot be '1'. Write it as in: seed = 7"),
        ("heights = [16]", "heights cannot be"),
        ("kinds = {plate = 'x'}", "kinds cannot be"),
        ("fonts = 'f'", "fonts cannot be"),
        ("severity = 3", "severity 3 is not between 0 and 1"),
        ("split = 'test'", "no split 'test'"),
    ],
)
def test_a_wrong_option_in_a_file_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "codes.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(message)):
        read_options(path)


def test_a_file_that_is_not_toml_or_not_there_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "codes.toml"
    with pytest.raises(InputError, match="cannot read"):
        read_options(path)
    path.write_text("seed 7", encoding="utf-8")
    with pytest.raises(InputError, match="is not TOML"):
        read_options(path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"heights": (5, 40)}, "heights from 5 to 40"),
        ({"heights": (40, 20)}, "heights from 40 to 20"),
        ({"severity": -0.1}, "severity -0.1"),
        ({"seed": -1}, "seed -1"),
        ({"kinds": {"plat": 1}}, "no kind 'plat'. Did you mean 'plate'"),
        ({"kinds": {"plate": -1}}, "weight of 'plate' is -1"),
        ({"patterns": {"date": 0}}, "all patterns have the weight 0"),
    ],
)
def test_a_value_out_of_range_is_an_error(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        SynthOptions(**values)


def test_a_folder_without_fonts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no font in"):
        find_fonts("all", (tmp_path,))


def test_each_family_has_roles_a_licence_and_an_origin() -> None:
    for family in FAMILIES:
        assert set(family.roles) <= set(ROLES)
        assert family.roles
        assert family.licence
        assert family.origin.partition(": ")[0] in ("apt", "npm")


def test_the_licences_are_those_of_the_guide() -> None:
    page = (Path(__file__).parents[3] / "docs" / "guide" / "synth.md").read_text("utf-8")
    for family in FAMILIES:
        row = next(line for line in page.splitlines() if line.startswith(f"| {family.prefix} "))
        assert family.licence in row
        assert family.origin.rpartition(": ")[2] in row
