"""`ocrx watch` from its command line to its messages."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import ocrx_watch
from ocrx_cli.app import main
from ocrx_watch.figures import Latencies
from ocrx_watch.sources import capture
from ocrx_watch.sources import folder as folder_module
from support import fakereader
from support.hook import hook
from support.onlyplugins import Register, install_only
from support.samples import encode, gradient
from support.serving import serving

pytestmark = pytest.mark.slow

Watch = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Watch:
    """Runs `ocrx watch` with a fake that reads how large a picture is; returns the exit code, the
    messages on stdout, and stderr."""
    plugins: dict[str, Register] = {
        "fake": fakereader.ocrx_register,
        "watch": ocrx_watch.ocrx_register,
    }
    install_only(monkeypatch, plugins)
    monkeypatch.setattr(folder_module, "POLL", 0.01)
    monkeypatch.setattr(folder_module, "PATIENCE", 0.05)

    def run(*arguments: object) -> tuple[int, list[dict[str, Any]], str]:
        code = main(["watch", "-r", "fake", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], err

    return run


def film(path: Path, sizes: int = 6, width: int = 64) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (width, 48))
    for _ in range(sizes):
        writer.write(np.zeros((48, width, 3), np.uint8))
    writer.release()
    return path


def test_an_object_in_a_video_is_one_line_of_json(watch: Watch, tmp_path: Path) -> None:
    path = film(tmp_path / "line.avi")
    code, [message], err = watch(path)
    assert code == 0
    assert (message["schema"], message["kind"], message["text"]) == ("ocrx/1", "text", "64x48")
    assert (message["frames"], message["readings"]) == (2, {"64x48": 2})
    assert message["time"] == message["first"]["time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", message["time"])
    last = message["last"]
    assert (last["source"], last["frame"], last["position"]) == (str(path), 1, 0.05)
    assert last["quad"] == [[1, 1], [63, 1], [63, 47], [1, 47]]
    assert "6 frames read, 0 dropped, 1 objects" in err
    assert re.search(r"latency p50 \d+ ms, p99 \d+ ms", err)


def test_each_picture_of_a_folder_is_told_and_bad_ones_cost_themselves(
    watch: Watch, tmp_path: Path
) -> None:
    for name, width in (("a.png", 40), ("b.png", 50), ("c.png", fakereader.RAISES)):
        (tmp_path / name).write_bytes(encode(gradient(width, 20)))
    (tmp_path / "d.png").write_bytes(b"nothing")
    code, messages, err = watch(tmp_path, "--existing", "--for", 0.5)
    assert code == 1
    assert {one["text"] for one in messages} == {"40x20", "50x20"}
    assert len({one["id"] for one in messages}) == 2
    assert err.count("ocrx: error:") == 2


def test_messages_go_to_every_target(watch: Watch, tmp_path: Path) -> None:
    path, codes = film(tmp_path / "line.avi"), tmp_path / "codes.jsonl"
    with hook() as server:
        code, messages, _ = watch(path, "--to", codes, "--to", server.url, "--header", "X-Line: 3")
        assert (code, messages) == (0, []), "standard output only if it is asked for"
        assert server.headers[0]["X-Line"] == "3"
    [line] = codes.read_bytes().splitlines()
    assert server.taken == [line]
    code, messages, _ = watch(path, "--to", codes, "--to", "-")
    assert [json.loads(one)["text"] for one in codes.read_bytes().splitlines()] == ["64x48"] * 2
    assert len(messages) == 1


def test_messages_that_are_lost_fail_the_run(watch: Watch, tmp_path: Path) -> None:
    with hook() as server:
        pass
    code, _, err = watch(film(tmp_path / "line.avi"), "--to", server.url, "--grace", 0.1)
    assert code == 6
    assert f"1 messages to {server.url} are lost" in err


def test_what_was_seen_is_told_although_the_source_breaks(watch: Watch, tmp_path: Path) -> None:
    path = film(tmp_path / "line.avi", 40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    code, [message], err = watch(path, "--tell", "gone")
    assert (code, message["text"]) == (1, "64x48")
    assert "breaks off after" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument 'SOURCE'"),
        (("a", "b"), "unexpected extra argument"),
        (("a", "--output", "x"), "No such option"),
        (("a", "--seen", "3", "--gone", "0"), "--gone 0 takes each by itself"),
        (("a", "--size", "large"), "--size 'large' is no size"),
        (("a", "--header", "x"), "--header 'x' has no name and value"),
        (("a", "--to", "ftp://x"), "no known kind of target"),
        (("a", "--no-such-option"), "No such option"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_an_error(
    arguments: tuple[str, ...],
    message: str,
    watch: Watch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a").mkdir()
    code, messages, err = watch(*arguments)
    assert (code, messages) == (2, [])
    assert message in err


def test_percentiles_of_latencies() -> None:
    latencies = Latencies()
    assert latencies.percentile(0.5) == 0
    for n in range(1, 1001):
        latencies.add(n / 1000)
    assert latencies.percentile(0.5) == pytest.approx(0.5, rel=0.03)
    assert latencies.percentile(0.99) == pytest.approx(0.99, rel=0.03)


def test_a_camera_of_the_network_that_goes_is_looked_for(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "PAUSE", 0.01)
    picture = encode(gradient(64, 48), "JPEG")
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    asked: list[str] = []

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if len(asked) in (1, 3) else 404)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            for _ in range(30 * (len(asked) in (1, 3))):
                self.wfile.write(head.encode() + picture + b"\r\n")
                time.sleep(0.01)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Camera)) as server:
        address = f"127.0.0.1:{server.server_port}"
        code, found, err = watch(f"http://me:secret@{address}/live", "--reconnect", "0.8")
    assert code == 1
    assert [one["text"] for one in found] == ["64x48"] * 2, "before and after are two objects"
    assert found[0]["first"]["source"] == f"http://{address}/live"
    told = re.findall(r"gives no more pictures|gives pictures again|cannot be opened", err)
    assert told[:3] == ["gives no more pictures", "gives pictures again", "gives no more pictures"]
    assert told[-1] == "cannot be opened"
    assert "secret" not in err


def test_codes_that_pass_a_camera_are_read_once_each(tmp_path: Path) -> None:
    """With real networks, from a film of labels, some of which follow each other closely."""
    font = ImageFont.load_default(28)
    codes = [f"SN{410000 + 37 * n}" for n in range(4)]
    path = tmp_path / "line.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (480, 160))
    for n in range(14):
        picture = Image.new("RGB", (480, 160), (120, 130, 120))
        pen = ImageDraw.Draw(picture)
        for place, code in enumerate(codes):
            x, y = 100 * n - 230 * place - 150, 15 + 75 * (place % 2)
            pen.rectangle((x, y, x + 180, y + 56), fill="white")
            pen.text((x + 16, y + 10), code, "black", font)
        writer.write(np.asarray(picture)[..., ::-1].copy())
    writer.release()
    target = tmp_path / "codes.jsonl"
    given = ["--to", str(target), "-r", "paddle:v6-tiny", "-d", "paddle:v6-tiny"]
    assert main(["watch", str(path), "--pattern", r"SN\d{6}", *given]) == 0
    found = [json.loads(line)["text"] for line in target.read_bytes().splitlines()]
    assert sorted(found) == codes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(number: signal.Signals, watch: Watch, tmp_path: Path) -> None:
    before = signal.getsignal(number)

    def show_and_stop() -> None:
        while signal.getsignal(number) is before:
            time.sleep(0.01)
        for name in ("a.png", "b.png"):
            (tmp_path / name).write_bytes(encode(gradient(40, 20)))
        time.sleep(0.4)
        os.kill(os.getpid(), number)

    threading.Thread(target=show_and_stop, daemon=True).start()
    code, [message], err = watch(tmp_path, "--seen", 2, "--gone", 100, "--tell", "gone")
    assert code == 0
    assert message["readings"] == {"40x20": 2}, "what has not gone yet is told"
    assert "2 frames read" in err
    assert signal.getsignal(number) is before
