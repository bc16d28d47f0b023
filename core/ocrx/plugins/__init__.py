"""Plugins: the hook they implement, what they register, and the registry of all that was found."""

from __future__ import annotations

from ocrx.plugins.hooks import hookimpl
from ocrx.plugins.registrar import Registrar, Request

__all__ = ["Registrar", "Request", "hookimpl"]
