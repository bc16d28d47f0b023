"""The verdict, in words."""

from __future__ import annotations

from dataclasses import replace

from ocrx.bench.figures.ranking import rank
from ocrx.bench.figures.result import Cell, CellResult, Result
from ocrx.bench.figures.verdict import names, sentences
from support.fakeresults import matrix, ok, result


def told(run: Result) -> str:
    return "\n".join(sentences(run, rank(run)))


def test_fast_and_accurate_with_the_way_between() -> None:
    text = told(result(ok(Cell("quick"), 5, 90), ok(Cell("right"), 20, 99)))
    assert "Fastest: quick, 5.00 ms a picture, 90.0 % character accuracy" in text
    assert "Most accurate: right, 20.0 ms a picture, 99.0 %" in text
    assert "mong" not in text
    assert "quick; right (+9.0 points for 4.00 times the time)" in text


def test_one_that_is_both_is_said_once() -> None:
    text = told(result(ok(Cell("good"), 5, 99), ok(Cell("bad"), 20, 90)))
    assert text.startswith("Fastest, and most accurate: good,")
    assert "Most accurate: " not in text
    assert "From fast to accurate" not in text


def test_a_gain_that_may_be_chance_and_a_time_that_may_be_noise_say_so() -> None:
    text = told(result(ok(Cell("a"), 5, 95), ok(Cell("b"), 10, 95.2)))
    assert "b (+0.2 points (may be chance) for 2.00 times the time)" in text
    text = told(result(ok(Cell("a"), 5, 95), ok(Cell("b"), 5.02, 99)))
    assert "b (+4.0 points in the same time within noise)" in text


def test_ties_are_named() -> None:
    text = told(result(ok(Cell("a"), 5, 95), ok(Cell("b"), 5.02, 94.9)))
    assert text.startswith("Among the fastest, and among the most accurate: a, 5.00 ms")
    assert "Because of noise, b cannot be told apart from a in speed." in text
    assert "On 120 pictures, b cannot be told apart from a in accuracy." in text


def test_what_is_not_ranked_noisy_absent_or_warned_of() -> None:
    text = told(matrix())
    assert "Not ranked, as they read differently from the reference: " in text
    assert "The times of paddle:v4 torch fp32 and paddle:v4 torch int8 are doubtful" in text
    assert "differ by up to 34 %" in text
    assert "6 of 31 cells have no figures; each says why." in text
    assert text.endswith("2 of 31 cells were measured while the machine was busy.")


def test_where_times_are_too_noisy_none_is_the_fastest() -> None:
    cells = (ok(Cell("a"), 5, 90, spread=15), ok(Cell("b"), 20, 99, spread=15))
    text = told(result(*cells, warnings=("The machine was too noisy to rank times",)))
    assert text.splitlines() == [
        "Most accurate: b, 20.0 ms a picture, 99.0 % character accuracy "
        "(95 % interval 98.4 to 99.6).",
        "No combination is ranked by time: the times vary too much from round to round.",
        "The machine was too noisy to rank times.",
    ]


def test_nothing_ranked_says_why() -> None:
    assert "no cell was measured" in told(result(CellResult(Cell("r"), "failed")))
    assert "there were no cells" in told(result())
    wrong = replace(ok(Cell("r")), state="mismatch")
    assert "every cell that was measured reads differently" in told(result(wrong))


def test_many_names_are_counted() -> None:
    cells = [ok(Cell(letter)) for letter in "abcdef"]
    assert names(cells, range(1)) == "a"
    assert names(cells, range(3)) == "a, b and c"
    assert names(cells, range(6)) == "a, b, c, d and 2 more"
