"""What there is to choose from, for clients."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from ocrx.artifacts import ModelSpec
from ocrx.errors import WeightsError
from ocrx.plugins.options import describe_options
from ocrx.plugins.registrar import Entry, Kind
from ocrx.plugins.registry import Registry
from ocrx.weights.store import Store

SHOWN: tuple[Kind, ...] = (
    "detector",
    "recognizer",
    "page_reader",
    "orienter",
    "decoder",
    "pattern",
    "preprocessor",
    "finder",
    "backend",
    "writer",
)
"""The kinds that a request may choose from."""


def catalogue(registry: Registry) -> dict[str, Any]:
    """Every component by kind, with its models and options."""
    store = Store(offline=True)
    return {
        kind: [_record(entry, store) for entry in registry.entries() if entry.kind == kind]
        for kind in SHOWN
    }


def _record(entry: Entry, store: Store) -> dict[str, Any]:
    return {
        "name": entry.name,
        "plugin": entry.plugin,
        "models": _models(entry, store),
        "options": describe_options(entry.options),
    }


def _models(entry: Entry, store: Store) -> list[dict[str, Any]]:
    try:
        specs: Mapping[str, ModelSpec] = entry.models()
    # A plugin's code runs here. If it fails, the other plugins' models are still listed.
    except Exception:
        return []
    return [
        {
            "name": f"{entry.name}:{variant}" if variant else entry.name,
            "model": spec.name,
            "languages": list(spec.languages),
            "tier": spec.tier,
            "licence": spec.licence,
            "here": all(_is_here(network, store) for network in spec.networks.values()),
        }
        for variant, spec in specs.items()
    ]


def _is_here(network: ModelSpec, store: Store) -> bool:
    """Whether one of its files is on this machine."""
    try:
        return any(store.locate(one).origin != "missing" for one in network.artifacts.values())
    except WeightsError:
        return False


def runtimes() -> list[dict[str, Any]]:
    """Each runtime: whether it is there, its version and its devices; none if that cannot be found
    out. A process of its own looks, because looking loads them all."""
    command = [sys.executable, "-m", "ocrx_cli", "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    try:
        found = json.loads(done.stdout)["backends"]
    except (ValueError, KeyError):
        return []
    return [
        {name: one[name] for name in ("name", "present", "version", "devices")} for one in found
    ]
