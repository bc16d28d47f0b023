"""The hook that plugins implement.

A distribution declares an entry point in the group `ocrx`. It names a module or object with a
function `ocrx_register` that is marked with `@ocrx.hookimpl`:

    [project.entry-points.ocrx]
    mine = "my_package"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar

GROUP = "ocrx"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)
"""Marks a function as the plugin's hook: `@ocrx.hookimpl` above its `ocrx_register`."""


@hookspec
def ocrx_register(registry: Registrar) -> None:
    """Add components to `registry`.

    Every process that reads calls this once, so a plugin imports heavy packages only where it uses
    them.
    """
