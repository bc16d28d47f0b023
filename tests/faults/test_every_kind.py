"""A plugin of each kind that fails in each way: one line names it, and everything else works.

A sound world of colours and columns is installed, and beside it the plugin "bad" with one component
called "bad".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PIL import Image

from ocrx.bench.data.dataset import Sample
from ocrx.bench.data.form import NAMED, DatasetForm, Found, Loaded
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.metric import open_metrics
from ocrx.bench.figures.quality import extra_figure
from ocrx.errors import PluginError
from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.interfaces.writing import Writer
from ocrx.plugins.registrar import KINDS, Kind, Registrar
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.types import Page
from ocrx.weights.store import Store
from ocrx_cli.app import main
from support import fakecells, fakectc
from support.fakeparts import (
    ColourDetector,
    ColourOrienter,
    ColourRecognizer,
    Doubled,
    PinkFinder,
    draw,
)
from support.onlyplugins import Register, install_only
from support.sound_components import SoundPageReader


class Plain(Writer):
    def begin(self, several: bool) -> bytes:
        return b"<"

    def page(self, page: Page, image: object) -> bytes:
        return page.text.encode()

    def end(self) -> bytes:
        return b">\n"


class Cards(DatasetForm):
    hint = "a folder with cards.json"

    def find(self, path: Path) -> Found | None:
        return Found((path / "cards.json",), NAMED)

    def place(self, path: Path) -> Path:
        return path / "cards.json"

    def load(self, path: Path) -> Loaded:
        texts: dict[str, str] = json.loads(path.read_text("utf-8"))
        return Loaded("lines", [Sample(n, path.parent / n, text) for n, text in texts.items()])


class Columns(fakectc.Columns):
    """Forgets to call its super's `__init__`."""

    def __init__(self) -> None:
        self.precision = "fp32"
        self.fed = []


class Columned(fakectc.ColumnsBackend):
    name = "bad"
    session: ClassVar[type[Session]] = Columns

    def open(self, artifact: object, options: SessionOptions) -> Session:
        return self.session()


LATTICE = ("read", "--layout", "line", "-r", "lattice", "line.png")


@dataclass(frozen=True)
class Trial:
    """A sound component of a kind, its methods, a command line that calls them all, and a name that
    is taken. `wrong` is what its methods must not return."""

    sound: type
    methods: tuple[str, ...]
    command: tuple[str, ...]
    known: str
    wrong: tuple[object, ...] = (None, 42, [], [None], ["text"])


TRIALS: Mapping[Kind, Trial] = {
    "recognizer": Trial(
        ColourRecognizer, ("recognize",), ("read", "-r", "bad", "page.png"), "paddle"
    ),
    "detector": Trial(ColourDetector, ("detect",), ("read", "-d", "bad", "page.png"), "paddle"),
    "page_reader": Trial(
        SoundPageReader, ("read",), ("read", "--page-reader", "bad", "page.png"), "whole"
    ),
    "orienter": Trial(
        ColourOrienter, ("orient",), ("read", "--orienter", "bad", "turned.png"), "paddle"
    ),
    "preprocessor": Trial(Doubled, ("apply",), ("read", "-p", "bad", "page.png"), "doubled"),
    "decoder": Trial(fakectc.Greedy, ("decode",), (*LATTICE, "--decoder", "bad"), "greedy"),
    "finder": Trial(PinkFinder, ("find",), ("read", "--find", "bad", "page.png"), "pink"),
    "writer": Trial(
        Plain,
        ("begin", "page", "end"),
        ("read", "--format", "bad", "page.png"),
        "text",
        (None, 42, "text"),
    ),
    "dataset": Trial(
        Cards, ("place", "load"), ("dataset", "info", "--form", "bad", "."), "labels", (None, 42)
    ),
    "backend": Trial(
        Columned, ("probe", "open"), (*LATTICE, "-b", "bad"), "columns", (None, 42, "text")
    ),
}
"""Commands and metrics are tried in their own tests: their commands take long, or are functions."""

EACH = [(kind, method) for kind, trial in TRIALS.items() for method in trial.methods]


def world(registry: Registrar) -> None:
    registry.add("detector", "paddle", lambda request: ColourDetector())
    registry.add("orienter", "paddle", lambda request: ColourOrienter())
    registry.add("recognizer", "paddle", lambda request: ColourRecognizer())
    registry.add("recognizer", "lattice", lambda request: fakectc.Lattice())
    registry.add("page_reader", "whole", lambda request: SoundPageReader())
    registry.add("preprocessor", "doubled", lambda request: Doubled())
    registry.add("decoder", "greedy", lambda request: fakectc.Greedy())
    registry.add("finder", "pink", lambda request: PinkFinder())
    registry.add("backend", "columns", lambda request: fakectc.ColumnsBackend())
    registry.add("metric", "lost", lambda request: fakecells.Lost())


