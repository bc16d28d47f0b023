"""Reading checkpoints of PyTorch without PyTorch, and without running anything in them."""

from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrx.errors import WeightsError
from ocrx_easyocr.checkpoint import read_checkpoint

FORMS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])


def save(content: object, path: Path, *, zipped: bool) -> Path:
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    return path


class Run:
    """Runs a command when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._trace),)


@FORMS
def test_gives_the_tensors_by_name(tmp_path: Path, zipped: bool) -> None:
    module = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3))
    found = read_checkpoint(save(module.state_dict(), tmp_path / "a.pth", zipped=zipped))
    expected = module.state_dict()
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert found[name].dtype == tensor.numpy().dtype
        np.testing.assert_array_equal(found[name], tensor.numpy())


@FORMS
def test_the_prefix_of_parallel_training_is_removed(tmp_path: Path, zipped: bool) -> None:
    module = torch.nn.DataParallel(torch.nn.Linear(2, 1))
    found = read_checkpoint(save(module.state_dict(), tmp_path / "a.pth", zipped=zipped))
    assert set(found) == {"weight", "bias"}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.lists(st.integers(1, 4), max_size=4),
    kind=st.sampled_from([torch.float32, torch.float64, torch.float16, torch.int64, torch.int32]),
    zipped=st.booleans(),
    data=st.data(),
)
def test_views_are_read_as_they_are_seen(
    tmp_path: Path, shape: list[int], kind: torch.dtype, zipped: bool, data: st.DataObject
) -> None:
    tensor = torch.arange(2 * int(np.prod(shape)) + 3).to(kind)[3:][: int(np.prod(shape))]
    tensor = tensor.reshape(shape).permute(data.draw(st.permutations(range(len(shape)))))
    content = OrderedDict(a=tensor, b=tensor[..., :1] if shape else tensor)
    found = read_checkpoint(save(content, tmp_path / "a.pth", zipped=zipped))
    for name, one in content.items():
        np.testing.assert_array_equal(found[name], one.numpy())


@FORMS
def test_code_is_refused_and_not_run(tmp_path: Path, zipped: bool) -> None:
    trace = tmp_path / "ran"
    path = save({"weight": torch.zeros(1), "x": Run(trace)}, tmp_path / "a.pth", zipped=zipped)
    with pytest.raises(WeightsError, match=r"more than weights.*asks for \w+\.mkdir") as caught:
        read_checkpoint(path)
    assert "torch.save(model.state_dict(), PATH)" in caught.value.remedy
    assert not trace.exists()


def test_code_before_the_weights_is_refused_too(tmp_path: Path) -> None:
    trace, path = tmp_path / "ran", tmp_path / "a.pth"
    path.write_bytes(pickle.dumps(Run(trace)))
    with pytest.raises(WeightsError, match="nothing of it was run"):
        read_checkpoint(path)
    assert not trace.exists()


@FORMS
def test_a_whole_model_is_refused(tmp_path: Path, zipped: bool) -> None:
    path = save(torch.nn.Linear(2, 1), tmp_path / "a.pth", zipped=zipped)
    with pytest.raises(WeightsError, match=r"asks for torch\.nn\.modules\.linear\.Linear"):
        read_checkpoint(path)


@FORMS
@pytest.mark.parametrize("kept", [0, 1, 20, 300, -40])
def test_a_damaged_one_is_refused(tmp_path: Path, zipped: bool, kept: int) -> None:
    path = save(torch.nn.Linear(20, 10).state_dict(), tmp_path / "a.pth", zipped=zipped)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(WeightsError, match="is not a checkpoint of PyTorch, or is damaged"):
        read_checkpoint(path)


@pytest.mark.parametrize("content", [b"no checkpoint", b"\x89PNG\r\n", pickle.dumps([1, 2, 3])])
def test_anything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="is not a checkpoint"):
        read_checkpoint(path)


def test_a_tensor_outside_of_its_storage_is_refused(tmp_path: Path) -> None:
    path = save({"a": torch.zeros(7)}, tmp_path / "a.pth", zipped=False)
    content = path.read_bytes()
    assert content.count(b"K\x07\x85") == 1  # the shape, (7,)
    path.write_bytes(content.replace(b"K\x07\x85", b"K\x09\x85"))
    with pytest.raises(WeightsError, match="outside of its storage"):
        read_checkpoint(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"a\.pth cannot be read: No such file"):
        read_checkpoint(tmp_path / "a.pth")
