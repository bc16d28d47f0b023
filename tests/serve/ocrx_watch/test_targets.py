"""Where messages go, and what happens when nobody takes them."""

from __future__ import annotations

import base64
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from ocrx.errors import OcrxError, OutputError, UsageError
from ocrx_watch.messages import Message
from ocrx_watch.targets import delivery, mqtt
from ocrx_watch.targets.delivery import Delivery
from ocrx_watch.targets.file import File
from ocrx_watch.targets.mqtt import Mqtt
from ocrx_watch.targets.opening import Targets, open_target
from ocrx_watch.targets.target import Target
from ocrx_watch.targets.webhook import Webhook
from support.hook import hook
from support.mqttbroker import broker


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "FIRST", 0.02)
    monkeypatch.setattr(mqtt, "TIMEOUT", 0.3)


def messages(count: int) -> list[Message]:
    return [Message(f"run-{n}", b'{"n": %d}' % n) for n in range(count)]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    assert true()


class Sent:
    """A delivery to a target, and what it notes."""

    def __init__(self, target: Target, keep: int = 100) -> None:
        self.notes: list[str] = []
        self.delivery = Delivery(target, keep, self.notes.append)

    def put(self, *given: Message) -> None:
        for one in given:
            self.delivery.put(one)

    def close(self, grace: float = 10.0) -> int:
        self.delivery.close(grace)
        return self.delivery.lost


def test_a_webhook_gets_each_message_in_order_over_one_connection() -> None:
    with hook() as server:
        secret = server.url.replace("//", "//me:p%40ss@")
        sent = Sent(Webhook(secret + "?line=3", {"X-Line": "3"}))
        sent.put(*messages(20))
        assert sent.close() == 0
    assert server.taken == [one.body for one in messages(20)]
    assert server.connections == 1
    headers = server.headers[7]
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == "run-7"
    assert headers["X-Line"] == "3"
    assert headers["Authorization"] == f"Basic {base64.b64encode(b'me:p@ss').decode()}"
    assert sent.notes == []


def test_a_webhook_that_is_down_gets_all_when_it_is_back() -> None:
    with hook() as server:
        port = server.server_port
    sent = Sent(Webhook(server.url, {}))
    sent.put(*messages(5))
    until(lambda: bool(sent.notes))
    with hook(port) as server:
        until(lambda: len(server.taken) == 5)
        assert sent.close() == 0
    assert server.taken == [one.body for one in messages(5)]
    assert [note.partition(": ")[0] for note in sent.notes] == [
        f"{server.url} takes no messages",
        f"{server.url} takes messages again",
    ]


def test_a_webhook_that_is_busy_is_asked_again_and_one_that_refuses_is_not() -> None:
    with hook() as server:
        server.statuses = [503, 429, 200, 400]
        sent = Sent(Webhook(server.url, {}))
        sent.put(*messages(3))
        assert sent.close() == 1
    assert server.taken == [messages(3)[0].body, messages(3)[2].body]
    assert "refuses a message, which is lost: it answers 400" in sent.notes[-1]


def test_so_many_messages_wait_and_the_oldest_are_lost_first() -> None:
    with hook() as server:
        port = server.server_port
    sent = Sent(Webhook(server.url, {}), keep=3)
    sent.put(*messages(8))
    until(lambda: len(sent.notes) == 2)
    with hook(port) as server:
        until(lambda: len(server.taken) == 3)
        assert sent.close() == 5
    assert server.taken == [one.body for one in messages(8)[5:]]


class Slow(Target):
    """Takes each message when `go` is set."""

    name = "slow"

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def send(self, messages: Sequence[Message]) -> Iterator[None]:
        for _ in messages:
            self.begun.set()
            assert self.go.wait(10)
            yield


def test_a_message_that_arrives_after_it_was_given_up_is_not_lost() -> None:
    target = Slow()
    sent = Sent(target, keep=1)
    first, second = messages(2)
    sent.put(first)
    assert target.begun.wait(10)
    sent.put(second)
    assert sent.delivery.lost == 1
    target.go.set()
    assert sent.close() == 0


def test_what_does_not_arrive_in_time_is_lost_and_said() -> None:
    with hook() as server:
        pass
    noted: list[str] = []
    targets = Targets([server.url], {}, 100, noted.append)
    for one in messages(4):
        targets.put(one)
    started = time.monotonic()
    targets.close(0.1)
    assert time.monotonic() - started < 5
    assert targets.lost == {server.url: 4}


