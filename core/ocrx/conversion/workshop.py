"""Making the file that a runtime takes, and keeping it in the cache."""

from __future__ import annotations

import errno
import hashlib
import json
import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from ocrx.artifacts import Artifact, ModelSpec
from ocrx.conversion.kept import FOLDER, PART, files_of, hash_of, intact_main_file, remove, seal
from ocrx.conversion.routes import Wanted, cheapest, find_route
from ocrx.errors import (
    BackendError,
    BackendMissing,
    DeviceMissing,
    OcrxError,
    PluginError,
    PrecisionUnavailable,
    WeightsError,
    plugin_errors,
)
from ocrx.interfaces.conversion import Calibration, Conversion, Converter, Progress
from ocrx.system.files import file_lock
from ocrx.weights.store import Store

Calibrate: TypeAlias = Callable[[], Calibration | None]

# Error numbers that are the disk's fault, whichever code met them.
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
ROOM = 1 << 20


def no_progress(fraction: float, what: str) -> None:
    """A Progress that shows nothing."""


class Workshop:
    """Converts models and keeps the results. Threads and processes may share one cache."""

    def __init__(self, store: Store, converters: Sequence[Converter], progress: Progress) -> None:
        self._store = store
        self._converters = converters
        self._progress = progress

    def artifact(
        self, spec: ModelSpec, wanted: Wanted, calibrate: Calibrate = lambda: None
    ) -> Artifact:
        """The model in a form that is wanted: published, converted before, or converted now.

        `calibrate` is called only if a conversion is needed. Raises NoRoute if no converter leads
        there, BackendMissing if one that does is not installed, ConversionFailed if it
        fails, PluginError if it misbehaves, and WeightsError, or its subclasses, if files cannot be
        fetched, read or written.
        """
        missing = None
        try:
            route = find_route(spec, wanted, self._converters)
        except BackendMissing as error:
            possible = cheapest(spec, self._converters, wanted, usable_only=False)
            if possible is None:
                raise
            # A result that is in the cache can be used without the converter.
            route, missing = possible, error
        form, held = route.start
        path = self._store.path(spec.published(wanted.device)[route.start])
        artifact = Artifact(path, form, replace(spec, precision=held))
        calibration = calibrate() if route.steps else None
        for converter, (target, precision) in route.steps:
            made = replace(spec, precision=precision)
            conversion = Conversion(made, artifact, precision, wanted.device, calibration)
            if missing is None:
                path = self._converted(converter, conversion)
            else:
                path = self._kept(converter, conversion, missing)
            artifact = Artifact(path, target, made)
        return artifact

    def _kept(self, converter: Converter, conversion: Conversion, missing: BackendMissing) -> Path:
        """The main file of the conversion's result if it was made before, else raises `missing`."""
        try:
            found = intact_main_file(self._place(converter, conversion)[0])
        except BackendError as error:  # it cannot say what its result depends on
            raise missing from error
        if found is None:
            raise missing
        return found

    def _place(self, converter: Converter, conversion: Conversion) -> tuple[Path, dict[str, str]]:
        """The folder of the conversion's result, and everything that the result depends on."""
        with plugin_errors(f"the converter {converter.name!r}"):
            depends_on = converter.fingerprint(conversion)
        identity = {
            "model": conversion.spec.name,
            "converter": converter.name,
            "source": hash_of(conversion.artifact.path),
            "precision": conversion.precision,
            **depends_on,
        }
        key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]
        return self._store.cache_dir / FOLDER / key, identity

    def _converted(self, converter: Converter, conversion: Conversion) -> Path:
        """The main file of the conversion's result, made if it is missing or damaged."""
        folder, identity = self._place(converter, conversion)
        found = intact_main_file(folder)
        if found is None:
            with file_lock(folder):
                # Another process may have made it while we waited.
                found = intact_main_file(folder) or self._make(
                    converter, conversion, folder, identity
                )
        return found

    def _make(
        self,
        converter: Converter,
        conversion: Conversion,
        folder: Path,
        identity: Mapping[str, str],
    ) -> Path:
        """Convert into a folder beside, seal it with its manifest, and only then give it the name
        under which it is looked for: a process killed at any point leaves nothing that is used."""
        work = folder.with_name(f"{folder.name}{PART}{secrets.token_hex(4)}")
        try:
            remove(folder)  # damaged files, and the remains of a process that was killed
            work.mkdir()  # not by `tempfile`, whose folders only their owner can read
        except OSError as error:
            raise _disk_error(folder, error) from error
        try:
            main = self._convert(converter, conversion, work)
            seal(work, main, identity)
            work.replace(folder)
        except OSError as error:
            raise _disk_error(folder, error) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return folder / main

    def _convert(self, converter: Converter, conversion: Conversion, work: Path) -> str:
        """The name of the main file that the converter wrote. Raises OSError if the disk failed."""

        def progress(fraction: float, what: str) -> None:
            self._progress(fraction, f"{conversion.spec.name}: {what}")

        try:
            with plugin_errors(f"the converter {converter.name!r}"):
                main = converter.convert(conversion, work, progress)
        except (PluginError, BackendError) as error:
            cause = error.__cause__
            if isinstance(cause, OSError) and cause.errno in OF_THE_DISK:
                raise cause from None
            _check_room(work, conversion, error)
            raise
        if not (work / main).is_file():
            raise PluginError(
                f"the converter {converter.name!r} did not write the file {main!r} it speaks of",
                "Report it to its author, or choose another `--backend`.",
            )
        return main


def _check_room(work: Path, conversion: Conversion, failure: OcrxError) -> None:
    """Raises WeightsError if the conversion can have failed for lack of room.

    Most libraries do not say so. Therefore a file of a few times the source's size is written to
    the result's folder and to that of temporary files.
    """
    if isinstance(failure, BackendMissing | DeviceMissing | PrecisionUnavailable):
        return
    size = 4 * sum(p.stat().st_size for p in files_of(conversion.artifact.path))
    for folder in (work, Path(tempfile.gettempdir())):
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                for _ in range(0, size, ROOM):
                    file.write(bytes(ROOM))
        except OSError as error:
            where = folder.parent if folder == work else folder
            raise WeightsError(
                f"{conversion.spec.name} cannot be converted, for {where} takes no file of "
                f"{size / 1e6:.0f} MB: {error.strerror or error} ({failure.message})",
                "Free some space there, or set "
                f"{'OCRX_CACHE_DIR' if folder == work else 'TMPDIR'} to another folder.",
            ) from failure


def _disk_error(folder: Path, error: OSError) -> WeightsError:
    return WeightsError(
        f"the conversion cannot be kept in {folder.parent}: {error.strerror or error}",
        "Free some space or make it writable, or set OCRX_CACHE_DIR to another folder.",
    )
