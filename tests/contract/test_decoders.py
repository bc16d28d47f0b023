"""The first-party decoders, and what the suite must notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocrx.interfaces.decoding import Decoder, Emissions
from ocrx.testing import DecoderContract
from ocrx.types import Text
from ocrx_ctc.beam import Beam
from ocrx_ctc.greedy import Greedy
from ocrx_ctc.settings import BeamOptions
from support.suite_runner import failures


class TestGreedy(DecoderContract):
    def make(self) -> Decoder:
        return Greedy()


class TestBeam(DecoderContract):
    def make(self) -> Decoder:
        return Beam(BeamOptions())


def scribbling(emissions: Emissions) -> list[Text]:
    emissions.values[:] = 0
    return Greedy().decode(emissions)


def by_the_batch(emissions: Emissions) -> list[Text]:
    return [Text.uniform("A" * len(emissions), 1.0)] * len(emissions)


BROKEN: list[tuple[Callable[[Emissions], list[Text]], str]] = [
    (lambda e: Greedy().decode(e)[:-1], "test_a_text_for_each_line"),
    (lambda e: [Text()] * len(e), "test_it_reads_what_is_beyond_doubt"),
    (lambda e: Greedy().decode(e) or [Text()], "test_nothing_for_nothing"),
    (by_the_batch, "test_a_line_gives_the_same_alone_and_in_a_batch"),
    (
        lambda e: Greedy().decode(replace(e, log=False)),
        "test_logarithms_give_what_probabilities_do",
    ),
    (scribbling, "test_emissions_stay_as_they_are"),
    (
        lambda e: [replace(t, spans=t.spans[::-1]) for t in Greedy().decode(e)],
        "test_a_text_for_each_line",
    ),
    (
        lambda e: (
            Greedy().decode(replace(e, fractions=np.ones(len(e)).tolist()))
            if e.values.shape[1] > 1
            else []
        ),
        "test_a_single_step_will_do",
    ),
]


@pytest.mark.parametrize(("decode", "rule"), BROKEN)
def test_the_suite_notices(
    decode: Callable[[Emissions], list[Text]], rule: str, tmp_path: Path
) -> None:
    class Broken(Decoder):
        def decode(self, emissions: Emissions) -> list[Text]:
            return decode(emissions)

    assert rule in failures(DecoderContract, Broken, tmp_path)
