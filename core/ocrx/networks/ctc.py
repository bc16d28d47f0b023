"""The recogniser made of a CTC network and a decoder."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from math import inf
from typing import cast

from ocrx.errors import PluginError, plugin_errors
from ocrx.interfaces.components import Recognizer
from ocrx.interfaces.decoding import Decoder, Emissions
from ocrx.interfaces.faults import fault_of_emissions, fault_of_texts
from ocrx.interfaces.networks import CtcModel
from ocrx.names import Layout
from ocrx.networks.decode.consensus import Seen, compact, consensus
from ocrx.networks.decode.ctc import ctc_undecided
from ocrx.networks.network import Network
from ocrx.page.bidi import to_logical
from ocrx.types import Batch, Image, Tensor, Text

NEAR_TIE_OF_LINES = 0.75
"""The default ratio from which a reader of lines reads a line again in fp32 (see `CtcOptions`).

Of 590 lines, bf16 changed 22 on OpenVINO and 15 on PyTorch. By this ratio 9 % of all lines are near
ties (2 % of those from receipts), among them all but 2 of the 22 and 1 of the 15. On pages no line
is read again: there the detector's bf16 moves boxes by fractions of a pixel, which changes as many
lines, and reading again would cost a tenth of the time.
"""


class CtcRecognizer(Recognizer):
    """Runs lines through the network, and its emissions through the decoder.

    With any decoder, lines that bf16 leaves undecided are read again in fp32. `name` is that of the
    decoder, `called` is how errors refer to it.
    """

    thread_safe = True

    def __init__(
        self,
        network: Network[Emissions],
        decoder: Decoder,
        name: str,
        called: str,
        layout: Layout,
    ) -> None:
        self._network = network
        self._model = cast("CtcModel", network.model)
        self._decoder = decoder
        self._called = called
        self._turn = nullcontext() if decoder.thread_safe else threading.Lock()
        self._near_tie = _near_tie(self._model, layout)
        self.charset = self._model.charset
        self.cut = self._model.cut
        self.used = tuple(replace(used, decoder=name) for used in network.used)

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        return self.recognize_timed(crops)[0]

    def recognize_timed(self, crops: Sequence[Image]) -> tuple[list[Text], float]:
        return self._network.run_and(self._finish, crops)

    def recognize_views(self, objects: Sequence[Sequence[Image]]) -> list[tuple[int, Text]]:
        """The text on which the views of each object agree best (`networks.decode.consensus`)."""
        seen, _ = self._network.run_and(self._see, [crop for views in objects for crop in views])
        views = iter(seen)
        agreed = [consensus([next(views) for _ in each]) for each in objects]
        return [(index, to_logical(text)) for index, text in agreed]

    def emissions(self, crops: Sequence[Image]) -> list[Emissions]:
        """The emissions of each crop. They are large, so hold only few at a time."""
        return self._network.run(crops)

    def decode(self, emissions: Emissions) -> list[Text]:
        """The text of each line, in reading order.

        Raises PluginError that names the decoder, or the model if its emissions are at fault.
        """
        try:
            with self._turn, plugin_errors(self._called):
                texts = self._decoder.decode(emissions)
            _check(self._called, fault_of_texts(texts, len(emissions)))
        except PluginError:
            self._check_emissions(emissions)  # only now, because checking all values takes long
            raise
        return [to_logical(text) for text in texts]

    def _check_emissions(self, emissions: object) -> None:
        _check(self._network.model_name, fault_of_emissions(emissions))

    def _emitted(self, outputs: Mapping[str, Tensor], batch: Batch) -> Emissions:
        with plugin_errors(f"{self._network.model_name}, decoding outputs,"):
            emissions = self._model.emissions(outputs, batch)
        if not isinstance(emissions, Emissions):
            self._check_emissions(emissions)
        return emissions

    def _finish(
        self, outputs: Mapping[str, Tensor], batch: Batch, coarse: bool
    ) -> tuple[list[Text], list[int]]:
        emissions = self._emitted(outputs, batch)
        undecided = ctc_undecided(emissions, self._near_tie) if coarse else []
        return self.decode(emissions), undecided

    def _see(
        self, outputs: Mapping[str, Tensor], batch: Batch, coarse: bool
    ) -> tuple[list[Seen], list[int]]:
        """What may be read in each crop of a batch. No near tie is read again: views outvote it."""
        emissions = self._emitted(outputs, batch)
        with self._turn, plugin_errors(self._called):
            found = self._decoder.candidates(emissions)
        return [Seen(texts, compact(emissions, row)) for row, texts in enumerate(found)], []

    def close(self) -> None:
        self._network.close()
        with plugin_errors(f"{self._called}, being closed,"):
            self._decoder.close()


def _check(name: str, fault: str) -> None:
    """Raise PluginError for a fault in the result of `name`."""
    if fault:
        raise PluginError(f"{name} returned {fault}", "Report it to its author, or choose another.")


def _near_tie(model: CtcModel, layout: Layout) -> float:
    if model.near_tie is not None:
        return model.near_tie
    return NEAR_TIE_OF_LINES if layout == "line" else inf
