"""Plugins: the hook they implement, the registrar they call, and the registry of components."""

from __future__ import annotations

from ocrx.plugins.hooks import hookimpl
from ocrx.plugins.registrar import Registrar, Request
from ocrx.plugins.registry import Registry, load_plugins

__all__ = ["Registrar", "Registry", "Request", "hookimpl", "load_plugins"]
