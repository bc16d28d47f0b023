"""Read thousands of pages of ever different sizes, and see that memory stays flat and no page is
lost or wrong.

python benchmarks/endurance.py draw WORK --pages 10000
python benchmarks/endurance.py reader WORK --backend onnxruntime
python benchmarks/endurance.py service WORK --backend onnxruntime
python benchmarks/endurance.py batch WORK --backend onnxruntime
python benchmarks/endurance.py load WORK --seconds 600
python benchmarks/endurance_report.py WORK > docs/endurance.md

WORK is a folder of its own. `reader` comes first: what it reads is what the service and batches
must read, to the letter. `load` sends twice as many requests as the service can answer. The exit
code is 1 if a page is lost or wrong. Pages are small, with one to three codes, so that 10,000 take
15 minutes of a processor.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
import psutil

MODEL, SIDE = "paddle:v6-tiny", 160
READ = ["-d", MODEL, "-r", MODEL, "--set", f"detector.min_side={SIDE}", "--precision", "fp32"]
LETTERS = list("ABCDEFHKLMNPRTUVXY2346789")
EVERY = 10
"""Memory is looked at after so many pages."""
SHARD = 20
CLIENTS, QUEUE = 8, 4
"""Clients that load the service, and how many of them it lets in at once."""
ALONE = 100
"""Pages that come one by one."""
TIMEOUT = 120
RIGHT = 200


@dataclass
class Outcome:
    """What a run over pages showed: `held` has megabytes after so many pages, `misread` how many
    pages say something else than what was drawn, `other` how many say something else than what a
    reader says that is alone. Both count pages that are lost."""

    what: str
    backend: str
    pages: int = 0
    misread: int = 0
    other: int = 0
    held: list[tuple[int, float]] = field(default_factory=list)


@dataclass
class Load:
    """What became of requests. `rate` is how many a second the service answers if it is asked for
    no more than it can do. `waited` and `refused` are the seconds to an answer and a refusal,
    `counted` the service's own count of statuses."""

    what: str
    backend: str
    seconds: float
    rate: float
    statuses: Counter[int] = field(default_factory=Counter)
    waited: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    other: int = 0
    counted: Counter[int] = field(default_factory=Counter)


