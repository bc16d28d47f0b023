"""What a folder of results says of itself, to the run that goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ocrx.errors import UsageError
from ocrx_batch.engine import Failure, Record, Shard
from ocrx_batch.folder import open_folder
from ocrx_batch.manifest import Manifest, forget, write_record

ABOUT = {"schema": "ocrx-batch/1", "version": "1", "reader": {"recognizer": "a"}, "shard": 0}


def opened(path: Path, **about: Any) -> Manifest:
    return Manifest(open_folder(str(path)), {**ABOUT, **about}, 10)


def failure(source: str, again: bool = False) -> Failure:
    return Failure(source, "InputError", f"{source} is bad", "Mend it.", again)


def test_what_is_done_is_known_to_the_next_run(tmp_path: Path) -> None:
    first = opened(tmp_path)
    record = Record(["a", "b", "c"], 5, [failure("b"), failure("c", again=True)])
    write_record(open_folder(str(tmp_path)), Shard(0, ("a", "b", "c")), record)
    first.add(record)
    for manifest in (first, opened(tmp_path)):
        assert (manifest.done, manifest.pages, manifest.shard_size) == ({"a", "b"}, 5, 10)
        assert [one.source for one in manifest.failures] == ["b", "c"]


def test_what_was_read_after_all_is_no_failure_any_more(tmp_path: Path) -> None:
    manifest = opened(tmp_path)
    manifest.add(Record(["a"], 0, [failure("a", again=True)]))
    manifest.add(Record(["a"], 0, [failure("a", again=True)]))
    assert len(manifest.failures) == 1
    manifest.add(Record(["a"], 1))
    manifest.add(Record(["a"], 0, [failure("a", again=True)]))  # in any order
    assert manifest.failures == []


def test_failures_are_lines_with_the_message_and_the_remedy(tmp_path: Path) -> None:
    manifest = opened(tmp_path)
    manifest.add(Record(["b\udcff", "a"], 0, [failure("b\udcff"), failure("a")]))
    manifest.write_failures()
    lines = [json.loads(one) for one in (tmp_path / "failed.jsonl").read_text("utf-8").splitlines()]
    assert lines[0] == {
        "source": "a",
        "type": "InputError",
        "message": "a is bad",
        "remedy": "Mend it.",
    }
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"reader": {"recognizer": "b"}}, r'reader {"recognizer": "a"}, and this run has .*"b"'),
        ({"version": "2"}, 'version "1", and this run has "2"'),
        ({"shard": 3}, "shard 10, and this run has 3"),
        ({"settings": {"x": {}}}, "settings none, and this run has"),
    ],
)
def test_a_folder_that_was_begun_otherwise_is_refused(
    tmp_path: Path, about: dict[str, Any], said: str
) -> None:
    opened(tmp_path)
    with pytest.raises(UsageError, match=f"{said}.*another --output"):
        opened(tmp_path, **about)


@pytest.mark.parametrize("content", ["{", "[]", '{"schema": "ocrx-batch/9", "shard": 1}'])
def test_a_manifest_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(UsageError, match="not of this kind"):
        opened(tmp_path)


def test_what_was_written_of_a_shard_is_forgotten(tmp_path: Path) -> None:
    folder = open_folder(str(tmp_path))
    pair, alone = Shard(3, ("a", "b")), Shard(3, ("a",))
    for shard in (pair, alone):
        folder.put(f"pages/{shard.name}.jsonl", b"page\n")
        write_record(folder, shard, Record(shard.sources, 1))
    forget(folder, pair)
    assert folder.names("pages") == [f"pages/{alone.name}.jsonl"]
    assert folder.names("done") == [f"done/{alone.name}.json"]
