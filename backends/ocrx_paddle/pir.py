"""Paddle 3's networks as they are in a file: operations in JSON.

Needs nothing but Python: this file is also loaded by the converter, in its own environment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

TAKES, GIVES, HOLDS = ("1.data", "1.feed"), "1.fetch", "p"
"""What the file calls the operations that take an input, give an output, hold a parameter."""


def operations(read: Any) -> list[dict[str, Any]]:
    """All of a network, from its file as JSON. KeyError, IndexError or TypeError for anything
    else."""
    if read["base_code"]["magic"] != "pir":
        raise KeyError("pir")
    found: list[dict[str, Any]] = read["program"]["regions"][0]["blocks"][0]["ops"]
    return found


def attribute(operation: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The attribute, its value under "D"."""
    found: dict[str, Any] = next(a["AT"] for a in operation["A"] if a["N"] == name)
    return found


def renamed(content: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """The network with other names for its inputs and outputs, given by those it has."""
    read = json.loads(content)
    for operation in operations(read):
        if operation["#"] in TAKES:
            name = attribute(operation, "name")
            name["D"] = inputs[name["D"]]
        elif operation["#"] == GIVES:
            name = attribute(operation, "name")
            name["D"] = outputs[name["D"]]
    return json.dumps(read, separators=(",", ":"))
