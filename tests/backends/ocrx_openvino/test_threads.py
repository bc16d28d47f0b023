"""OpenVINO opened by several threads of a new process at once."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

PROGRAM = dedent("""
    import sys, threading
    import openvino
    from ocrx.interfaces import SessionOptions
    from ocrx.testing import LINE
    from ocrx_openvino.backend import OpenVinoBackend, load_core

    sys.setswitchinterval(1e-6)
    ready, done = [], []

    def use() -> None:
        load_core()
        ready.append(True)
        while len(ready) < 8:  # each stands ready to go on the moment that another is held up
            pass
        openvino.Type.f32.to_dtype()
        done.append(True)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with OpenVinoBackend().open(LINE.artifact(("onnx",)), SessionOptions()) as session:
        print(len(done), session.inputs[0].dtype)
""")


def test_threads_that_begin_together_do_not_wait_for_each_other_without_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "8 float32\n"), done.stderr
