"""One object on its way through the frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

from ocrx_watch.joining.likeness import alike
from ocrx_watch.joining.sighting import Sighting

VIEWS = 8
"""The most pictures of an object that are kept."""

SAME, SIMILAR = 2.0, 1.0
"""How far from where it is expected an object may be found, in lengths of its text: if it says the
same, and if it says something similar or was refused."""


@dataclass(frozen=True)
class Found:
    """An object: its best sighting, in how many frames it was seen, and what was read in them, with
    how often. `views` is how many pictures were read together for its text; 0 if none were."""

    sighting: Sighting
    first: Sighting
    last: Sighting
    frames: int
    readings: Counter[str]
    views: int = 0


class Track:
    """The sightings of one object, of which there is at least one."""

    def __init__(self, sighting: Sighting, read_at: int) -> None:
        self.first = self.last = sighting
        """Its first and last sighting."""
        self.read_at = read_at
        """Which of the frames that were read had the last one."""
        self.told = ""
        """The text by which it was told; "" if it was not."""
        self.frames = 0
        """In how many it was seen."""
        self.readings: Counter[str] = Counter()
        """How often each text was read. Refused ones do not count."""
        self.speed: complex | None = None
        """In pixels a frame; None as long as it was seen once."""
        self.run: list[Sighting] = []
        """The last sightings, as far back as they say the same, if it is not what was told."""
        self._best: list[Sighting] = []
        self.add(sighting, read_at)

    def add(self, sighting: Sighting, read_at: int) -> None:
        """The object was seen again."""
        self.read_at = read_at
        frames = sighting.moment.number - self.last.moment.number
        if frames > 0:
            self.speed = (sighting.centre - self.last.centre) / frames
        if not sighting.key or sighting.key == self.told:
            self.run = []
        elif self.run and self.run[-1].key != sighting.key:
            self.run = [sighting]
        else:
            self.run.append(sighting)
        self.last = sighting
        self.frames += 1
        if sighting.key:
            self.readings[sighting.key] += 1
        self._best = nlargest(VIEWS, [*self._best, sighting], key=lambda one: one.score)

    def away(self, sighting: Sighting, drift: complex | None) -> float:
        """How far it is from where the object is expected, in lengths of its text. `drift` is how
        others move."""
        speed = self.speed if self.speed is not None else drift
        frames = sighting.moment.number - self.last.moment.number
        expected = self.last.centre + (speed or 0) * frames
        return abs(sighting.centre - expected) / sighting.length

    def reach(self, sighting: Sighting, *, misreadings: bool) -> float:
        """How far it may be away to be of this object; 0 if it cannot be. With `misreadings`, it
        need not say the same."""
        if sighting.kind != self.last.kind:
            return 0.0
        if sighting.key and sighting.key in self.readings:
            return SAME
        if not misreadings:
            return 0.0
        if not sighting.key or not self.readings:
            return SIMILAR
        return SIMILAR if any(alike(sighting.key, text) for text in self.readings) else 0.0

    def split(self) -> Track:
        """A track of the last sightings, which say the same, and no longer belong to this one."""
        first, *others = self.run
        other = Track(first, self.read_at)
        for one in others:
            other.add(one, self.read_at)
        self.frames -= len(self.run)
        self.readings -= Counter(one.key for one in self.run)
        self._best = [one for one in self._best if one not in self.run]
        self.run = []
        return other

    @property
    def views(self) -> list[Sighting]:
        """The sightings that show it best, with their pictures."""
        return [one for one in self._best if one.image is not None]

    def best(self, key: str) -> Sighting:
        """Of the sightings that say this, the one with the highest score among those kept, or the
        last."""
        saying = [one for one in self._best if one.key == key]
        return max(saying or [self.last], key=lambda one: one.score)

    @property
    def most(self) -> tuple[str, int]:
        """The text that was read most often, and how often; "" and 0 if all was refused. Of two as
        frequent, the one that was read with higher scores."""
        if not self.readings:
            return "", 0
        key = max(self.readings, key=lambda one: (self.readings[one], self.best(one).score))
        return key, self.readings[key]

    def found(self, sighting: Sighting, views: Sequence[Sighting] = ()) -> Found:
        """The object, as the sighting has it."""
        return Found(
            sighting, self.first, self.last, self.frames, Counter(self.readings), len(views)
        )