class Work:
    """A folder with pages, what is drawn on them and what a reader says, and what runs showed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pages = path / "pages"

    def draw(self, count: int) -> None:
        """Draw so many pages."""
        self.pages.mkdir(parents=True, exist_ok=True)
        drawn = []
        for number in range(count):
            image, text = page(number)
            cv2.imwrite(str(self.file(number)), image)
            drawn.append(text)
        self._write("drawn", drawn)

    def file(self, number: int) -> Path:
        return self.pages / f"{number:06}.png"

    def texts(self, name: str) -> list[str]:
        """By number, what was `drawn` on the pages, or `read` by a reader that is alone."""
        path = self.path / f"{name}.json"
        if not path.exists():
            sys.exit(f"{path} is missing: draw first, and have a reader read")
        found: list[str] = json.loads(path.read_text("utf-8"))
        return found

    def check(self, outcome: Outcome, said: Sequence[str | None]) -> int:
        """Compare what was read with what should be, and keep it. Returns the exit code."""
        known = self.texts("read")
        outcome.pages = len(said)
        outcome.misread = sum(a != b for a, b in zip(said, self.texts("drawn"), strict=False))
        outcome.other = sum(a != b for a, b in zip(said, known, strict=False))
        print(f"{outcome.pages} pages, {outcome.misread} misread, {outcome.other} read otherwise")
        self.keep(outcome)
        return int(outcome.other > 0)

    def keep(self, outcome: Outcome | Load) -> None:
        self._write(f"{outcome.what}-{outcome.backend}", vars(outcome))

    def remember(self, said: Sequence[str]) -> None:
        """What a reader says of each page. The first one to say so is believed."""
        if not (self.path / "read.json").exists():
            self._write("read", said)

    def _write(self, name: str, content: Any) -> None:
        (self.path / f"{name}.json").write_text(json.dumps(content), "utf-8")


def page(number: int) -> tuple[np.ndarray[Any, Any], str]:
    """A page, RGB uint8, of a size that hardly another one has, and the lines on it."""
    chance = np.random.default_rng(number)
    count, height = int(chance.integers(1, 4)), int(chance.integers(20, 40))
    size = int(count * height * 1.6 + chance.integers(20, 80)), int(chance.integers(200, 520))
    image = np.full((*size, 3), 250, np.uint8)
    lines = ["".join(chance.choice(LETTERS, int(chance.integers(4, 9)))) for _ in range(count)]
    for row, line in enumerate(lines):
        place = (10, int(20 + (row + 0.8) * height * 1.5))
        thick = max(1, round(height / 28))
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(image, line, place, font, height / 44, (20, 20, 20), thick, cv2.LINE_AA)
    return image, "\n".join(lines)


def megabytes(process: psutil.Process) -> float:
    """What the process and those that it has started hold."""
    held = 0
    for one in [process, *process.children(recursive=True)]:
        with psutil_gone():
            held += one.memory_info().rss
    return float(held) / 1e6


@contextmanager
def psutil_gone() -> Iterator[None]:
    """In it, a process may end."""
    try:
        yield
    except psutil.NoSuchProcess:
        return


def run_reader(work: Work, asked: argparse.Namespace) -> int:
    from ocrx import Reader

    outcome, process = Outcome("reader", asked.backend), psutil.Process()
    said = []
    options = {"detector": {"min_side": SIDE}}
    with Reader(
        detector=MODEL, recognizer=MODEL, backend=asked.backend, precision="fp32", options=options
    ) as reader:
        for number in range(asked.pages or len(work.texts("drawn"))):
            said.append(reader.read(work.file(number)).text)
            if number % EVERY == 0:
                outcome.held.append((number, megabytes(process)))
    work.remember(said)
    return work.check(outcome, said)


def run_service(work: Work, asked: argparse.Namespace) -> int:
    """One client at first, because what a service needs for lone pictures is opened with the first
    of them; then four, so that pages share batches in ever other ways."""
    outcome = Outcome("service", asked.backend)
    count = asked.pages or len(work.texts("drawn"))
    said: list[str | None] = [None] * count
    turn = threading.Lock()
    with service(asked.backend) as (url, process):

        def work_on(numbers: Iterator[int]) -> None:
            while True:
                with turn:
                    number = next(numbers, None)
                if number is None:
                    return
                status, body = send(url, "/v1/read", work.file(number).read_bytes())
                if status == RIGHT:
                    said[number] = json.loads(body)["pages"][0]["text"]
                if number % EVERY == 0:
                    outcome.held.append((number, megabytes(process)))

        for clients, some in ((1, range(min(ALONE, count))), (4, range(ALONE, count))):
            together(partial(work_on, iter(some)), clients)
    outcome.held.sort()
    return work.check(outcome, said)


def run_batch(work: Work, asked: argparse.Namespace) -> int:
    outcome = Outcome("batch", asked.backend)
    count = asked.pages or len(work.texts("drawn"))
    output = work.path / "batch"
    shutil.rmtree(output, ignore_errors=True)
    listed = work.path / "listed.txt"
    listed.write_text("".join(f"{work.file(number)}\n" for number in range(count)), "utf-8")
    command = [*READ, "--backend", asked.backend, "--files-from", str(listed), "-o", str(output)]
    with subprocess.Popen(
        [*OCRX, "batch", *command, "--shard", str(SHARD), "--workers", "1"]
    ) as started:
        process = psutil.Process(started.pid)
        while started.poll() is None:
            done = output / "done"
            pages = SHARD * (sum(1 for _ in done.iterdir()) if done.exists() else 0)
            with psutil_gone():
                outcome.held.append((pages, megabytes(process)))
            time.sleep(0.5)
    texts = {}
    for file in (output / "pages").iterdir():
        for line in file.read_text("utf-8").splitlines():
            one = json.loads(line)
            texts[Path(one["source"]).name] = one["text"]
    return work.check(outcome, [texts.get(work.file(number).name) for number in range(count)])


def run_load(work: Work, asked: argparse.Namespace) -> int:
    known = work.texts("read")
    with service(asked.backend, "--queue", str(QUEUE)) as (url, _):
        numbers = itertools.cycle(range(len(known)))
        calm = Load("calm", asked.backend, asked.seconds / 10, 0.0)
        drive(work, url, calm, clients=QUEUE, numbers=numbers, known=known)
        load = Load("load", asked.backend, asked.seconds, len(calm.waited) / calm.seconds)
        drive(work, url, load, clients=CLIENTS, numbers=numbers, known=known)
        for status, number in re.findall(
            r'^ocrx_requests_total\{path="/v1/read",status="(\d+)"\} (\S+)',
            send(url, "/metrics")[1].decode(),
            re.MULTILINE,
        ):
            load.counted[int(status)] += int(float(number)) - calm.statuses[int(status)]
    work.keep(load)
    for name, waited in (("answered", load.waited), ("refused", load.refused)):
        if waited:
            print(f"{len(waited)} {name} after {statistics.median(waited):.2f} s (median)")
    print(f"{load.rate:.1f} a second without load, {load.other} wrong, {load.statuses}")
    return int(load.other > 0 or load.counted != load.statuses)


def drive(
    work: Work,
    url: str,
    load: Load,
    *,
    clients: int,
    numbers: Iterator[int],
    known: Sequence[str],
) -> None:
    """Have clients send pages: without a pause if the rate of the service is not known, and else
    twice as many as it can answer, whatever it says of when to come again."""
    pause = clients / (2 * load.rate) if load.rate else 0.0
    until = time.monotonic() + load.seconds
    turn = threading.Lock()

    def client() -> None:
        due = time.monotonic()
        while (started := time.monotonic()) < until:
            with turn:
                number = next(numbers)
            status, body = send(url, "/v1/read", work.file(number).read_bytes())
            spent = time.monotonic() - started
            with turn:
                load.statuses[status] += 1
                (load.refused if status == http.client.TOO_MANY_REQUESTS else load.waited).append(
                    spent
                )
                if status == RIGHT:
                    load.other += json.loads(body)["pages"][0]["text"] != known[number]
            due = max(due + pause, started)
            time.sleep(max(0.0, min(due, until) - time.monotonic()))

    together(client, clients)


def together(work: Callable[[], None], count: int) -> None:
    """Do it in so many threads."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


