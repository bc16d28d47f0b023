"""A gRPC server on this machine that is Google's ImageAnnotator, and reads with Tesseract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import cv2
import grpc
import numpy as np
from google.cloud import vision

from ocrx.errors import without_errors
from ocrx.types import Char, Line, Page, Quad
from ocrx_tesseract.reader import TesseractReader
from ocrx_tesseract.settings import TesseractPageOptions

SERVICE = "google.cloud.vision.v1.ImageAnnotator"
Breaks: Any = vision.TextAnnotation.DetectedBreak.BreakType
Answer = Callable[[Any, Any], Any]


@dataclass
class VisionServer:
    """The server at `endpoint`.

    `requests` are those that came, each a BatchAnnotateImagesRequest. `before` is called with
    each and its gRPC context before it is answered: it may abort the call, or return a response.
    """

    endpoint: str
    requests: list[Any] = field(default_factory=list)
    before: Answer = lambda request, context: None

    @property
    def options(self) -> dict[str, Any]:
        """The options with which the page reader reaches it, and waits for nothing."""
        return {"endpoint": self.endpoint, "insecure": True, "wait": 0.0}


@contextmanager
def vision_server() -> Iterator[VisionServer]:
    with TesseractReader(TesseractPageOptions(), threads=1) as engine:
        server = grpc.server(
            ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", 64 << 20)]
        )
        found = VisionServer(f"localhost:{server.add_insecure_port('localhost:0')}")

        def annotate(request: Any, context: Any) -> Any:
            found.requests.append(request)
            answer = found.before(request, context)
            if answer is None:
                answer = vision.BatchAnnotateImagesResponse(
                    responses=[answer_for(engine, one) for one in request.requests]
                )
            return answer

        handler = grpc.unary_unary_rpc_method_handler(
            annotate,
            request_deserializer=vision.BatchAnnotateImagesRequest.deserialize,
            response_serializer=vision.BatchAnnotateImagesResponse.serialize,
        )
        methods = {"BatchAnnotateImages": handler}
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, methods)])
        server.start()
        try:
            yield found
        finally:
            server.stop(None).wait()


def answer_for(engine: TesseractReader, request: Any) -> Any:
    """What the service answers for one picture."""
    decoded = cv2.imdecode(np.frombuffer(request.image.content, np.uint8), cv2.IMREAD_COLOR_RGB)
    if decoded is None:
        return failed(3, "Bad image data.")
    (page,) = without_errors(engine.read([np.asarray(decoded, np.uint8)]))
    return vision.AnnotateImageResponse(full_text_annotation=annotation_of(page))


def failed(code: int, message: str) -> Any:
    return vision.AnnotateImageResponse(error={"code": code, "message": message})


def annotation_of(page: Page) -> Any:
    """A page as the service tells it: blocks, paragraphs, words and symbols with breaks."""
    blocks = [
        {"paragraphs": [{"words": words_of(one.lines)} for one in block.paragraphs]}
        for block in page.blocks
    ]
    pages = [{"width": page.width, "height": page.height, "blocks": blocks}] if blocks else []
    return vision.TextAnnotation(pages=pages, text=page.text)


def words_of(lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    words: list[dict[str, Any]] = []
    for line in lines:
        symbols: list[dict[str, Any]] = []
        for char in line.chars:
            if char.text == " ":
                symbols[-1]["property"] = broken(Breaks.SPACE)
                words.append({"symbols": symbols, "confidence": 0.9})
                symbols = []
            else:
                symbols.append(symbol_of(char))
        symbols[-1]["property"] = broken(Breaks.LINE_BREAK)
        words.append({"symbols": symbols, "confidence": 0.9})
    return words


def symbol_of(char: Char) -> dict[str, Any]:
    return {"text": char.text, "confidence": char.score, "bounding_box": box_of(char.quad)}


def box_of(quad: Quad) -> dict[str, Any]:
    return {"vertices": [{"x": round(x), "y": round(y)} for x, y in quad.tolist()]}


def broken(kind: Any, prefix: bool = False) -> dict[str, Any]:
    return {"detected_break": {"type_": kind, "is_prefix": prefix}}
