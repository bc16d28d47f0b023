"""The registry: plugins that work, plugins that fail in every way, and who gets a name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, distributions
from pathlib import Path
from textwrap import dedent

import pytest

from ocrx.errors import PluginError, UnknownName
from ocrx.plugins.options import NoOptions
from ocrx.plugins.registrar import KINDS
from ocrx.plugins.registry import PluginRecord, Registry, load_plugins

HEAD = "import ocrx\n@ocrx.hookimpl\ndef ocrx_register(registry):\n"
GOOD = HEAD + "    registry.add('recognizer', 'good', dict)\n"


class Site:
    """A folder on sys.path with installed distributions: real files, real metadata."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, name: str, source: str, *, points: str = "", version: str = "1.0") -> None:
        """A distribution `name` with the one module `name`_plugin, and its entry point of that
        name unless `points` gives others."""
        info = self.folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        points = points or f"{name} = {name}_plugin"
        (info / "entry_points.txt").write_text(f"[ocrx]\n{points}\n")
        (self.folder / f"{name}_plugin.py").write_text(source)

    def load(self) -> Registry:
        return load_plugins(self.points())

    def points(self) -> list[EntryPoint]:
        return [p for d in distributions(path=[str(self.folder)]) for p in d.entry_points]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield Site(tmp_path)
    for name in set(sys.modules) - before:
        if name.endswith("_plugin"):
            del sys.modules[name]


def records(registry: Registry) -> dict[str, PluginRecord]:
    return {record.name: record for record in registry.plugins}


def test_a_plugin_is_listed_with_its_distribution_and_its_components(site: Site) -> None:
    site.install("mine", GOOD, version="2.5")
    registry = site.load()
    (record,) = registry.plugins
    assert (record.name, record.distribution, record.version) == ("mine", "mine", "2.5")
    assert (record.error, record.rejected) == ("", [])
    assert registry.names("recognizer") == ["good"]
    assert registry.names("detector") == []
    entry = registry.get("recognizer", "good")
    assert [entry] == registry.entries() == record.entries
    assert (entry.kind, entry.name, entry.plugin) == ("recognizer", "good", "mine")
    assert entry.options is NoOptions
    assert entry.models() == {}
    assert registry.find("detector", "good") is None


def test_the_hook_may_be_a_method_of_an_object(site: Site) -> None:
    source = """
        import ocrx
        class Plugin:
            @ocrx.hookimpl
            def ocrx_register(self, registry):
                registry.add("backend", "object", dict)
        plugin = Plugin()
    """
    site.install("thing", dedent(source), points="thing = thing_plugin:plugin")
    assert site.load().names("backend") == ["object"]


