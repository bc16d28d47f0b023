"""Where a Paddle model's two files are found: beside each other, in a folder, in an archive."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest

from ocrx.artifacts import Artifact
from ocrx.errors import BackendError
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.testing import LINE
from ocrx.testing.backends import verify
from ocrx_paddle.backend import PaddleBackend
from ocrx_paddle.session import PaddleSession
from support import paddle_files


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return paddle_files.toy_artifact(LINE, tmp_path_factory.mktemp("line"))


def opened(path: Path) -> PaddleSession:
    return PaddleBackend().open(Artifact(path, "paddle", LINE.spec()), SessionOptions())


def published(line: Artifact, folder: Path, name: str = "inference") -> Path:
    """A folder as PaddleOCR publishes it."""
    folder.mkdir(exist_ok=True)
    for suffix in (".json", ".pdiparams"):
        shutil.copy(line.path.with_suffix(suffix), folder / f"{name}{suffix}")
    (folder / "inference.yml").write_text("Global:\n", "utf-8")
    (folder / "config.json").write_text("{}", "utf-8")
    return folder


@pytest.mark.slow
def test_a_folder_as_it_is_published(line: Artifact, tmp_path: Path) -> None:
    with opened(published(line, tmp_path / "rec_infer")) as session:
        verify(session, LINE, LINE.feeds(2, 24))


def test_an_archive_as_it_is_published(line: Artifact, tmp_path: Path) -> None:
    archive = tmp_path / "rec_infer.tar"
    with tarfile.open(archive, "w") as made:
        made.add(published(line, tmp_path / "rec_infer"), "rec_infer")
    with opened(archive) as session:
        verify(session, LINE, LINE.feeds(2, 24))


def test_nothing_of_an_archive_lands_outside(line: Artifact, tmp_path: Path) -> None:
    """Folders in its names are not followed, and links not taken for files."""
    archive = tmp_path / "sly.tar"
    with tarfile.open(archive, "w") as made:
        made.add(line.path, "../../up/inference.json")
        made.add(line.path.with_suffix(".pdiparams"), "/inference.pdiparams")
        link = tarfile.TarInfo("other.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        made.addfile(link)
    with opened(archive) as session:
        verify(session, LINE, LINE.feeds(1, 16))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sly.tar"]


def test_of_several_networks_the_one_with_the_usual_name_is_meant(
    line: Artifact, tmp_path: Path
) -> None:
    folder = published(line, published(line, tmp_path / "both", "other"))
    opened(folder).close()
    for suffix in (".json", ".pdiparams"):
        (folder / f"inference{suffix}").rename(folder / f"another{suffix}")
    with pytest.raises(BackendError, match=r"several networks: another\.json, other\.json"):
        opened(folder)


def test_a_folder_or_archive_without_a_network_is_an_error(line: Artifact, tmp_path: Path) -> None:
    folder = published(line, tmp_path / "rec_infer")
    (folder / "inference.pdiparams").unlink()
    with pytest.raises(BackendError, match="rec_infer: it holds no network with parameters"):
        opened(folder)
    archive = tmp_path / "rec_infer.tar"
    with tarfile.open(archive, "w") as made:
        made.add(folder, "rec_infer")
    with pytest.raises(BackendError, match=r"rec_infer\.tar: it holds no network"):
        opened(archive)


def test_a_damaged_archive_is_an_error(line: Artifact, tmp_path: Path) -> None:
    archive = tmp_path / "rec_infer.tar"
    with tarfile.open(archive, "w") as made:
        made.add(line.path, "inference.json")
        made.add(line.path.with_suffix(".pdiparams"), "inference.pdiparams")
    archive.write_bytes(archive.read_bytes()[:1500])
    with pytest.raises(BackendError, match=r"rec_infer\.tar"):
        opened(archive)
