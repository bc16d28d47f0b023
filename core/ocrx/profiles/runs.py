"""How the networks of a reader are to run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision


@dataclass(frozen=True)
class Runs:
    """How networks are to run: the `detector`, which may be more sensitive to rounding, and all
    `others`."""

    others: SessionOptions = field(default_factory=SessionOptions)
    detector: SessionOptions = field(default_factory=SessionOptions)

    @classmethod
    def alike(cls, session: SessionOptions) -> Runs:
        """All networks run in the same way."""
        return cls(session, session)

    @property
    def left_open(self) -> bool:
        """Whether nothing was asked for."""
        return self == Runs()

    def of(self, kind: str) -> SessionOptions:
        """How the networks of components of that kind run."""
        return self.detector if kind == "detector" else self.others

    def with_threads(self, count: int) -> Runs:
        """With that many threads where their number was left open."""
        return Runs(
            replace(self.others, threads=self.others.threads or count),
            replace(self.detector, threads=self.detector.threads or count),
        )


def overridden(
    session: SessionOptions,
    device: str | None,
    precision: Precision | None,
    threads: int | None,
) -> SessionOptions:
    """The options, with those that are not None in place of theirs."""
    return replace(
        session,
        device=device or session.device,
        precision=precision or session.precision,
        threads=threads or session.threads,
    )
