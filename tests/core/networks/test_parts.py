"""The sessions of a model's parts, as one."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.errors import BackendError, InvalidFeed, PluginError
from ocrx.interfaces.runtimes import Session
from ocrx.interfaces.tensors import HostTensor
from ocrx.networks.parts import Parts, SessionsRun
from support.fakenetwork import Echo


def echo(concurrency: int = 1, precision: str = "fp32", batch: int = 9) -> Echo:
    session = Echo(concurrency)
    session.precision, session.batch = precision, batch
    return session


def test_they_take_what_each_of_them_takes() -> None:
    encoder, decoder = echo(4, "fp32", 8), echo(2, "bf16", 3)
    encoder.divided = True
    parts = Parts({"encoder": encoder, "decoder": decoder})
    assert (parts.concurrency, parts.batch, parts.divided) == (2, 3, True)
    assert (parts.device, parts.precision) == ("cpu", "bf16")
    parts.release()
    assert (encoder.released, decoder.released) == (1, 1)
    parts.close()
    assert encoder.closed
    assert decoder.closed


def test_if_one_cannot_be_opened_none_stays_open() -> None:
    first = echo()

    def fails() -> Session:
        raise BackendError("there is no more memory", "Get some.")

    with pytest.raises(BackendError, match="no more memory"):
        Parts.open({"encoder": lambda: first, "decoder": fails})
    assert first.closed


def test_a_part_is_fed_what_another_gave() -> None:
    run = SessionsRun(Parts({"encoder": echo(), "decoder": echo()}), "the runtime 'echo',")
    array = np.ones((1, 8, 3), np.float32)
    given = run.part("encoder", {"x": array})
    assert (given["x"].shape, given["x"].dtype) == ((1, 8, 3), "float32")
    again = run.part("decoder", given)
    assert np.array_equal(again["x"].numpy(), array)
    with pytest.raises(InvalidFeed, match="'x' is float64"):
        run.part("decoder", {"x": HostTensor(array.astype(np.float64))})


def test_a_network_that_is_not_there_is_the_model_s_mistake() -> None:
    feeds = {"x": np.ones((1, 8, 3), np.float32)}
    several = SessionsRun(Parts({"encoder": echo()}), "who")
    with pytest.raises(PluginError, match="its part 'decoder', but its spec has the parts: 'enc"):
        several.part("decoder", feeds)
    with pytest.raises(PluginError, match="its only network, but its spec has the parts: 'encoder"):
        several(feeds)
    with pytest.raises(PluginError, match="its part 'encoder', but its spec has the parts: none"):
        SessionsRun(echo(), "who").part("encoder", feeds)


def test_errors_of_a_runtime_name_the_part() -> None:
    class Broken(Echo):
        def _run(self, feeds: object) -> dict[str, np.typing.NDArray[np.float32]]:
            raise ValueError("no such kernel")

    run = SessionsRun(Parts({"encoder": Broken(1)}), "the runtime 'echo',")
    with pytest.raises(PluginError, match="the runtime 'echo', part 'encoder', failed: ValueErr"):
        run.part("encoder", {"x": np.ones((1, 8, 3), np.float32)})
