"""How many codes a second `ocrx watch` reads from a line camera that is drawn.

python benchmarks/watch.py belt -r crnn -d paddle:v6-tiny --set detector.min_side=320
python benchmarks/watch.py strips -r crnn

`belt` is a camera above a belt of four lanes: labels pass by, each is on three frames, and frames
have to be searched for them. `strips` is a camera with a trigger: each frame is one code. Codes are
two letters and six digits, of ever different brightness, blur and noise. They come as a video,
which waits for the reader; so this measures what can be read, and not what a camera drops. With
--live FPS they come from a camera of the network, which does not wait. Options that are not its own
go to `ocrx watch`. The exit code is 1 below --least codes a second.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FONT = ImageFont.load_default(28)
LABEL = (180, 56)
LANES, FRAME, SPACING, SPEED = 4, (800, 320), 250, 200
PATTERN = r"[A-Z]{2}\d{6}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scene", choices=("belt", "strips"))
    parser.add_argument("--codes", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least", type=float, default=30)
    parser.add_argument("--live", type=float, metavar="FPS")
    asked, options = parser.parse_known_args()
    chance = random.Random(asked.seed)
    codes = list(dict.fromkeys(code(chance) for _ in range(asked.codes)))
    drawn = belt(codes, chance) if asked.scene == "belt" else strips(codes, chance)
    own = ["--layout", "line", "--gone", "0"] if asked.scene == "strips" else []
    with live(drawn, asked.live) if asked.live else film(drawn) as source:
        run = [sys.executable, "-m", "ocrx_cli"]
        command = [*run, "watch", source, "--reconnect", "0", "--pattern", PATTERN, *own, *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    # A camera of the network that ends is an error.
    if done.returncode != (1 if asked.live else 0):
        sys.exit(done.stderr)
    return tell(codes, done, asked.least)


def tell(codes: list[str], done: subprocess.CompletedProcess[str], least: float) -> int:
    found = [json.loads(line)["text"] for line in done.stdout.splitlines()]
    right = set(codes) & set(found)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(done.stderr.strip())
    print(
        f"{len(codes)} codes drawn, {len(found)} told: {len(right)} right, "
        f"{len(codes) - len(right)} missed, {len(set(found) - right)} wrong, "
        f"{len(found) - len(set(found))} told again; "
        f"{used.ru_utime + used.ru_stime:.1f} s of processor time in all"
    )
    rate = re.search(r"and ([\d.]+) objects a second", done.stderr)
    return int(rate is None or float(rate[1]) < least)


def code(chance: random.Random) -> str:
    letters = chance.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=2)
    return "".join(letters) + f"{chance.randrange(10**6):06d}"


def label(text: str, chance: random.Random) -> Image.Image:
    """A label as a camera sees it: lit unevenly, and a little out of focus."""
    paper, ink = chance.randrange(200, 256), chance.randrange(0, 70)
    picture = Image.new("L", LABEL, paper)
    ImageDraw.Draw(picture).text((14, 9), text, ink, FONT)
    values = np.asarray(picture, np.float32)
    blurred = np.asarray(cv2.GaussianBlur(values, (0, 0), chance.uniform(0.4, 1.1)))
    lit = blurred * np.linspace(1.0, chance.uniform(0.7, 1.0), LABEL[0], dtype=np.float32)
    return Image.fromarray(lit.clip(0, 255).astype(np.uint8))


def belt(codes: list[str], chance: random.Random) -> Iterator[Image.Image]:
    """Frames of a belt on which labels move to the right."""
    labels = [label(text, chance) for text in codes]
    rows = (len(labels) + LANES - 1) // LANES
    for number in range((rows * SPACING + FRAME[0]) // SPEED + 1):
        frame = Image.new("L", FRAME, 110)
        for place, one in enumerate(labels):
            row, lane = divmod(place, LANES)
            x = SPEED * number - SPACING * row - 37 * lane - LABEL[0]
            if -LABEL[0] < x < FRAME[0]:
                frame.paste(one, (x, 12 + lane * FRAME[1] // LANES))
        yield frame


def strips(codes: list[str], chance: random.Random) -> Iterator[Image.Image]:
    """A frame for each label."""
    for text in codes:
        yield label(text, chance)


def grabbed(frames: Iterable[Image.Image]) -> Iterator[NDArray[np.uint8]]:
    """The frames as OpenCV has them, with the noise of a sensor."""
    noise = np.random.default_rng(1)
    for frame in frames:
        values = np.asarray(frame, np.float32) + noise.normal(0, 4, (frame.height, frame.width))
        grey = values.clip(0, 255).astype(np.uint8)
        yield np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


@contextmanager
def film(frames: Iterable[Image.Image]) -> Iterator[str]:
    """The frames as a video file."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "line.avi")
        first, *others = grabbed(frames)
        size = (first.shape[1], first.shape[0])
        writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 30, size)
        for one in (first, *others):
            writer.write(one)
        writer.release()
        yield path


@contextmanager
def live(frames: Iterable[Image.Image], rate: float) -> Iterator[str]:
    """A camera of the network that shows the frames once, so many a second."""
    shown = [cv2.imencode(".jpg", one)[1].tobytes() for one in grabbed(frames)]

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            due = time.monotonic()
            for one in shown:
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(one)}\r\n\r\n"
                self.wfile.write(head.encode() + one + b"\r\n")
                due += 1 / rate
                time.sleep(max(0.0, due - time.monotonic()))

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Camera) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
