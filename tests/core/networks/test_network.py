"""A model and a session joined."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from ocrx.errors import BackendError, PluginError, SessionClosed
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.networks.network import Network, NetworkRecognizer, Novelty
from ocrx.networks.sessions import Sessions
from ocrx.types import Batch, Image, Tensor, Text
from support.fakenetwork import Echo, WidthModel, joined


def pictures(widths: Sequence[int]) -> list[Image]:
    return [np.zeros((8, width, 3), dtype=np.uint8) for width in widths]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_results_come_in_the_order_of_the_pictures(concurrency: int) -> None:
    widths = [35, 1, 200, 36, 7, 120, 121, 34, 33]
    model = WidthModel()
    with NetworkRecognizer(joined(model, Echo(concurrency))) as network:
        assert [text.text for text in network.recognize(pictures(widths))] == list(map(str, widths))
        assert network.recognize([]) == []
        (used,) = network.used
    assert (used.task, used.model, used.backend) == ("recognition", "widths", "echo")
    assert all(count <= 3 for count, _, _ in model.batches)
    assert sorted(width for count, _, width in model.batches for _ in range(count))[-1] == 200


def test_as_many_batches_run_at_once_as_the_session_takes() -> None:
    network = joined(WidthModel(), Echo(4, together=True))
    assert len(network.run(pictures([10, 100, 1000, 10_000]))) == 4
    network.close()


def test_memory_is_given_back_after_a_batch_that_is_larger_than_most() -> None:
    model, session = WidthModel(), Echo(1)
    model.max_area = 8 * 200
    network = joined(model, session)
    network.run(pictures([100, 100, 200]))
    assert (session.released, max(count for count, _, _ in model.batches)) == (0, 2)
    network.run(pictures([100, 300]))
    assert session.released == 2  # before it and after it


def test_no_more_pictures_share_a_call_than_bring_anything() -> None:
    model, session = WidthModel(), Echo(1)
    session.batch = 2
    joined(model, session).run(pictures([100] * 5))
    assert [count for count, _, _ in model.batches] == [2, 2, 1]


def test_memory_is_given_back_after_many_new_shapes_but_not_where_they_come_again() -> None:
    session = Echo(1)
    network = joined(WidthModel(), session)
    widths = [5000, *(10 * number for number in range(Novelty.FRESH - 2, 0, -1))]
    for width in widths * 20:
        network.run(pictures([width]))
    assert session.released == 0
    network.run(pictures([4990]))
    assert session.released == 1
    for width in range(4980, 4980 - 20 * Novelty.FRESH, -10):
        network.run(pictures([width]))
    assert session.released == 3


def test_memory_is_given_back_before_an_input_that_is_larger_than_all_before() -> None:
    session = Echo(1)
    network = joined(WidthModel(), session)
    for width, released in ((100, 0), (50, 0), (100, 0), (200, 1), (190, 1), (200, 1), (210, 2)):
        network.run(pictures([width]))
        assert session.released == released
    network.release()
    network.run(pictures([500]))
    assert session.released == 3


def test_a_shape_that_was_run_long_ago_is_new_again() -> None:
    novelty = Novelty()
    shapes = [(1, number) for number in range(Novelty.KNOWN + 1)]
    assert sum(novelty.add([shape])[1] for shape in shapes * Novelty.FRESH) == len(shapes)
    assert novelty.add([(2, 1)])[0]
    assert not novelty.add([(2, 1)])[0]
    assert len(novelty._known) == Novelty.KNOWN


def test_a_model_that_loses_a_picture_is_named() -> None:
    network = joined(WidthModel(extra=1), Echo(1))
    with pytest.raises(PluginError, match="'widths' decoded 2 results for 1 pictures"):
        network.run(pictures([10]))


class Cautious(WidthModel):
    """Sees what comes out odd as undecided."""

    def undecided(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[int]:
        widths = outputs["x"][:, 0, 0].astype(int).tolist()
        return [index for index, width in enumerate(widths) if width % 2 == 1]


class Rounding(Echo):
    """In bf16 it reads one pixel less."""

    def __init__(self, concurrency: int, precision: str) -> None:
        super().__init__(concurrency)
        self.precision = precision
        self.shapes: list[tuple[int, ...]] = []

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        self.shapes.append(feeds["x"].shape)
        return {"x": feeds["x"] - (self.precision == "bf16")}


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_bf16_leaves_undecided_is_run_again_in_fp32_at_the_same_size(concurrency: int) -> None:
    opened: list[Rounding] = []

    def opening(options: SessionOptions) -> Rounding:
        precision = "bf16" if options.precision == "auto" else options.precision
        opened.append(Rounding(concurrency, precision))
        return opened[-1]

    network = Network(Cautious(), Sessions(opening, SessionOptions()), "echo")
    assert [text.text for text in network.run(pictures([11, 31]))] == ["10", "30"]
    assert len(opened) == 1  # it is opened when it is needed
    widths = [11, 12, 13, 14, 15, 100, 91]
    texts = [text.text for text in network.run(pictures(widths))]
    assert texts == ["10", "12", "12", "14", "14", "100", "90"]
    (used, exact) = opened
    assert exact.precision == "fp32"
    assert sorted(exact.shapes) == [(1, 8, 100), (2, 8, 20)]
    assert network.used[0].precision == used.precision == "bf16"
    network.close()
    assert used.closed
    assert exact.closed


def test_without_a_session_in_fp32_what_bf16_read_stays() -> None:
    def opening(options: SessionOptions) -> Rounding:
        if options.precision == "fp32":
            raise BackendError("there is no more memory", "Get some.")
        return Rounding(1, "bf16")

    network = Network(Cautious(), Sessions(opening, SessionOptions()), "echo")
    assert [text.text for text in network.run(pictures([10, 11]))] == ["9", "10"]


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_only_bf16_leaves_something_undecided(precision: str) -> None:
    session = Rounding(1, precision)
    network = joined(Cautious(), session)
    assert [text.text for text in network.run(pictures([11]))] == ["11"]
    assert len(session.shapes) == 1


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_closed_network_says_so(concurrency: int) -> None:
    network = joined(WidthModel(), Echo(concurrency))
    network.close()
    network.close()
    with pytest.raises(SessionClosed):
        network.run(pictures([10, 100, 1000]))


@pytest.mark.parametrize("concurrency", [1, 4])
def test_decoding_is_told_as_its_share_of_the_work_of_all_batches(concurrency: int) -> None:
    class Slow(WidthModel):
        def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
            time.sleep(0.01)
            return super().encode(images, shape)

        def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[Text]:
            time.sleep(0.03)
            return super().decode(outputs, batch)

    with NetworkRecognizer(joined(Slow(), Echo(concurrency))) as network:
        _, decoding = network.recognize_timed(pictures([10, 100, 1000, 10_000]))
        assert 0.5 < decoding < 0.9
        assert network.recognize_timed([]) == ([], 0)


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("encode", "^model 'widths' of recognizer 'w' of plugin 'p', encoding pictures, failed"),
        ("infer", "^model 'widths' of recognizer 'w' of plugin 'p', feeding its network, failed"),
        ("decode", "^model 'widths' of recognizer 'w' of plugin 'p', decoding outputs, failed"),
        ("run", "^the runtime 'echo', running model 'widths' of recognizer 'w' of plugin 'p', fai"),
    ],
)
def test_blame_lands_where_it_belongs(
    stage: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("gone")

    model, session = WidthModel(), Echo(1)
    if stage == "run":
        monkeypatch.setattr(session, "_run", fail)
    else:
        monkeypatch.setattr(model, stage, fail)
    sessions = Sessions(lambda options: session, SessionOptions())
    network = Network(model, sessions, "echo", "recognizer 'w' of plugin 'p'")
    with pytest.raises(PluginError, match=rf"{told}.*KeyError: 'gone'"):
        network.run(pictures([10]))
