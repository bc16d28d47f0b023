"""The networks of a bundle: their files for a target, what is needed to run them, and how long
they take at best."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ocrx.artifacts import Artifact, Axis, ModelSpec
from ocrx.errors import ConversionFailed, UsageError
from ocrx.estimate.devices import devices
from ocrx.estimate.roofline import Estimate, estimate
from ocrx.interfaces.networks import NetworkModel
from ocrx.interfaces.portable import Portable, PortableLines
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision
from ocrx.page import views
from ocrx.plugins.registrar import Kind
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import split_reference
from ocrx.weights.records import record_of
from ocrx_bundle.device.boxes import input_shape
from ocrx_bundle.operators import load_parser
from ocrx_bundle.opsets import IR_VERSION, OLDEST, OPSET, REMEDY, lowered, opset
from ocrx_bundle.rewriting import rewritten
from ocrx_bundle.targets import Target

Shape = tuple[int, int, int, int]

SAMPLES = 2
"""Inputs, each of another size, on which a rewritten network is compared with the original."""

LARGEST_DIFFERENCE = 1e-3
"""The most by which a probability of a rewritten network may differ from the original's."""

SECOND_LOOK = {
    "doubtful": views.DOUBTFUL,
    "loose": views.LOOSE,
    "strokes": views.STROKES,
    "margin": views.MARGIN,
    "inked": views.INKED,
    "side": views.SIDE,
    "least_height": views.LEAST_HEIGHT,
}


@dataclass(frozen=True)
class Range:
    """The input shapes that an engine is built for: the smallest, the usual and the largest."""

    least: Shape
    usual: Shape
    most: Shape


