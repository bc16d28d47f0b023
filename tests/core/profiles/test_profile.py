from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocrx.errors import BackendError, InputError, OutputError
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.profiles import profile
from ocrx.profiles.applied import Tuned, apply_profile, profile_errors, tuned
from ocrx.profiles.profile import Choice, Machine, Profile, changes, load, profile_path, reset, save
from ocrx.profiles.runs import Runs
from ocrx.system.cpus import available_cpus

HERE = profile.this_machine({"fast": "1.0"})
LINE = Choice("line", "paddle", "", "fast", "int8", 2, "cpu", HERE, created="2026-01-01")
PAGE = replace(LINE, layout="page", detector="paddle", precision="bf16")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's profile, which is not there yet."""
    found = tmp_path / "config" / "profile.json"
    monkeypatch.setenv("OCRX_PROFILE", str(found))
    return found


def version(name: str) -> str:
    return {"fast": "1.0"}.get(name, "")


def test_it_lies_in_the_users_configuration(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    assert profile_path() == path
    monkeypatch.setenv("OCRX_PROFILE", "OFF")
    assert profile_path() is None
    monkeypatch.delenv("OCRX_PROFILE")
    found = profile_path()
    assert found is not None
    assert (found.name, found.parent.name) == ("profile.json", "ocrx")


def test_what_is_saved_is_loaded(path: Path) -> None:
    assert load(path) == Profile(path)
    kept = Profile(path).put(LINE).put(PAGE)
    save(kept)
    assert load(path) == kept
    assert [one.name for one in path.parent.iterdir()] == ["profile.json"]  # no scratch is left


def test_a_choice_takes_the_place_of_the_one_for_the_same(path: Path) -> None:
    better = replace(LINE, backend="faster")
    other = replace(LINE, recognizer="other")
    assert Profile(path).put(LINE).put(PAGE).put(other).put(better).choices == (PAGE, other, better)


def test_each_layout_has_its_own(path: Path) -> None:
    kept = Profile(path).put(LINE).put(PAGE)
    assert kept.find("line", "paddle", "whatever") == LINE
    assert kept.find("page", "paddle", "paddle") == PAGE
    assert kept.find("auto", "paddle", "paddle") == PAGE
    assert kept.find("page", "paddle", "other") is None
    assert kept.find("line", "other", "paddle") is None
    assert Profile(path).put(LINE).find("auto", "paddle", "paddle") is None


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"schema": "ocrx-profile/9", "choices": []}',
        '{"schema": "ocrx-profile/1", "choices": [{"layout": "line"}]}',
        "\xff",
    ],
)
def test_a_damaged_one_is_told_and_not_used(
    path: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    path.parent.mkdir()
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match=r"profile .* cannot be read.*ocrx tune --reset"):
        load(path)
    assert tuned("line", "paddle", "", version).state == "stale"
    assert "is not used: it cannot be read" in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"layout": "poem"},
        {"precision": "fp8"},
        {"detector_precision": "fp8"},
        {"threads": 0},
        {"threads": "two"},
    ],
)
def test_values_that_make_no_sense_are_damage(path: Path, wrong: dict[str, Any]) -> None:
    save(Profile(path).put(LINE))
    read = json.loads(path.read_text("utf-8"))
    read["choices"][0].update(wrong)
    path.write_text(json.dumps(read), "utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        load(path)


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="OCRX_PROFILE"):
        save(Profile(tmp_path / "file" / "profile.json"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").write_text("")
    with pytest.raises(OutputError):
        save(Profile(tmp_path / "folder"))
    with pytest.raises(OutputError, match="cannot be removed"):
        reset(tmp_path / "folder")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder"]


def test_reset_removes_it(path: Path) -> None:
    save(Profile(path).put(LINE))
    assert reset(path) is True
    assert reset(path) is False
    assert load(path).choices == ()


def test_it_is_used_where_it_was_made(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    save(Profile(path).put(LINE))
    assert tuned("line", "paddle", "paddle", version) == Tuned("active", path, LINE)
    assert tuned("auto", "paddle", "paddle", version) == Tuned("none", path)
    assert caplog.text == ""


def test_who_is_asked_for_nothing_of_a_runtime_follows_it(path: Path) -> None:
    save(Profile(path).put(LINE))
    found = apply_profile("line", "paddle", "", "auto", Runs(), version=version, free=True)
    runs = Runs.alike(SessionOptions("cpu", "int8", 2))
    assert found == (Tuned("active", path, LINE), "fast", runs)
    found = apply_profile("line", "other", "", "auto", Runs(), version=version, free=True)
    assert found == (Tuned("none", path), "auto", Runs().with_threads(available_cpus()))


def test_a_detector_may_run_in_another_precision(path: Path) -> None:
    mixed = replace(PAGE, precision="int8", detector_precision="fp32")
    save(Profile(path).put(mixed))
    _, _, runs = apply_profile(
        "page", "paddle", "paddle", "auto", Runs(), version=version, free=True
    )
    assert runs.of("detector") == SessionOptions("cpu", "fp32", 2)
    assert runs.of("recognizer") == runs.of("orienter") == SessionOptions("cpu", "int8", 2)
    assert load(path).choices[0].told == "fast int8 (detector fp32) on cpu with 2 threads"


@pytest.mark.parametrize(
    ("backend", "runs", "free"),
    [
        ("fast", Runs(), True),
        ("auto", Runs.alike(SessionOptions(device="cpu")), True),
        ("auto", Runs(SessionOptions(precision="int8")), True),
        ("auto", Runs(detector=SessionOptions(precision="fp32")), True),
        ("auto", Runs.alike(SessionOptions(threads=1)), True),
        ("auto", Runs(), False),
    ],
)
def test_who_is_asked_for_something_does_not(
    path: Path, backend: str, runs: Runs, free: bool
) -> None:
    save(Profile(path).put(LINE))
    wanted = runs.with_threads(available_cpus())
    found = apply_profile("line", "paddle", "", backend, runs, version=version, free=free)
    assert found == (Tuned("off"), backend, wanted)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"cpu": "Another"}, "the processor is .*, it was Another"),
        ({"cores": 777}, "the number of cores is .*, it was 777"),
        ({"system": "Plan 9"}, "the system is .*, it was Plan 9"),
        ({"ocrx": "0.0.1"}, r"ocrx is .*, it was 0\.0\.1"),
        ({"runtimes": {"fast": "0.9"}}, r"fast is 1\.0, it was 0\.9"),
    ],
)
def test_elsewhere_it_is_told_and_not_used(
    path: Path, caplog: pytest.LogCaptureFixture, changed: dict[str, Any], told: str
) -> None:
    save(Profile(path).put(replace(LINE, machine=replace(HERE, **changed))))
    caplog.set_level(logging.WARNING, "ocrx")
    found = tuned("line", "paddle", "", version)
    assert found.state == "stale"
    assert len(caplog.messages) == 1
    (message,) = caplog.messages
    assert f"ocrx: the profile {path} is not used: " in message
    assert "Run `ocrx tune` again" in message
    assert re.search(told, message)
    assert re.search(told, found.reason)


