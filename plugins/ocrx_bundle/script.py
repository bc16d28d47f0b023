"""Joins the parts of the program of a bundle to one file, `read_codes.py`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.resources import files

PARTS = ("engines", "pattern", "lines", "boxes", "pictures", "measure", "main")
PACKAGE = "ocrx_bundle.device"
OLDEST = (3, 6)
"""The Python of JetPack 4.6."""

HEAD = '''#!/usr/bin/env python3
"""{about}

It needs Python 3.6 or later, NumPy, OpenCV, and one of TensorRT 8, ONNX Runtime and TensorFlow
Lite. bundle.json beside it says how the networks take pictures. Made by ocrx, Apache-2.0.
"""
'''


def joined() -> str:
    """The program, in the syntax of OLDEST. Raises SyntaxError if a part is in that of a later
    Python, ValueError if two parts define the same name."""
    sources = {part: _source(part) for part in PARTS}
    trees = {part: ast.parse(text, part, feature_version=OLDEST) for part, text in sources.items()}
    names = [name for part in PARTS for name in _defined(trees[part])]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"several parts define {', '.join(sorted(twice))}")
    about = ast.get_docstring(trees["main"]) or ""
    imports = sorted({line for tree in trees.values() for line in _imports(tree)}, key=_rank)
    bodies = [
        f"# {(ast.get_docstring(trees[part]) or '').partition(chr(10))[0]}\n\n"
        f"{_body(sources[part], trees[part])}"
        for part in PARTS
    ]
    return "\n".join([HEAD.format(about=about), *imports, "", "", "\n\n".join(bodies)])


def _source(part: str) -> str:
    return files(PACKAGE).joinpath(f"{part}.py").read_text("utf-8")


def _imports(tree: ast.Module) -> Iterator[str]:
    """The imports of a part, a name each, but for those of other parts."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (f"import {ast.unparse(alias)}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not str(node.module).startswith(PACKAGE):
            yield from (f"from {node.module} import {ast.unparse(a)}" for a in node.names)


def _rank(line: str) -> tuple[bool, bool, str]:
    return line.split()[1] in ("cv2", "numpy"), line.startswith("from"), line


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _body(source: str, tree: ast.Module) -> str:
    """What comes after the docstring and the imports of a part."""
    heads = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    last = max(node.end_lineno or 0 for node in heads)
    return "\n".join(source.splitlines()[last:]).strip("\n") + "\n"
