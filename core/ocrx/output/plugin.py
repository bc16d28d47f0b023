"""Registers the writers that ocrx brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from ocrx.interfaces.writing import Writer
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    """Register the writers."""
    registry.add("writer", "text", _text)
    registry.add("writer", "json", _json)
    registry.add("writer", "jsonl", _jsonl)
    registry.add("writer", "csv", _csv)
    registry.add("writer", "tsv", _tsv)
    registry.add("writer", "markdown", _markdown)
    registry.add("writer", "hocr", _hocr)
    registry.add("writer", "alto", _alto)


def _text(request: Request) -> Writer:
    from ocrx.output.text import TextWriter

    return TextWriter()


def _json(request: Request) -> Writer:
    from ocrx.output.json import JsonWriter

    return JsonWriter()


def _jsonl(request: Request) -> Writer:
    from ocrx.output.json import JsonLinesWriter

    return JsonLinesWriter()


def _csv(request: Request) -> Writer:
    from ocrx.output.table import CsvWriter

    return CsvWriter()


def _tsv(request: Request) -> Writer:
    from ocrx.output.table import TsvWriter

    return TsvWriter()


def _markdown(request: Request) -> Writer:
    from ocrx.output.markdown import MarkdownWriter

    return MarkdownWriter()


def _hocr(request: Request) -> Writer:
    from ocrx.output.hocr import HocrWriter

    return HocrWriter()


def _alto(request: Request) -> Writer:
    from ocrx.output.alto import AltoWriter

    return AltoWriter()
