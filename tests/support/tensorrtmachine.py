"""A machine with TensorRT and NVIDIA GPUs, both made up, for the time of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ocrx.artifacts import Artifact
from ocrx.conversion.workshop import no_progress
from ocrx.interfaces.conversion import Conversion, Progress
from ocrx.names import Precision
from ocrx.testing import Toy
from ocrx_tensorrt import driver, library
from ocrx_tensorrt.backend import TensorRtBackend
from ocrx_tensorrt.converter import TensorRtConverter
from ocrx_tensorrt.options import TensorRtConverterOptions
from support.fakecuda import FakeCuda
from support.faketensorrt import FakeTensorRt, Generation


class Machine:
    def __init__(self, tensorrt: FakeTensorRt, cache_dir: Path) -> None:
        self.tensorrt = tensorrt
        self.cuda = tensorrt.cuda
        self.cache_dir = cache_dir

    def backend(self) -> TensorRtBackend:
        return TensorRtBackend(cache_dir=self.cache_dir)

    def converter(self, **options: Any) -> TensorRtConverter:
        return TensorRtConverter(TensorRtConverterOptions(**options), self.cache_dir)

    def engine(
        self,
        toy: Toy,
        folder: Path,
        precision: Precision = "fp32",
        *,
        device: str = "auto",
        report: Progress = no_progress,
        **options: Any,
    ) -> Artifact:
        """The toy as an engine in `folder`."""
        made = toy.spec()
        folder.mkdir(exist_ok=True)
        conversion = Conversion(made, toy.artifact(("onnx",)), precision, device)
        name = self.converter(**options).convert(conversion, folder, report)
        made = type(made)(**{**vars(made), "precision": precision})
        return Artifact(folder / name, "tensorrt", made)


@contextmanager
def machine(
    generation: Generation, cache_dir: Path, cuda: FakeCuda | None = None
) -> Iterator[Machine]:
    """Inside, this machine has the TensorRT of that generation and the GPUs of `cuda`."""
    tensorrt = FakeTensorRt(generation, cuda or FakeCuda())

    def import_library(name: str) -> Any:
        if name != tensorrt.name:
            raise ModuleNotFoundError(f"No module named {name!r}")
        return tensorrt.module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "open_library", lambda: tensorrt.cuda)
        patch.setattr(library, "import_library", import_library)
        driver.load_driver.cache_clear()
        try:
            yield Machine(tensorrt, cache_dir)
        finally:
            driver.load_driver.cache_clear()
            library.logger_of.cache_clear()
