"""Joins sightings of one object over frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ocrx_watch.joining.sighting import Sighting
from ocrx_watch.joining.track import Found, Track

Unite = Callable[[Sequence[Sighting]], "Sighting | None"]
"""Reads pictures of one line together; None if that is not possible, or gives nothing."""


@dataclass(frozen=True)
class Rules:
    """An object is told as soon as `seen` of its frames agree, or, if `late`, once it has gone. It
    has gone if it was not seen for `gone` frames; 0 takes each frame by itself."""

    seen: int = 2
    gone: int = 5
    late: bool = False


class Tracker:
    """Finds out which sightings are of one object.

    They are if they say the same, or nearly, close to where the object is expected: objects move on
    as they moved before, and new ones as the others do. An object that goes before its frames agree
    is told with what they say together, which `unite` reads.
    """

    def __init__(self, rules: Rules, unite: Unite) -> None:
        self._rules = rules
        self._unite = unite
        self._tracks: list[Track] = []
        self._drift: complex | None = None
        self._reads = 0
        self.few = 0
        """Objects that were seen in fewer frames than `seen`, and not told."""
        self.misread = 0
        """Sightings that did not say what the object was told to say that they were joined with."""

    @property
    def joins(self) -> bool:
        """Whether it joins frames, and does not take each by itself."""
        return self._rules.gone > 0

    def add(self, sightings: Sequence[Sighting]) -> list[Found]:
        """What is to be told after a frame with these."""
        if not self.joins:
            return [Track(one, 0).found(one) for one in sightings]
        self._reads += 1
        joined = self._joined(sightings)
        told = [found for track in joined for found in self._agreed(track)]
        speeds = [track.speed for track in joined if track.speed is not None]
        if speeds:
            self._drift = sorted(speeds, key=abs)[len(speeds) // 2]
        gone = [one for one in self._tracks if self._reads - one.read_at >= self._rules.gone]
        return told + self._leave(gone)

    def end(self) -> list[Found]:
        """What is to be told at the end."""
        return self._leave(list(self._tracks))

    def _joined(self, sightings: Sequence[Sighting]) -> list[Track]:
        """The track of each sighting: the nearest that it may be of, first those that say the same,
        or else a new one."""
        pairs = []
        for number, sighting in enumerate(sightings):
            for place, track in enumerate(self._tracks):
                away = track.away(sighting, self._drift)
                if away < track.reach(sighting, misreadings=self._rules.seen > 1):
                    pairs.append((sighting.key not in track.readings, away, number, place))
        found: dict[int, Track] = {}
        for _, _, number, place in sorted(pairs):
            track = self._tracks[place]
            if number not in found and track not in found.values():
                track.add(sightings[number], self._reads)
                found[number] = track
        for number, sighting in enumerate(sightings):
            if number not in found:
                found[number] = Track(sighting, self._reads)
                self._tracks.append(found[number])
        return list(found.values())

    def _agreed(self, track: Track) -> Iterator[Found]:
        """The object, if its frames agree now. If another took its place, which says something
        else long enough, that one becomes an object of its own."""
        key, seen = track.last.key, self._rules.seen
        if not track.told and key and track.readings[key] >= seen:
            track.told = key
            if not self._rules.late:
                yield track.found(track.best(key))
        elif track.told and key and key != track.told and len(track.run) >= max(3, 2 * seen):
            other = track.split()
            self._tracks.append(other)
            yield from self._agreed(other)

    def _leave(self, tracks: Iterable[Track]) -> list[Found]:
        """What is to be told of those that have gone."""
        told = []
        for track in tracks:
            self._tracks.remove(track)
            if track.frames < self._rules.seen:
                self.few += 1
                continue
            if track.told and not self._rules.late:
                said = track.told
            else:
                found = self._together(track)
                told.append(found)
                said = found.sighting.key
            self.misread += track.frames - track.readings[said]
        return told

    def _together(self, track: Track) -> Found:
        """The object, with what all of its frames say."""
        key, count = track.most
        if key and count == track.frames:
            return track.found(track.best(key))
        views = track.views
        united = self._unite(views) if len(views) > 1 else None
        if united is None or (key and not united.key):
            return track.found(track.best(key))
        return track.found(united, views)
