"""Random regular expressions."""

from __future__ import annotations

import re
import string

from hypothesis import strategies as st

LITERAL = st.sampled_from(string.ascii_letters + string.digits + "-/: ") | st.sampled_from(
    [re.escape(char) for char in ".+*?()[]{}|^$\\"]
)
CLASS = st.sampled_from([r"\d", r"\w", r"\s", ".", r"\D", r"\W"]) | st.builds(
    lambda negated, members: f"[{negated}{''.join(members)}]",
    st.sampled_from(["", "^"]),
    st.lists(st.sampled_from(["a-f", "0-9", "X", r"\]", r"\d", "-"]), min_size=1, max_size=3),
)
ATOM = st.recursive(
    LITERAL | CLASS,
    lambda inner: st.builds(
        lambda options, kind: f"({kind}{'|'.join(options)})",
        st.lists(st.lists(inner, max_size=2).map("".join), min_size=1, max_size=3),
        st.sampled_from(["", "?:"]),
    ),
    max_leaves=6,
)
PATTERN = st.lists(
    st.builds(lambda atom, times: atom + times, ATOM, st.sampled_from(["", "?", "{2}", "{0,3}"])),
    min_size=1,
    max_size=5,
).map("".join)
"""Regular expressions of the subset that patterns are written in, without endless ones."""
