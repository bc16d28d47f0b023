"""Who may import whom: rule 1 of the house, and packages that stay apart from one another."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.metadata import PackageNotFoundError, files, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
CORE, CLI, BACKENDS, PLUGINS, SERVE, BATCH, TRAINING = ROOTS = [
    ROOT / name for name in ("core", "cli", "backends", "plugins", "serve", "batch", "training")
]
RUNTIMES_AND_FAMILIES = {
    "ai_edge_litert", "easyocr", "google", "onnx", "onnxruntime", "openvino", "paddle", "paddleocr",
    "pytesseract", "rapidocr", "tensorflow", "tensorrt", "tensorrt_rtx", "tesserocr",
    "tflite_runtime", "torch", "torchvision", "transformers",
}  # fmt: skip

# The modules of runtimes that are not called as their backend is. The converters of TFLite and
# Paddle compare what they made with ONNX Runtime, in an environment that has both.
# Converters within ONNX find their scales by running the network, which ONNX Runtime does.
RUNTIME_MODULES = {
    "onnx": {"onnx", "onnxruntime"},
    "paddle": {"paddle", "onnxruntime"},
    "tflite": {"ai_edge_litert", "tflite_runtime", "onnxruntime"},
}

# The engines that are families of their own: the modules that their plugins call. EasyOCR's family
# writes its checkpoints as ONNX files, and runs nothing. Bundles rewrite ONNX files, and hold a
# program that runs them where ocrx does not.
ENGINES = {
    "ocrx_bundle": {"onnx", "onnxruntime", "tensorrt", "ai_edge_litert", "tflite_runtime"},
    "ocrx_easyocr": {"onnx"},
    "ocrx_google_vision": {"google"},
    "ocrx_tesseract": {"tesserocr"},
}

# Written in terms of a runtime throughout, or of FastAPI. Of the backend only this module and the
# package itself come without; they import the others once it is there.
MADE_OF_RUNTIME = (
    *(
        "ocrx_torch.",
        "ocrx_training.networks.",
        "ocrx_training.learning.",
        "ocrx_training.finetuning.",
        "ocrx_training.pruning.",
        "ocrx_training.compressing.matching",
        "ocrx_training.compressing.networks",
        "ocrx_training.compressing.rounding",
        "ocrx_training.compressing.teach",
    ),
    "ocrx_serve.web.",
)
WITHOUT_RUNTIME = ("ocrx_torch.backend", "ocrx_training.pruning.choices")

TESTING = "ocrx.testing"  # suites to subclass: they are used under pytest, and may import it

# Runs in a process of its own. Takes as arguments the modules and the packages that may be
# imported; prints what failed, and which first-party packages each module brought with it.
IMPORT_EACH = """
import importlib, json, sys
modules, allowed = map(json.loads, sys.argv[1:])

class Gate:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in allowed and top not in sys.stdlib_module_names:
            raise ModuleNotFoundError(f"{name} is not installed, for this test", name=name)

sys.meta_path.insert(0, Gate())
failed, brought = {}, {}
for name in modules:
    for loaded in [n for n in sys.modules if n.partition(".")[0].partition("_")[0] == "ocrx"]:
        del sys.modules[loaded]
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
    brought[name] = sorted({n.partition(".")[0] for n in sys.modules if n.startswith("ocrx_")})
print(json.dumps([failed, brought]))
"""


def modules(root: Path) -> list[str]:
    """Every module below a source root, by its dotted name."""
    paths = sorted(root.rglob("*.py"))
    return [dotted(path, root) for path in paths if path.stem != "__main__"]


def dotted(path: Path, root: Path) -> str:
    """What a file below a source root is imported as."""
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def normal(name: str) -> str:
    """The name of a distribution, however it is spelt."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(distribution: str, without: frozenset[str] = frozenset()) -> set[str]:
    """Those installed of the distribution and all it depends on with no extra, but `without`."""
    found: set[str] = set()
    waiting = [distribution]
    while waiting:
        name = normal(waiting.pop())
        if name in found or name in without:
            continue
        try:
            wanted = [Requirement(text) for text in requires(name) or ()]
        except PackageNotFoundError:  # wanted on another system or Python only
            continue
        found.add(name)
        waiting += [r.name for r in wanted if not r.marker or r.marker.evaluate({"extra": ""})]
    return found


def tops_of(distributions: set[str]) -> set[str]:
    """The top-level modules they install."""
    listed = [file.parts[0] for name in distributions for file in files(name) or ()]
    return {part.partition(".")[0] for part in listed if not part.endswith(".dist-info")} - {""}


OWN = {path.parent.name for root in ROOTS for path in root.glob("*/__init__.py")}


@pytest.fixture(scope="module")
def base() -> list[str]:
    """The top-level modules there are after `pip install ocrx`."""
    return sorted(OWN | tops_of(needed("ocrx")))


@pytest.fixture(scope="module")
def bare() -> list[str]:
    """The same with no runtime and no family; and pytest, which runs the suites of ocrx.testing."""
    tops = tops_of(needed("ocrx", without=frozenset({"openvino", "rapidocr"})))
    assert not tops & RUNTIMES_AND_FAMILIES
    return sorted(OWN | tops | tops_of(needed("pytest")))