ADD = HEAD + "    registry.add"
BROKEN = {
    "raises at import": ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
    "lacks a module": ("import no_such_module_anywhere", "ModuleNotFoundError: No module named"),
    "cannot be parsed": ("def (", "SyntaxError: "),
    "leaves at import": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "panics at import": ("class Panic(BaseException): ...\nraise Panic('rust')", "Panic: rust"),
    "raises in its hook": (HEAD + "    raise OSError('no card')", "OSError: no card"),
    "raises after adding": (GOOD + "    1 / 0", "ZeroDivisionError: division by zero"),
    "leaves in its hook": (HEAD + "    raise SystemExit('bye')", "SystemExit: bye"),
    "has no hook": ("def other(): ...", "PluginError: 'bad_plugin' has no ocrx_register"),
    "forgets to mark its hook": ("def ocrx_register(registry): ...", "mark it with @ocrx.hookimpl"),
    "returns rubbish": (HEAD + "    return [1, 2]", "PluginError: ocrx_register returned list"),
    "yields": (HEAD + "    yield", "PluginError: ocrx_register returned generator"),
    "wants what is not there": (
        "import ocrx\n@ocrx.hookimpl\ndef ocrx_register(registry, config): ...",
        "PluginValidationError: Plugin 'bad:bad' for hook 'ocrx_register' hookimpl definition: ",
    ),
    "names an unknown interface": (
        ADD + "('translator', 'x', dict)",
        "PluginError: there is no interface 'translator'. Use one of: backend, ",
    ),
    "calls an unknown method": (HEAD + "    registry.register('x')", "AttributeError: "),
    "gives a bad name": (
        ADD + "('detector', 'My Net', dict)",
        "PluginError: 'My Net' cannot name a detector. Use lower-case letters",
    ),
    "gives an empty name": (ADD + "('detector', '', dict)", "PluginError: '' cannot name"),
    "gives a name with a line break": (ADD + "('detector', 'x\\n', dict)", "PluginError: "),
    "gives no text as name": (ADD + "('detector', 5, dict)", "TypeError: "),
    "gives what cannot be called": (
        ADD + "('detector', 'x', 'Factory')",
        "PluginError: detector 'x' has a factory that cannot be called",
    ),
    "gives models that cannot be called": (
        ADD + "('detector', 'x', dict, models={})",
        "PluginError: detector 'x' has a factory that cannot be called",
    ),
    "gives options that are not a dataclass": (
        ADD + "('detector', 'x', dict, options=dict)",
        "PluginError: the options of detector 'x' are not a dataclass",
    ),
    "gives options of an unknown type": (
        "from dataclasses import dataclass\n@dataclass\nclass Options:\n    size: 'Sise' = 1\n"
        + ADD
        + "('detector', 'x', dict, options=Options)",
        "NameError: name 'Sise' is not defined",
    ),
}


@pytest.mark.parametrize(("source", "error"), BROKEN.values(), ids=BROKEN)
def test_a_plugin_that_fails_stays_listed_and_harms_no_other(
    site: Site, source: str, error: str
) -> None:
    site.install("bad", source)
    site.install("fine", GOOD.replace("good", "other"))
    registry = site.load()
    bad = records(registry)["bad"]
    assert error in bad.error
    assert bad.entries == []
    assert [(e.kind, e.name) for e in registry.entries()] == [("recognizer", "other")]


