"""What OpenAPI says of requests: the options of `ocrx read`, with their help."""

from __future__ import annotations

import inspect
from typing import Any

from ocrx.reading.reader import Reader
from ocrx_serve.asked import ReadOptions

PROBLEM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "type": {"type": "string"},
                "message": {"type": "string", "description": "What happened, to which input."},
                "remedy": {"type": "string", "description": "The one thing to do about it."},
                "source": {"type": "string"},
                "page": {"type": "integer"},
            },
            "required": ["type", "message", "remedy"],
        }
    },
    "required": ["error"],
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/json": {"schema": PROBLEM}}}
    for status, text in {
        400: "What is asked for makes no sense, or is not on this machine.",
        401: "The key is missing or wrong.",
        408: "The request took too long to arrive.",
        413: "Too many bytes, pixels or pages.",
        415: "The request is compressed.",
        422: "Not a picture, or a damaged one.",
        429: "The service is busy; Retry-After says for how long.",
        504: "The request took too long to be read.",
    }.items()
}
NUMBERS = {"float": "number", "int": "integer"}
PICTURE = {"type": "string", "format": "binary"}


def reading(options: ReadOptions) -> dict[str, Any]:
    """Of a request to read: its options, and its picture."""
    return {
        "parameters": [*described(options), TIMEOUT],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {"file": {"type": "array", "items": PICTURE}},
                        "description": "Pictures and documents, read in this order. Options may "
                        "be fields of the form, too.",
                    }
                },
                "application/octet-stream": {"schema": PICTURE},
            },
        },
    }


def described(options: ReadOptions) -> list[dict[str, Any]]:
    """Each option as a parameter of a request."""
    return [_parameter(name, one) for name, one in options.parameters.items()]


TIMEOUT = {
    "name": "timeout",
    "in": "query",
    "description": "Seconds after which the answer is of no use any more.",
    "schema": {"type": "number"},
}


def _parameter(name: str, option: Any) -> dict[str, Any]:
    single: dict[str, Any] = {"type": _type(option)}
    metavar = str(option.metavar or "")
    if "|" in metavar and metavar.islower():
        single["enum"] = metavar.split("|")
    return {
        "name": name,
        "in": "query",
        "description": option.help or "",
        "schema": {"type": "array", "items": single} if option.multiple else single,
    }


def _type(option: Any) -> str:
    """Of one value, by what Reader takes."""
    argument = inspect.signature(Reader.__init__).parameters.get(option.name)
    annotated = str(argument.annotation) if argument else ""
    return next((name for known, name in NUMBERS.items() if annotated.startswith(known)), "string")