@dataclass(frozen=True)
class Packed:
    """A network in a bundle: its part of bundle.json, the shapes of its input, its lower bound at
    the usual shape and at the largest (None for a target that `ocrx estimate` does not know), and
    what is to be said of how it was made."""

    about: Mapping[str, Any]
    shapes: Range
    bounds: tuple[Estimate, Estimate] | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Packer:
    """Packs models for a target into `folder`. `asked` is the precision, or "auto"; `picture` is
    the usual (height, width) of pictures."""

    assembly: Assembly
    target: Target
    asked: str
    folder: Path
    picture: tuple[int, int]

    def pack(self, kind: Kind, reference: str) -> Packed:
        """Write the files of a component's network.

        Raises UsageError for a component that cannot run without ocrx, ConversionFailed for a
        network that the target does not take, and what finding and converting its files raises.
        """
        model = self.assembly.network(kind, reference)
        numbers = None if model is None else model.portable()
        if model is None or numbers is None:
            raise UsageError(
                f"the {kind} {reference!r} cannot be bundled: it does not say in numbers how it "
                "takes pictures",
                "Choose another model, such as paddle.",
            )
        numbers = self._limited(numbers)
        shapes = self._range(model.spec, numbers)
        precision = self._precision(model.spec)
        if self.target.form == "ocrx":
            files, source, notes = self._as_published(model, reference)
        elif self.target.parser is not None:
            files, source, notes = self._as_parsed(model, self.target.parser)
        else:
            files, source, notes = self._as_run(model, precision)
        about = {"name": model.spec.name, **asdict(numbers), **files}
        # An engine computes in the precision that was asked for, the file it is built from in fp32.
        held = "fp32" if self.target.parser else precision
        about["precisions"] = {
            name: precision if name == "tensorrt" else held for name in self.target.engines
        }
        about["ranges"] = asdict(shapes)
        if isinstance(numbers, PortableLines):
            about["second_look"] = SECOND_LOOK
        bounds = self._bounds(source, numbers.input, shapes, precision)
        return Packed(about, shapes, bounds, tuple(notes))

    def _precision(self, spec: ModelSpec) -> Precision:
        """The precision of the network on the target: for "auto" that in which the model was
        compressed, if it was. Raises UsageError for one from which the target cannot start."""
        held, target = spec.precision, self.target
        runs_files = target.form == "script" and target.parser is None
        if held != "fp32" and runs_files and self.asked == "auto" and held in target.precisions:
            return held
        precision = target.precision(self.asked)
        if held != "fp32" and not (runs_files and held == precision):
            raise UsageError(
                f"{spec.name} is in {held}, and a bundle for {target.name} in {precision} is made "
                "from fp32",
                "Bundle the model that it was made from.",
            )
        return precision

    def _limited(self, numbers: Portable) -> Portable:
        """The numbers with the target's limit of the side of pictures."""
        longest = self.target.longest_side
        if isinstance(numbers, PortableLines) or longest is None:
            return numbers
        return replace(numbers, max_side=min(numbers.max_side, longest))

    def _range(self, spec: ModelSpec, numbers: Portable) -> Range:
        if isinstance(numbers, PortableLines):
            widths = numbers.widths
            width = spec.shapes[numbers.input][3]
            usual = widths.bucket(width.typical if isinstance(width, Axis) else width)
            lengths = (widths.bucket(1), usual, widths.bucket(widths.maximum))
            least, middle, most = ((1, 3, numbers.height, length) for length in lengths)
            return Range(least, middle, most)
        stride, longest = numbers.stride, numbers.max_side // numbers.stride * numbers.stride
        down, across = input_shape(*self.picture, asdict(numbers))
        return Range((1, 3, stride, stride), (1, 3, down, across), (1, 3, longest, longest))

    def _as_parsed(
        self, model: NetworkModel[Any], file: str
    ) -> tuple[dict[str, Any], Path, list[str]]:
        """Write the ONNX file that the target's parser takes, checked against the original."""
        import onnx

        spec, parser = model.spec, load_parser(file)
        runtime = self.assembly.runtime(spec, "onnxruntime")
        original = self.assembly.artifact(spec, runtime, SessionOptions("cpu", "fp32"))
        found = rewritten(original.path, spec.name, parser)
        path = self.folder / f"{spec.task}.onnx"
        onnx.save(found.model, path)
        off = self._difference(model, original, Artifact(path, "onnx", spec))
        if not off <= LARGEST_DIFFERENCE:
            raise ConversionFailed(
                f"{spec.name}, rewritten for {parser.name}, computes something else: its outputs "
                f"differ by up to {off:.2g}",
                REMEDY,
            )
        notes = []
        if found.operators:
            notes.append(f"{spec.name}: rewrote {', '.join(found.operators)} for {parser.name}")
        before, after = found.opset
        if before != after:
            notes.append(f"{spec.name}: wrote opset {before} as {after}")
        notes.append(
            f"{spec.name}: {parser.name} takes all of its operators; outputs differ from the "
            f"original's by at most {off:.2g}"
        )
        files = {"tensorrt": f"{spec.task}.engine", "onnxruntime": path.name}
        return {"files": files}, path, notes

    def _as_run(
        self, model: NetworkModel[Any], precision: Precision
    ) -> tuple[dict[str, Any], Path, list[str]]:
        """Copy the file that the target's runtime takes, converted if necessary."""
        (engine,) = self.target.engines
        spec = model.spec
        made = self.assembly.artifacts(
            model, self.assembly.runtime(spec, engine), SessionOptions("cpu", precision)
        )[""]
        files: dict[str, Any] = {}
        source = made.path
        if engine == "tflite":
            template = json.loads(made.path.read_text("utf-8"))
            source = made.path.with_name(template.pop("file"))
            files["template"] = template
        name = f"{spec.task}{source.suffix}"
        shutil.copyfile(source, self.folder / name)
        files["files"] = {engine: name}
        notes = []
        if engine == "onnxruntime":
            notes = self._aged(model, made, self.folder / name)
        published = spec.artifacts.get("onnx")
        onnx_file = self.assembly.store.path(published) if published else source
        return files, onnx_file, notes

    def _aged(self, model: NetworkModel[Any], made: Artifact, path: Path) -> list[str]:
        """Write the network as runtimes for old versions of Python read it. One that cannot be
        written so stays as it is, and is named."""
        import onnx

        name, network = model.spec.name, onnx.load(made.path)
        held = opset(network)
        newer = f"{name}: opset {held} needs a later version than {OLDEST}, the last for Python 3.6"
        try:
            older = lowered(network, name, OLDEST, OPSET)
        except ConversionFailed:
            return [newer]
        older.ir_version = min(older.ir_version, IR_VERSION)
        onnx.save(older, path)
        if opset(older) == held:
            return []
        if self._difference(model, made, replace(made, path=path)) <= LARGEST_DIFFERENCE:
            return [f"{name}: wrote opset {held} as {opset(older)}"]
        shutil.copyfile(made.path, path)
        return [newer]

    def _as_published(
        self, model: NetworkModel[Any], reference: str
    ) -> tuple[dict[str, Any], Path, list[str]]:
        """Copy the user's own file, or the folder of a compressed model; ocrx finds any other by
        its name."""
        ((_, source),) = model.spec.artifacts.items()
        path = self.assembly.store.path(source)
        if source.path is None:
            return {"files": {}}, path, []
        component, variant = split_reference(reference)
        record = record_of(Path(variant).expanduser())
        name = model.spec.task if record else f"{model.spec.task}{path.suffix}"
        copied = record[1] if record else path
        copy: Any = shutil.copytree if copied.is_dir() else shutil.copyfile
        copy(copied, self.folder / name)
        files = {"ocrx": name}
        return {"files": files, "component": "" if record else component}, path, []

    def _difference(self, model: NetworkModel[Any], original: Artifact, written: Artifact) -> float:
        """The largest difference of an output, on drawn pictures of text, run by ONNX Runtime."""
        runtime = self.assembly.runtime(model.spec, "onnxruntime")
        options = SessionOptions("cpu", original.spec.precision)
        with (
            self.assembly.open(original, runtime, options) as before,
            self.assembly.open(written, runtime, options) as after,
        ):
            differences = [
                np.abs(one - other).max()
                for feeds in self._samples(model)
                for one, other in zip(
                    before.run(feeds).values(), after.run(feeds).values(), strict=True
                )
            ]
            return float(np.max(differences))  # unlike `max`, not a number if one is none

    def _samples(self, model: NetworkModel[Any]) -> Iterator[Mapping[str, Any]]:
        """Inputs of two sizes, of a picture each."""
        sizes: set[tuple[int, ...]] = set()
        for feeds in self.assembly.calibration_of(model).batches():
            row = {name: np.asarray(tensor)[:1] for name, tensor in feeds.items()}
            shape = next(iter(row.values())).shape
            if shape not in sizes:
                sizes.add(shape)
                yield row
            if len(sizes) == SAMPLES:
                return

    def _bounds(
        self, source: Path, name: str, shapes: Range, computed: Precision
    ) -> tuple[Estimate, Estimate] | None:
        if self.target.device is None or source.suffix != ".onnx":
            return None
        device = devices()[self.target.device]
        inspector = self.assembly.inspector("onnx")
        precision = computed if computed in device.tflops else "fp32"
        usual, most = (
            estimate(inspector.inspect(source, {name: shape}), device, precision)
            for shape in (shapes.usual, shapes.most)
        )
        return usual, most
