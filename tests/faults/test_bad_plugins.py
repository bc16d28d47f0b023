"""Plugins that fail in every way beside plugins that work: real distributions, a real process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import pytest

from support.pluginsite import Outcomes, Site

pytestmark = pytest.mark.slow  # they start the command

HOOK = "import ocrx\n@ocrx.hookimpl\ndef ocrx_register(registry):\n    "
RECOGNIZER = """
import ocrx
from ocrx.interfaces import Recognizer
from ocrx.types import Text

class Bad(Recognizer):
    def recognize(self, crops):
        {body}

@ocrx.hookimpl
def ocrx_register(registry):
    registry.add("recognizer", "{name}", lambda request: Bad())
"""
PAGE_READER = """
import ocrx
from ocrx.interfaces import PageReader

class Bad(PageReader):
    def read(self, pages):
        {body}

@ocrx.hookimpl
def ocrx_register(registry):
    registry.add("page_reader", "{name}", lambda request: Bad())
"""

# Distributions that fail to load, and what `ocrx plugins` must say of each.
BROKEN = {
    "raises-at-import": ("raise RuntimeError('the licence server is down')", "licence server"),
    "exits-at-import": ("import sys; sys.exit('bye')", "SystemExit: bye"),
    "has-bad-syntax": ("def ocrx_register(registry:", "SyntaxError"),
    "needs-more": ("import no_such_runtime", "No module named 'no_such_runtime'"),
    "has-no-hook": ("x = 1", "has no ocrx_register"),
    "hook-raises": (HOOK + "1 / 0", "ZeroDivisionError"),
    "hook-returns-rubbish": (HOOK + "return [42]", "returned list"),
    "no-such-interface": (
        HOOK + "registry.add('translator', 'mine', dict)",
        "no interface 'translator'",
    ),
    "imports-no-interface": ("from ocrx.interfaces import Translator", "Translator"),
    "factory-is-rubbish": (HOOK + "registry.add('recognizer', 'mine', 42)", "cannot be called"),
    "twice-the-same": (
        HOOK + "[registry.add('recognizer', 'twin', dict) for _ in 'ab'] and None",
        "is registered twice",
    ),
    "takes-a-name": (
        HOOK + "registry.add('recognizer', 'paddle', dict)",
        "already taken by plugin 'paddleocr' of ocrx",
    ),
}

# Plugins that load well and misbehave when they read: what must be in the one line of error.
RUBBISH = {
    "raises": (RECOGNIZER, "raise KeyError('é')", "KeyError"),
    "too-few": (RECOGNIZER, "return []", "returned 0 for 1"),
    "too-many": (RECOGNIZER, "return [Text(), Text()]", "returned 2 for 1"),
    "not-a-list": (RECOGNIZER, "return None", "returned NoneType"),
    "wrong-items": (RECOGNIZER, "return ['text'] * len(crops)", "str"),
    "bad-text": (RECOGNIZER, "return [Text(('a',), (), ())]", "1 characters, 0 scores"),
    "page-raises": (PAGE_READER, "raise MemoryError", "MemoryError"),
    "page-strings": (PAGE_READER, "return ['text'] * len(pages)", "str"),
}
FACTORIES = {
    "makes-a-number": ("42", "made a int"),
    "makes-nothing": ("None", "made a NoneType"),
    "raises-when-made": ("1 / 0", "ZeroDivisionError"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Every bad plugin there is, all installed at once."""
    site = Site(tmp_path_factory.mktemp("site"))
    for name, (source, _) in BROKEN.items():
        site.install(name, source)
    for name, (template, body, _) in RUBBISH.items():
        site.install(name, template.format(name=name, body=body))
    for name, (made, _) in FACTORIES.items():
        site.install(name, f"{HOOK}registry.add('recognizer', '{name}', lambda request: {made})")
    site.install("twice", HOOK + "registry.add('recognizer', 'once', dict)", points=TWICE)
    site.install("points-nowhere", "", points="points-nowhere = no_such_module:thing")
    return site


TWICE = "first = twice_plugin\nsecond = twice_plugin"


@pytest.fixture(scope="module")
def label(tmp_path_factory: pytest.TempPathFactory) -> str:
    picture = np.full((48, 260, 3), 255, np.uint8)
    cv2.putText(picture, "LOT 4711", (16, 36), cv2.FONT_HERSHEY_DUPLEX, 1.2, (0, 0, 0), 2)
    path = tmp_path_factory.mktemp("pictures") / "lot.png"
    cv2.imwrite(str(path), picture)
    return str(path)


