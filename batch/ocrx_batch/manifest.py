"""What is known of a folder of results: how it is made, and which sources are done."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

from ocrx.errors import UsageError
from ocrx.output.strings import well_formed
from ocrx_batch.engine import Failure, Record, Shard
from ocrx_batch.folder import CannotWrite, Folder

MANIFEST, FAILED, DONE, PAGES = "manifest.json", "failed.jsonl", "done", "pages"


def write_record(folder: Folder, shard: Shard, record: Record) -> None:
    """Say that a shard is done. From now on it is, and whatever is of it must be there."""
    folder.put(_record(shard), json.dumps(asdict(record)).encode())


def check_record(folder: Folder, shard: Shard, patience: float) -> None:
    """Raises CannotWrite if what a worker has written is not seen here for so many seconds: network
    file systems may take some."""
    until = time.monotonic() + patience
    while not folder.has(_record(shard)):
        if time.monotonic() > until:
            raise CannotWrite(
                "what a worker on another machine has written to --output is not there here",
                "Give a folder that all machines share, or a URL such as s3://bucket/folder.",
            )
        time.sleep(0.5)


def forget(folder: Folder, shard: Shard) -> None:
    """Remove whatever is there of a shard."""
    for name in (*folder.names(DONE), *folder.names(PAGES)):
        if PurePosixPath(name).name.startswith(shard.name):
            folder.remove(name)


def _record(shard: Shard) -> str:
    return f"{DONE}/{shard.name}.json"


class Manifest:
    """What a folder of results says of itself. `about` is what decides on its content; a shard size
    of 0 there is that of the folder.

    Raises UsageError if the folder was begun otherwise, or holds something else.
    """

    def __init__(self, folder: Folder, about: Mapping[str, Any], default_size: int) -> None:
        self._folder = folder
        self._failed: dict[str, list[Failure]] = {}
        self.done: set[str] = set()
        """The sources that need not be read any more."""
        self.pages = 0
        """How many were read."""
        before = folder.read(MANIFEST)
        if before is None:
            self.shard_size = int(about["shard"]) or default_size
            """How many sources follow each other in a shard."""
            told = json.dumps({**about, "shard": self.shard_size}, indent=2, sort_keys=True)
            folder.put(MANIFEST, f"{told}\n".encode())
        else:
            self.shard_size = _same(before, about)
        for name in folder.names(DONE):
            content = json.loads(folder.read(name) or b"{}")
            failed = [Failure(**one) for one in content["failed"]]
            self.add(Record(content["sources"], content["pages"], failed))

    @property
    def failures(self) -> list[Failure]:
        """What could not be read, by the names of the sources."""
        return [one for source in sorted(self._failed) for one in self._failed[source]]

    def add(self, record: Record) -> None:
        """Take note of a shard that is done."""
        again = {one.source for one in record.failed if one.again}
        finished = set(record.sources) - again
        self.pages += record.pages
        self.done |= finished
        for source in finished & self._failed.keys():
            del self._failed[source]
        for one in record.failed:
            if one.again and one.source in self.done:
                continue  # another run has read it since
            known = self._failed.setdefault(one.source, [])
            if one not in known:
                known.append(one)

    def write_failures(self) -> None:
        """Write failed.jsonl."""
        lines = [json.dumps(_line(one), ensure_ascii=False) + "\n" for one in self.failures]
        self._folder.put(FAILED, "".join(lines).encode())


def _line(failure: Failure) -> dict[str, str]:
    told = {key: failure.__dict__[key] for key in ("source", "type", "message", "remedy")}
    return {key: well_formed(value) for key, value in told.items()}


def _same(before: bytes, about: Mapping[str, Any]) -> int:
    """The size of shards, if the folder was begun as it is to go on."""
    known = _parsed(before)
    if known.get("schema") != about["schema"] or not isinstance(known.get("shard"), int):
        raise UsageError(
            f"--output has a {MANIFEST} that is not of this kind of ocrx", "Give another --output."
        )
    size = int(known["shard"])
    asked = json.loads(json.dumps({**about, "shard": about["shard"] or size}))
    for name in sorted(known.keys() | asked.keys()):
        was, now = known.get(name), asked.get(name)
        if was != now:
            raise UsageError(
                f"--output was begun with {name} {_told(was)}, and this run has {_told(now)}",
                "Give the same options and version of ocrx as before, or another --output.",
            )
    return size


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _told(value: object) -> str:
    return "none" if value in (None, "", {}) else json.dumps(value, ensure_ascii=False)
