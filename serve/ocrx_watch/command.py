"""`ocrx watch`."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer

from ocrx.errors import UsageError
from ocrx_cli.commands.read import takes_options_of_read
from ocrx_cli.options.choices import one_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@takes_options_of_read("form", "output", "overlay", "yes")
def watch(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="A folder, the number or URL of a camera, or a video file."
        ),
    ],
    *,
    to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TARGET",
            help="Where messages go: a file, a webhook (http:// or https://), a topic of MQTT "
            "(mqtt://HOST/TOPIC or mqtts://), or - for standard output, the default. May be given "
            "several times.",
        ),
    ] = None,
    headers: Annotated[
        list[str] | None,
        typer.Option(
            "--header",
            metavar="NAME:VALUE",
            help="A header that webhooks get, such as 'Authorization: Bearer ...'. May be given "
            "several times.",
        ),
    ] = None,
    seen: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="An object is told as soon as so many of its frames agree. Default: 2, or 1 for a "
            "folder.",
        ),
    ] = None,
    gone: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="An object has gone if it was not seen in so many frames. 0: each frame is taken "
            "by itself. Default: 5, or 0 for a folder.",
        ),
    ] = None,
    tell: Annotated[
        str,
        typer.Option(
            help="agreed: an object is told as soon as its frames agree. gone: once it has gone, "
            "with what all of its frames say.",
            **one_of(("agreed", "gone")),
        ),
    ] = "agreed",
    every: Annotated[int, typer.Option(metavar="N", min=1, help="Read one of so many frames.")] = 1,
    size: Annotated[
        str | None,
        typer.Option(
            metavar="WIDTHxHEIGHT", help="What a camera of this machine is asked for, in pixels."
        ),
    ] = None,
    existing: Annotated[
        bool, typer.Option("--existing", help="Read the pictures that are in the folder, too.")
    ] = False,
    reconnect: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            min=0,
            help="How long to look for a camera that has gone. 0: not at all. Default: until told "
            "to stop.",
        ),
    ] = None,
    keep: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="The most messages that wait for a target that takes none."
        ),
    ] = 10_000,
    renew_memory: Annotated[
        int | None,
        typer.Option(
            metavar="MB",
            min=1,
            help="Open the reader anew when the process holds more memory. Default: 4000, or less "
            "on a small machine.",
        ),
    ] = None,
    grace: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=0, help="For messages that wait when told to stop."),
    ] = 10.0,
    report: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=0, help="How often to say how it goes. 0: never."),
    ] = 60.0,
    seconds: Annotated[
        float | None,
        typer.Option("--for", metavar="SECONDS", min=0.1, help="Stop after so long."),
    ] = None,
    paid: Annotated[
        bool, typer.Option("--yes", help="Read with services that cost money.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    **options: Any,
) -> None:
    """Read what a camera, a video or a folder shows, as it comes.

    Of a folder each new picture is read. Each object is told once, as a line of JSON, however many
    frames it is on. It takes the options of `ocrx read`, too, for instance `-r crnn --pattern
    '[A-Z]{3}[0-9]{6}'`.
    """
    from ocrx.system.memory import most_memory, share_memory
    from ocrx_cli.asked import asked, given
    from ocrx_watch.run import WatchArguments
    from ocrx_watch.run import watch as run

    share_memory()
    arguments = WatchArguments(
        source=source,
        asked=asked(given(context, options)),
        to=to or (),
        headers=dict(_header(one) for one in headers or ()),
        seen=seen,
        gone=gone,
        late=tell == "gone",
        every=every,
        size=_size(size),
        existing=existing,
        reconnect=math.inf if reconnect is None else reconnect,
        keep=keep,
        grace=grace,
        memory=renew_memory * 1_000_000 if renew_memory else most_memory(),
        report=report,
        seconds=seconds,
        paid=paid,
        debug=debug,
    )
    raise typer.Exit(run(arguments))


def _header(given: str) -> tuple[str, str]:
    name, separator, value = given.partition(":")
    if not separator or not name.strip():
        raise UsageError(f"--header {given!r} has no name and value", "Give NAME:VALUE.")
    return name.strip(), value.strip()


def _size(given: str | None) -> tuple[int, int] | None:
    if given is None:
        return None
    width, _, height = given.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise UsageError(f"--size {given!r} is no size", "Give it as in 1920x1080.")
    return int(width), int(height)
