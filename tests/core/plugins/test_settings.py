"""Settings of components, as `--set` takes them."""

from __future__ import annotations

import pytest

from ocrx.errors import UsageError
from ocrx.plugins.settings import parse_settings


def test_settings_are_parsed() -> None:
    assert parse_settings(["detector.a=1", "detector.b-c=x=y", "recognizer.a="]) == {
        "detector": {"a": "1", "b_c": "x=y"},
        "recognizer": {"a": ""},
    }


@pytest.mark.parametrize("setting", ["", "x", "detector=1", "detector.=1", ".a=1", "detektor.a=1"])
def test_bad_settings_are_refused(setting: str) -> None:
    with pytest.raises(UsageError):
        parse_settings([setting])
