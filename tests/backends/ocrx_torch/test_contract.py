"""The contracts of runtimes on PyTorch: with the toys' ONNX files, and as TorchScript."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import torch

from ocrx.artifacts import Artifact
from ocrx.testing import BackendContract, SessionContract, Toy
from ocrx.testing.toys import line_kernels
from ocrx_torch.backend import TorchBackend
from ocrx_torch.torchscript import SIGNATURE


class Onnx:
    def make(self) -> TorchBackend:
        return TorchBackend()


class TestOnnx(Onnx, BackendContract):
    pass


class TestOnnxSession(Onnx, SessionContract):
    pass


class Line(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.kernels = torch.nn.Parameter(torch.from_numpy(line_kernels()))

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = torch.relu(torch.conv2d(picture, self.kernels, padding=1))
        return features, features.mean(2).transpose(1, 2)


class Difference(torch.nn.Module):
    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return first - second


class TorchScript(Onnx):
    def artifact(self, toy: Toy, folder: Path) -> Artifact:
        path = folder / f"{toy.name}.pt"
        module = Line() if toy.name == "toy-line" else Difference()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            scripted = torch.jit.script(module)
            signature = json.dumps({"outputs": toy.outputs})
            torch.jit.save(scripted, str(path), _extra_files={SIGNATURE: signature})
        return Artifact(path, "torch", toy.spec())


class TestTorchScript(TorchScript, BackendContract):
    pass


class TestTorchScriptSession(TorchScript, SessionContract):
    pass
