"""ONNX's own tests of its operations, in whichever of the two ways the installed onnx holds them:
as files (until 1.18 or so), or made when they are asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from onnx.backend.test.loader import load_model_tests

from ocrx_torch.importer import tensor_of

Tensors = list[torch.Tensor]


@dataclass(frozen=True)
class Case:
    """A network, and where its inputs and right outputs are: a folder, or values."""

    model: onnx.ModelProto
    folder: Path | None
    values: Sequence[tuple[Sequence[Any], Sequence[Any]]]

    def sets(self) -> Iterator[tuple[Tensors, Tensors]]:
        """Inputs and right outputs, as many as there are."""
        if self.folder is None:
            for inputs, outputs in self.values:
                yield [_tensor(value) for value in inputs], [_tensor(value) for value in outputs]
            return
        for folder in sorted(self.folder.glob("test_data_set_*")):
            yield _read(folder, "input"), _read(folder, "output")


def load_cases() -> dict[str, Case]:
    """All there are, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # some are about numbers that overflow
        found = load_model_tests(kind="node")
    return {case.name: _case(case) for case in found}


def _case(case: Any) -> Case:
    if case.model is not None:
        return Case(case.model, None, case.data_sets)
    folder = Path(str(case.model_dir))
    return Case(onnx.load(folder / "model.onnx"), folder, ())


def _read(folder: Path, kind: str) -> Tensors:
    """The files KIND_0.pb, KIND_1.pb, ..."""
    tensors = []
    for index in range(len(list(folder.glob(f"{kind}_*.pb")))):
        proto = TensorProto()
        proto.ParseFromString((folder / f"{kind}_{index}.pb").read_bytes())
        tensors.append(tensor_of(proto))
    return tensors


def _tensor(value: Any) -> torch.Tensor:
    if not isinstance(value, TensorProto):
        value = numpy_helper.from_array(np.asarray(value))
    return tensor_of(value)
