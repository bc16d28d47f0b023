"""`ocrx estimate`."""

from __future__ import annotations

from typing import Annotated

import typer

from ocrx.names import PRECISIONS
from ocrx_cli.options import common
from ocrx_cli.options.choices import TASKS, components, one_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def estimate(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]",
            help="A model as `ocrx models list` names it, or an ONNX file.",
            autocompletion=components("detector", "orienter", "recognizer"),
        ),
    ] = None,
    *,
    task: Annotated[
        str | None,
        typer.Option(
            "--task",
            help="Which model, if several tasks have one of that name.",
            **one_of(TASKS),
        ),
    ] = None,
    device: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="A device that --devices lists. this-cpu is measured first, which takes seconds.",
        ),
    ] = "this-cpu",
    precision: Annotated[
        str,
        typer.Option(
            help="auto: fp32, or with --check what the runtime chooses.", **one_of(PRECISIONS)
        ),
    ] = "auto",
    shapes: Annotated[
        list[str] | None,
        typer.Option(
            "--shape",
            metavar="[INPUT=]LENGTHS",
            help="The size of the network's input: its HEIGHTxWIDTH, or the length of each axis. "
            "INPUT says which of several it is; may be given several times. Default: what is "
            "typical of the model.",
        ),
    ] = None,
    batch: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many pictures there are in a call.")
    ] = 1,
    top: Annotated[
        int, typer.Option(metavar="N", min=0, help="List the N layers that take longest.")
    ] = 8,
    check: Annotated[
        bool,
        typer.Option("--check", help="Also run the network here, and compare the measured time."),
    ] = False,
    backend: Annotated[str, common.backend_option("With --check: the runtime.")] = "auto",
    devices: Annotated[
        bool, typer.Option("--devices", help="List the devices, with the source of each figure.")
    ] = False,
    offline: common.Offline = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every layer.")] = False,
    debug: common.Debug = False,
) -> None:
    """Estimate the shortest time a network can take on a device.

    Divides the operations and bytes of each layer by the most that the device can do in a second.
    No runtime is faster than that. --check shows how near one comes on this processor.
    """
    from ocrx_cli.work.estimate import EstimateArguments, print_answers, print_devices

    if devices:
        print_devices(as_json)
        return
    arguments = EstimateArguments(
        model or "", task, device, precision, shapes or (), batch, check, backend, offline
    )
    print_answers(arguments, top, as_json)
