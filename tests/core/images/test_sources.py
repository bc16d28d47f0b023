"""Arguments of the command line into sources."""

from __future__ import annotations

import io
import itertools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ocrx.errors import InputError, OcrxError
from ocrx.images.document import Blob
from ocrx.images.sources import SUFFIXES, expand


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of empty files, which is the working directory."""
    for name in (
        "page 10.png",
        "page 2.JPG",
        "notes.txt",
        "scan.pdf",
        ".hidden.png",
        "sub/b.tif",
        "sub/deep/a.webp",
        ".git/c.png",
        "empty/readme.md",
        "[draft]/x1.png",
        "[draft]/x2.dat",
        "a[1].png",
        "a1.png",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*arguments: str) -> list[str]:
    """What the arguments give, as paths with slashes; errors as "name!"."""
    found: list[str] = []
    for source in expand(arguments, lambda name, _: found.append(f"{name}!")):
        assert isinstance(source, Path)
        found.append(source.as_posix())
    return found


def test_files_are_taken_as_they_are(tree: Path) -> None:
    assert names("notes.txt", "scan.pdf", "missing.png") == ["notes.txt", "scan.pdf", "missing.png"]
    assert names(".hidden.png") == [".hidden.png"]
    assert names(str(tree / "a1.png")) == [(tree / "a1.png").as_posix()]


def test_an_address_is_not_a_file(tree: Path) -> None:
    with pytest.raises(InputError, match=r"^s3://bucket/scan\.png is an address"):
        list(expand(["s3://bucket/scan.png"]))


def test_a_folder_gives_its_pictures_in_natural_order(tree: Path) -> None:
    assert names(".") == [
        "[draft]/x1.png",
        "a1.png",
        "a[1].png",
        "page 2.JPG",
        "page 10.png",
        "scan.pdf",
        "sub/b.tif",
        "sub/deep/a.webp",
    ]
    assert names("sub/") == ["sub/b.tif", "sub/deep/a.webp"]
    assert names(".git") == [".git/c.png"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("page*", ["page 2.JPG", "page 10.png"]),
        ("page ?.*", ["page 2.JPG"]),
        ("*.txt", ["notes.txt"]),
        ("n*", ["n*!"]),
        ("*/*.png", ["[draft]/x1.png"]),
        ("*/x*", ["[draft]/x1.png"]),
        ("*/x*.*", ["[draft]/x1.png", "[draft]/x2.dat"]),
        ("**/*.tif", ["sub/b.tif"]),
        ("**/*.png", ["a1.png", "a[1].png", "page 10.png", "[draft]/x1.png"]),
        ("sub/**", ["sub/b.tif", "sub/deep/a.webp"]),
        ("sub/**/*", ["sub/b.tif", "sub/deep/a.webp"]),
        ("s*", ["scan.pdf", "sub/b.tif", "sub/deep/a.webp"]),
        (".h*", [".hidden.png"]),
        ("su[a-c]/../sub/*.tif", ["sub/../sub/b.tif"]),
        ("nowhere/*.png", ["nowhere/*.png!"]),
        ("notes.txt/*.png", ["notes.txt/*.png!"]),
    ],
)
def test_patterns(tree: Path, pattern: str, expected: list[str]) -> None:
    assert names(pattern) == expected
    absolute = names(f"{tree.as_posix()}/{pattern}")
    assert absolute == [f"{tree.as_posix()}/{name}" for name in expected]


@pytest.mark.usefixtures("tree")
def test_a_file_whose_name_is_a_pattern_wins() -> None:
    assert names("a[1].png") == ["a[1].png"]
    assert names("[draft]") == ["[draft]/x1.png"]
    assert names("[draft]/*.png") == ["[draft]/x1.png"]
    assert names("a[12].png") == ["a1.png"]


@pytest.mark.usefixtures("tree")
def test_one_bad_argument_does_not_stop_the_others() -> None:
    assert names("scan.pdf", "empty", "z*", "", "a1.png") == [
        "scan.pdf",
        "empty!",
        "z*!",
        "!",
        "a1.png",
    ]


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("empty", "empty holds no picture"),
        ("z*.png", r"no picture matches z\*\.png"),
        ("", "empty name"),
    ],
)
def test_errors_say_what_and_what_to_do(argument: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        list(expand([argument]))
    assert caught.value.remedy


def test_stdin_is_read_when_its_turn_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(expand(["x.png", "-"], stdin=io.BytesIO(b"data"))) == [
        Path("x.png"),
        Blob(b"data", "-"),
    ]
    stream = io.BytesIO(b"more")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    sources = expand(["x.png", "-"])
    next(sources)
    assert stream.tell() == 0
    assert next(sources) == Blob(b"more", "-")


def test_stdin_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[OcrxError] = []
    sources = expand(["-", "-"], lambda _, error: errors.append(error), stdin=io.BytesIO(b"data"))
    assert list(sources) == [Blob(b"data", "-")]
    assert "already read" in str(errors[0])
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="no standard input"):
        list(expand(["-"]))


def test_loops_of_links_end(tree: Path) -> None:
    for name in ("one", "two"):
        (tree / "sub" / name).symlink_to(tree / "sub", target_is_directory=True)
    (tree / "sub" / "self.png").symlink_to(tree / "sub" / "self.png")
    expected = ["sub/b.tif", "sub/deep/a.webp", "sub/self.png"]
    assert names("sub") == expected
    assert sorted(names("sub/**/*")) == expected
    assert names("sub/one") == ["sub/one/b.tif", "sub/one/deep/a.webp", "sub/one/self.png"]


def test_links_to_folders_and_files_are_followed(tree: Path, tmp_path: Path) -> None:
    (tree / "links").mkdir()
    (tree / "links" / "folder").symlink_to(tree / "sub", target_is_directory=True)
    (tree / "links" / "file.png").symlink_to(tree / "a1.png")
    (tree / "links" / "broken.png").symlink_to(tree / "gone.png")
    assert names("links") == [
        "links/broken.png",
        "links/file.png",
        "links/folder/b.tif",
        "links/folder/deep/a.webp",
    ]


def test_pipes_in_a_folder_are_left_alone(tree: Path) -> None:
    os.mkfifo(tree / "sub" / "pipe.png")
    assert names("sub") == ["sub/b.tif", "sub/deep/a.webp"]


def test_a_folder_that_may_not_be_listed_is_reported(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may list anything, so the refusal is played.
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert names("sub") == ["sub/b.tif", "sub/deep!"]
    assert names("sub/deep") == ["sub/deep!"]
    assert names("sub/**/*.tif") == ["sub/b.tif", "sub/deep!"]


@pytest.mark.usefixtures("tree")
def test_what_may_be_listed_but_not_entered_is_left_to_be_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = Path.is_dir

    def is_dir(path: Path) -> bool:
        if path.parent.name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_dir", is_dir)
    assert names("sub") == ["sub/b.tif", "sub/deep"]
    assert names("sub/*.tif") == ["sub/b.tif"]


def test_names_that_are_not_utf8(tree: Path) -> None:
    bad = os.fsdecode(b"caf\xe9.png")
    (tree / "sub" / bad).touch()
    assert f"sub/{bad}" in names("sub")
    assert f"sub/{bad}" in names("sub/caf*")
    assert names(os.fsdecode(b"\xe9*")) == ["\\xe9*!"]


def test_folders_are_listed_as_they_are_reached(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    real = os.scandir

    def scandir(path: Path) -> object:
        listed.append(Path(path).name)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [str(path) for path in itertools.islice(expand(["sub"]), 1)] == ["sub/b.tif"]
    assert listed == ["sub"]
    assert len(list(itertools.islice(expand(["**/*.JPG"]), 1))) == 1
    assert "deep" not in listed


def test_a_deep_tree_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    depth = 400
    monkeypatch.chdir(tmp_path)
    folder = Path(*["d"] * depth)
    folder.mkdir(parents=True)
    (folder / "x.png").touch()
    assert names("d") == [(folder / "x.png").as_posix()]
    assert names("**/*.png") == [(folder / "x.png").as_posix()]


def test_every_known_suffix_is_one_that_can_be_decoded() -> None:
    known: Sequence[str] = sorted(SUFFIXES)
    assert ".jpeg" in known
    assert ".pdf" in known
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in known)
