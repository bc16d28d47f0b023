"""The JSON in which Paddle 3 stores networks (PIR).

This file needs nothing but Python, because the converter loads it in its own environment too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

TAKES, GIVES, HOLDS = ("1.data", "1.feed"), "1.fetch", "p"
"""The names of the operations that take an input, give an output, and hold a parameter."""


def operations(read: Any) -> list[dict[str, Any]]:
    """All operations of a network, given its parsed file. Raises KeyError, IndexError or TypeError
    if it is not one."""
    if read["base_code"]["magic"] != "pir":
        raise KeyError("pir")
    found: list[dict[str, Any]] = read["program"]["regions"][0]["blocks"][0]["ops"]
    return found


def attribute(operation: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The attribute of that name, which has its value under "D"."""
    found: dict[str, Any] = next(a["AT"] for a in operation["A"] if a["N"] == name)
    return found


def renamed(content: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """The network with its inputs and outputs renamed; the mappings are from old to new names."""
    read = json.loads(content)
    for operation in operations(read):
        if operation["#"] in TAKES:
            name = attribute(operation, "name")
            name["D"] = inputs[name["D"]]
        elif operation["#"] == GIVES:
            name = attribute(operation, "name")
            name["D"] = outputs[name["D"]]
    return json.dumps(read, separators=(",", ":"))