@pytest.fixture(scope="module")
def outcomes(site: Site, label: str) -> Outcomes:
    """What command lines come to, those that read by the name of the recogniser."""
    read = ("read", "--offline", label)
    names = ["", "raises-at-import", *RUBBISH, *FACTORIES]
    reading = {(name,): (*read, "-r", name) if name else read for name in names}
    listing = [("plugins", "--json"), ("plugins",)]
    found = site.run_each([*listing, *reading.values()])
    return {**found, **{name: found[command] for name, command in reading.items()}}


@pytest.fixture(scope="module")
def listed(outcomes: Outcomes) -> Mapping[str, list[dict[str, Any]]]:
    """What `ocrx plugins --json` says of each plugin."""
    done = outcomes["plugins", "--json"]
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, list[dict[str, Any]]] = {}
    for row in json.loads(done.stdout)["plugins"]:
        found.setdefault(row["plugin"], []).append(row)
    return found


def errors(rows: list[dict[str, Any]]) -> str:
    assert {row["state"] for row in rows} & {"failed", "rejected"}
    return " ".join(row["error"] for row in rows)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_listed_with_its_error(
    listed: Mapping[str, list[dict[str, Any]]], name: str
) -> None:
    assert BROKEN[name][1] in errors(listed[name])
    assert {row["distribution"] for row in listed[name]} == {name}


def test_a_module_that_is_not_there_is_listed(
    listed: Mapping[str, list[dict[str, Any]]],
) -> None:
    assert "no_such_module" in errors(listed["points-nowhere"])


def test_one_module_behind_two_entry_points_counts_once(
    listed: Mapping[str, list[dict[str, Any]]],
) -> None:
    assert [row["state"] for row in listed["first"]] == ["ok"]
    assert errors(listed["second"])


def test_the_first_of_two_equal_components_stays(
    listed: Mapping[str, list[dict[str, Any]]],
) -> None:
    assert [row["state"] for row in listed["twice-the-same"]] == ["ok", "rejected"]


def test_ocrx_s_own_plugins_are_untouched(
    listed: Mapping[str, list[dict[str, Any]]],
) -> None:
    own = [row for rows in listed.values() for row in rows if row["distribution"] == "ocrx"]
    assert {row["state"] for row in own} == {"ok"}
    assert {"paddleocr", "openvino", "onnxruntime"} <= {row["plugin"] for row in own}


def test_the_table_for_people_has_every_plugin_and_error(outcomes: Outcomes) -> None:
    done = outcomes["plugins",]
    assert done.returncode == 0
    for name, (_, message) in BROKEN.items():
        assert any(name in line and message in line for line in done.stdout.splitlines()), name


def test_reading_goes_on_beside_them_all(outcomes: Outcomes) -> None:
    done = outcomes["",]
    assert (done.returncode, done.stdout) == (0, "LOT 4711\n")


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_when_reading_names_the_plugin(outcomes: Outcomes, label: str, name: str) -> None:
    message = RUBBISH[name][2]
    done = outcomes[name,]
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    line = next(line for line in done.stderr.splitlines() if label in line)
    assert f"{name!r} of plugin {name!r}" in line
    assert message in line
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", FACTORIES)
def test_rubbish_from_a_factory_names_the_plugin(outcomes: Outcomes, name: str) -> None:
    done = outcomes[name,]
    assert (done.returncode, done.stdout) == (3, "")
    assert repr(name) in done.stderr
    assert FACTORIES[name][1] in done.stderr
    assert "Traceback" not in done.stderr


def test_asking_for_a_failed_plugin_s_component_says_why_it_is_not_there(
    outcomes: Outcomes,
) -> None:
    done = outcomes["raises-at-import",]
    assert done.returncode == 2
    assert "the licence server is down" in done.stderr


def test_strict_mode_raises_on_the_first_failure(site: Site, label: str) -> None:
    done = site.run("read", "--offline", label, OCRX_STRICT_PLUGINS="1")
    assert (done.returncode, done.stdout) == (3, "")
    assert "OCRX_STRICT_PLUGINS" in done.stderr
