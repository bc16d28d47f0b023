"""The sessions of a model's networks, and how the model runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ocrx.errors import PluginError, plugin_errors
from ocrx.interfaces.faults import fault_of_outputs
from ocrx.interfaces.networks import Run
from ocrx.interfaces.runtimes import Session
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor
from ocrx.types import Tensor

COARSE = ("bf16",)
"""Precisions whose rounding decides near ties at random: bf16 has 8 bits of mantissa. With the 11
of fp16, 588 of 590 lines came out as in fp32, which is enough."""


class Parts:
    """The sessions of a model's networks, by the part's name.

    `concurrency` and `batch` are the least of all sessions, `device` is that of the first, and
    `precision` is the coarsest.
    """

    def __init__(self, sessions: Mapping[str, Session]) -> None:
        self.sessions = sessions
        several = list(sessions.values())
        self.device = several[0].device
        self.precision = min(several, key=lambda s: s.precision not in COARSE).precision
        self.concurrency = min(session.concurrency for session in several)
        self.divided = any(session.divided for session in several)
        self.batch = min(session.batch for session in several)

    @classmethod
    def open(cls, openers: Mapping[str, Callable[[], Session]]) -> Parts:
        """Open each session. If one fails, close those before it, and raise its error."""
        sessions: dict[str, Session] = {}
        try:
            for name, opened in openers.items():
                sessions[name] = opened()
        except BaseException:
            for session in sessions.values():
                session.close()
            raise
        return cls(sessions)

    def release(self) -> None:
        """Have all sessions give back the memory that they keep for the next run."""
        for session in self.sessions.values():
            session.release()

    def close(self) -> None:
        """Close all sessions."""
        for session in self.sessions.values():
            session.close()


Opened: TypeAlias = Session | Parts
"""The session of a model's only network, or those of its parts."""


def by_part(opened: Opened) -> Mapping[str, Session]:
    """Each session by its part's name, "" for a model's only network."""
    return opened.sessions if isinstance(opened, Parts) else {"": opened}


class SessionsRun(Run):
    """Runs networks on open sessions. `who` names the runtime in errors.

    Raises PluginError for a part that the model does not have, or if the runtime misbehaves.
    """

    def __init__(self, opened: Opened, who: str) -> None:
        self._sessions = by_part(opened)
        self._who = who

    def __call__(self, feeds: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        with plugin_errors(self._who):
            session = self._session("")
            outputs = session.run(feeds)
        _check(outputs, session, self._who)
        return outputs

    def part(self, name: str, feeds: Mapping[str, AnyTensor]) -> Mapping[str, DeviceTensor]:
        who = f"{self._who} part {name!r},"
        with plugin_errors(who):
            session = self._session(name)
            outputs = session.compute(feeds)
        _check(outputs, session, who)
        return outputs

    def _session(self, name: str) -> Session:
        session = self._sessions.get(name)
        if session is None:
            known = ", ".join(map(repr, self._sessions)) if "" not in self._sessions else "none"
            asked = f"its part {name!r}" if name else "its only network"
            raise PluginError(
                f"a model runs {asked}, but its spec has the parts: {known}",
                "Report it to the model's author.",
            )
        return session


def _check(outputs: object, session: Session, who: str) -> None:
    """Raise PluginError for outputs that are not what the session declares."""
    fault = fault_of_outputs(outputs, (spec.name for spec in session.outputs))
    if fault:
        raise PluginError(f"{who} returned {fault}", "Report it to its author, or choose another.")
