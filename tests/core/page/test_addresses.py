"""Addresses side by side are read one after the other, tables and forms by rows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ocrx.page.order import arranged, reading_order
from ocrx.types import Quad, frozen_quad

HEIGHT = 20
PITCH = 27

ACME = ["Acme Ltd", "12 High Street", "London W1 6AN", "United Kingdom"]
BROWN = ["Brown & Sons", "5 Low Road", "Leeds LS1 4DY"]
FOX = ["Maria Fox", "Harbour Lane 77", "1010 Vienna", "Austria"]
LANTERN = ["Lantern GmbH", "Hauptstraße 3", "10115 Berlin"]
TOKYO = ["山田太郎", "千代田区丸の内1-1", "東京都 100-0005"]

Cell = tuple[float, str]


def cell(x: float, y: float, text: str) -> Quad:
    width = HEIGHT * 0.5 * max(len(text), 1)
    return frozen_quad([[x, y], [x + width, y], [x + width, y + HEIGHT], [x, y + HEIGHT]])


def texts_in_order(rows: Sequence[Sequence[Cell]], y: float = 0, below: Sequence[Cell] = ()) -> str:
    """The texts of a page in reading order, each row on a line. `below` stands apart."""
    cells = [(x, y + PITCH * i, text) for i, row in enumerate(rows) for x, text in row]
    cells += [(x, y + PITCH * (len(rows) + 1.5), text) for x, text in below]
    texts = [text for *_, text in cells]
    found = reading_order([cell(*one) for one in cells], texts)
    return "\n".join(" | ".join(texts[i] for i in row) for row in found)


def beside(*groups: Sequence[str], step: float = 400) -> list[list[Cell]]:
    """Groups of lines side by side."""
    count = max(map(len, groups))
    return [
        [(step * k, group[i]) for k, group in enumerate(groups) if i < len(group)]
        for i in range(count)
    ]


@pytest.mark.parametrize(
    ("values", "apart"),
    [
        (["INV-4471", "04.03.2024", "C-1182"], True),
        (["2024-01-07", "2024-03-04", "2024-03-18"], False),  # as in a table
        (["INV-4471", "A-12", "C-1182"], False),
    ],
)
def test_particulars_in_cells_are_read_after_the_address_beside_them(
    values: list[str], apart: bool
) -> None:
    names = ["Invoice no.", "Issue date", "Customer"]
    rows = beside(ACME, names, values, step=300)
    pairs = [f"{name} | {value}" for name, value in zip(names, values, strict=True)]
    joined = [f"{line} | {pair}" for line, pair in zip(ACME, pairs, strict=False)]
    expected = [*ACME, *pairs] if apart else [*joined, *ACME[3:]]
    assert texts_in_order(rows) == "\n".join(expected)


@pytest.mark.parametrize(
    "groups",
    [
        (ACME, BROWN),
        (BROWN, ACME),
        (FOX, LANTERN),
        (TOKYO, BROWN),
        (ACME, BROWN, FOX),
        (["From:", *ACME], ["Bill to:", *BROWN]),
        (["From:", "Acme", "London", "Mayfair"], ["To:", "Brown", "Leeds", "Headingley"]),
        (ACME, ["Invoice No: 4711", "Date: 12.3.2024", "Customer: 99"]),
        (ACME, ["Invoice No: 4711", "Date: 31.03.18", "Customer: 99"]),
    ],
)
def test_addresses_are_read_one_after_the_other(groups: tuple[list[str], ...]) -> None:
    expected = "\n".join(line for group in groups for line in group)
    assert texts_in_order(beside(*groups)) == expected


@pytest.mark.parametrize("place", [1.0, 0.5])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        (ACME, LANTERN),
        (["Lindgren AB", "Box 12", "111 82 Stockholm"], ["Invoice 4711", "12 March", "Customer 7"]),
        (ACME, ["Berlin, 3 May 2024", "Invoice 4711", "Customer 20334"]),
        (["Maria Fox", "Harbour Lane 77", "Flat 3"], BROWN),
        (["Anna Fox", "Damrak 7", "1012 AB Amsterdam"], ["Lantern", "Oslo", "Harbour Lane 77"]),
    ],
)
def test_blocks_beside_an_address_may_be_flush_right_or_centred(
    left: list[str], right: list[str], place: float
) -> None:
    starts = [800 - place * 0.5 * HEIGHT * len(text) for text in right]
    rows = beside(left, right)
    for row, start in zip(rows, starts, strict=False):
        row[-1] = start, row[-1][1]
    assert texts_in_order(rows) == "\n".join([*left, *right])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (["Memory 16", "Storage", "Colour", "Model 3"], ["256 GB", "none", "blue", "Type 7"]),
        (["Name", "Street", "Town", "Phone"], ["Maria Fox", "Rue 77", "1010 Vienna", "0123"]),
        (["12 Mill Lane", "Leeds LS1 4DY", "Shop"], ["4.50", "9.00", "1.20"]),
    ],
)
def test_values_that_are_flush_right_stay_in_their_rows(left: list[str], right: list[str]) -> None:
    starts = [800 - 0.5 * HEIGHT * len(text) for text in right]
    rows = [[(0.0, a), (x, b)] for a, x, b in zip(left, starts, right, strict=True)]
    expected = "\n".join(f"{a} | {b}" for a, b in zip(left, right, strict=True))
    assert texts_in_order(rows) == expected


def test_particulars_may_stand_in_columns_of_their_own() -> None:
    particulars = [("Invoice No:", "4711"), ("Date:", "12.3.2024"), ("Customer:", "99")]
    rows = [
        [(0.0, line), (400.0, label), (560.0, value)]
        for line, (label, value) in zip(BROWN, particulars, strict=True)
    ]
    expected = [*BROWN, *(f"{label} | {value}" for label, value in particulars)]
    assert texts_in_order(rows) == "\n".join(expected)


def test_the_table_below_two_addresses_stays_in_rows() -> None:
    found = texts_in_order(
        beside(ACME, BROWN), below=[(0, "Cable 3 m"), (400, "2"), (500, "4.50"), (600, "9.00")]
    )
    assert found.splitlines()[-1] == "Cable 3 m | 2 | 4.50 | 9.00"
    assert found.splitlines()[:4] == ACME


@pytest.mark.parametrize(
    "columns",
    [
        (["Cable 3 m", "Lantern", "Fox trap"], ["4.50", "29.90", "3.25"]),
        (["Cable 3 m", "Lantern", "Fox trap"], ["2 pcs", "1 pcs", "12 pcs"]),
        (["Item", "Cable 3 m", "Lantern", "Trap"], ["Price", "4.50", "29.90", "3.25"]),
        (["COKE 330ML", "BREAD", "MILK 1L", "Total"], ["2.50", "3.00", "1.80", "7.30"]),
        (["Name", "John Doe", "Jane Roe"], ["City", "London", "Paris"]),
        (["Name:", "City:", "Born:", "Phone:"], ["John Doe", "Paris 6", "1.2.1990", "0123"]),
        (["Name: John", "City: Paris 6", "Mail: x@y"], ["Phone: 01", "Date: 2024", "Ref: none"]),
        (["9:00", "10:30", "12:00"], ["Opening", "Talk in room 5", "Lunch"]),
        (["a", "b", "c"], ["1", "2", "3"]),
        (["A", "B", "C", "7"], ["-", "+", "-", "8"]),
        (["Doc No. CS11", "Cashier", "101756 10 16.50"], ["Date: 31/03/2018", "Ref.:", "(GST)"]),
        (["Paris", "London"], ["Rome 1", "Oslo"]),
    ],
)
def test_tables_and_forms_are_read_by_rows(columns: tuple[list[str], ...]) -> None:
    expected = "\n".join(" | ".join(row) for row in zip(*columns, strict=True))
    assert texts_in_order(beside(*columns)) == expected


def test_a_table_with_amounts_beside_names_is_no_pair_of_addresses() -> None:
    rows = [["Item", "Unit", "Price"], *([f"Cable {i} m", "piece", f"{i}.50"] for i in range(5))]
    rows[3][0] = "Lantern"
    found = texts_in_order([[(300.0 * k, text) for k, text in enumerate(row)] for row in rows])
    assert found == "\n".join(" | ".join(row) for row in rows)


def test_a_table_with_empty_cells_is_no_pair_of_addresses() -> None:
    columns = [
        ["Part", "Bolt M8", "Nut M8", "Washer", "Spring", "Lever"],
        ["Stock", "120", "", "60", "", "2"],
        ["Ordered", "", "500", "", "40", "10"],
        ["Arrives", "", "12 May", "", "3 June", ""],
        ["Note", "", "urgent", "", "", "check size"],
    ]
    rows = [
        [(200.0 * place, text) for place, text in enumerate(row) if text]
        for row in zip(*columns, strict=True)
    ]
    assert texts_in_order(rows) == "\n".join(" | ".join(text for _, text in row) for row in rows)


def test_without_texts_nothing_is_an_address() -> None:
    quads = [cell(x, PITCH * i, text) for i, row in enumerate(beside(ACME, FOX)) for x, text in row]
    assert reading_order(quads) == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_by_rows_addresses_are_not_parted() -> None:
    cells = [(x, PITCH * i, text) for i, row in enumerate(beside(ACME, FOX)) for x, text in row]
    page = arranged([cell(*one) for one in cells], [text for *_, text in cells], "rows")
    assert page.blocks == [[[0, 1], [2, 3], [4, 5], [6, 7]]]
