"""The files of a bundle that a person reads or starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from shlex import quote
from string import Template
from typing import TYPE_CHECKING

from ocrx.version import VERSION

if TYPE_CHECKING:
    from ocrx_bundle.networks import Packed, Shape
    from ocrx_bundle.targets import Target
    from ocrx_bundle.wanted import Wanted

MARGIN = 5
"""A small network commonly takes so many times its bound, because starting a layer takes longer
than computing it; 2 is good."""

LINES = 4
"""The lines of text on the picture for which a whole reader's time is given."""

FILES = {
    "bundle.json": "how the networks take pictures, and the characters that they know",
    "read_codes.py": "the program",
    "build_engine.sh": "builds the engines, on the board",
    "SHA256SUMS": "checksums of all files",
}


def readme(
    model: str, target: Target, packed: Mapping[str, Packed], folder: Path, notes: Sequence[str]
) -> str:
    """README.md of a bundle with a program."""
    networks = {
        path.name: f"the network for {path.stem}, {path.stat().st_size / 1e6:.1f} MB"
        for path in sorted(folder.iterdir())
        if path.stem in packed
    }
    known = {**FILES, **networks}
    there = [name for name in known if (folder / name).exists() or name == "SHA256SUMS"]
    what = "pictures of a page or a scene" if "detection" in packed else "pictures of a single line"
    return _filled(
        "script.md",
        model=model,
        label=target.label,
        what=what,
        table="\n".join(f"| `{name}` | {known[name]} |" for name in there),
        steps=_text(f"{target.name}.md"),
        figures=figures(target, packed),
        notes="\n".join(f"- {line}." for line in [f"Made by ocrx {VERSION}", *notes]),
    )


def figures(target: Target, packed: Mapping[str, Packed]) -> str:
    """What `ocrx estimate` says of the networks on the target, in Markdown."""
    bounds = {task: one.bounds[0] for task, one in packed.items() if one.bounds}
    if len(bounds) < len(packed):
        return ""
    rows = [
        (f"{task} of {packed[task].about['name']}, {_size(packed[task].shapes.usual)}", bound.ms)
        for task, bound in bounds.items()
    ]
    if "detection" in bounds:
        whole = bounds["detection"].ms + LINES * bounds["recognition"].ms
        rows.append((f"a picture with {LINES} lines", whole))
    table = "\n".join(f"| {what} | {_ms(ms)} | {_ms(MARGIN * ms)} |" for what, ms in rows)
    device = next(iter(bounds.values())).device
    precision = next(iter(bounds.values())).precision
    return (
        f"`ocrx estimate` for {device.label} in {precision}. It is an estimate: nothing was run "
        f"there.\n\n| | at least, ms | with a margin of {MARGIN}, ms |\n|---|---|---|\n{table}\n\n"
        f"A runtime that takes twice the bound is a good one; {MARGIN} times is common for small "
        f"networks.\n{_verdict(rows)}\n"
    )


GOALS = (20.0, 100.0)
"""Milliseconds for a line, and for a picture of 640 x 480 with a few lines, that let a camera's
pictures be read as they come."""


def _verdict(rows: list[tuple[str, float]]) -> str:
    goals = dict(zip(("recognition", "a picture"), GOALS, strict=True))
    told = []
    for what, ms in rows:
        goal = next((goal for start, goal in goals.items() if what.startswith(start)), None)
        if goal is not None:
            holds = "is" if MARGIN * ms < goal else "is **not**"
            told.append(f"With the margin, {what} {holds} under {goal:g} ms.")
    return " ".join(told)


def build_script(packed: Mapping[str, Packed], precision: str, workspace: int) -> str:
    """build_engine.sh, which calls trtexec of TensorRT 8.2."""
    builds = [" ".join(["build", task, *_ranges(one)]) for task, one in packed.items()]
    flags = "--fp16" if precision == "fp16" else "--noTF32"
    return _filled("build_engine.sh", workspace=workspace, flags=flags, builds="\n".join(builds))


def orin_files(
    model: str, wanted: Wanted, target: Target, packed: Mapping[str, Packed]
) -> dict[str, str]:
    """The files of a bundle by which ocrx itself is installed and run."""
    precision = target.precision(wanted.precision)
    runs = f"--backend tensorrt --precision {precision}"
    tasks = {
        "recognition": ("recognizer", wanted.model),
        "detection": ("detector", wanted.detector),
    }
    references = {
        tasks[task][0]: _reference(tasks[task][1] or "", one) for task, one in packed.items()
    }
    asked = " ".join(f"--{kind} {name}" for kind, name in references.items())
    layout = "" if wanted.detector else " --layout line"
    settings = "".join(f" --set {quote(one)}" for one in wanted.settings)
    settings += "".join(f" --pattern {quote(one)}" for one in wanted.patterns)
    settings += f" --charset {quote(wanted.charset)}" if wanted.charset else ""
    head = '#!/bin/sh\nset -eu\nhere=$(dirname "$0")\n'
    return {
        "requirements.txt": f"ocrx=={VERSION}\n",
        "build_engines.sh": _text("build_engines.sh"),
        "read.sh": f'{head}exec ocrx read {asked}{layout} {runs}{settings} "$@"\n',
        "README.md": _filled(
            "jetson-orin.md", model=model, label=target.label, figures=figures(target, packed)
        ),
    }


def _reference(asked: str, one: Packed) -> str:
    """How ocrx finds a model on the device, for the shell: by its name, or by what came along."""
    name = one.about["files"].get("ocrx")
    if name is None:
        return quote(asked)
    component = one.about["component"]
    return f'{component}:"$here"/{name}' if component else f'"$here"/{name}/'


def _ranges(one: Packed) -> Iterator[str]:
    name = one.about["input"]
    for shape in (one.shapes.least, one.shapes.usual, one.shapes.most):
        yield f"{name}:{'x'.join(map(str, shape))}"


def _size(shape: Shape) -> str:
    return f"{shape[2]} x {shape[3]}"


def _ms(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _filled(name: str, **values: object) -> str:
    return Template(_text(name)).substitute(values)
