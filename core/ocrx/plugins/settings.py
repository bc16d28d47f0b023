"""Settings of components: COMPONENT.OPTION=VALUE, as `--set` takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from ocrx.errors import UsageError
from ocrx.plugins.registrar import KINDS, Kind
from ocrx.system.suggest import did_you_mean

Settings: TypeAlias = dict[str, dict[str, str]]
"""Options and their values by component, which is a kind or KIND.NAME."""


def parse_settings(settings: Sequence[str]) -> Settings:
    """The settings by component. Raises UsageError for one that is not of this form."""
    options: Settings = {}
    for setting in settings:
        target, equals, value = setting.partition("=")
        component, dot, option = target.rpartition(".")
        kind = component.partition(".")[0]
        if not (equals and dot and component and option):
            raise UsageError(
                f"--set {setting!r} is not of the form COMPONENT.OPTION=VALUE",
                "For example: --set detector.box_threshold=0.6.",
            )
        if kind not in KINDS:
            raise UsageError(
                f"--set {setting!r}: there is no component {kind!r}",
                f"{did_you_mean(kind, KINDS)}Choose one of: {', '.join(KINDS)}.",
            )
        options.setdefault(component, {})[option.replace("-", "_")] = value
    return options


def take(settings: Settings, kind: Kind) -> Settings:
    """The settings of components of that kind, which are removed from `settings`."""
    targets = [target for target in settings if target.partition(".")[0] == kind]
    return {target: settings.pop(target) for target in targets}
