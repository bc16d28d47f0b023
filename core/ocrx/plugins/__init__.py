"""Plugins: the hook they implement, what they register, and the registry of all that was found."""

from __future__ import annotations

from ocrx.plugins.hooks import hookimpl
from ocrx.plugins.registrar import Registrar, Request
from ocrx.plugins.registry import Registry, load_plugins

__all__ = ["Registrar", "Registry", "Request", "hookimpl", "load_plugins"]
