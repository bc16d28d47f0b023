"""`ocrx batch`: reads many files with many processes, on one machine or on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    import typer

    from ocrx.interfaces.writing import Writer
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("command", "batch", _batch)
    registry.add("writer", "parquet", _parquet)


def _batch(request: Request) -> typer.Typer:
    from ocrx_batch.command import app

    return app


def _parquet(request: Request) -> Writer:
    from ocrx_batch.parquet import ParquetWriter

    return ParquetWriter()
