"""Every error says what happened and what to do about it."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrx import errors
from ocrx.errors import OcrxError, PluginError, UsageError, plugin_errors

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for root in ("core", "cli", "backends", "plugins") for path in (ROOT / root).rglob("*.py")
)


def subclasses(cls: type[OcrxError]) -> Iterator[type[OcrxError]]:
    yield cls
    for child in cls.__subclasses__():
        yield from subclasses(child)


ALL = sorted(
    {cls for cls in subclasses(OcrxError) if cls.__module__ == errors.__name__},
    key=lambda cls: cls.__name__,
)
NAMES = {cls.__name__ for cls in ALL}


@pytest.mark.parametrize("cls", ALL)
def test_an_error_has_message_remedy_and_exit_code(cls: type[OcrxError]) -> None:
    error = cls("a.png is empty", "Give another file.")
    assert (error.message, error.remedy) == ("a.png is empty", "Give another file.")
    assert str(error) == "a.png is empty. Give another file."
    assert 1 <= error.exit_code <= 6
    assert cls.__doc__


@pytest.mark.parametrize("cls", ALL)
def test_an_error_survives_the_way_between_processes(cls: type[OcrxError]) -> None:
    error = pickle.loads(pickle.dumps(cls("a.png is empty", "Give another file.")))
    assert type(error) is cls
    assert (error.message, error.remedy) == ("a.png is empty", "Give another file.")


def test_a_message_alone_stands_alone() -> None:
    assert str(OcrxError("It broke", "")) == "It broke"


def test_kinds_of_error_have_the_documented_exit_codes() -> None:
    documented = {
        errors.InputError: 1,
        errors.UsageError: 2,
        errors.PluginError: 3,
        errors.WeightsError: 4,
        errors.BackendError: 5,
        errors.OutputError: 6,
    }
    own = [cls for cls in OcrxError.__subclasses__() if cls.__module__ == errors.__name__]
    assert {cls: cls.exit_code for cls in own} == documented
    for cls, code in documented.items():
        assert {child.exit_code for child in subclasses(cls)} == {code}


def test_what_a_plugin_raises_is_told_with_its_name() -> None:
    with pytest.raises(PluginError) as caught, plugin_errors("detector 'net'"):
        raise ZeroDivisionError("division by zero")
    assert caught.value.message == "detector 'net' failed: ZeroDivisionError: division by zero"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_an_error_of_ours_passes_through_a_plugin_as_it_is() -> None:
    with pytest.raises(UsageError) as caught, plugin_errors("detector 'net'"):
        raise UsageError("no such model", "Choose another.")
    assert caught.value.message == "no such model"


def test_ctrl_c_in_a_plugin_stays_what_it_is() -> None:
    with pytest.raises(KeyboardInterrupt), plugin_errors("detector 'net'"):
        raise KeyboardInterrupt


def made_errors(path: Path) -> Iterator[ast.Call]:
    """Each place in a file where one of our errors is made."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else None
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in NAMES:
                yield node


def ending(node: ast.expr) -> str | None:
    """The last letters of a text in the source, as far as it is spelt out."""
    if isinstance(node, ast.JoinedStr):
        return ending(node.values[-1]) if node.values else ""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.BinOp):
        return ending(node.right)
    return None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_error_made_names_its_remedy(path: Path) -> None:
    for call in made_errors(path):
        where = f"{path.name}:{call.lineno}"
        assert len(call.args) == 2, f"{where}: an error takes a message and a remedy"
        extra = {word.arg for word in call.keywords} - {"retry_after"}  # of a TransientError
        assert not extra, f"{where}: an error takes a message and a remedy"
        message, remedy = map(ending, call.args)
        if message is not None:
            assert message, f"{where}: the message is empty"
            assert not message.endswith("."), f"{where}: the full stop is added by the error"
        if remedy is not None:
            assert remedy.endswith("."), f"{where}: the remedy is a sentence, with its full stop"


def test_the_search_for_errors_finds_them() -> None:
    assert sum(1 for path in SOURCES for _ in made_errors(path)) > 20