def test_a_file_gets_a_line_for_each_message_below_what_it_had(tmp_path: Path) -> None:
    path = tmp_path / "codes.jsonl"
    path.write_bytes(b'{"old": 1}\n{"cut off')
    sent = Sent(File(path))
    sent.put(*messages(2))
    assert sent.close() == 0
    assert path.read_bytes() == b'{"old": 1}\n{"cut off\n{"n": 0}\n{"n": 1}\n'


def test_a_full_disk_keeps_messages_and_never_half_a_line(tmp_path: Path) -> None:
    path = tmp_path / "codes.jsonl"
    sent = Sent(File(path))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_FSIZE, before)
        resource.setrlimit(resource.RLIMIT_FSIZE, (25, before[1]))
        sent.put(*messages(5))
        until(lambda: bool(sent.notes))
        assert path.read_bytes() == b'{"n": 0}\n{"n": 1}\n'
    assert sent.close() == 0
    assert path.read_bytes() == b"".join(one.body + b"\n" for one in messages(5))


def test_a_file_that_cannot_be_written_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file or directory"):
        File(tmp_path / "none" / "codes.jsonl")


def test_a_pipe_keeps_messages_while_nobody_reads(tmp_path: Path) -> None:
    path = tmp_path / "codes"
    os.mkfifo(path)
    sent = Sent(open_target(str(path), {}))
    sent.put(*messages(2))
    until(lambda: bool(sent.notes))
    assert "takes no messages: nobody reads it" in sent.notes[0]
    with path.open("rb") as reader:
        assert [reader.readline() for _ in range(2)] == [b'{"n": 0}\n', b'{"n": 1}\n']
        sent.put(*messages(3)[2:])
        assert reader.readline() == b'{"n": 2}\n'
    sent.put(*messages(2))
    assert sent.close(0.05) == 2


def test_a_broker_gets_each_message_in_order() -> None:
    with broker() as running:
        sent = Sent(Mqtt(f"mqtt://me:s%20t@127.0.0.1:{running.port}/line/3/codes"))
        sent.put(*messages(70))
        assert sent.close() == 0
    assert running.taken == [("line/3/codes", one.body) for one in messages(70)]
    assert running.connects[0].endswith(b"\0\x02me\0\x03s t")
    assert len(running.connects) == 1


def test_a_broker_that_is_down_gets_all_when_it_is_back() -> None:
    with broker() as running:
        sent = Sent(Mqtt(f"mqtt://127.0.0.1:{running.port}/codes"))
        sent.put(messages(1)[0])
        until(lambda: len(running.taken) == 1)
        running.silent = True
        sent.put(*messages(4)[1:])
        until(lambda: bool(sent.notes))
    with broker(running.port) as again:
        until(lambda: len(again.taken) >= 3)
        assert sent.close() == 0
    bodies = [body for _, body in again.taken]
    assert bodies == [one.body for one in messages(4)[1:]]
    assert sent.notes[-1].endswith("takes messages again")


def test_a_broker_that_refuses_says_why() -> None:
    with broker() as running:
        running.refuses = 5
        sent = Sent(Mqtt(f"mqtt://127.0.0.1:{running.port}/codes"))
        sent.put(*messages(2))
        until(lambda: bool(sent.notes))
        assert sent.close(0.05) == 2
    assert "refuses the connection: Not authorized" in sent.notes[0]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("ftp://me:secret@host/x", "ftp://host/x is no known kind of target"),
        ("mqtt://host", "names no host and topic"),
        ("mqtt://host/all/#", "names no host and topic"),
        ("mqtt://host:many/topic", "strange port"),
        ("http:///codes", "names no host"),
        ("http://host:many/codes", "strange port"),
    ],
)
def test_a_target_that_makes_no_sense_is_an_error(place: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        open_target(place, {})
    assert isinstance(raised.value, OcrxError)
    assert "secret" not in str(raised.value)


def test_no_thread_is_left(tmp_path: Path) -> None:
    targets = Targets([str(tmp_path / "a"), str(tmp_path / "a")], {}, 5, print)
    targets.close(1.0)
    assert not [one for one in threading.enumerate() if one.name == "ocrx-watch-target"]
