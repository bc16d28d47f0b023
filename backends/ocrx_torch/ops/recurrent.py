"""LSTM, GRU and RNN through torch's own, which order the gates of their weights differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ocrx_torch.registry import Call, Lower, op

# The gates in torch's order, as places in ONNX's: iofc -> ifgo, zrh -> rzn.
GATES = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
ACTIVATIONS = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}
OPTIONAL = ("sequence_lens", "peephole", "clip", "input_forget")


def _refuse(kind: str) -> Any:
    def refuse(given: Mapping[str, Any]) -> str:
        for name in OPTIONAL:
            if given.get(name):
                return name
        directions = 2 if given.get("direction") == "bidirectional" else 1
        usual = ACTIVATIONS[kind] * directions
        return "activations" if list(given.get("activations") or usual) != usual else ""

    return refuse


def _lower(kind: str) -> Lower:
    def lower(call: Call, given: dict[str, Any]) -> Any:
        names = ("weight", "recurrence", "bias")
        flat = call(regate, *(given.get(name) for name in names), kind=kind)
        states = [given.get("hidden"), given.get("cell")]
        direction = given.get("direction", "forward")
        return call(
            recur,
            given["x"],
            flat,
            states,
            kind=kind,
            direction=direction,
            batch_first=bool(given.get("layout")),
            biased=given.get("bias") is not None,
            reset_first=kind == "GRU" and not given.get("linear_before_reset"),
        )

    return lower


def regate(weight: Tensor, recurrence: Tensor, bias: Tensor | None, *, kind: str) -> list[Tensor]:
    """The flat list of weights that torch takes for one layer: two tensors per direction, or four
    with a bias."""
    flat: list[Tensor] = []
    for direction in range(weight.shape[0]):
        found = [weight[direction], recurrence[direction]]
        found += [] if bias is None else list(bias[direction].chunk(2))
        flat += [_reordered(tensor, kind) for tensor in found]
    return flat


def _reordered(tensor: Tensor, kind: str) -> Tensor:
    gates = tensor.chunk(len(GATES[kind]))
    return torch.cat([gates[gate] for gate in GATES[kind]])


def recur(
    x: Tensor,
    flat: list[Tensor],
    states: list[Tensor | None],
    *,
    kind: str,
    direction: str,
    batch_first: bool,
    biased: bool,
    reset_first: bool = False,
) -> tuple[Tensor, ...]:
    """ONNX's Y of shape (length, directions, batch, hidden), then Y_h and, for an LSTM, Y_c of
    shape (directions, batch, hidden). With `batch_first` the batch is the first axis of all."""
    x = x.transpose(0, 1) if batch_first else x
    backwards = direction == "reverse"
    x = x.flip(0) if backwards else x
    both = direction == "bidirectional"
    hidden = flat[1].shape[1]
    empty = x.new_zeros(1 + both, x.shape[1], hidden)
    first = [
        empty if state is None else state.transpose(0, 1) if batch_first else state
        for state in states[: 2 if kind == "LSTM" else 1]
    ]
    settings = (flat, biased, 1, 0.0, False, both, False)
    if kind == "LSTM":
        y, *last = torch.lstm(x, first, *settings)
    elif reset_first:
        y, *last = _gru_reset_first(x, first[0], flat)
    elif kind == "GRU":
        y, *last = torch.gru(x, first[0], *settings)
    else:
        y, *last = torch.rnn_tanh(x, first[0], *settings)
    y = y.flip(0) if backwards else y
    y = y.reshape(*y.shape[:2], 1 + both, hidden).transpose(1, 2)
    if batch_first:
        return y.permute(2, 0, 1, 3), *(state.transpose(0, 1) for state in last)
    return y, *last


def _gru_reset_first(x: Tensor, states: Tensor, flat: list[Tensor]) -> tuple[Tensor, Tensor]:
    """A GRU that applies the reset gate before the product with the recurrence weights. torch's GRU
    applies it after."""
    size = len(flat) // len(states)
    outputs = []
    for direction, first in enumerate(states):
        own = flat[direction * size : (direction + 1) * size]
        steps = _gru_steps(x.flip(0) if direction else x, first, own)
        outputs.append((steps.flip(0) if direction else steps, steps[-1]))
    return torch.cat([y for y, _ in outputs], -1), torch.stack([last for _, last in outputs])


def _gru_steps(x: Tensor, state: Tensor, own: list[Tensor]) -> Tensor:
    hidden = state.shape[-1]
    gates, candidate = own[1].split([2 * hidden, hidden])
    bias = own[3] if len(own) > 2 else own[1].new_zeros(3 * hidden)
    gates_bias, candidate_bias = bias.split([2 * hidden, hidden])
    found = []
    for step in functional.linear(x, own[0], own[2] if len(own) > 2 else None):
        before = step[:, : 2 * hidden] + functional.linear(state, gates, gates_bias)
        reset, update = torch.sigmoid(before).chunk(2, 1)
        kept = functional.linear(reset * state, candidate, candidate_bias)
        new = torch.tanh(step[:, 2 * hidden :] + kept)
        state = (1 - update) * new + update * state
        found.append(state)
    return torch.stack(found)


@op("LSTM", refuse=_refuse("LSTM"), lower=_lower("LSTM"))
def lstm(
    x: Tensor,
    weight: Tensor,
    recurrence: Tensor,
    *,
    bias: Tensor | None = None,
    sequence_lens: None = None,
    hidden: Tensor | None = None,
    cell: Tensor | None = None,
    peephole: None = None,
    activations: list[str] | None = None,
    clip: float = 0.0,
    direction: str = "forward",
    hidden_size: int = 0,
    input_forget: int = 0,
    layout: int = 0,
) -> tuple[Tensor, ...]:
    """Declares the arguments, inputs first; `_lower` implements it."""
    raise NotImplementedError


@op("GRU", refuse=_refuse("GRU"), lower=_lower("GRU"))
def gru(
    x: Tensor,
    weight: Tensor,
    recurrence: Tensor,
    *,
    bias: Tensor | None = None,
    sequence_lens: None = None,
    hidden: Tensor | None = None,
    activations: list[str] | None = None,
    clip: float = 0.0,
    direction: str = "forward",
    hidden_size: int = 0,
    layout: int = 0,
    linear_before_reset: int = 0,
) -> tuple[Tensor, ...]:
    """Declares the arguments, inputs first; `_lower` implements it."""
    raise NotImplementedError


op("RNN", refuse=_refuse("RNN"), lower=_lower("RNN"))(gru)
