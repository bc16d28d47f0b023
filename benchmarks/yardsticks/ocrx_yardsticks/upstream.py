"""EasyOCR as its authors ship it. This imports nothing of ocrx, so it runs without it too."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any


def easyocr_reader(weights: Path, *, quantize: bool) -> Any:
    """EasyOCR's reader of English on the processor, with the checkpoints in the folder `weights`.
    `quantize` is EasyOCR's own option: LSTMs and linear layers in int8."""
    import torch

    # A torchvision for CUDA beside a torch without it lacks these, which EasyOCR never calls.
    operators = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        with contextlib.suppress(RuntimeError):
            operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    from easyocr import Reader

    return Reader(
        ["en"],
        gpu=False,
        model_storage_directory=str(weights),
        user_network_directory=tempfile.mkdtemp(),
        download_enabled=False,
        verbose=False,
        quantize=quantize,
    )
