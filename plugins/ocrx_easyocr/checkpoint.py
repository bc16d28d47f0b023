"""Reads the tensors of a PyTorch checkpoint. Code in it is never run, and PyTorch is not needed.

A checkpoint is a pickle of a dictionary whose tensors refer to storages, blocks of numbers. Since
PyTorch 1.6 (torch/serialization.py) it is a zip file with the pickle and a member for each storage.
Before, it was five pickles in a row, with the storages after them.
"""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ocrx.errors import WeightsError

Weights = Mapping[str, NDArray[Any]]
"""Tensors by name."""

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
DTYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
}
PARALLEL = "module."
"""What torch.nn.DataParallel puts before each name."""


def read_checkpoint(path: Path) -> Weights:
    """The tensors of a state dict, as `torch.save(model.state_dict(), path)` writes it.

    The prefix `module.` is removed from their names. Raises WeightsError for a file that holds
    anything but tensors, such as code, and for one that is damaged or no checkpoint.
    """
    try:
        with path.open("rb") as file:
            read = _zipped if zipfile.is_zipfile(file) else _in_a_row
            file.seek(0)
            tensors = read(file)
    except _NotWeights as error:
        raise WeightsError(
            f"{path} holds more than weights, and nothing of it was run: it asks for {error}",
            "Save the weights alone, with `torch.save(model.state_dict(), PATH)`.",
        ) from error
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read: {error.strerror or error}",
            "Check the path and its permissions.",
        ) from error
    # A damaged pickle can fail in any way.
    except Exception as error:
        raise WeightsError(
            f"{path} is not a checkpoint of PyTorch, or is damaged: {error}",
            "Give the path of a .pth file with the weights of the model.",
        ) from error
    return {name.removeprefix(PARALLEL): tensor for name, tensor in tensors.items()}


class _NotWeights(Exception):
    """The checkpoint refers to something other than tensors; the message says to what."""


@dataclass(frozen=True)
class _Storage:
    """A reference to a block of `count` numbers."""

    dtype: str
    key: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    """A tensor as it is pickled: a view of a storage. `strides` are in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self, block: NDArray[Any]) -> NDArray[Any]:
        """Its values, copied from its storage. Raises ValueError if they lie outside of it."""
        steps = zip(self.shape, self.strides, strict=True)
        last = self.offset + sum((size - 1) * stride for size, stride in steps)
        if min(self.offset, *self.shape, *self.strides, 0) < 0 or last >= max(len(block), 1):
            raise ValueError("a tensor lies outside of its storage")
        strides = tuple(stride * block.itemsize for stride in self.strides)
        view = np.lib.stride_tricks.as_strided(block[self.offset :], self.shape, strides)
        return np.array(view)


def _rebuilt(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


def _parameter(tensor: _Tensor, *_: object) -> _Tensor:
    return tensor


ALLOWED: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuilt,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    **{("torch", name): dtype for name, dtype in DTYPES.items()},
}
"""All that a pickle may refer to, and what takes its place here."""


class _Unpickler(pickle.Unpickler):
    """Builds only what ALLOWED lists."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise _NotWeights(f"{module}.{name}")
        return ALLOWED[module, name]

    def persistent_load(self, reference: Any) -> _Storage:
        kind, dtype, key, _, count, *_ = reference
        if kind != "storage" or dtype not in DTYPES.values():
            raise ValueError(f"an unknown reference, {kind!r}")
        return _Storage(dtype, str(key), int(count))


def _zipped(file: IO[bytes]) -> Weights:
    with zipfile.ZipFile(file) as archive:
        (main,) = (n for n in archive.namelist() if n == "data.pkl" or n.endswith("/data.pkl"))
        folder = main.removesuffix("data.pkl")
        with archive.open(main) as pickled:
            tensors = _tensors(_Unpickler(pickled).load())
        return _arrays(tensors, lambda storage: archive.read(f"{folder}data/{storage.key}"))


def _in_a_row(file: IO[bytes]) -> Weights:
    magic, protocol, _ = (_Unpickler(file).load() for _ in range(3))
    if magic != MAGIC or protocol != PROTOCOL:
        raise ValueError("it does not begin as a checkpoint does")
    tensors = _tensors(_Unpickler(file).load())
    sizes = {one.storage.key: one.storage for one in tensors.values()}
    blocks = {}
    for key in _Unpickler(file).load():
        (count,) = struct.unpack("<q", file.read(8))
        # A storage that no tensor refers to would have an unknown size.
        blocks[str(key)] = file.read(count * np.dtype(sizes[str(key)].dtype).itemsize)
    return _arrays(tensors, lambda storage: blocks[storage.key])


def _tensors(unpickled: object) -> dict[str, _Tensor]:
    """The tensors of a state dict. Entries that are none are left out."""
    if not isinstance(unpickled, dict):
        raise TypeError(f"it holds a {type(unpickled).__name__} in place of a state dict")
    return {str(name): one for name, one in unpickled.items() if isinstance(one, _Tensor)}


def _arrays(tensors: Mapping[str, _Tensor], read: Callable[[_Storage], bytes]) -> Weights:
    blocks = {
        one.storage.key: np.frombuffer(read(one.storage), one.storage.dtype)
        for one in tensors.values()
    }
    return {name: one.array(blocks[one.storage.key]) for name, one in tensors.items()}
