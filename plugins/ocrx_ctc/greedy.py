"""The most probable class of each step."""

from __future__ import annotations

from ocrx.interfaces.decoding import Decoder, Emissions
from ocrx.networks.decode.ctc import ctc_greedy
from ocrx.types import Text


class Greedy(Decoder):
    """Takes the most probable class of each step. Fast, and right wherever the network is sure."""

    thread_safe = True

    def decode(self, emissions: Emissions) -> list[Text]:
        return ctc_greedy(emissions)
