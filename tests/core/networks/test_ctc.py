"""A CTC network and a decoder joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from ocrx.errors import BackendError, PluginError
from ocrx.interfaces.decoding import Decoder, Emissions
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Layout
from ocrx.networks.ctc import CtcRecognizer
from ocrx.networks.decode.ctc import ctc_greedy
from ocrx.networks.network import Network
from ocrx.networks.sessions import Sessions
from ocrx.types import Batch, Tensor, Text
from support.fakectc import CHARSET, Columns, Lattice, line


class Steps(Decoder):
    """Greedy, but for what a test has it do."""

    def __init__(self, decode: Callable[[Emissions], Any] = ctc_greedy) -> None:
        self._decode = decode
        self.closed = False

    def decode(self, emissions: Emissions) -> list[Text]:
        texts: list[Text] = self._decode(emissions)
        return texts

    def close(self) -> None:
        self.closed = True


def recognizer(
    decoder: Decoder | None = None,
    layout: Layout = "page",
    model: Lattice | None = None,
    precision: str = "fp32",
) -> tuple[CtcRecognizer, list[Columns]]:
    opened: list[Columns] = []

    def opening(options: SessionOptions) -> Columns:
        opened.append(Columns(precision if options.precision == "auto" else options.precision))
        return opened[-1]

    network: Network[Emissions] = Network(
        model or Lattice(), Sessions(opening, SessionOptions()), "columns"
    )
    return CtcRecognizer(network, decoder or Steps(), "steps", "decoder 'steps'", layout), opened


def test_the_decoder_reads_what_the_network_emits_and_is_named() -> None:
    joined, _ = recognizer()
    crops = [line(1, 0, 2), line(2, 2), line(0), line(1, 1, 0, 1)]
    assert [text.text for text in joined.recognize(crops)] == ["ab", "b", "", "aa"]
    assert joined.recognize([]) == []
    assert joined.charset == CHARSET
    (used,) = joined.used
    assert (used.model, used.backend, used.decoder) == ("lattice", "columns", "steps")


def test_what_runs_from_right_to_left_comes_in_the_order_in_which_it_is_read() -> None:
    joined, _ = recognizer()
    (text,) = joined.recognize([line(3, 0, 4)])
    assert text.text == "בא"
    assert text.spans[0] > text.spans[1]


@pytest.mark.parametrize(
    ("layout", "near_tie", "again"),
    [("page", None, 0), ("line", None, 1), ("page", 0.8, 1), ("line", 1.1, 0), ("line", 0.95, 0)],
)
@pytest.mark.parametrize("decode", [ctc_greedy, lambda e: [Text()] * len(e)])
def test_near_ties_are_read_again_in_fp32_whatever_the_decoder(
    layout: Layout, near_tie: float | None, again: int, decode: Callable[[Emissions], list[Text]]
) -> None:
    model = Lattice()
    model.near_tie = near_tie
    joined, opened = recognizer(Steps(decode), layout, model, "bf16")
    joined.recognize([line(1, 0, 2), line(101, 0, 2), line(0, 0, 1)])
    assert [session.precision for session in opened] == ["bf16", "fp32"][: 1 + again]
    assert sum(len(fed) for session in opened[1:] for fed in session.fed) == again


def test_in_fp32_nothing_is_read_again() -> None:
    joined, opened = recognizer(layout="line")
    joined.recognize([line(101)])
    assert len(opened) == 1


def test_the_emissions_of_crops_can_be_had_one_by_one() -> None:
    joined, _ = recognizer()
    found = joined.emissions([line(1, 0, 2), line(2)])
    assert [len(one) for one in found] == [1, 1]
    assert [text.text for one in found for text in joined.decode(one)] == ["ab", "b"]


def fails(emissions: Emissions) -> list[Text]:
    raise KeyError("nothing")


def scored(score: float) -> Callable[[Emissions], list[Text]]:
    return lambda emissions: [Text(("a",), (score,), ((0.0, 1.0),))]


@pytest.mark.parametrize(
    ("decode", "told"),
    [
        (fails, "decoder 'steps' failed: KeyError: 'nothing'"),
        (lambda e: [], "decoder 'steps' returned 0 texts for 1 lines"),
        (lambda e: ["ab"], "decoder 'steps' returned a str in place of a Text"),
        (lambda e: None, "decoder 'steps' returned a NoneType in place of a list of Texts"),
        (scored(1.5), r"decoder 'steps' returned a Text with a score of 1\.5"),
        (scored(-0.1), r"decoder 'steps' returned a Text with a score of -0\.1"),
        (scored(float("nan")), "decoder 'steps' returned a Text with a score of nan"),
        (
            lambda e: [Text(("a",), (0.5,), ((0, 7),))],
            "decoder 'steps' returned a Text with a span",
        ),
        (lambda e: [Text((cast("str", 1),), (0.5,), ((0, 1),))], "characters are not all str"),
    ],
)
def test_a_decoder_that_fails_is_named(decode: Callable[[Emissions], Any], told: str) -> None:
    joined, _ = recognizer(Steps(decode))
    with pytest.raises(PluginError, match=told):
        joined.recognize([line(1)])


@pytest.mark.parametrize(
    ("emissions", "told"),
    [
        (None, "model 'lattice' returned a NoneType in place of Emissions"),
        (float("nan"), "model 'lattice' returned emissions that hold nan, which is not a prob"),
        (40.0, r"model 'lattice' returned emissions that hold 40\.0, which is not a probability"),
    ],
)
@pytest.mark.parametrize("decode", [ctc_greedy, fails])
def test_what_a_model_emits_is_not_blamed_on_the_decoder(
    emissions: float | None, told: str, decode: Callable[[Emissions], Any]
) -> None:
    class Broken(Lattice):
        def emissions(self, outputs: Mapping[str, Tensor], batch: Batch) -> Emissions:
            found = super().emissions(outputs, batch)
            if emissions is None:
                return cast("Emissions", None)
            found.values[..., 1] = emissions
            return found

    joined, _ = recognizer(Steps(decode), model=Broken())
    with pytest.raises(PluginError, match=told):
        joined.recognize([line(1, 1, 1)])


def test_closing_closes_both() -> None:
    decoder = Steps()
    joined, (session,) = recognizer(decoder)
    joined.close()
    joined.close()
    assert decoder.closed
    assert session.closed
    with pytest.raises(BackendError, match="closed"):
        joined.recognize([line(1)])
