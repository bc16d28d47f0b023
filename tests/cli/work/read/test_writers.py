"""Forms of output of plugins: chosen, given options and pictures, and named when they fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from PIL import Image as PilImage

import ocrx as framework
from ocrx.interfaces.writing import Writer
from ocrx.plugins.registrar import Registrar
from ocrx.types import Image, Page

Runner = Callable[..., Any]
Maker = Callable[..., Path]


@dataclass(frozen=True)
class Options:
    ending: str = "!"


class Shout(Writer):
    suffixes: ClassVar[tuple[str, ...]] = (".loud",)

    def __init__(self, options: Options) -> None:
        self._ending = options.ending

    def begin(self, several: bool) -> bytes:
        return b"several\n" if several else b""

    def page(self, page: Page, image: Image | None) -> bytes:
        assert image is None
        return f"{page.text}{self._ending}\n".encode()

    def end(self) -> bytes:
        return b"END\n"


class Seeing(Writer):
    needs_image = True

    def page(self, page: Page, image: Image | None) -> bytes:
        assert image is not None
        return f"{page.text} {image.shape} {image.dtype}\n".encode()


class Wrong(Shout):
    suffixes: ClassVar[tuple[str, ...]] = ()

    def page(self, page: Page, image: Image | None) -> Any:
        return "text" if page.width == 50 else super().page(page, image)


class Raising(Shout):
    suffixes: ClassVar[tuple[str, ...]] = ()

    def page(self, page: Page, image: Image | None) -> bytes:
        raise RuntimeError("no room for a page")


class Keeping(Writer):
    """Names the sources, and needs pictures of those alone whose names end in 50."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def original(self, file: Path | bytes) -> None:
        self.notes.append(file.name if isinstance(file, Path) else f"{len(file)} bytes")
        self.needs_image = isinstance(file, Path) and file.stem.endswith("50")

    def page(self, page: Page, image: Image | None) -> bytes:
        return f"{page.index} {image is not None}\n".encode()


@framework.hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("writer", "shout", lambda request: Shout(request.options), options=Options)
    registry.add("writer", "seeing", lambda request: Seeing())
    registry.add("writer", "wrong", lambda request: Wrong(Options()))
    registry.add("writer", "raising", lambda request: Raising(Options()))
    registry.add("writer", "keeping", lambda request: Keeping())
    registry.add("writer", "rubbish", lambda request: None)


@dataclass(frozen=True)
class Point:
    name: str = "acme"
    value: str = "acme"
    dist: None = None

    def load(self) -> object:
        return SimpleNamespace(ocrx_register=ocrx_register)


@pytest.fixture
def read(ocrx: Runner, monkeypatch: pytest.MonkeyPatch) -> Runner:
    modules = ("support.fakereader", "ocrx.output.plugin")
    points = [Point(), *(EntryPoint(module, module, "ocrx") for module in modules)]
    monkeypatch.setattr("ocrx.plugins.registry.entry_points", lambda group: points)
    return lambda *arguments: ocrx("read", *arguments)


def test_a_writer_is_chosen_by_its_name_or_suffix(
    read: Runner, picture: Maker, tmp_path: Path
) -> None:
    assert read(picture("a.png"), "-f", "shout").out == "40x20!\nEND\n"
    for name in ("a.shout", "a.LOUD"):
        run = read(picture("a.png"), picture("b.png", 50), "-o", tmp_path / name)
        assert run.err == ""
        assert (tmp_path / name).read_text() == "several\n40x20!\n50x20!\nEND\n"


def test_its_options_are_set_by_its_name(read: Runner, picture: Maker) -> None:
    run = read(picture("a.png"), "-f", "shout", "--set", "writer.shout.ending=?")
    assert run.out == "40x20?\nEND\n"
    assert read(picture("a.png"), "-f", "shout", "--set", "writer.ending=?").out == run.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-f", "shuot"), "Did you mean 'shout'?"),
        (("-f", "shout", "--set", "writer.shout.end=?"), "Did you mean 'ending'?"),
        (("-f", "json", "--set", "writer.shout.ending=?"), "'writer.shout', which is not used"),
        (("-f", "json", "--set", "writer.indent=2"), "has no option 'indent'"),
    ],
)
def test_names_that_make_no_sense_are_wrong_usage(
    read: Runner, picture: Maker, arguments: tuple[str, ...], told: str
) -> None:
    run = read(picture("a.png"), *arguments)
    assert (run.code, run.out) == (2, "")
    assert told in run.err


def test_a_writer_gets_the_picture_that_it_needs(
    read: Runner, picture: Maker, tmp_path: Path
) -> None:
    run = read(picture("a.png"), picture("b.png", 50), "-f", "seeing", "--overlay", tmp_path / "o")
    assert run.out == "40x20 (20, 40, 3) uint8\n50x20 (20, 50, 3) uint8\n"
    assert len(list((tmp_path / "o").iterdir())) == 2


def test_a_writer_is_told_each_source_once_and_what_it_notes_is_printed(
    read: Runner, picture: Maker, tmp_path: Path
) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    first, second = picture("a.png"), picture("b50.png", 50)
    frames = tmp_path / "frames.tif"
    with PilImage.open(first) as one:
        one.save(frames, save_all=True, append_images=[one.copy()])
    run = read(first, first, tmp_path / "bad.png", frames, second, "-f", "keeping")
    assert run.out == "0 False\n0 False\n0 False\n1 False\n0 True\n"
    noted = [line for line in run.err.splitlines() if "bad.png" not in line]
    assert [line.split()[-1] for line in noted] == ["a.png", "a.png", "frames.tif", "b50.png"]


@pytest.mark.parametrize(
    ("form", "out", "told"),
    [
        ("wrong", "several\n40x20!\nEND\n", "writer 'wrong' of plugin 'acme' returned a str"),
        ("raising", "several\nEND\n", "writer 'raising' of plugin 'acme' failed: RuntimeError: no"),
        ("rubbish", "", "made a NoneType in place of writer 'rubbish'"),
    ],
)
def test_a_writer_that_fails_is_named_and_what_was_written_is_whole(
    read: Runner, picture: Maker, form: str, out: str, told: str
) -> None:
    run = read(picture("a.png"), picture("b.png", 50), "-f", form)
    assert (run.code, run.out) == (3, out)
    assert told in run.err
