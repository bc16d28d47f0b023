"""EasyOCR's networks as PyTorch modules, written after its own, to compare ONNX networks with.

easyocr/craft.py, easyocr/model/modules.py, model.py and vgg_model.py. Their state dicts have the
names and shapes of EasyOCR's checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate


def filled(module: nn.Module, seed: int = 0) -> nn.Module:
    """The module with random weights, for reading."""
    torch.manual_seed(seed)
    for name, tensor in module.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 2.0)
        elif tensor.is_floating_point() and tensor.ndim < 2:
            tensor.normal_(0.0, 0.3)
    return module.eval()


class Craft(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.basenet = Vgg16()
        for number, (below, skip, middle, outside) in enumerate(
            ((1024, 512, 512, 256), (256, 512, 256, 128), (128, 256, 128, 64), (64, 128, 64, 32)), 1
        ):
            setattr(self, f"upconv{number}", DoubleConv(below + skip, middle, outside))
        layers: list[nn.Module] = []
        for inside, outside, side in ((32, 32, 3), (32, 32, 3), (32, 16, 3), (16, 16, 1)):
            layers += [nn.Conv2d(inside, outside, side, padding=side // 2), nn.ReLU(inplace=True)]
        self.conv_cls = nn.Sequential(*layers, nn.Conv2d(16, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        sources = self.basenet(x)
        y = self.get_submodule("upconv1")(torch.cat([sources[0], sources[1]], 1))
        for number, source in enumerate(sources[2:], 2):
            y = interpolate(y, size=source.shape[2:], mode="bilinear", align_corners=False)
            y = getattr(self, f"upconv{number}")(torch.cat([y, source], 1))
        maps: Tensor = self.conv_cls(y)
        return maps


class Vgg16(nn.Module):
    """`vgg16_bn`, whose slices begin with a ReLU in place, which changes the skips too."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inside = 3
        for outside in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512):
            if outside:
                layers += [
                    nn.Conv2d(inside, outside, 3, padding=1),
                    nn.BatchNorm2d(outside),
                    nn.ReLU(inplace=True),
                ]
                inside = outside
            else:
                layers.append(nn.MaxPool2d(2, 2))
        for number, (start, end) in enumerate(((0, 12), (12, 19), (19, 29), (29, 39)), 1):
            part = nn.Sequential()
            for place in range(start, end):
                part.add_module(str(place), layers[place])
            setattr(self, f"slice{number}", part)
        self.slice5 = nn.Sequential(
            nn.MaxPool2d(3, 1, 1),
            nn.Conv2d(512, 1024, 3, padding=6, dilation=6),
            nn.Conv2d(1024, 1024, 1),
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        found = []
        for number in range(1, 6):
            x = getattr(self, f"slice{number}")(x)
            found.append(x)
        return found[::-1]


class DoubleConv(nn.Module):
    def __init__(self, inside: int, middle: int, outside: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(inside, middle, 1),
            nn.BatchNorm2d(middle),
            nn.ReLU(inplace=True),
            nn.Conv2d(middle, outside, 3, padding=1),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return y


class Crnn(nn.Module):
    """A recogniser: `features` is a Vgg or a Resnet of `width` channels."""

    def __init__(self, features: nn.Module, width: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.FeatureExtraction = features
        self.SequenceModeling = nn.Sequential(
            BidirectionalLstm(width, hidden, hidden), BidirectionalLstm(hidden, hidden, hidden)
        )
        self.Prediction = nn.Linear(hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        features = self.FeatureExtraction.get_submodule("ConvNet")(x).permute(0, 3, 1, 2)
        features = nn.functional.adaptive_avg_pool2d(features, (None, 1)).squeeze(3)
        scores: Tensor = self.Prediction(self.SequenceModeling(features))
        return scores.softmax(dim=2)


class BidirectionalLstm(nn.Module):
    def __init__(self, inside: int, hidden: int, outside: int) -> None:
        super().__init__()
        self.rnn = nn.LSTM(inside, hidden, bidirectional=True, batch_first=True)
        self.linear = nn.Linear(2 * hidden, outside)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.linear(self.rnn(x)[0])
        return y


class Vgg(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        a, b, c = width // 8, width // 4, width // 2

        def conv(inside: int, outside: int, *, bias: bool = True) -> nn.Conv2d:
            return nn.Conv2d(inside, outside, 3, padding=1, bias=bias)

        self.ConvNet = nn.Sequential(
            *(conv(1, a), nn.ReLU(), nn.MaxPool2d(2, 2)),
            *(conv(a, b), nn.ReLU(), nn.MaxPool2d(2, 2)),
            *(conv(b, c), nn.ReLU(), conv(c, c), nn.ReLU(), nn.MaxPool2d((2, 1), (2, 1))),
            *(conv(c, width, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
            *(conv(width, width, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
            nn.MaxPool2d((2, 1), (2, 1)),
            *(nn.Conv2d(width, width, 2), nn.ReLU()),
        )


class Resnet(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.ConvNet = ResnetLayers(width)


class ResnetLayers(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self._add("0_1", 1, width // 16)
        self._add("0_2", width // 16, width // 8)
        inside = width // 8
        for number, (blocks, outside) in enumerate(
            ((1, width // 4), (2, width // 2), (5, width), (3, width)), 1
        ):
            sides = [inside] + [outside] * (blocks - 1)
            layer = nn.Sequential(*(Block(side, outside) for side in sides))
            setattr(self, f"layer{number}", layer)
            inside = outside
            if number < 4:
                self._add(str(number), outside, outside)
        self._add("4_1", width, width, kernel_size=2, stride=(2, 1), padding=(0, 1))
        self._add("4_2", width, width, kernel_size=2, padding=0)

    def _add(self, number: str, inside: int, outside: int, **shape: Any) -> None:
        made = {"kernel_size": 3, "padding": 1, **shape}
        setattr(self, f"conv{number}", nn.Conv2d(inside, outside, bias=False, **made))
        setattr(self, f"bn{number}", nn.BatchNorm2d(outside))

    def _apply_to(self, x: Tensor, numbers: Sequence[str]) -> Tensor:
        for number in numbers:
            x = getattr(self, f"bn{number}")(getattr(self, f"conv{number}")(x)).relu()
        return x

    def forward(self, x: Tensor) -> Tensor:
        x = self._apply_to(x, ["0_1", "0_2"])
        for number in range(1, 5):
            if number < 3:
                x = nn.functional.max_pool2d(x, 2, 2)
            elif number == 3:
                x = nn.functional.max_pool2d(x, 2, (2, 1), (0, 1))
            x = getattr(self, f"layer{number}")(x)
            x = self._apply_to(x, [str(number)] if number < 4 else ["4_1", "4_2"])
        return x


class Block(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        if inside != outside:
            self.downsample = nn.Sequential(
                nn.Conv2d(inside, outside, 1, bias=False), nn.BatchNorm2d(outside)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        shortcut = self.downsample(x) if hasattr(self, "downsample") else x
        summed: Tensor = y + shortcut
        return summed.relu()
