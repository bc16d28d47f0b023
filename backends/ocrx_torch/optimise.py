from torch import fx


def optimise(module: fx.GraphModule) -> None:
    pass
