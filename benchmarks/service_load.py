"""Load `ocrx serve` with more than it can read, and see that nothing is lost and nothing is wrong.

ocrx serve --port 8765 --queue 4
python benchmarks/service_load.py http://127.0.0.1:8765 --clients 8 --seconds 60

Each client sends pages of ever different sizes, with a text of its own on each, and comes again
when it is told to after a 429. The exit code is 1 if an answer has another text than its picture,
or if a request is neither answered nor refused. With --pages, one client sends so many pages, and
the memory of the service is printed along the way.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import random
import re
import statistics
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from PIL import Image, ImageDraw, ImageFont

TIMEOUT = 120


@dataclass
class Tally:
    """What became of the requests. `waited` and `refused` are the seconds until an answer and until
    a refusal."""

    statuses: Counter[int] = field(default_factory=Counter)
    waited: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pages", type=int, help="so many pages, one by one, in place of the load")
    asked = parser.parse_args()
    tally = Tally()
    if asked.pages:
        grow(asked.url, asked.pages, tally)
    else:
        until = time.monotonic() + asked.seconds
        clients = [
            threading.Thread(target=work, args=(asked.url, number, until, tally))
            for number in range(asked.clients)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    report(tally, asked.seconds)
    return 1 if tally.wrong else 0


def work(url: str, number: int, until: float, tally: Tally) -> None:
    """One client, that asks until then."""
    dice = random.Random(number)
    while time.monotonic() < until:
        retry = ask(url, dice, tally)
        time.sleep(min(retry, max(0.0, until - time.monotonic())))


def grow(url: str, pages: int, tally: Tally) -> None:
    """Send pages one by one, and print how the memory of the service grows."""
    dice = random.Random(0)
    for number in range(pages):
        ask(url, dice, tally)
        if (number + 1) % 50 == 0:
            print(f"{number + 1} pages: {memory(url):.0f} MB", flush=True)


def ask(url: str, dice: random.Random, tally: Tally) -> float:
    """Send a page. Returns the seconds to wait until the next one."""
    code, picture = page(dice)
    started = time.monotonic()
    try:
        status, headers, body = send(url, "POST", "/v1/read", picture)
    except (OSError, http.client.HTTPException) as error:
        status, headers, body = 0, {}, repr(error).encode()
    spent = time.monotonic() - started
    with tally.turn:
        tally.statuses[status] += 1
        if status == 429:
            tally.refused.append(spent)
            return float(headers["retry-after"])
        tally.waited.append(spent)
        text = json.loads(body)["pages"][0]["text"] if status == 200 else body.decode()
        if code not in text:
            tally.wrong.append(f"{status}: {text!r} in place of {code!r}")
    return 0.0


def page(dice: random.Random) -> tuple[str, bytes]:
    """A page of any size with a number on it, and the number."""
    code = "".join(dice.choices("2346789", k=8))
    size = dice.randrange(300, 900), dice.randrange(120, 700)
    picture = Image.new("L", size, 255)
    drawn = ImageDraw.Draw(picture)
    drawn.text((30, size[1] // 3), code, 0, ImageFont.load_default(36))
    written = io.BytesIO()
    picture.save(written, "PNG")
    return code, written.getvalue()


def send(
    url: str, method: str, path: str, body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read()
    finally:
        connection.close()


def memory(url: str) -> float:
    """The memory of the service, in MB."""
    figures = send(url, "GET", "/metrics")[2].decode()
    found = re.search(r"^process_resident_memory_bytes (\S+)", figures, re.MULTILINE)
    return float(found[1]) / 1e6 if found else 0.0


def report(tally: Tally, seconds: float) -> None:
    """Print what became of the requests."""
    print(f"statuses: {dict(sorted(tally.statuses.items()))}")
    for name, times in (("answered", tally.waited), ("refused", tally.refused)):
        if times:
            cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
            print(
                f"{name} after {cuts[49]:.2f} s (median), {cuts[98]:.2f} s (99 %), "
                f"{max(times):.2f} s (most); {len(times) / seconds:.1f} a second"
            )
    print(f"{len(tally.wrong)} wrong")
    for one in tally.wrong[:10]:
        print(" ", one)


if __name__ == "__main__":
    sys.exit(main())
