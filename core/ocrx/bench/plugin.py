"""The forms of datasets that ocrx brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from ocrx.bench.data.form import DatasetForm
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("dataset", "labels", _labels)
    registry.add("dataset", "paddle", _paddle)
    registry.add("dataset", "icdar", _icdar)
    registry.add("dataset", "icdar-words", _icdar_words)
    registry.add("dataset", "lmdb", _lmdb)


def _labels(request: Request) -> DatasetForm:
    from ocrx.bench.data.formats.labels import Labels

    return Labels()


def _paddle(request: Request) -> DatasetForm:
    from ocrx.bench.data.formats.paddle import Paddle

    return Paddle()


def _icdar(request: Request) -> DatasetForm:
    from ocrx.bench.data.formats.icdar import IcdarPages

    return IcdarPages()


def _icdar_words(request: Request) -> DatasetForm:
    from ocrx.bench.data.formats.icdar import IcdarWords

    return IcdarWords()


def _lmdb(request: Request) -> DatasetForm:
    from ocrx.bench.data.formats.lmdb import Lmdb

    return Lmdb()
