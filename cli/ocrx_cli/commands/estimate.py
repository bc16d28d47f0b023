"""`ocrx estimate`."""

from __future__ import annotations

from typing import Annotated

import typer

from ocrx_cli.options import common
from ocrx_cli.options.choices import PRECISIONS, TASKS, components, one_of

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
        typer.Option("--task", help="Of models that share a name, this one.", **one_of(TASKS)),
    ] = None,
    device: Annotated[
        str,
        typer.Option(metavar="NAME", help="One of --devices; this-cpu is measured, in seconds."),
    ] = "this-cpu",
    precision: Annotated[
        str,
        typer.Option(
            help="auto: fp32, or with --check what the runtime chooses.", **one_of(PRECISIONS)
        ),
    ] = "auto",
    shape: Annotated[
        str | None,
        typer.Option(
            metavar="HEIGHTxWIDTH",
            help="Of the network's input. Default: what the model typically takes.",
        ),
    ] = None,
    batch: Annotated[int, typer.Option(metavar="N", min=1, help="Pictures in a call.")] = 1,
    top: Annotated[int, typer.Option(metavar="N", min=0, help="List so many layers.")] = 8,
    check: Annotated[
        bool, typer.Option("--check", help="Run the network here and hold the bound against it.")
    ] = False,
    backend: Annotated[
        str,
        typer.Option(
            "--backend",
            "-b",
            metavar="NAME",
            help="With --check: the runtime.",
            autocompletion=components("backend"),
        ),
    ] = "auto",
    devices: Annotated[
        bool, typer.Option("--devices", help="List the devices, with the source of each figure.")
    ] = False,
    offline: common.Offline = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every layer.")] = False,
    debug: common.Debug = False,
) -> None:
    """Estimate the least time a network takes on a device.

    Operations and bytes of each layer are held against what the device can do at its best. No
    runtime is faster; how near one comes is what --check shows, on this processor.
    """
    from ocrx_cli.work.estimate import EstimateArguments, print_answers, print_devices

    if devices:
        print_devices(as_json)
        return
    arguments = EstimateArguments(
        model or "", task, device, precision, shape, batch, check, backend, offline
    )
    print_answers(arguments, top, as_json)