def import_each(
    names: list[str], allowed: list[str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    command = [sys.executable, "-c", IMPORT_EACH, json.dumps(names), json.dumps(allowed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    failed, brought = json.loads(done.stdout.splitlines()[-1])
    return failed, brought


@pytest.mark.slow
def test_every_module_imports_with_no_extra_installed(base: list[str]) -> None:
    names = [name for root in ROOTS for name in modules(root)]
    assert {"ocrx.plugins.registry", "ocrx_cli", "ocrx_openvino.backend", "ocrx_paddleocr"} <= set(
        names
    )
    names = [n for n in names if not n.startswith(MADE_OF_RUNTIME) or n in WITHOUT_RUNTIME]
    failed, _ = import_each([name for name in names if not name.startswith(TESTING)], base)
    assert failed == {}


@pytest.mark.slow
def test_core_and_every_plugin_import_with_no_runtime_and_no_family(bare: list[str]) -> None:
    """And the core brings no other package of ours."""
    core = modules(CORE)
    failed, brought = import_each([*core, *modules(CLI), *sorted(OWN)], bare)
    assert failed == {}
    assert {name: brought[name] for name in core if brought[name]} == {}


def test_the_gate_lets_no_runtime_through(bare: list[str]) -> None:
    failed, _ = import_each(["openvino", "onnxruntime", "rapidocr", "numpy"], bare)
    assert set(failed) == {"openvino", "onnxruntime", "rapidocr"}


def imported(path: Path) -> Iterator[str]:
    """The dotted name of everything a file imports anywhere, in a function or by name too. Of
    `from a import b` that is "a.b", whether or not b is a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield module


def import_graph(package: Path) -> dict[str, set[str]]:
    """By module of the package, the others of its modules that it imports, lazily or for types
    alone too."""
    paths = {dotted(path, package.parent): path for path in package.rglob("*.py")}
    graph = {}
    for name, path in paths.items():
        found = {one if one in paths else one.rpartition(".")[0] for one in imported(path)}
        graph[name] = found & set(paths)
    return graph


def strangers(package: Path, may_import: set[str]) -> dict[str, list[str]]:
    """By file, the runtimes, families and packages of ours that it imports though it may not."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        tops = {name.partition(".")[0] for name in imported(path)}
        tops = {t for t in tops if t.startswith("ocrx") or t in RUNTIMES_AND_FAMILIES}
        if tops - may_import:
            found[str(path.relative_to(ROOT))] = sorted(tops - may_import)
    return found


def test_core_names_no_runtime_no_family_and_no_plugin() -> None:
    assert strangers(CORE / "ocrx", {"ocrx"}) == {}


def test_the_command_line_reaches_plugins_through_the_registry_alone() -> None:
    assert strangers(CLI / "ocrx_cli", {"ocrx", "ocrx_cli"}) == {}


@pytest.mark.parametrize("package", sorted(BACKENDS.glob("ocrx_*")), ids=lambda path: path.name)
def test_a_backend_knows_its_runtime_alone(package: Path) -> None:
    runtime = package.name.removeprefix("ocrx_")
    names = RUNTIME_MODULES.get(runtime, {runtime})
    # onnx, and protobuf (google.protobuf) below it, read formats of files, and run nothing.
    assert strangers(package, {"ocrx", package.name, "onnx", "google"} | names) == {}


@pytest.mark.parametrize("package", sorted(PLUGINS.glob("ocrx_*")), ids=lambda path: path.name)
def test_a_family_knows_no_runtime(package: Path) -> None:
    allowed = {"ocrx", package.name} | ENGINES.get(package.name, set())
    assert strangers(package, allowed) == {}


def test_training_knows_no_runtime_but_torch() -> None:
    # onnx: the form that it writes. ocrx_torch: what turns that into a network to train.
    may_import = {"ocrx", "ocrx_training", "ocrx_torch", "torch", "onnx"}
    assert strangers(TRAINING / "ocrx_training", may_import) == {}


def test_the_service_knows_the_command_line_and_no_plugin() -> None:
    may_import = {"ocrx", "ocrx_cli", "ocrx_serve"}
    assert strangers(SERVE / "ocrx_serve", may_import) == {}


def test_the_watch_knows_the_command_line_and_no_plugin() -> None:
    assert strangers(SERVE / "ocrx_watch", {"ocrx", "ocrx_cli", "ocrx_watch"}) == {}


def test_batches_know_the_command_line_and_no_plugin() -> None:
    may_import = {"ocrx", "ocrx_cli", "ocrx_batch"}
    assert strangers(BATCH / "ocrx_batch", may_import) == {}


@pytest.mark.parametrize(
    "package",
    sorted(
        path for root in (BACKENDS, PLUGINS, SERVE, BATCH, TRAINING) for path in root.glob("ocrx_*")
    ),
    ids=lambda p: p.name,
)
def test_no_modules_of_a_package_import_each_other_in_a_circle(package: Path) -> None:
    graph = import_graph(package)
    assert any(graph.values())
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules


def test_importing_ocrx_costs_nothing() -> None:
    code = "import sys, ocrx; print({'numpy', 'cv2', 'PIL', 'openvino'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
