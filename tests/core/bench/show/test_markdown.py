"""A run as Markdown."""

from __future__ import annotations

import re

from ocrx.bench.figures.result import Cell, CellResult
from ocrx.bench.show.markdown import code, to_markdown
from support.fakeresults import matrix, ok, result


def test_every_row_has_as_many_fields_as_the_head() -> None:
    text = to_markdown(matrix())
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + sum(cell.figures is not None for cell in matrix().cells)
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
    assert rows[1].startswith("| :-- | :-- | --: |")
    assert not any(re.search(r"\|\s+\|", row) for row in rows)


def test_what_is_read_is_no_markup() -> None:
    cell = CellResult(Cell("a|b*c<d>"), "failed", "[x](http://y) `z`\n# no heading", "run `it`")
    text = to_markdown(result(ok(Cell("r")), cell))
    assert r"a\|b\*c\<d\>" in text
    assert r"\[x\](http://y) \`z\` \# no heading" in text
    assert "`` run `it` ``" in text


def test_commands_are_code_and_sentences_are_not() -> None:
    text = to_markdown(matrix())
    assert "`ocrx converters install onnx2torch`" in text
    assert "99 % were asked for. Use fp32 on this runtime." in text
    assert "AMD EPYC 9754, 2 cores" in text


def test_code_holds_any_backticks() -> None:
    assert code("a") == "`a`"
    assert code("a``b") == "```a``b```"
    assert code("`a") == "`` `a ``"
