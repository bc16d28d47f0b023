"""Opening and running engines on a made-up GPU, beyond what the contracts ask."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from ocrx.errors import BackendError, DeviceMissing, InvalidFeed, PrecisionUnavailable
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.interfaces.tensors import AnyTensor
from ocrx.names import Precision
from ocrx.testing import DIFFERENCE, LINE
from ocrx.testing.backends import verify
from ocrx.types import Tensor
from ocrx_tensorrt.driver import Buffer, CudaError, Stream
from ocrx_tensorrt.kept import KeptTensor
from support.fakecuda import FakeCuda
from support.faketensorrt import GENERATIONS, Generation
from support.tensorrtmachine import Machine, machine

TWO = [("NVIDIA L4", (8, 9)), ("NVIDIA A100", (8, 0))]


@pytest.fixture(params=GENERATIONS)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    with machine(cast("Generation", request.param), tmp_path / "cache", FakeCuda(TWO)) as one:
        yield one
        one.tensorrt.check_clean()


def test_buffers_are_kept_between_calls_and_grow(made: Machine, tmp_path: Path) -> None:
    with made.backend().open(made.engine(LINE, tmp_path), SessionOptions()) as session:
        session.run(LINE.feeds(2, 64))
        after_one = made.cuda.allocations
        assert after_one == 3
        for batch, width in ((1, 16), (2, 64), (1, 32)):
            session.run(LINE.feeds(batch, width))
        assert made.cuda.allocations == after_one
        verify(session, LINE, LINE.feeds(4, 64))
        assert made.cuda.allocations == 2 * after_one
        assert len(made.cuda.blocks) == after_one


def test_what_is_computed_stays_on_the_card_and_is_fed_from_there(
    made: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    send = Stream.send

    def counted(stream: Stream, array: Tensor, buffer: Buffer) -> None:
        sent.append(array.nbytes)
        send(stream, array, buffer)

    monkeypatch.setattr(Stream, "send", counted)
    feeds = DIFFERENCE.feeds(2, 16)
    with made.backend().open(made.engine(DIFFERENCE, tmp_path), SessionOptions()) as session:
        state: AnyTensor = feeds["first"]
        for step in range(4):
            state = session.compute({"first": state, "second": feeds["second"]})["difference"]
            assert len(sent) == 2 + step  # the first array once, the second each time
        assert made.cuda.allocations == 4  # two inputs, the state before and the state after
        assert isinstance(state, KeptTensor)
        np.testing.assert_allclose(state.numpy(), feeds["first"] - 4 * feeds["second"], atol=1e-5)
        session.release()
        assert len(made.cuda.blocks) == 3  # not the one that nobody uses
    assert not made.cuda.is_clean()
    np.testing.assert_allclose(state.numpy(), feeds["first"] - 4 * feeds["second"], atol=1e-5)
    del state
    assert made.cuda.is_clean()


def test_what_lies_on_another_card_is_copied(made: Machine, tmp_path: Path) -> None:
    feeds = DIFFERENCE.feeds(2, 16)
    sessions = []
    for device in ("cuda:0", "cuda:1"):
        engine = made.engine(DIFFERENCE, tmp_path / device, device=device)
        sessions.append(made.backend().open(engine, SessionOptions(device=device)))
    with sessions[0] as here, sessions[1] as there:
        once = here.compute(feeds)["difference"]
        twice = there.compute({"first": once, "second": feeds["second"]})["difference"]
    np.testing.assert_allclose(twice.numpy(), feeds["first"] - 2 * feeds["second"], atol=1e-5)


def test_a_card_that_fails_when_an_output_is_fetched_is_told(made: Machine, tmp_path: Path) -> None:
    with made.backend().open(made.engine(DIFFERENCE, tmp_path), SessionOptions()) as session:
        kept = session.compute(DIFFERENCE.feeds(2, 16))["difference"]
        made.cuda.break_down("cuMemcpyDtoH_v2")
        with pytest.raises(BackendError, match="an output cannot be copied from the GPU"):
            kept.numpy()
        del kept


def test_close_gives_everything_back(made: Machine, tmp_path: Path) -> None:
    session = made.backend().open(made.engine(LINE, tmp_path), SessionOptions(concurrency=3))
    session.run(LINE.feeds(2, 64))
    assert not made.cuda.is_clean()
    session.close()
    made.tensorrt.check_clean()


def test_close_waits_for_those_who_run(made: Machine, tmp_path: Path) -> None:
    session = made.backend().open(made.engine(LINE, tmp_path), SessionOptions())
    with session._lanes.take():
        session.close()
        assert made.cuda.streams
    made.tensorrt.check_clean()


def test_the_second_card(made: Machine, tmp_path: Path) -> None:
    engine = made.engine(LINE, tmp_path, device="cuda:1")
    with made.backend().open(engine, SessionOptions(device="cuda:1")) as session:
        assert session.device == "cuda:1"
        assert made.cuda.retained[1] == 2  # by the session, and by what it leaves on the card
        verify(session, LINE, LINE.feeds(1, 16))
        assert made.cuda.current() is None


def test_an_engine_for_another_card_is_not_loaded(made: Machine, tmp_path: Path) -> None:
    engine = made.engine(LINE, tmp_path, device="cuda:1")
    with pytest.raises(BackendError) as caught:
        made.backend().open(engine, SessionOptions(device="cuda:0"))
    assert "built for another architecture sm80 (here sm89)" in caught.value.message
    assert "models clean" in caught.value.remedy


def test_nor_is_one_without_papers(made: Machine, tmp_path: Path) -> None:
    """As trtexec makes them: TensorRT itself finds out."""
    engine = made.engine(LINE, tmp_path, device="cuda:1")
    engine.path.with_name(engine.path.name + ".json").unlink()
    with pytest.raises(BackendError, match=r"model\.engine is not an engine .* not compatible"):
        made.backend().open(engine, SessionOptions(device="cuda:0"))
    made.backend().open(engine, SessionOptions(device="cuda:1")).close()


@pytest.mark.parametrize("field", ["version", "platform", "library"])
def test_nor_is_one_of_another_tensorrt(made: Machine, tmp_path: Path, field: str) -> None:
    engine = made.engine(LINE, tmp_path)
    path = engine.path.with_name(engine.path.name + ".json")
    papers = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(papers | {field: "else"}), "utf-8")
    # A library that is not here does not load; the rest differs.
    with pytest.raises(BackendError, match="else"):
        made.backend().open(engine, SessionOptions())


def test_papers_that_cannot_be_read_are_none(made: Machine, tmp_path: Path) -> None:
    engine = made.engine(LINE, tmp_path)
    for text in ("{", "[]", "{}", '{"library": 1}'):
        engine.path.with_name(engine.path.name + ".json").write_text(text, "utf-8")
        made.backend().open(engine, SessionOptions()).close()


def test_a_shape_outside_the_engines_range_is_an_error(made: Machine, tmp_path: Path) -> None:
    with made.backend().open(made.engine(LINE, tmp_path), SessionOptions()) as session:
        for feeds in (LINE.feeds(9, 16), LINE.feeds(1, 264), LINE.feeds(1, 4)):
            with pytest.raises(InvalidFeed, match=r"built for \(1, 1, 8, 8\) to \(8, 1, 8, 256\)"):
                session.run(feeds)
        verify(session, LINE, LINE.feeds(8, 256))


def test_a_gpu_that_is_full_is_an_error_and_does_no_harm(made: Machine, tmp_path: Path) -> None:
    with made.backend().open(made.engine(LINE, tmp_path), SessionOptions()) as session:
        made.cuda.memory = 20_000
        with pytest.raises(BackendError, match=r"toy-line on picture \(8, 1, 8, 256\): .*memory"):
            session.run(LINE.feeds(8, 256))
        verify(session, LINE, LINE.feeds(1, 16))


def test_what_tensorrt_refuses_to_run_is_an_error(
    made: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made.backend().open(made.engine(LINE, tmp_path), SessionOptions()) as session:
        with monkeypatch.context() as patch:
            patch.setattr(made.tensorrt.context, "queue", lambda *_: False)
            with pytest.raises(BackendError, match=r"failed to run toy-line on picture \(1, 1"):
                session.run(LINE.feeds(1, 16))
        verify(session, LINE, LINE.feeds(1, 16))


def test_precision_is_the_engines(made: Machine, tmp_path: Path) -> None:
    engine = made.engine(LINE, tmp_path, "fp16")
    either: tuple[Precision, ...] = ("auto", "fp16")
    for asked in either:
        options = SessionOptions(precision=asked)
        with made.backend().open(engine, options) as session:
            assert session.precision == "fp16"
            verify(session, LINE, LINE.feeds(2, 16))
    with pytest.raises(PrecisionUnavailable, match="built in fp16, not in fp32"):
        made.backend().open(engine, SessionOptions(precision="fp32"))


def test_as_many_calls_at_once_as_tensorrt_grants(made: Machine, tmp_path: Path) -> None:
    """Before profiles could be shared, one context alone could use the one there is."""
    engine = made.engine(LINE, tmp_path)
    with made.backend().open(engine, SessionOptions(concurrency=3)) as session:
        granted = 1 if made.tensorrt.generation == "8.4" else 3
        assert session.concurrency == granted
        lanes = [session._lanes.take() for _ in range(granted)]
        taken = [lane.__enter__() for lane in lanes]
        assert len(set(map(id, taken))) == granted
        waiting = threading.Thread(target=session.run, args=(LINE.feeds(1, 16),))
        waiting.start()
        time.sleep(0.05)
        assert waiting.is_alive()
        for lane in lanes:
            lane.__exit__(None, None, None)
        waiting.join(timeout=30)
        assert not waiting.is_alive()


def test_kernels_compiled_while_running_are_kept(tmp_path: Path) -> None:
    with machine("rtx", tmp_path / "cache") as made:
        engine = made.engine(LINE, tmp_path / "made")
        for width in (16, 32):
            with made.backend().open(engine, SessionOptions()) as session:
                session.run(LINE.feeds(1, width))
        (kept,) = (tmp_path / "cache" / "compiled" / "tensorrt").glob("kernels-*.cache")
        assert len(kept.read_bytes().split()) == 3
        kept.write_bytes(b"damaged")
        with made.backend().open(engine, SessionOptions()) as session:
            session.run(LINE.feeds(1, 16))
        assert len(kept.read_bytes().split()) == 2


def test_tensorrt_proper_keeps_no_kernels(tmp_path: Path) -> None:
    with machine("11", tmp_path / "cache") as made:
        with made.backend().open(made.engine(LINE, tmp_path / "made"), SessionOptions()) as session:
            session.run(LINE.feeds(1, 16))
        assert not list((tmp_path / "cache" / "compiled" / "tensorrt").glob("kernels-*"))


def test_a_type_that_numpy_lacks_is_an_error(
    made: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = made.engine(LINE, tmp_path)
    monkeypatch.setattr("ocrx_tensorrt.calls.DTYPES", {"HALF": "float16"})
    with pytest.raises(BackendError, match="of type FLOAT"):
        made.backend().open(engine, SessionOptions())


@pytest.mark.parametrize(
    "broken",
    [("cuStreamSynchronize", "cuStreamDestroy_v2", "cuMemFree_v2"), ("cuCtxPushCurrent_v2",)],
    ids=["work", "everything"],
)
def test_a_gpu_that_has_failed_is_told_of_and_let_go(
    tmp_path: Path, broken: tuple[str, ...]
) -> None:
    with machine("11", tmp_path / "cache") as made:
        engine = made.engine(LINE, tmp_path / "made")
        session = made.backend().open(engine, SessionOptions(concurrency=2))
        session.run(LINE.feeds(1, 16))
        made.cuda.break_down(*broken)
        with pytest.raises(BackendError, match="the GPU failed to run toy-line"), session:
            session.run(LINE.feeds(1, 16))
        made.cuda.streams.clear()  # what was queued holds the context
        assert not list(made.tensorrt.alive)
        assert not any(made.cuda.retained.values())


def test_a_gpu_that_had_failed_before_is_told_of(tmp_path: Path) -> None:
    with machine("11", tmp_path / "cache") as made:
        engine = made.engine(LINE, tmp_path / "made")
        made.cuda.break_down("cuDeviceGetCount")
        with pytest.raises(BackendError, match="cannot be opened on cuda:0: cuDeviceGetCount"):
            made.backend().open(engine, SessionOptions(device="cuda:0"))


def test_without_a_driver_nothing_opens(tmp_path: Path) -> None:
    with machine("10", tmp_path) as made:
        engine = made.engine(LINE, tmp_path)
    with machine("10", tmp_path, FakeCuda([])) as made:
        with pytest.raises(DeviceMissing, match="finds no GPU") as caught:
            made.backend().open(engine, SessionOptions())
        assert caught.value.remedy.startswith("Get it with: ")
        found = made.backend().probe()
        assert not found.present
        assert "finds no GPU" in found.detail


def test_cards_have_their_makers_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = FakeCuda([("NVIDIA L4", (8, 9)), ("NVIDIA A100", (8, 0))])
    with machine("10", tmp_path, cuda) as made:
        found = made.backend().probe()
        assert found.devices == ("cuda:0", "cuda:1")
        assert found.names == {"cuda:0": "NVIDIA L4", "cuda:1": "NVIDIA A100"}

        def name_of(index: int) -> str:
            raise CudaError("cuDeviceGetName: some error (1)")

        monkeypatch.setattr("ocrx_tensorrt.backend.name_of", name_of)
        found = made.backend().probe()
        assert (found.present, found.names) == (True, {})
