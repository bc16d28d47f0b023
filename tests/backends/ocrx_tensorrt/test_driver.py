"""The calls of the driver, against one that is made up but has the prototypes of cuda.h."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from ocrx.errors import DeviceMissing
from ocrx_tensorrt import driver
from ocrx_tensorrt.driver import Buffer, CudaError, Gpu, NoDriver, Stream
from support.fakecuda import PROTOTYPES, FakeCuda

TWO = [("NVIDIA L4", (8, 9)), ("NVIDIA A100", (8, 0))]


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCuda]:
    made = FakeCuda(TWO)
    monkeypatch.setattr(driver, "open_library", lambda: made)
    driver.load_driver.cache_clear()
    yield made
    driver.load_driver.cache_clear()


def test_the_prototypes_are_those_of_cuda_h() -> None:
    assert driver.SIGNATURES == PROTOTYPES


@pytest.mark.usefixtures("cuda")
def test_the_cards_there_are() -> None:
    assert driver.count_gpus() == 2
    assert [driver.name_of(index) for index in (0, 1)] == ["NVIDIA L4", "NVIDIA A100"]
    assert [driver.architecture_of(index) for index in (0, 1)] == ["sm89", "sm80"]


@pytest.mark.usefixtures("cuda")
@pytest.mark.parametrize(
    ("asked", "index"), [("auto", 0), ("cuda", 0), ("cuda:0", 0), ("cuda:1", 1)]
)
def test_a_card_is_found_by_its_name(asked: str, index: int) -> None:
    assert driver.find_gpu(asked) == index


@pytest.mark.usefixtures("cuda")
@pytest.mark.parametrize("asked", ["cpu", "cuda:2", "cuda:-1", "cuda:", "gpu"])
def test_a_card_that_is_not_there_is_an_error(asked: str) -> None:
    with pytest.raises(DeviceMissing, match=rf"'{asked}', only cuda:0, cuda:1"):
        driver.find_gpu(asked)


def test_what_is_sent_comes_back_once_waited_for(cuda: FakeCuda) -> None:
    gpu = Gpu(1)
    sent, back = np.arange(12, dtype=np.float32), np.zeros(12, np.float32)
    with gpu.current():
        assert cuda.current() == 1
        stream, buffer = Stream(), Buffer()
        buffer.hold(sent.nbytes)
        stream.send(sent, buffer)
        stream.fetch(buffer, back)
        assert not back.any()
        stream.wait()
        assert back.tolist() == sent.tolist()
        buffer.close()
        buffer.close()
        stream.close()
    assert cuda.current() is None
    gpu.close()
    gpu.close()
    assert cuda.is_clean()


def test_a_buffer_grows_and_never_shrinks(cuda: FakeCuda) -> None:
    with Gpu(0).current():
        buffer = Buffer()
        for size in (100, 10, 100, 200, 150):
            buffer.hold(size)
            assert cuda.holds(buffer.address, size)
        assert cuda.allocations == 2
        assert len(cuda.blocks) == 1
        buffer.close()


def test_a_failure_is_told_in_the_drivers_words(cuda: FakeCuda) -> None:
    cuda.memory = 1000
    with Gpu(0).current():
        buffer = Buffer()
        buffer.hold(600)
        with pytest.raises(CudaError, match=r"cuMemAlloc_v2: out of memory \(2\)"):
            buffer.hold(1200)
        assert (buffer.address, buffer.size) == (0, 0)


def test_a_gpu_is_current_in_its_own_thread_alone(cuda: FakeCuda) -> None:
    seen: list[int | None] = []
    with Gpu(0).current():
        thread = threading.Thread(target=lambda: seen.append(cuda.current()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_a_driver_that_finds_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "open_library", lambda: FakeCuda([]))
    driver.load_driver.cache_clear()
    with pytest.raises(NoDriver, match="no CUDA-capable device is detected"):
        driver.count_gpus()


@pytest.mark.parametrize("found", [None, SimpleNamespace()])
def test_no_driver_and_something_else_of_that_name(
    monkeypatch: pytest.MonkeyPatch, found: object
) -> None:
    def open_library() -> object:
        if found is None:
            raise OSError("cannot open shared object file")
        return found

    monkeypatch.setattr(driver, "open_library", open_library)
    driver.load_driver.cache_clear()
    with pytest.raises(NoDriver, match="there is no NVIDIA driver"):
        driver.count_gpus()
