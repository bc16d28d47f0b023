"""`quantize`: a network in 8 or 16 bits, calibrated and judged on a user's pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ocrx.errors import ConversionFailed
from ocrx.interfaces.compression import Compressed, Compression, Compressor
from ocrx.interfaces.conversion import Progress
from ocrx.interfaces.feeds import Feeds
from ocrx.interfaces.runtimes import Availability
from ocrx_onnx.calibrators import calibrator
from ocrx_onnx.converters import MODEL, available
from ocrx_onnx.options import QuantizeOptions

if TYPE_CHECKING:
    import onnx

    from ocrx_onnx.sensitivity import Block

TRIALS = 4
"""Batches on which the sensitivity of blocks is found."""


class Quantize(Compressor):
    """Quantises the convolutions and matrix products of an ONNX network."""

    name = "quantize"

    def __init__(self, options: QuantizeOptions) -> None:
        self._options = options
        self.settings: Mapping[str, Any] = asdict(options)
        self.makes = options.makes

    def probe(self) -> Availability:
        return available()

    def compress(self, asked: Compression, folder: Path, progress: Progress) -> Compressed:
        from ocrx_onnx.graph import prepared, save

        name = asked.model.spec.name
        progress(0.0, f"{name}: reading")
        model = prepared(asked.artifact.path, name)
        if self._options.mode == "static":
            if self._options.recurrent:
                model = dynamic(model, name, self._options.recurrent)
            return _Search(self._options, asked, model, folder, progress).best()
        if self._options.mode == "dynamic":
            made = dynamic(model, name, ["MatMul", *self._options.recurrent])
        else:
            made = _half(model, name)
        save(made, folder / MODEL, name)
        return Compressed(MODEL, *self._options.makes)


class _Search:
    """Finds the fewest blocks that must stay in fp32 for the budget."""

    def __init__(
        self,
        options: QuantizeOptions,
        asked: Compression,
        model: onnx.ModelProto,
        folder: Path,
        progress: Progress,
    ) -> None:
        from ocrx_onnx.qdq import tensors
        from ocrx_onnx.quantize import behind_stem
        from ocrx_onnx.scales import find_scales

        self._options, self._asked, self._model = options, asked, model
        self._folder, self._name = folder, asked.model.spec.name
        self._scheme = options.scheme
        self._progress = progress
        self._nodes = behind_stem(model, self._name)
        self._tell(0.1, "finding scales")
        self._batches: Sequence[Feeds] = list(asked.calibration.batches())
        calibrate = calibrator(options.calibrator, options.percentile)
        wanted = sorted(tensors(model, self._nodes, self._scheme))
        self._scales = find_scales(model, wanted, self._batches, calibrate)

    def best(self) -> Compressed:
        made = self._written(self._nodes)
        if self._asked.budget is None or self._loss(made) <= self._asked.budget:
            return made
        blocks = self._blocks()
        least, most = 0, len(blocks)  # with none in fp32 too much is lost; all in fp32 is no int8
        losses: dict[int, float] = {}
        while most - least > 1:
            kept = (least + most) // 2
            losses[kept] = self._loss(self._without(blocks, kept))
            least, most = (least, kept) if losses[kept] <= self._asked.budget else (kept, most)
        if most == len(blocks):
            most = min(losses, key=lambda kept: losses[kept], default=1)
        return self._without(blocks, most)

    def _blocks(self) -> list[Block]:
        from ocrx_onnx.sensitivity import blocks_by_damage

        trials = self._batches[:: max(1, len(self._batches) // TRIALS)]
        return blocks_by_damage(
            self._model,
            self._nodes,
            count=self._options.blocks,
            scales=self._scales,
            scheme=self._scheme,
            trials=trials,
            tell=lambda done: self._tell(0.2 + 0.4 * done, "rounding one block at a time"),
        )

    def _without(self, blocks: Sequence[Block], kept: int) -> Compressed:
        """The network with the first `kept` blocks in fp32."""
        nodes = [node for block in blocks[kept:] for node in block.nodes]
        made = self._written(nodes)
        told = (f"{block.told} in fp32 (divergence {block.damage:.2g})" for block in blocks[:kept])
        return replace(made, notes=(*made.notes, *told))

    def _written(self, nodes: Sequence[onnx.NodeProto]) -> Compressed:
        from ocrx_onnx.graph import save
        from ocrx_onnx.qdq import rounded
        from ocrx_onnx.storage import compact

        made = rounded(self._model, self._scales, nodes, self._scheme)
        if self._options.target == "cpu":
            compact(made)
        save(made, self._folder / MODEL, self._name)
        note = f"{len(nodes)} of {len(self._nodes)} convolutions and products behind the stem"
        return Compressed(MODEL, *self._options.makes, (f"{note} in int8",))

    def _loss(self, made: Compressed) -> float:
        self._tell(0.7, "measuring what it loses")
        return self._asked.before() - self._asked.measure(self._folder, made)

    def _tell(self, done: float, what: str) -> None:
        self._progress(done, f"{self._name}: {what}")


def _half(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    from ocrx_onnx.half import halved

    return halved(model, name)


def dynamic(model: onnx.ModelProto, name: str, operators: Sequence[str]) -> onnx.ModelProto:
    """The model with int8 weights of those operators, by ONNX Runtime's own quantiser; activations
    are scaled as they come. Raises ConversionFailed."""
    import onnx

    from ocrx_onnx.graph import REMEDY
    from ocrx_onnx.ortools import tool

    quantization = tool("quantization")
    tool("quantization.quant_utils").add_pre_process_metadata(model)  # or it warns on stderr
    with TemporaryDirectory() as scratch:
        target = Path(scratch, MODEL)
        try:
            quantization.quantize_dynamic(
                model,
                target,
                op_types_to_quantize=list(operators),
                per_channel=True,
                weight_type=quantization.QuantType.QInt8,
            )
            made = onnx.load(target)
        # It raises anything.
        except Exception as error:
            raise ConversionFailed(f"{name} cannot be quantised: {error}", REMEDY) from error
    made.metadata_props.extend(model.metadata_props if not made.metadata_props else ())
    return made