@pytest.mark.parametrize("source", [source for source, _ in BROKEN.values()], ids=BROKEN)
def test_strict_raises_and_names_the_plugin(
    site: Site, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install("bad", source)
    monkeypatch.setenv("OCRX_STRICT_PLUGINS", "1")
    with pytest.raises(PluginError, match=r"plugin 'bad' of 'bad' failed: .*OCRX_STRICT_PLUGINS"):
        site.load()


def test_strict_must_be_1(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.install("bad", "raise RuntimeError")
    monkeypatch.setenv("OCRX_STRICT_PLUGINS", "0")
    assert records(site.load())["bad"].error


def test_an_entry_point_that_names_nothing_stays_listed(site: Site) -> None:
    site.install("mine", GOOD, points="a = mine_plugin:absent\nb = 1 + 1\nc = mine_plugin")
    found = records(site.load())
    assert found["a"].error.startswith("AttributeError: ")
    assert found["b"].error
    assert [e.name for e in found["c"].entries] == ["good"]


def test_the_remains_of_a_removed_distribution_harm_nothing(site: Site) -> None:
    site.install("gone", GOOD)
    site.install("fine", GOOD.replace("good", "other"))
    (site.folder / "gone_plugin.py").unlink()
    (site.folder / "gone-1.0.dist-info" / "METADATA").unlink()
    registry = site.load()
    assert registry.names("recognizer") == ["other"]
    gone = records(registry)["gone"]
    assert (gone.distribution, gone.version) == ("", "")
    assert gone.error.startswith("ModuleNotFoundError")


def test_ctrl_c_during_an_import_is_the_users_and_goes_on(site: Site) -> None:
    site.install("slow", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        site.load()


def test_a_name_registered_twice_by_one_plugin_is_kept_once(site: Site) -> None:
    site.install("mine", GOOD + "    registry.add('recognizer', 'good', list)\n")
    registry = site.load()
    (record,) = registry.plugins
    assert record.error == ""
    kept: object = registry.get("recognizer", "good").build
    assert kept is dict
    (rejected,) = record.rejected
    assert (rejected.kind, rejected.name) == ("recognizer", "good")
    assert "registered twice" in rejected.error


def test_one_module_named_by_two_entry_points_registers_once(site: Site) -> None:
    site.install("mine", GOOD, points="a = mine_plugin\nb = mine_plugin")
    found = records(site.load())
    assert [e.name for e in found["a"].entries] == ["good"]
    assert "already registered" in found["b"].error


def test_of_two_plugins_that_claim_a_name_the_first_gets_it(site: Site) -> None:
    site.install("zebra", GOOD + "    registry.add('recognizer', 'own', dict)\n")
    site.install("aardvark", GOOD)
    registry = site.load()
    assert registry.get("recognizer", "good").distribution == "aardvark"
    zebra = records(registry)["zebra"]
    assert [e.name for e in zebra.entries] == ["own"]
    (rejected,) = zebra.rejected
    assert "already taken by plugin 'aardvark' of aardvark; uninstall one" in rejected.error


def test_ocrx_itself_comes_before_every_other(site: Site) -> None:
    site.install("aardvark", GOOD)
    site.install("ocrx", GOOD)
    assert site.load().get("recognizer", "good").distribution == "ocrx"


def test_the_same_name_may_stand_for_several_kinds(site: Site) -> None:
    adds = "".join(f"    registry.add({kind!r}, 'same', dict)\n" for kind in reversed(KINDS))
    site.install("mine", HEAD + adds)
    registry = site.load()
    assert [(e.kind, e.name) for e in registry.entries()] == [(kind, "same") for kind in KINDS]


def test_strict_raises_for_a_name_claimed_twice(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install("one", GOOD)
    site.install("two", GOOD)
    monkeypatch.setenv("OCRX_STRICT_PLUGINS", "1")
    with pytest.raises(PluginError, match=r"plugin 'two' of 'two' failed: .* already taken"):
        site.load()


def test_an_unknown_name_lists_those_there_are(site: Site) -> None:
    site.install("mine", GOOD + "    registry.add('recognizer', 'best', dict)\n")
    with pytest.raises(UnknownName) as caught:
        site.load().get("recognizer", "god")
    assert caught.value.message == "there is no recognizer named 'god'"
    assert caught.value.remedy.startswith("Did you mean 'good'? Choose one of: best, good;")
    assert caught.value.exit_code == 2
    with pytest.raises(UnknownName, match=r"no page reader named 'x'\. None is installed;"):
        site.load().get("page_reader", "x")


def test_a_variant_alone_or_a_path_without_a_slash_is_told_apart(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = "models=lambda: {'v6-small': None}, paths=True"
    site.install("mine", HEAD + f"    registry.add('recognizer', 'good', dict, {models})\n")
    monkeypatch.chdir(site.folder)
    for name, says in (("small", "Did you mean 'good:v6-small'"), ("mine-1.0.dist-info", r"\./")):
        with pytest.raises(UnknownName, match=says):
            site.load().get("recognizer", name)


def test_the_name_of_a_failed_plugin_is_answered_with_its_failure(site: Site) -> None:
    site.install("bad", "raise RuntimeError('no licence')")
    with pytest.raises(UnknownName, match="its plugin failed: RuntimeError: no licence"):
        site.load().get("detector", "bad")


def test_plugins_are_found_through_the_entry_point_group(site: Site) -> None:
    """No list is given here: what is on sys.path is found, ocrx's own among it."""
    site.install("stranger", GOOD)
    registry = load_plugins()
    assert records(registry)["stranger"].entries
    assert registry.plugins[0].distribution == "ocrx"


def test_two_registries_share_nothing(site: Site) -> None:
    site.install("mine", GOOD)
    one, two = site.load(), site.load()
    assert one.plugins[0] is not two.plugins[0]
    one.plugins.clear()
    assert two.plugins
