"""A network from an ONNX file as a module that PyTorch trains."""

from __future__ import annotations

import onnx
import torch
from torch import nn

from ocrx_torch.importer import import_model
from ocrx_training.finetuning.files import Head, Weights, trainable, weights_of


class Weighted(nn.Module):
    """A network whose `weights` are parameters, by the names of a file's constants; `names` gives
    them in order."""

    def __init__(self, held: Weights) -> None:
        super().__init__()
        self.names = tuple(held)
        self.weights = nn.ParameterList(torch.from_numpy(array) for array in held.values())

    def in_use(self) -> list[torch.Tensor]:
        """The weights as they count, in the order of `names`."""
        return list(self.weights)

    def by_name(self) -> dict[str, torch.Tensor]:
        """The weights by name, detached."""
        return {
            name: weight.detach() for name, weight in zip(self.names, self.in_use(), strict=True)
        }


class OnnxNetwork(Weighted):
    """Gives logits, float32 (N, T, classes), for what the recogniser's `encode` makes of pictures.

    Statistics of normalisations are constants of the graph, and stay as they are.
    """

    def __init__(self, model: onnx.ModelProto, head: Head, name: str) -> None:
        super().__init__(weights_of(model))
        self._graph = import_model(trainable(model, head), name).module

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """The logits of encoded pictures, float32 (N, channels, H, W)."""
        logits: torch.Tensor = self._graph(pictures, *self.in_use())[0]
        return logits
