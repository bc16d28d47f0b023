"""What is to be read, and in which shards."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.errors import InputError, OcrxError, UsageError
from ocrx_batch.sources import listed, names_of, shard_size, shards_of


def raised(name: str, error: OcrxError) -> None:
    raise error


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "sub/b.PNG", "sub/.hidden.png", "notes.txt"):
        path = tmp_path / "scans" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "scans"


def test_sources_come_once(scans: Path) -> None:
    names = names_of(["scans", "scans/*.png", "scans/notes.txt"], raised)
    assert names == ["scans/a.png", "scans/sub/b.PNG", "scans/notes.txt"]


def test_urls_are_expanded_as_paths_are(scans: Path) -> None:
    url = f"file://{scans}"
    assert names_of([url], raised) == [f"{url}/a.png", f"{url}/sub/b.PNG"]
    assert names_of([f"{url}/*.png", f"{url}/notes.txt"], raised) == [
        f"{url}/a.png",
        f"{url}/notes.txt",
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [("file:///nowhere/*.png", "no picture is at"), ("nosuch://x/y", "no URL that fsspec knows")],
)
def test_urls_of_nothing_are_told(url: str, said: str) -> None:
    with pytest.raises(OcrxError, match=said):
        names_of([url], raised)


def test_standard_input_is_no_source() -> None:
    with pytest.raises(UsageError, match="ocrx read -"):
        names_of(["-"], raised)


def test_lists_have_a_source_a_line(tmp_path: Path) -> None:
    one = tmp_path / "list.txt"
    one.write_bytes(b"a b.png\r\n\n\xff.png\n")
    assert list(listed([one])) == ["a b.png", "\udcff.png"]
    one.write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    with pytest.raises(InputError, match="is no list of files"):
        list(listed([one]))


@settings(max_examples=30)
@given(st.integers(0, 300), st.integers(1, 40), st.sets(st.integers(0, 299)))
def test_a_run_that_goes_on_makes_the_same_shards(count: int, size: int, gone: set[int]) -> None:
    names = [str(number) for number in range(count)]
    every = list(shards_of(names, size, set()))
    assert [name for shard in every for name in shard.sources] == names
    finished = {shard.name for shard in every if shard.number in gone}
    done = {name for shard in every if shard.name in finished for name in shard.sources}
    left = list(shards_of(names, size, done))
    assert [one.name for one in left] == [s.name for s in every if s.name not in finished]


@pytest.mark.parametrize(("sources", "size"), [(0, 1), (63, 1), (6400, 100), (10**6, 512)])
def test_few_sources_are_spread_over_many_shards(sources: int, size: int) -> None:
    assert shard_size(sources) == size
