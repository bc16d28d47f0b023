"""The command `ocrx`: finds the subcommand, runs it, and turns every error into one line.

A subcommand is imported, or made by its plugin, when it is asked for. So `ocrx --help` is quick.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ocrx.errors import OcrxError, UsageError
from ocrx_cli import contributed
from ocrx_cli.commands import COMMANDS, PLUGGED, command_app
from ocrx_cli.completion import whole_words
from ocrx_cli.terminal.console import (
    CLOSED_PIPE,
    INTERRUPTED,
    discard_stdout,
    flush_stdout,
    print_error,
    print_line,
    write_stderr,
)

BUG = 70

# What typer raises for a command line that it cannot parse. The class is click's in some versions
# of typer, typer's own in others. Only BadParameter, which derives from it, is public in both.
BadCommandLine: type[Any] = typer.BadParameter.__mro__[2]


class LazyGroup(TyperGroup):
    """The subcommands, of ocrx and of plugins. Each is made when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*COMMANDS, *PLUGGED, *contributed.origins()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS:
            return own_command(cmd_name)
        try:
            return contributed.command(cmd_name)
        except OcrxError:
            if ctx.resilient_parsing:  # a shell completes: a broken command has no completions
                return None
            raise

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items(), *PLUGGED.items()])
        if added := contributed.origins():
            with formatter.section("Commands of plugins"):
                formatter.write_dl(list(added.items()))

    def invoke(self, ctx: Any) -> Any:
        try:
            done = super().invoke(ctx)
            flush_stdout()
        except BrokenPipeError:  # typer would take it for a failure
            discard_stdout()
            raise typer.Exit(CLOSED_PIPE) from None
        except (OcrxError, BadCommandLine, typer.Exit, typer.Abort):
            raise
        except Exception as error:
            flush_stdout()  # if it was stdout that could not be written, this says so
            failure = contributed.failure(ctx.invoked_subcommand, error)
            if failure is None:
                raise
            raise failure from error
        return done


def own_command(name: str) -> Any:
    """A command of ocrx itself, as typer runs it."""
    app = command_app(name)
    single = len(app.registered_commands) == 1 and not app.registered_callback
    command: Any = (typer.main.get_command if single else typer.main.get_group)(app)
    command.name = name
    return command


app = typer.Typer(
    cls=LazyGroup,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def ocrx(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --version: as JSON.")] = False,
) -> None:
    """Read the text in pictures and documents, with any recogniser on any runtime."""
    if version:
        from ocrx.version import VERSION

        print_line(json.dumps({"version": VERSION}) if as_json else f"ocrx {VERSION}")
        raise typer.Exit
    if as_json:
        raise UsageError("--json belongs after the command", "For example: `ocrx plugins --json`.")
    if ctx.invoked_subcommand is None:
        print_line(ctx.get_help())


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (by default the process's own) and return its exit code.

    0: done. 1: an input could not be read. 2: wrong usage. 3: a plugin failed. 4: weights are
    missing or damaged. 5: a runtime failed. 6: the output could not be written. 70: a bug in ocrx.
    130: interrupted. 141: the reader of the pipe closed it.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in arguments
    try:
        command = typer.main.get_command(app)
        with whole_words():
            return command.main(arguments, prog_name="ocrx", standalone_mode=False) or 0
    except OcrxError as error:
        print_error(str(error), error if debug else None)
        return error.exit_code
    except BadCommandLine as error:
        if error.format_message().startswith("Usage:"):  # a group without a command shows its help
            write_stderr(error.format_message())
            return UsageError.exit_code
        path = error.ctx.command_path if error.ctx else "ocrx"
        message = error.format_message()
        stop = "" if message.endswith((".", "?")) else "."
        print_error(f"{message}{stop} See `{path} --help`.", error if debug else None)
        return UsageError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    # Anything else is a bug in ocrx. It is one line too, unless --debug asks for details.
    except Exception as error:
        print_error(
            f"{type(error).__name__}: {error}. This is a bug in ocrx: run the command again with "
            "--debug and report what it prints.",
            error if debug else None,
        )
        return BUG
