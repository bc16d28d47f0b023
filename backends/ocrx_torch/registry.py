"""Which function does which ONNX operation.

A function takes an operation's inputs in ONNX's order, `None` for one left out, and its attributes
by name. Where an attribute of one opset is an input of the next (the axes of Squeeze), it is one
argument of that name. A function that names `opset` is told the model's, one that names `outputs`
how many of its outputs are used, one that names `device` or `default` where to make a new tensor,
and of which type where nothing else is said.
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
    """`host` are the arguments taken as Python numbers rather than as tensors: shapes, axes, sizes.

    `refuse`, given the arguments by name, says what of an operation is not supported, or "".
    `lower`, given a way to call functions and the arguments, does the operation in several calls;
    those of constants are made once, when the model is opened.
    """

    function: Function
    host: frozenset[str] = frozenset()
    refuse: Refusal | None = None
    lower: Lower | None = None
    arguments: tuple[str, ...] = ()
    variadic: bool = False

    def argument(self, name: str) -> str | None:
        """The function's own name for ONNX's: `trans_a` for transA, `min_` for min."""
        wanted = _plain(name)
        return next((own for own in self.arguments if _plain(own) == wanted), None)


OPS: dict[str, Op] = {}
"""What runs on tensors."""

HOST: dict[str, Function] = {}
"""What runs on Python ints and tuples of them, so that shapes never become tensors."""


def op(
    *names: str,
    host: tuple[str, ...] = (),
    refuse: Refusal | None = None,
    lower: Lower | None = None,
) -> Callable[[F], F]:
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
    """Operations that are one function of torch, take only tensors and have no attributes."""
    OPS.update({name: Op(function, variadic=True) for name, function in functions.items()})


def on_host(*names: str) -> Callable[[F], F]:
    def register(function: F) -> F:
        HOST.update(dict.fromkeys(names, function))
        return function

    return register


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
