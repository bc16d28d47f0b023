"""The contract of decoders. Subclass it, define `make`, and `text` if only some texts can be
decoded."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrx.errors import SessionClosed
from ocrx.interfaces.decoding import Decoder, Emissions
from ocrx.testing.checks import THREADS, check, check_score, in_threads
from ocrx.types import Text

CHARSET = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -.")
SLACK = 1e-3
"""How far scores and spans may differ in results that count as the same."""


class DecoderContract:
    """What the core relies on in a Decoder."""

    def make(self) -> Decoder:
        """A new instance of the decoder under test."""
        raise NotImplementedError(f"{type(self).__name__} must define make()")

    def text(self) -> str:
        """A text of `CHARSET` that the decoder can return, with a character twice in a row."""
        return "B 1100-K.77"

    def emissions(self) -> Emissions:
        """Lines of several kinds: certain and doubtful ones, an empty one, one with padding."""
        text = self.text()
        rows = [spelled(text), spelled(text, 0.6), spelled(""), spelled(text[:1])]
        length = max(len(row) for row in rows)
        random = np.random.default_rng(7).dirichlet(np.full(len(CHARSET) + 1, 0.05), (2, length))
        values = np.stack([*(_padded(row, length) for row in rows), *random.astype(np.float32)])
        return Emissions(values, CHARSET, [*(len(row) / length for row in rows), 1.0, 1.0])

    def test_a_text_for_each_line(self) -> None:
        with self.make() as decoder:
            emissions = self.emissions()
            check_texts(decoder.decode(emissions), len(emissions))

    def test_nothing_for_nothing(self) -> None:
        empty = Emissions(np.zeros((0, 5, len(CHARSET) + 1), np.float32), CHARSET, [])
        with self.make() as decoder:
            texts = decoder.decode(empty)
        check(texts == [], f"for no lines it gives {texts!r}, not []")

    def test_it_reads_what_is_beyond_doubt(self) -> None:
        text = self.text()
        row = spelled(text, 0.999)
        with self.make() as decoder:
            [read] = decoder.decode(Emissions(row[None], CHARSET, [1.0]))
        check(read.text == text, f"it reads {read.text!r} where nothing but {text!r} can be")
        for index, (start, end) in enumerate(read.spans):
            place = (3 * index + 1.5) / len(row)
            check(
                start - SLACK <= place <= end + SLACK,
                f"character {index} is at {place:.3f}, but its span is {start:.3f} to {end:.3f}",
            )

    def test_a_line_gives_the_same_alone_and_in_a_batch(self) -> None:
        with self.make() as decoder:
            emissions = self.emissions()
            together = decoder.decode(emissions)
            for row, text in enumerate(together):
                [alone] = decoder.decode(emissions.line(row))
                check(_same(alone, text), f"line {row} gives {alone!r} alone, {text!r} in a batch")

    def test_logarithms_give_what_probabilities_do(self) -> None:
        emissions = self.emissions()
        logs = np.log(np.maximum(emissions.values, 1e-30))
        with self.make() as decoder:
            for one, other in zip(
                decoder.decode(emissions),
                decoder.decode(replace(emissions, values=logs, log=True)),
                strict=True,
            ):
                check(_same(one, other), f"{one!r} of probabilities, {other!r} of logarithms")

    def test_a_single_step_will_do(self) -> None:
        values = np.full((1, 1, len(CHARSET) + 1), 1 / (len(CHARSET) + 1), np.float32)
        with self.make() as decoder:
            check_texts(decoder.decode(Emissions(values, CHARSET, [1.0])), 1)

    def test_emissions_stay_as_they_are(self) -> None:
        with self.make() as decoder:
            emissions = self.emissions()
            before = emissions.values.copy()
            emissions.values.setflags(write=False)
            decoder.decode(emissions)
            check(np.array_equal(emissions.values, before), "the emissions were changed")

    def test_threads_get_what_one_thread_gets(self) -> None:
        with self.make() as decoder:
            emissions = self.emissions()
            expected = decoder.decode(emissions)
            guard = nullcontext() if decoder.thread_safe else threading.Lock()

            def work(number: int) -> Text:
                with guard:
                    return decoder.decode(emissions.line(number % len(emissions)))[0]

            for number, text in enumerate(in_threads(work, range(THREADS))):
                check(
                    _same(text, expected[number % len(expected)]),
                    "in threads, it gives another result",
                )

    def test_it_may_be_closed_twice(self) -> None:
        decoder = self.make()
        decoder.close()
        decoder.close()
        try:
            decoder.decode(self.emissions())
        except SessionClosed:
            return  # a decoder that holds nothing may go on working


def spelled(text: str, probability: float = 0.9) -> NDArray[np.float32]:
    """The output of a network for a text of `CHARSET`: float32 (3 * len(text) + 3, C), with each
    character at the second of three steps, between blanks."""
    classes = [step for char in text for step in (0, CHARSET.index(char) + 1, 0)] + [0, 0, 0]
    rest = (1 - probability) / len(CHARSET)
    values = np.full((len(classes), len(CHARSET) + 1), rest, np.float32)
    values[np.arange(len(classes)), classes] = probability
    return values


def check_texts(texts: object, count: int) -> None:
    """Fail the test unless `texts` is a list of `count` correct Texts, with spans in the order of
    the steps."""
    if not isinstance(texts, list):
        pytest.fail(f"it gives a {type(texts).__name__}, not a list")
    check(len(texts) == count, f"{len(texts)} texts for {count} lines")
    for text in texts:
        check(isinstance(text, Text), f"{text!r} is not a Text")
        for char in text.chars:
            check(isinstance(char, str) and char, f"{char!r} is not a character")
        for score in text.scores:
            check_score(score, "a character")
        edges = [edge for span in text.spans for edge in span]
        check(
            all(0 <= edge <= 1 for edge in edges) and edges == sorted(edges),
            f"the spans are not one after the other, within 0 and 1: {text.spans}",
        )


def _padded(row: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    padding = np.zeros((length - len(row), row.shape[1]), np.float32)
    padding[:, 0] = 1
    return np.concatenate([row, padding])


def _same(one: Text, other: Text) -> bool:
    return one.chars == other.chars and all(
        _near(a, b) for a, b in ((one.scores, other.scores), (one.spans, other.spans))
    )


def _near(one: Sequence[object], other: Sequence[object]) -> bool:
    return bool(np.allclose(np.asarray(one), np.asarray(other), rtol=0, atol=SLACK))
