"""How chains of preprocessors are written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.errors import UsageError
from ocrx.reading.chain import Link, parse_chain

NAMES = st.text("ab0-_", min_size=1, max_size=6)
VALUES = st.text("Ab0.:+-", min_size=1, max_size=6)
KEYS = st.text("xy_", min_size=1, max_size=4)
LINKS = st.builds(Link, NAMES, st.dictionaries(KEYS, VALUES, max_size=3))


def written(link: Link) -> str:
    options = ", ".join(f"{name} = {value}" for name, value in link.options.items())
    return f"{link.reference}({options})" if options else link.reference


@settings(max_examples=30)
@given(st.lists(LINKS, min_size=1, max_size=4))
def test_what_is_written_is_read(links: list[Link]) -> None:
    assert parse_chain("+".join(map(written, links))) == tuple(links)
    assert parse_chain(" + ".join(map(written, links))) == tuple(links)


def test_a_value_may_hold_what_joins_links_and_names_their_variants() -> None:
    assert parse_chain("a:v1(x=1e+5,device=cuda:0)+b()") == (
        Link("a:v1", {"x": "1e+5", "device": "cuda:0"}),
        Link("b"),
    )
    assert parse_chain("deskew(max-angle=3)") == (Link("deskew", {"max_angle": "3"}),)


def test_none_has_no_links() -> None:
    assert parse_chain("none") == ()


@pytest.mark.parametrize(
    "text",
    ["", "+", "a+", "+a", "a b", "a(", "a)", "a(x)", "a(=1)", "a(x=1)b", "a((x=1))", "(x=1)"],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"For example: clahe\(clip=2.0\)"):
        parse_chain(text)
