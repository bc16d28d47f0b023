"""Small tools to look at a graph of operations and to change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, fx


class Rewriter:
    """A graph being changed; `module` holds its constants."""

    def __init__(self, module: fx.GraphModule) -> None:
        self.module = module
        self.graph = module.graph
        self._made = 0

    def calls(self, *functions: Callable[..., Any]) -> list[fx.Node]:
        """The calls of these functions, in the order they are made."""
        return [node for node in self.graph.nodes if is_call(node, *functions)]

    def constant(self, value: Any) -> Tensor | None:
        """The tensor behind a node that stands for a constant."""
        if isinstance(value, fx.Node) and value.op == "get_attr":
            found = getattr(self.module, str(value.target))
            return found if isinstance(found, Tensor) else None
        return None

    def scalar(self, value: Any) -> float | None:
        """The number behind a constant of one element."""
        found = self.constant(value)
        return float(found) if found is not None and found.numel() == 1 else None

    def hold(self, tensor: Tensor, before: fx.Node) -> fx.Node:
        """A new constant, for use from `before` on."""
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
        """Put another call in the place of `old`, for all who use it."""
        with self.graph.inserting_before(old):
            new = self.graph.call_function(function, args, keywords)
        old.replace_all_uses_with(new)
        self.graph.erase_node(old)
        return new

    def finish(self) -> None:
        """Drop what nobody uses any more, constants too. The module is to be recompiled, once for
        all who rewrite it: for a large one that takes a tenth of a second."""
        self.graph.eliminate_dead_code()
        used = {str(node.target) for node in self.graph.nodes if node.op == "get_attr"}
        for name in [name for name, _ in self.module.named_buffers() if name not in used]:
            delattr(self.module, name)


def is_call(node: Any, *functions: Callable[..., Any]) -> bool:
    return isinstance(node, fx.Node) and node.op == "call_function" and node.target in functions


def given(node: fx.Node) -> dict[str, Any]:
    """The arguments of a call that are given by name."""
    return dict(node.kwargs)


def only_user(node: fx.Node) -> fx.Node | None:
    """Who uses the node, if only one does."""
    return next(iter(node.users)) if len(node.users) == 1 else None


def other_side(node: fx.Node, side: Any) -> Any:
    """The other operand of an operation on two."""
    first, second = operands(node)
    return second if first is side else first


def operands(node: fx.Node) -> tuple[Any, Any]:
    """Both operands, however they are given."""
    sides = [*node.args, *node.kwargs.values()]
    return sides[0], sides[1]


def per_channel(constant: Tensor | None, rank: int) -> Tensor | None:
    """The constant as a vector, if it is one number for each channel of a tensor of that rank."""
    if constant is None or constant.ndim not in (rank, rank - 1):
        return None
    sizes = list(constant.shape)[-(rank - 1) :]
    lead = constant.shape[0] if constant.ndim == rank else 1
    if lead != 1 or any(size != 1 for size in sizes[1:]):
        return None
    return constant.reshape(-1)
