"""One cell in this process: what is read to warm up, by a clock that only reading moves; and
documents of several pages among the pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ocrx.bench.run import measuring
from ocrx.bench.run.measuring import Measuring
from ocrx.bench.run.messages import Job
from ocrx.errors import UsageError
from ocrx.types import Page
from support.fakecells import draw_set
from support.samples import animation


def job(pictures: Sequence[str], seconds: float) -> Job:
    return Job(
        "sizes", "", "", "auto", "auto", None, "line", (), {}, True, pictures, seconds
    )  # fmt: skip


class Clock:
    """A reader, and the time: to read a picture for the n-th time takes `cost(n)` seconds."""

    def __init__(self, cost: Callable[[int], float]) -> None:
        self._cost = cost
        self._now = 0.0
        self.read_times: Counter[str] = Counter()

    def read(self, picture: str) -> Page:
        self.read_times[picture] += 1
        self._now += self._cost(self.read_times[picture])
        return Page((), 1, 1)

    def perf_counter(self) -> float:
        return self._now

    def perf_counter_ns(self) -> int:
        return round(self._now * 1e9)


def warmed(
    patch: pytest.MonkeyPatch, count: int, cost: Callable[[int], float], seconds: float = 20.0
) -> tuple[Measuring, Clock]:
    """A cell of so many pictures, warmed up in `seconds`. The first picture is read once before."""
    clock = Clock(cost)
    patch.setattr(measuring, "time", clock)
    patch.setattr(measuring, "_reader", lambda _: clock)
    return Measuring(job([str(number) for number in range(count)], seconds)), clock


def test_two_passes_fit_however_large_the_set_is(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two passes over the whole set would take 30 seconds.
    cell, clock = warmed(monkeypatch, 1000, lambda n: 0.015)
    assert cell.opened.passes == pytest.approx([750, 750])
    assert cell.opened.stable is True
    assert len(clock.read_times) == 1000
    twice = sorted(int(name) for name, count in clock.read_times.items() if count > 1)
    assert len(twice) in (50, 51)
    assert all(any(start <= n < start + 250 for n in twice) for start in range(0, 1000, 250))


def test_two_passes_fit_however_slow_a_picture_is(monkeypatch: pytest.MonkeyPatch) -> None:
    cell, clock = warmed(monkeypatch, 30, lambda n: 1.0)
    assert cell.opened.passes == pytest.approx([7000, 7000])
    assert cell.opened.stable is True
    assert clock.read_times.total() == 1 + 7 + 7 + 6  # 20 seconds, after the first picture


def test_of_a_small_set_all_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    cell, clock = warmed(monkeypatch, 10, lambda n: 0.02 if n == 1 else 0.01)
    assert cell.opened.passes == pytest.approx([190, 100, 100])
    assert cell.opened.stable is True
    assert set(clock.read_times.values()) == {3, 4}


@pytest.mark.parametrize(
    ("cost", "passes"),
    [
        (lambda n: 0.8**n / 10, 5),  # five are enough
        (lambda n: 0.63 - 0.03 * n, 3),  # a fourth would end after 22 seconds
    ],
)
def test_a_cell_that_gets_faster_to_the_end_is_not_warm(
    monkeypatch: pytest.MonkeyPatch, cost: Callable[[int], float], passes: int
) -> None:
    cell, _ = warmed(monkeypatch, 10, cost)
    assert (len(cell.opened.passes), cell.opened.stable) == (passes, False)


@pytest.mark.parametrize(("seconds", "passes"), [(20.0, 1), (0.0, 0)])
def test_of_fewer_than_two_passes_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch, seconds: float, passes: int
) -> None:
    cell, clock = warmed(monkeypatch, 10, lambda n: 25.0, seconds)
    assert (len(cell.opened.passes), cell.opened.stable) == (passes, None)
    assert clock.read_times.total() == 1 + passes


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_documents_of_several_pages_are_left_out_one_by_one_and_together(tmp_path: Path) -> None:
    folder = draw_set(tmp_path / "pictures")
    paths = [str(folder / f"{width}.png") for width in (20, 31, 40)]
    Path(paths[0]).write_bytes(animation("TIFF", 4))
    cell = Measuring(job(paths, 1.0))
    with cell.reader:
        found = cell.round(answers=False)
        together = cell.together()
    told = f"{paths[0]} has 4 pages. Give each page a file of its own."
    assert found.unread == {"0": told}
    assert [time is None for time in found.times] == [True, False, False]
    assert together.read == 2


def test_what_no_picture_is_to_blame_for_ends_the_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def read(self, picture: str) -> Page:
            raise UsageError("that makes no sense", "Ask for something else.")

    monkeypatch.setattr(measuring, "_reader", lambda _: Refusing())
    folder = draw_set(tmp_path / "pictures")
    with pytest.raises(UsageError, match="no sense"):
        Measuring(job([str(folder / "20.png"), str(folder / "31.png")], 1.0))