def test_a_runtime_that_is_gone_makes_it_stale(path: Path) -> None:
    save(Profile(path).put(LINE))
    found = tuned("line", "paddle", "", lambda name: "")
    assert (found.state, found.reason) == ("stale", "fast is no longer installed")


def test_only_the_chosen_runtime_is_looked_at(path: Path) -> None:
    machine = replace(HERE, runtimes={"fast": "1.0", "slow": "3"})
    save(Profile(path).put(replace(LINE, machine=machine)))
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        return version(name)

    assert tuned("line", "paddle", "", ask).state == "active"
    assert asked == ["fast"]


def test_all_changes_are_told() -> None:
    now = Machine("s", "c", 4, "1", {"a": "1", "b": "3", "d": "1"})
    then = Machine("s", "c", 2, "1", {"a": "1", "b": "2", "c": "1"})
    assert changes(then, now) == [
        "the number of cores is 4, it was 2",
        "b is 3, it was 2",
        "c is no longer installed",
        "d is newly installed",
    ]
    assert changes(then, then) == []


def test_switched_off_it_is_not_even_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_text("{")
    monkeypatch.setenv("OCRX_PROFILE", "off")
    assert tuned("line", "paddle", "", version) == Tuned("off")


def test_what_a_chosen_runtime_raises_names_the_profile() -> None:
    failing = BackendError("it broke", "Mend it.")
    with (
        pytest.raises(BackendError, match=r"it broke, as the profile .* chose.*ocrx tune"),
        profile_errors(Tuned("active", Path("p"), LINE)),
    ):
        raise failing
    with pytest.raises(BackendError, match=r"it broke\. Mend it\."), profile_errors(Tuned("off")):
        raise failing
