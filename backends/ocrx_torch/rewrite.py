"""Helpers to inspect and change a graph of operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, fx


class Rewriter:
    """Changes the graph of a module, which holds its constants."""

    def __init__(self, module: fx.GraphModule) -> None:
        self.module = module
        self.graph = module.graph
        self._made = 0

    def calls(self, *functions: Callable[..., Any]) -> list[fx.Node]:
        """The calls of these functions, in order of execution."""
        return [node for node in self.graph.nodes if is_call(node, *functions)]

    def constant(self, value: Any) -> Tensor | None:
        """The tensor of a node that is a constant, else None."""
        if isinstance(value, fx.Node) and value.op == "get_attr":
            found = getattr(self.module, str(value.target))
            return found if isinstance(found, Tensor) else None
        return None

    def scalar(self, value: Any) -> float | None:
        """The number in a constant of one element, else None."""
        found = self.constant(value)
        return float(found) if found is not None and found.numel() == 1 else None

    def hold(self, tensor: Tensor, before: fx.Node) -> fx.Node:
        """Add a constant that can be used from the node `before` on."""
        name = f"made_{self._made}"
        while hasattr(self.module, name):
            self._made += 1
            name = f"made_{self._made}"
        self.module.register_buffer(name, tensor)
        with self.graph.inserting_before(before):
            return self.graph.get_attr(name)

    def replace(
        self, old: fx.Node, function: Callable[..., Any], *args: Any, **keywords: Any
    ) -> fx.Node:
        """Replace `old`, for all its users, by another call."""
        with self.graph.inserting_before(old):
            new = self.graph.call_function(function, args, keywords)
        old.replace_all_uses_with(new)
        self.graph.erase_node(old)
        return new

    def finish(self) -> None:
        """Remove unused nodes and constants.

        The module must be recompiled once all rewriting is done. That takes a tenth of a second for
        a large one, so it is left to the caller.
        """
        self.graph.eliminate_dead_code()
        used = {str(node.target) for node in self.graph.nodes if node.op == "get_attr"}
        for name in [name for name, _ in self.module.named_buffers() if name not in used]:
            delattr(self.module, name)


def is_call(node: Any, *functions: Callable[..., Any]) -> bool:
    """Whether the value is a node that calls one of these functions."""
    return isinstance(node, fx.Node) and node.op == "call_function" and node.target in functions


def given(node: fx.Node) -> dict[str, Any]:
    """The keyword arguments of a call."""
    return dict(node.kwargs)


def only_user(node: fx.Node) -> fx.Node | None:
    """The user of the node, if it has exactly one."""
    return next(iter(node.users)) if len(node.users) == 1 else None


def other_side(node: fx.Node, side: Any) -> Any:
    """The other operand of a binary operation."""
    first, second = operands(node)
    return second if first is side else first


def operands(node: fx.Node) -> tuple[Any, Any]:
    """Both operands of a binary operation, whether given by place or by name."""
    sides = [*node.args, *node.kwargs.values()]
    return sides[0], sides[1]


def per_channel(constant: Tensor | None, rank: int) -> Tensor | None:
    """The constant as a vector, if it has one number per channel of a tensor of that rank."""
    if constant is None or constant.ndim not in (rank, rank - 1):
        return None
    sizes = list(constant.shape)[-(rank - 1) :]
    lead = constant.shape[0] if constant.ndim == rank else 1
    if lead != 1 or any(size != 1 for size in sizes[1:]):
        return None
    return constant.reshape(-1)