@dataclass(frozen=True)
class Ocrx:
    """Command lines in a folder with pictures, in the sound world and a bad plugin."""

    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def install(self, bad: Register) -> None:
        install_only(self.patch, {"acme": world, "bad": bad})

    def offer(self, kind: Kind, make: Callable[[], object], name: str = "bad") -> None:
        self.install(lambda registry: registry.add(kind, name, lambda request: make()))

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = main([*arguments])
        out, err = self.capture.readouterr()
        return code, out, err

    def fails(self, kind: Kind, arguments: Sequence[str]) -> str:
        """The one line that a command line ends with, which names the bad component."""
        code, _, err = self.run(*arguments)
        assert code in (1, 3, 5), err
        assert err.count("\n") == 1, err
        assert err.startswith("ocrx: error: ")
        name = "the runtime 'bad'" if kind == "backend" else f"{kind} 'bad' of plugin 'bad'"
        assert name.replace("_", " ") in err
        assert "bug in ocrx" not in err
        return err


@pytest.fixture
def ocrx(
    tmp_path: Path,
    cache_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ocrx:
    pictures = {
        "page": draw(("A", 20, 20, 80, 20, 0)),
        "turned": draw(("A", 20, 20, 80, 20, 2)),
        "line": fakectc.line(1, 0, 2),
    }
    for name, picture in pictures.items():
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    (tmp_path / "cards.json").write_text('{"page.png": "A A"}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OCRX_PROFILE", "off")
    return Ocrx(monkeypatch, capsys)


def changed(sound: type, **methods: Any) -> type:
    return type("Bad", (sound,), methods)


def raises(*_: object, **__: object) -> Any:
    raise KeyError("two\nlines")


def bare(method: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator that does not keep the method's name."""

    def inner(*arguments: Any, **keywords: Any) -> Any:
        return method(*arguments, **keywords)

    return inner


def test_every_kind_is_tried() -> None:
    apart = {"converter", "compressor", "inspector", "command", "metric", "pattern"}
    assert {*TRIALS} | apart == {*KINDS}


@pytest.mark.parametrize(("kind", "method"), EACH)
def test_a_method_that_raises(ocrx: Ocrx, kind: Kind, method: str) -> None:
    trial = TRIALS[kind]
    ocrx.offer(kind, changed(trial.sound, **{method: raises}))
    assert "KeyError" in ocrx.fails(kind, trial.command)


@pytest.mark.parametrize(
    ("kind", "method", "wrong"),
    [(kind, method, wrong) for kind, method in EACH for wrong in TRIALS[kind].wrong],
)
def test_a_method_that_returns_rubbish(ocrx: Ocrx, kind: Kind, method: str, wrong: object) -> None:
    trial = TRIALS[kind]
    ocrx.offer(kind, changed(trial.sound, **{method: lambda *_: wrong}))
    ocrx.fails(kind, trial.command)


@pytest.mark.parametrize("kind", TRIALS)
def test_a_factory_that_raises_or_makes_rubbish(ocrx: Ocrx, kind: Kind) -> None:
    failed = (1 if kind == "orienter" else 3, 1)  # it is made when a picture needs it
    ocrx.offer(kind, raises)
    code, _, err = ocrx.run(*TRIALS[kind].command)
    assert (code, err.count("\n")) == failed
    assert f"{kind.replace('_', ' ')} 'bad' of plugin 'bad' failed: KeyError" in err
    ocrx.offer(kind, dict)
    code, _, err = ocrx.run(*TRIALS[kind].command)
    assert (code, err.count("\n")) == failed
    assert f"plugin 'bad' (acme-ocr) made a dict in place of {kind} 'bad'" in err


@pytest.mark.parametrize("kind", TRIALS)
def test_methods_decorated_without_wraps_work(ocrx: Ocrx, kind: Kind) -> None:
    trial = TRIALS[kind]
    ocrx.offer(kind, trial.sound)
    expected = ocrx.run(*trial.command)
    assert expected[0] == 0
    wrapped = {name: bare(getattr(trial.sound, name)) for name in trial.methods}
    ocrx.offer(kind, changed(trial.sound, **wrapped))
    assert ocrx.run(*trial.command) == expected


@pytest.mark.parametrize("kind", TRIALS)
def test_a_name_that_is_taken(ocrx: Ocrx, kind: Kind) -> None:
    known = TRIALS[kind].known
    ocrx.offer(kind, raises, known)
    code, out, _ = ocrx.run("plugins", "--json")
    assert code == 0
    (row,) = [one for one in json.loads(out)["plugins"] if one["plugin"] == "bad"]
    assert (row["state"], "is already taken by plugin" in row["error"]) == ("rejected", True)
    assert ocrx.run("read", "page.png") == (0, "A A\n", "")


@pytest.mark.parametrize(
    "kind", ["recognizer", "detector", "page_reader", "preprocessor", "decoder", "finder"]
)
def test_a_component_that_cannot_be_closed(ocrx: Ocrx, kind: Kind) -> None:
    trial = TRIALS[kind]
    ocrx.offer(kind, changed(trial.sound, close=raises))
    assert "being closed, failed: KeyError" in ocrx.fails(kind, trial.command)


def fails_as(name: str, value: object) -> Callable[[], object]:
    session = type("Session", (Columns,), {name: value})
    return changed(Columned, session=session)


@pytest.mark.parametrize(
    ("make", "asked", "told"),
    [
        (fails_as("_run", raises), (), "runtime 'bad', running model 'lattice'"),
        (fails_as("_run", lambda *_: None), (), "returned a NoneType in place of its outputs by"),
        (fails_as("_run", lambda *_: {}), (), "returned no output 'x'"),
        (fails_as("_run", lambda *_: {"x": "text"}), (), "returned a str as the output 'x'"),
        (fails_as("inputs", None), (), "a Session whose inputs are None"),
        (fails_as("device", None), (), "a Session whose device is None, which is no text"),
        (Columned, ("--precision", "int8"), "precision is fp32, where int8 was asked for"),
        (Columned, ("--device", "cuda:1"), "device is cpu, where cuda:1 was asked for"),
        (changed(Columned, weights=raises), ("--precision", "bf16"), "'bad' failed: KeyError"),
    ],
)
def test_a_session_that_is_not_what_was_asked_for(
    ocrx: Ocrx, make: Callable[[], object], asked: tuple[str, ...], told: str
) -> None:
    if "int8" in asked:
        make = changed(Columned, weights=lambda *_: "fp32")
    ocrx.offer("backend", make)
    assert told in ocrx.fails("backend", (*LATTICE, "-b", "bad", *asked))


def test_a_runtime_that_fails_is_not_chosen(ocrx: Ocrx) -> None:
    for probe in (raises, lambda *_: None):
        ocrx.offer("backend", changed(Columned, probe=probe, priority=99))
        assert ocrx.run(*LATTICE) == (0, "ab\n", "")
        assert ocrx.run("doctor")[0] == 0


@pytest.mark.parametrize("method", ["shape", "encode", "infer", "emissions", "undecided"])
@pytest.mark.parametrize("wrong", [raises, lambda *_: None], ids=["raises", "returns nothing"])
def test_a_network_model_that_fails(ocrx: Ocrx, method: str, wrong: Callable[..., Any]) -> None:
    ocrx.offer("recognizer", changed(fakectc.Lattice, **{method: wrong}))
    arguments = ("read", "--layout", "line", "-r", "bad", "line.png")
    if method == "undecided":  # a CTC network's is the core's own
        assert ocrx.run(*arguments)[0] == 0
    else:
        ocrx.fails("recognizer", arguments)


def test_a_form_of_datasets_that_fails_hides_no_other(ocrx: Ocrx) -> None:
    Path("labels.tsv").write_text("page.png\tA A\n")
    for find in (raises, lambda *_: 42):
        ocrx.offer("dataset", changed(Cards, find=find))
        code, out, err = ocrx.run("dataset", "info", ".")
        assert (code, err) == (0, "")
        assert "labels.tsv" in out or "1 " in out


@pytest.mark.parametrize("count", [raises, lambda *_: None, lambda *_: (1, -1), lambda *_: "text"])
def test_a_metric_that_fails(ocrx: Ocrx, count: Callable[..., Any]) -> None:
    ocrx.offer("metric", changed(fakecells.Lost, count=count))
    metrics = open_metrics(["bad", "lost"], Assembly(load_plugins(), Store()))
    asked = ([Sample("a", b"", "ABCD")], [None], Folding())
    with pytest.raises(PluginError, match="metric 'bad' of plugin 'bad'"):
        extra_figure(*asked, "bad", metrics["bad"])
    assert extra_figure(*asked, "lost", metrics["lost"]) is not None


def test_a_command_that_fails(ocrx: Ocrx) -> None:
    def fails() -> None:
        raise KeyError("two\nlines")

    ocrx.offer("command", lambda: fails)
    code, _, err = ocrx.run("bad")
    assert (code, err.count("\n")) == (3, 1)
    assert "the command 'bad' of the plugin 'bad' of acme-ocr failed: KeyError" in err
    ocrx.offer("command", lambda: lambda: print("done"))
    assert ocrx.run("bad") == (0, "done\n", "")


def test_beside_bad_components_of_all_kinds_everything_works(ocrx: Ocrx) -> None:
    def all_bad(registry: Registrar) -> None:
        for kind, trial in TRIALS.items():
            registry.add(kind, "bad", lambda request: raises())
            registry.add(kind, trial.known, lambda request: raises())

    ocrx.install(all_bad)
    assert ocrx.run("read", "page.png") == (0, "A A\n", "")
    assert ocrx.run(*LATTICE) == (0, "ab\n", "")
    for command in ("plugins", "doctor", "models"):
        arguments = (command, "list") if command == "models" else (command,)
        assert ocrx.run(*arguments)[0] == 0