OCRX = [sys.executable, "-m", "ocrx_cli"]


@contextmanager
def service(backend: str, *options: str) -> Iterator[tuple[str, psutil.Process]]:
    """A service that runs: its address and its process."""
    command = [*OCRX, "serve", "--port", "0", *READ, "--backend", backend, *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        line = started.stderr.readline()
        found = re.search(r"http://\S+", line)
        if found is None:
            sys.exit(line + started.stderr.read())
        try:
            yield found[0], psutil.Process(started.pid)
        finally:
            started.terminate()


def send(url: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body of the answer; 0 if there is none."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
    try:
        connection.request("GET" if body is None else "POST", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


RUNS = {"reader": run_reader, "service": run_service, "batch": run_batch, "load": run_load}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", choices=["draw", *RUNS])
    parser.add_argument("work", type=Path)
    parser.add_argument("--backend", default="onnxruntime")
    parser.add_argument("--pages", type=int, help="so many; default: 10,000 to draw, all to read")
    parser.add_argument("--seconds", type=float, default=600, help="of load")
    asked = parser.parse_args()
    work = Work(asked.work)
    if asked.run == "draw":
        work.draw(asked.pages or 10_000)
        return 0
    return RUNS[asked.run](work, asked)


if __name__ == "__main__":
    sys.exit(main())
