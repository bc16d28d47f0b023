"""`ocrx serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ocrx.errors import BackendMissing, UsageError
from ocrx.system.text import printable
from ocrx_cli.commands.read import takes_options_of_read

app = typer.Typer(add_completion=False, rich_markup_mode=None)

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@app.command()
@takes_options_of_read("output", "overlay", "yes")
def serve(
    context: typer.Context,
    *,
    host: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Where to listen. 0.0.0.0: for other machines, too."),
    ] = LOOPBACK[0],
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="0: any that is free.")
    ] = 8000,
    key_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Answer only clients that send the key in this file. OCRX_SERVE_KEY in the "
            "environment has it, too.",
        ),
    ] = None,
    origins: Annotated[
        list[str] | None,
        typer.Option(
            "--cors",
            metavar="ORIGIN",
            help="Let pages of this origin read answers: https://example.com, or '*'. May be "
            "given several times.",
        ),
    ] = None,
    allowed: Annotated[
        list[str] | None,
        typer.Option(
            "--allow",
            metavar="COMPONENT.OPTION",
            help="Let requests set this option to any text, which may be the path of a file. May "
            "be given several times.",
        ),
    ] = None,
    paid: Annotated[
        bool, typer.Option("--yes", help="Let requests cost money, with readers that do.")
    ] = False,
    queue: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="Requests that are read or wait. Others get the status 429."
        ),
    ] = 32,
    max_bytes: Annotated[
        int, typer.Option(metavar="N", min=1, help="The most bytes of a request.")
    ] = 50_000_000,
    max_pixels: Annotated[
        int, typer.Option(metavar="N", min=1, help="The most pixels of a page.")
    ] = 50_000_000,
    max_pages: Annotated[
        int, typer.Option(metavar="N", min=1, help="The most pages of a request.")
    ] = 200,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="For reading a request.")
    ] = 60.0,
    upload_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="For a request to arrive.")
    ] = 30.0,
    window: Annotated[
        float,
        typer.Option(
            metavar="MILLISECONDS", min=0.0, help="How long a picture waits for others to join it."
        ),
    ] = 4.0,
    readers: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="Sets of options whose models are kept in memory at once."
        ),
    ] = 4,
    renew_memory: Annotated[
        int | None,
        typer.Option(
            metavar="MB",
            min=1,
            help="Open a reader anew when the process holds more memory. Default: 4000, or less "
            "on a small machine.",
        ),
    ] = None,
    grace: Annotated[
        int,
        typer.Option(metavar="SECONDS", min=0, help="For what is under way when told to stop."),
    ] = 30,
    debug: Annotated[
        bool, typer.Option("--debug", help="Log each request; show tracebacks.")
    ] = False,
    **options: Any,
) -> None:
    """Read pictures for others: a service over HTTP, with a page to try it at /.

    It takes the options of `ocrx read`, too, for instance `-r paddle:v6-small --backend openvino`.
    Requests get them unless they ask for others. It reads with the models that are on this machine.
    """
    try:
        from ocrx_serve.web import server
        from ocrx_serve.web.app import make_app
        from ocrx_serve.web.service import Rules, Service
    except ImportError as error:
        raise BackendMissing(
            f"a part of the service is not installed: {error}", "pip install 'ocrx[serve]'"
        ) from error
    from ocrx.plugins.registry import load_plugins
    from ocrx.system.memory import most_memory, share_memory
    from ocrx_cli.asked import given
    from ocrx_cli.terminal.console import note
    from ocrx_serve.limits import Limits
    from ocrx_serve.policy import check_allowed, check_origins

    check_origins(origins or ())
    plugins = load_plugins()
    check_allowed(allowed or (), plugins)
    share_memory()
    limits = Limits(
        upload=max_bytes,
        pixels=max_pixels,
        pages=max_pages,
        queue=queue,
        readers=readers,
        seconds=timeout,
        upload_seconds=upload_timeout,
        window=window / 1000,
        memory=renew_memory * 1_000_000 if renew_memory else most_memory(),
    )
    rules = Rules(_key(key_file), tuple(origins or ()), frozenset(allowed or ()), paid)
    listening = server.bound(host, port)
    service = Service(given(context, options), plugins, limits, rules)
    if host not in LOOPBACK and not rules.key:
        note("anybody who can reach this machine can use the service: --key-file asks for a key")
    address = f"[{host}]" if ":" in host else host
    note(f"reading at http://{address}:{listening.getsockname()[1]}/ until Ctrl-C")
    server.serve(make_app(service), listening, grace=grace, log=debug)


def _key(file: Path | None) -> str:
    """The key that clients must send; "" if none."""
    import os

    if file is None:
        return os.environ.get("OCRX_SERVE_KEY", "")
    try:
        key = file.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", "") or "it is no text in UTF-8"
        raise UsageError(
            f"the key in {printable(str(file))} cannot be read: {why}", "Name a file with a key."
        ) from error
    if not key:
        raise UsageError(f"{file} is empty", "Put a long random text into it.")
    return key
