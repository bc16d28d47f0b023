"""The work of `ocrx estimate`: from a name to a bound, and to what is printed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from ocrx.errors import UnknownName, UsageError
from ocrx.estimate.check import Check, checked, raised
from ocrx.estimate.devices import THIS_CPU, Device, devices
from ocrx.estimate.measure import this_cpu
from ocrx.estimate.roofline import Estimate, Layer, estimate
from ocrx.estimate.subject import Asked, Subject, check_asked, input_shapes, of_file
from ocrx.interfaces.conversion import Calibration
from ocrx.interfaces.inspection import Shape
from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import AUTO
from ocrx.system.cpus import available_cpus
from ocrx.system.suggest import did_you_mean
from ocrx.weights.records import Record, record_of
from ocrx.weights.store import Store
from ocrx_cli.shared.catalogue import chosen
from ocrx_cli.terminal.console import note, print_json, print_line, print_table
from ocrx_cli.terminal.progress import download_bar

MIB = 2**20
HEADINGS = ("LAYER", "OPERATIONS", "OUTPUT", "MMAC", "READS", "WRITES", "MS", "SHARE", "BOUND BY")


@dataclass(frozen=True)
class EstimateArguments:
    """The command line of `ocrx estimate`."""

    model: str
    task: str | None = None
    device: str = THIS_CPU
    precision: str = AUTO
    shape: Sequence[str] = ()
    batch: int = 1
    check: bool = False
    backend: str = AUTO
    offline: bool = False


@dataclass(frozen=True)
class Answer:
    subject: Subject
    shapes: Mapping[str, Shape]
    bound: Estimate
    check: Check | None = None


def print_answers(arguments: EstimateArguments, top: int, as_json: bool) -> None:
    """Print the estimate of each model, as a table or JSON, and the check if it was asked for."""
    answers = answered(arguments)
    if as_json:
        device = answers[0].bound.device
        wholes = [{"name": _name(whole), "ms": _sum(whole)} for whole in _wholes(answers)]
        models = [_record(answer) for answer in answers]
        print_json({"estimate": True, "device": asdict(device), "models": models, "wholes": wholes})
        return
    for answer in answers:
        _print(answer, top)
    for whole in _wholes(answers):
        told = " + ".join(f"{one.subject.runs} x {one.subject.part}" for one in whole)
        print_line(f"{_name(whole)}, {told}: at least {_ms(_sum(whole))} ms for a batch")


def _wholes(answers: Sequence[Answer]) -> list[list[Answer]]:
    """The networks of each model that has several."""
    found: dict[object, list[Answer]] = {}
    for answer in answers:
        if answer.subject.part:
            found.setdefault((answer.subject.component, answer.subject.format), []).append(answer)
    return list(found.values())


def _name(whole: Sequence[Answer]) -> str:
    component = whole[0].subject.component
    return component[1] if component else ""


def _sum(whole: Sequence[Answer]) -> float:
    """Milliseconds, each network as often as a batch runs it."""
    return sum(answer.subject.runs * answer.bound.ms for answer in whole)


def print_devices(as_json: bool) -> None:
    known = list(devices().values())
    if as_json:
        print_json({"devices": [asdict(one) for one in known]})
        return
    rows = [
        (one.name, one.label, _peaks(one), f"{one.bandwidth:g} GB/s", f"{one.cache / MIB:g} MB")
        for one in known
    ]
    print_table([("DEVICE", "WHAT IT IS", "TERAOPERATIONS/S", "MEMORY", "CACHE"), *rows])
    print_line(f"{THIS_CPU} is measured when you ask for it. Sources:")
    for one in known:
        print_line(f"  {one.name}: {one.source}")


def answered(arguments: EstimateArguments) -> list[Answer]:
    """An answer for each network that the arguments mean."""
    if not arguments.model:
        raise UsageError(
            "no model was given", "Give a name from `ocrx models list`, or an ONNX file."
        )
    if arguments.check and arguments.device != THIS_CPU:
        raise UsageError(
            f"--check measures on this machine, not on {arguments.device}",
            f"Leave --device out, or give {THIS_CPU}.",
        )
    asked = _asked(arguments.shape)
    store = Store(offline=arguments.offline or None, progress=download_bar)
    subjects = _subjects(arguments, store)
    assembly = Assembly(load_plugins(), store)
    inputs = [assembly.inspector(one.format).inputs(one.path) for one in subjects]
    check_asked(asked, {one.spec.name: found for one, found in zip(subjects, inputs, strict=True)})
    device = _device(arguments.device)
    answers = []
    for one, found in zip(subjects, inputs, strict=True):
        shapes = input_shapes(found, one.spec, asked, arguments.batch)
        answers.append(_answer(arguments, one, assembly, device, shapes))
    return answers


def _answer(
    arguments: EstimateArguments,
    subject: Subject,
    assembly: Assembly,
    device: Device,
    shapes: Mapping[str, Shape],
) -> Answer:
    inspector = assembly.inspector(subject.format)
    graph = inspector.inspect(subject.path, shapes)
    if not arguments.check:
        asked = "fp32" if arguments.precision == AUTO else arguments.precision
        return Answer(subject, shapes, estimate(graph, device, cast("Precision", asked)))
    runtime = assembly.runtime(subject.spec, arguments.backend)
    note(f"running {subject.name} on {runtime.name}")
    with _session(arguments, subject, assembly) as session:
        running = SessionOptions("cpu", cast("Precision", session.precision), available_cpus())
        if subject.format in runtime.accepts and session.precision != "int8":
            device = raised(device, inspector, runtime, running)
        bound = estimate(graph, device, cast("Precision", session.precision))
        return Answer(subject, shapes, bound, checked(session, runtime.name, shapes, bound.ms))


def _session(arguments: EstimateArguments, subject: Subject, assembly: Assembly) -> Session:
    runtime = assembly.runtime(subject.spec, arguments.backend)
    options = SessionOptions("cpu", cast("Precision", arguments.precision), available_cpus())

    def calibrate() -> Calibration | None:
        found = subject.component
        return assembly.calibration(*found, subject.part) if found else None

    return runtime.open(assembly.artifact(subject.spec, runtime, options, calibrate), options)


def _subjects(arguments: EstimateArguments, store: Store) -> list[Subject]:
    path = Path(arguments.model)
    found = record_of(path.expanduser())
    if found is not None:
        return [_compressed(*found, store)]
    if path.is_file():
        return [of_file(path)]
    try:
        meant = chosen([arguments.model], arguments.task)
    except UnknownName as error:
        if path.suffix:
            raise UnknownName(
                f"there is no file or model {arguments.model}", "Give the path of an ONNX file."
            ) from error
        raise
    return [
        Subject(
            f"{one.label} ({one.spec.task})",
            store.path(one.source),
            one.format,
            one.spec,
            (one.entry.kind, one.name),
            one.part,
            one.whole.runs(one.part),
        )
        for one in meant
    ]


def _compressed(record: Record, folder: Path, store: Store) -> Subject:
    """The network in the folder of a compressed model."""
    kind, path = cast("Kind", record.kind), folder / record.file
    model = Assembly(load_plugins(), store).network(kind, str(path.absolute()))
    if model is None:
        return of_file(path)
    name = f"{model.spec.name} ({record.task})"
    return Subject(name, path, record.format, model.spec, (kind, str(path.absolute())))


def _device(name: str) -> Device:
    if name == THIS_CPU:
        note("measuring this processor")
        return this_cpu()
    known = devices()
    if name not in known:
        raise UnknownName(
            f"there is no device {name!r}",
            f"{did_you_mean(name, known)}Choose one of: {THIS_CPU}, {', '.join(known)}.",
        )
    return known[name]


def _asked(shapes: Sequence[str]) -> Asked:
    found: dict[str, list[int]] = {}
    for shape in shapes:
        name, _, lengths = shape.rpartition("=")
        parts = lengths.lower().split("x")
        if not all(part.isdecimal() and int(part) for part in parts):
            raise UsageError(
                f"--shape {shape!r} is not HEIGHTxWIDTH, nor INPUT=LENGTHS",
                "For example: --shape 48x320, or --shape tokens=1x40.",
            )
        if name in found:
            whose = f"input {name!r}" if name else "the input"
            raise UsageError(f"--shape gives two shapes for {whose}", "Give one.")
        found[name] = [int(part) for part in parts]
    return found


def _print(answer: Answer, top: int) -> None:
    bound = answer.bound
    device = bound.device
    inputs = ", ".join(f"{name} {_times(shape)}" for name, shape in answer.shapes.items())
    print_line(f"{answer.subject.name}: {answer.subject.spec.name}, {inputs}, {bound.precision}")
    peak = device.tflops[bound.precision]
    print_line(
        f"on {device.label}: {peak:.3g} TOP/s in {bound.precision}, {device.bandwidth:.3g} GB/s"
    )
    print_line(
        f"  {bound.macs / 1e9:.3f} GMAC, {bound.operations / 1e9:.3f} G operations; "
        f"weights {bound.weights / MIB:.1f} MB, peak activations {bound.peak / MIB:.1f} MB, "
        f"through memory {bound.moved / MIB:.1f} MB"
    )
    print_line(f"  at least {_ms(bound.ms)} ms, bound by {bound.binds}: an estimate, not measured")
    if bound.uncounted:
        print_line(f"  not counted, because their cost is unknown: {', '.join(bound.uncounted)}")
    if top:
        print_table([HEADINGS, *(_row(layer, bound.ms) for layer in bound.dearest(top))])
    if answer.check:
        _print_check(answer.check)
    print_line("")


def _print_check(check: Check) -> None:
    print_line(
        f"  measured on {check.backend} {check.device} {check.precision}: {_ms(check.fastest)} ms "
        f"at best, {_ms(check.median)} ms is the median of {check.runs} runs"
    )
    if check.holds:
        print_line(f"  the bound holds; the runtime reaches {check.efficiency:.0f} % of it")
    else:
        print_line(
            "  the bound does NOT hold: this processor is faster than was measured, or the "
            "runtime needs fewer multiplications than the direct algorithm"
        )


def _row(layer: Layer, total: float) -> tuple[str, ...]:
    counts = list(dict.fromkeys(layer.kinds))
    return (
        layer.name,
        "+".join(counts[:4]) + ("+..." if len(counts) > 4 else ""),
        _times(layer.shape),
        f"{layer.macs / 1e6:.1f}",
        f"{(layer.reads + layer.weights) / MIB:.2f} MB",
        f"{layer.writes / MIB:.2f} MB",
        _ms(layer.ms),
        f"{100 * layer.ms / total:.1f} %" if total else "-",
        layer.binds,
    )


def _record(answer: Answer) -> dict[str, Any]:
    bound, check = answer.bound, answer.check
    return {
        "name": answer.subject.name,
        "model": answer.subject.spec.name,
        "part": answer.subject.part,
        "runs": answer.subject.runs,
        "path": str(answer.subject.path),
        "inputs": {name: list(shape) for name, shape in answer.shapes.items()},
        "precision": bound.precision,
        "ms": bound.ms,
        "binds": bound.binds,
        "macs": bound.macs,
        "operations": bound.operations,
        "weights": bound.weights,
        "moved": bound.moved,
        "peak": bound.peak,
        "uncounted": list(bound.uncounted),
        "layers": [
            {**asdict(layer), "ms": layer.ms, "binds": layer.binds} for layer in bound.layers
        ],
        "check": check and {**asdict(check), "holds": check.holds, "efficiency": check.efficiency},
    }


def _peaks(device: Device) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in device.tflops.items())


def _times(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape)) or "1"


def _ms(value: float) -> str:
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
