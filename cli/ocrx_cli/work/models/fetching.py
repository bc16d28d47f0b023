"""`ocrx models pull`: download weights and check them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ocrx.errors import ChecksumMismatch, OcrxError, UsageError
from ocrx.weights.store import Store
from ocrx_cli.shared.catalogue import Model, chosen, models
from ocrx_cli.terminal.console import print_error, print_line
from ocrx_cli.terminal.progress import download_bar


def pull(
    names: Sequence[str], everything: bool, task: str | None, offline: bool, debug: bool
) -> int:
    """Download the models and print their paths.

    Returns the exit code: that of the last model that failed, or 0. Raises UsageError unless there
    are either names or `everything`.
    """
    if bool(names) == everything:
        raise UsageError(
            "no model was given" if not names else "--all and names were given",
            "Give either names from `ocrx models list` or --all.",
        )
    store = Store(offline=offline or None, progress=download_bar)
    failed = 0
    for model in models(task) if everything else chosen(names, task):
        try:
            print_line(str(_fetched(model, store)))
        except OcrxError as error:  # the others are still wanted
            print_error(str(error), error if debug else None)
            failed = error.exit_code
    return failed


def _fetched(model: Model, store: Store) -> Path:
    try:
        return store.path(model.source)
    except ChecksumMismatch:
        if store.locate(model.source).origin != "package" or not model.source.url:
            raise
        # The package holds another file than the published one, which goes into the cache.
        return store.download(model.source)
