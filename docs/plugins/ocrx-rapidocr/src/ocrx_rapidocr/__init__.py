"""RapidOCR as a page reader of ocrx: the engine as its authors ship it."""

# --8<-- [start:imports]
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import cv2

import ocrx
from ocrx.errors import BackendMissing, SessionClosed, UnknownName
from ocrx.interfaces.components import PageReader
from ocrx.names import Layout
from ocrx.types import Image, Line, Page, Used, frozen_quad

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request


# --8<-- [end:imports]


# --8<-- [start:options]
Engine: TypeAlias = Literal["onnxruntime", "openvino"]


@dataclass(frozen=True)
class RapidOcrOptions:
    """RapidOCR's own settings, with its own defaults."""

    engine: Engine = "onnxruntime"
    text_score: float = 0.5
    use_cls: bool = True
    threads: int = -1

    def __post_init__(self) -> None:
        if not 0 <= self.text_score <= 1:
            raise ValueError(f"text_score is {self.text_score}, not between 0 and 1")


# --8<-- [end:options]


# --8<-- [start:reader]
TOO_THIN = 6
"""A strip of fewer pixels holds no text, and RapidOCR would enlarge it until memory is full."""


class RapidOcrReader(PageReader):
    """Reads whole pages, or with the layout "line", each picture as one line."""

    reads_lines = True

    def __init__(self, options: RapidOcrOptions, layout: Layout = "page") -> None:
        """Raises BackendMissing if the engine asked for is not installed."""
        if find_spec(options.engine) is None:
            raise BackendMissing(
                f"RapidOCR's engine {options.engine} is not installed",
                f"Install it: pip install {options.engine}",
            )
        from rapidocr import RapidOCR  # here, so that listing plugins stays fast

        self._layout: Literal["page", "line"] = "line" if layout == "line" else "page"
        self._engine: Any = RapidOCR(params=settings(options, detects=self._layout == "page"))
        model = f"{self._engine.cfg.Rec.ocr_version.value} {self._engine.cfg.Rec.model_type.value}"
        self.used = (Used("page", model, options.engine, "cpu", precision(options.engine)),)

    def read(self, pages: Sequence[Image]) -> list[Page]:
        if self._engine is None:
            raise SessionClosed("this RapidOCR is closed", "Open a new one.")
        return [self._read(page) for page in pages]

    def close(self) -> None:
        self._engine = None

    def _read(self, page: Image) -> Page:
        height, width = page.shape[:2]
        if min(height, width) < TOO_THIN:
            return Page((), width, height, layout=self._layout)
        result = self._engine(cv2.cvtColor(page, cv2.COLOR_RGB2BGR))  # it takes arrays as BGR
        return Page(lines_of(result, width, height), width, height, layout=self._layout)


# --8<-- [end:reader]


# --8<-- [start:settings]
def settings(options: RapidOcrOptions, detects: bool) -> dict[str, Any]:
    """The options as RapidOCR's parameters. Of its log only errors are shown."""
    from rapidocr import EngineType

    threads = {"onnxruntime": "intra_op_num_threads", "openvino": "inference_num_threads"}
    return {
        "Global.log_level": "error",
        "Global.text_score": options.text_score,
        "Global.use_det": detects,
        "Global.use_cls": options.use_cls,
        **{f"{part}.engine_type": EngineType(options.engine) for part in ("Det", "Cls", "Rec")},
        f"EngineConfig.{options.engine}.{threads[options.engine]}": options.threads,
    }


def precision(engine: str) -> str:
    """The precision in which the engine computes: OpenVINO takes bf16 if the processor has it."""
    if engine == "onnxruntime":
        return "fp32"
    from openvino import Core

    kind = Core().get_property("CPU", "INFERENCE_PRECISION_HINT").to_string()
    return {"f32": "fp32", "f16": "fp16"}.get(kind, str(kind))


# --8<-- [end:settings]


# --8<-- [start:convert]
def lines_of(result: Any, width: int, height: int) -> tuple[Line, ...]:
    """Its lines in its order. Without detection there are no boxes, so the line is the picture."""
    texts = result.txts or ()
    boxes = getattr(result, "boxes", None)
    if boxes is None:
        boxes = [[(0, 0), (width, 0), (width, height), (0, height)]] * len(texts)
    found = [
        item for item in zip(texts, result.scores or (), boxes, strict=True) if item[0].strip()
    ]
    return tuple(
        Line(text, float(score), frozen_quad(box), row=row)
        for row, (text, score, box) in enumerate(found)
    )


# --8<-- [end:convert]


# --8<-- [start:register]
ENGINES: tuple[Engine, ...] = get_args(Engine)


def build(request: Request) -> RapidOcrReader:
    """`rapidocr:openvino` is short for the option, so that a run may compare several engines."""
    options: RapidOcrOptions = request.options
    if request.variant:
        named = [engine for engine in ENGINES if engine == request.variant]
        if not named:
            raise UnknownName(
                f"RapidOCR has no engine {request.variant!r} here",
                f"Choose one of: {', '.join(ENGINES)}.",
            )
        options = replace(options, engine=named[0])
    return RapidOcrReader(options, request.layout)


@ocrx.hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("page_reader", "rapidocr", build, options=RapidOcrOptions)


# --8<-- [end:register]
