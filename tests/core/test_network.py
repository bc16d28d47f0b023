"""A model and a session joined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from fakenetwork import Echo, WidthModel
from ocrx.errors import PluginError, SessionClosed
from ocrx.network import Network, NetworkRecognizer
from ocrx.types import Image


def pictures(widths: Sequence[int]) -> list[Image]:
    return [np.zeros((8, width, 3), dtype=np.uint8) for width in widths]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_results_come_in_the_order_of_the_pictures(concurrency: int) -> None:
    widths = [35, 1, 200, 36, 7, 120, 121, 34, 33]
    model = WidthModel()
    with NetworkRecognizer(Network(model, Echo(concurrency), "echo")) as network:
        assert [text.text for text in network.recognize(pictures(widths))] == list(map(str, widths))
        assert network.recognize([]) == []
        (used,) = network.used
    assert (used.task, used.model, used.backend) == ("recognition", "widths", "echo")
    assert all(count <= 3 for count, _, _ in model.batches)
    assert sorted(width for count, _, width in model.batches for _ in range(count))[-1] == 200


def test_as_many_batches_run_at_once_as_the_session_takes() -> None:
    network = Network(WidthModel(), Echo(4, together=True), "echo")
    assert len(network.run(pictures([10, 100, 1000, 10_000]))) == 4
    network.close()


def test_memory_is_given_back_after_a_batch_that_is_larger_than_most() -> None:
    model, session = WidthModel(), Echo(1)
    model.max_area = 8 * 200
    network = Network(model, session, "echo")
    network.run(pictures([100, 100, 200]))
    assert (session.released, max(count for count, _, _ in model.batches)) == (0, 2)
    network.run(pictures([100, 300]))
    assert session.released == 1


def test_a_model_that_loses_a_picture_is_named() -> None:
    network = Network(WidthModel(extra=1), Echo(1), "echo")
    with pytest.raises(PluginError, match="widths decoded 2 results for 1 pictures"):
        network.run(pictures([10]))


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_closed_network_says_so(concurrency: int) -> None:
    network = Network(WidthModel(), Echo(concurrency), "echo")
    network.close()
    network.close()
    with pytest.raises(SessionClosed):
        network.run(pictures([10, 100, 1000]))
