"""The registry of functions that implement ONNX operations.

A function takes an operation's inputs in ONNX's order, None for one left out, and its attributes by
name. An attribute of one opset that is an input of the next, like the axes of Squeeze, is one
argument of that name.

A function with an argument `opset` gets the model's opset, one with `outputs` the number of outputs
used, one with `device` the device for new tensors, and one with `default` their default type.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

Function: TypeAlias = Callable[..., Any]
F = TypeVar("F", bound=Function)
Refusal: TypeAlias = Callable[[Mapping[str, Any]], str]
Call: TypeAlias = Callable[..., Any]
Lower: TypeAlias = Callable[[Call, dict[str, Any]], Any]


@dataclass(frozen=True)
class Op:
    """A function that implements an operation.

    `host` names the arguments taken as Python numbers rather than tensors: shapes, axes, sizes.
    `refuse` gets the arguments by name and returns what of them is not supported, or "".
    `lower` gets a way to call functions, and the arguments, and implements the operation in several
    calls. Those with only constant arguments are made once, when the model is opened.
    """

    function: Function
    host: frozenset[str] = frozenset()
    refuse: Refusal | None = None
    lower: Lower | None = None
    arguments: tuple[str, ...] = ()
    variadic: bool = False

    def argument(self, name: str) -> str | None:
        """The function's name of an ONNX argument, such as `trans_a` for transA, `min_` for min."""
        wanted = _plain(name)
        return next((own for own in self.arguments if _plain(own) == wanted), None)


OPS: dict[str, Op] = {}
"""The operations on tensors."""

HOST: dict[str, Function] = {}
"""The operations on Python ints and tuples of them, so that shapes never become tensors."""


def op(
    *names: str,
    host: tuple[str, ...] = (),
    refuse: Refusal | None = None,
    lower: Lower | None = None,
) -> Callable[[F], F]:
    """Register a function for these operations; see Op for the arguments."""

    def register(function: F) -> F:
        parameters = inspect.signature(function).parameters.values()
        entry = Op(
            function,
            frozenset(host),
            refuse,
            lower,
            tuple(p.name for p in parameters if p.kind is not p.VAR_POSITIONAL),
            any(p.kind is p.VAR_POSITIONAL for p in parameters),
        )
        OPS.update(dict.fromkeys(names, entry))
        return function

    return register


def plain(**functions: Function) -> None:
    """Register operations that equal one function of torch, take only tensors and have no
    attributes."""
    OPS.update({name: Op(function, variadic=True) for name, function in functions.items()})


def on_host(*names: str) -> Callable[[F], F]:
    """Register a function for these operations on Python numbers."""

    def register(function: F) -> F:
        HOST.update(dict.fromkeys(names, function))
        return function

    return register


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
