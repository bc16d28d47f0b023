"""Lists side by side are read one after the other, cells of a table by rows."""

from __future__ import annotations

import pytest

from ocrx.page.order import reading_order
from support.pages import box

LISTS = {
    "numbered": [
        "1. What is it",
        "2. Who made it",
        "3. When is it",
        "4. Why is it",
        "5. Who",
        "6. Not",
    ],
    "anew": ["1 Old Rome", "2 New Oslo", "3 Big Bern", "1 Tiber", "2 Alna river", "3 Aare"],
    "sparse": [
        "1 Rome (4)",
        "4 Oslo",
        "6 Bern",
        "9 Bonn",
        "1 Tiber (5)",
        "2 Alna",
        "3 Aare",
        "7 Rhine",
    ],
    "sorted": [
        "abbot, 3",
        "acre, 25",
        "alms, 34",
        "axes, 67",
        "barn, 8",
        "beer, 1",
        "bell",
        "book",
    ],
    "in brackets": ["[1] Abel", "[2] Cohen", "[3] Dorn", "[4] Ebert", "[5] Falk", "[6] Gross"],
    "steps": [
        "Needed",
        "2 lemons",
        "4 eggs",
        "some salt",
        "Method",
        "1. Beat eggs",
        "2. Add the salt",
        "3. Bake it",
    ],
    "whole prices": ["Wash € 8", "Colour € 45", "Beard € 12", "Peeling 40 €", "Oil 7 €", "Mud 9 €"],
    "names": ["Abel", "Bach", "Dorn", "Ebert", "Falk", "Gross", "Haas", "Kern"],
    "bullets": ["• Short ways", "• Two lines", "• One hall", "- Long ways", "- A line", "- A hall"],
}
TABLES = {
    "by rows": ["1. Buy milk", "3. Pay rent", "5. Eat more", "2. Call Tom", "4. Fix it", "6. Rest"],
    "places": ["Anna", "Boris", "Clara", "1. place", "2. place", "3. place"],
    "numbers": ["10000001", "10000002", "10000003", "10000004", "10000005", "10000006"],
    "one order": ["abbot, 3", "acre, 25", "alms, 34", "axes, 67", "monk", "field", "gift", "tool"],
    "measures": [
        "1 Mars, near",
        "2 Venus",
        "3 Moon",
        "4 Sun",
        "58 miles",
        "61 miles",
        "70 m, so",
        "75 mil",
    ],
    "signs": ["-5 °C at 9", "-2 °C at 9", "-1 °C at 9", "-9 °C", "-7 °C", "-4 °C"],
    "options": ["-v --verbose", "-q --quieter", "-h --helpful", "-a all", "-n none", "-x one"],
}


def rows_of(columns: list[list[str]]) -> list[str]:
    """The rows that are read where the texts of those columns, "" for none, stand side by side."""
    places = [(x, y) for x, texts in enumerate(columns) for y, text in enumerate(texts) if text]
    texts = [text for column in columns for text in column if text]
    quads = [
        box(300.0 * x, 40.0 * y, 9 * len(text)) for (x, y), text in zip(places, texts, strict=True)
    ]
    return [" ".join(texts[i] for i in row) for row in reading_order(quads, texts)]


@pytest.mark.parametrize("entries", LISTS.values(), ids=LISTS)
def test_lists_are_read_one_after_the_other(entries: list[str]) -> None:
    half = len(entries) // 2
    assert rows_of([entries[:half], entries[half:]]) == entries


@pytest.mark.parametrize("entries", TABLES.values(), ids=TABLES)
def test_tables_are_read_by_rows(entries: list[str]) -> None:
    half = len(entries) // 2
    rows = [f"{one} {other}" for one, other in zip(entries[:half], entries[half:], strict=True)]
    assert rows_of([entries[:half], entries[half:]]) == rows


def test_names_with_prices_are_lists() -> None:
    names, prices = ["Tomato soup", "White bread", "Black olives"], ["4.50", "2.00", "€ 3.20"]
    other, more = ["Fish", "Lamb", "Stew"], ["14.50", "17,80", "11.00 €"]
    both = [f"{name} {price}" for name, price in zip(names + other, prices + more, strict=True)]
    assert rows_of([names, prices, other, more]) == both
    assert rows_of([names, prices, more]) == [
        " ".join(row) for row in zip(names, prices, more, strict=True)
    ]


def test_a_header_over_all_columns_is_that_of_a_table() -> None:
    names, prices = ["Text", "Groceries", "Fuel oil", "Books"], ["Amount", "23.40", "60.00", "9.90"]
    other, more = (
        ["Account", "Cash desk", "The card", "Bank"],
        ["Balance", "99.40", "39.40", "8.00"],
    )
    columns = [names, prices, other, more]
    assert rows_of(columns) == [" ".join(row) for row in zip(*columns, strict=True)]


def test_offers_side_by_side_with_a_name_and_a_price_above_their_lists_are_read_one_by_one() -> (
    None
):
    offers = [
        ["Starter", "$0", "per month", "• One project", "• Help by mail", "• 5 pages", "Start"],
        ["Team", "$29", "per month", "• Ten projects", "• Help at night", "• 90 pages", "Try it"],
        ["Large", "Ask us", "per year", "• No limits", "• Your servers", "• Any pages", "Write"],
    ]
    indents = {text: 24 for offer in offers for text in offer if text.startswith("•")}
    quads = [
        box(320 * column + indents.get(text, 0), 30 * row, 11 * len(text))
        for column, offer in enumerate(offers)
        for row, text in enumerate(offer)
    ]
    texts = [text for offer in offers for text in offer]
    order = [texts[i] for row in reading_order(quads, texts) for i in row]
    assert order == texts


def test_lists_below_other_lines_on_one_side() -> None:
    above, names, prices = ["Prices"] * 3, ["Adult", "Child", "Group"], ["12.50", "6.00", "28.00"]
    other, more = [""] * 3 + ["Sauna", "Locker", "Towel"], [""] * 3 + ["18.00", "1.00", "3.50"]
    columns = [above + names, [""] * 3 + prices, other, more]
    lists = [
        [f"{a} {b}" for a, b in zip(*pair, strict=True)]
        for pair in ((names, prices), (other[3:], more[3:]))
    ]
    assert rows_of(columns) == [*above, *lists[0], *lists[1]]


def test_the_sides_of_a_menu_are_read_one_after_the_other_with_what_is_told_of_its_dishes() -> None:
    sides = [
        [
            "Starters",
            "Soup 5.50",
            "with bread",
            "Salad 6.80",
            "tomato",
            "Pizza",
            "Plain 8.00",
            "Hot 9.00",
        ],
        [
            "Pasta",
            "Oil 8.20",
            "and garlic",
            "Cream 9.90",
            "egg",
            "Ice 4.50",
            "Cake 5.40",
            "with berries",
        ],
    ]
    quads, texts = [], []
    for column, side in enumerate(sides):
        for row, line in enumerate(side):
            name, _, price = line.partition(" ") if line[-1] == "0" else (line, "", "")
            for text, x in ((name, 0), (price, 260)):
                if text:
                    quads.append(box(420 * column + x, 26 * row, 11 * len(text)))
                    texts.append(text)
    order = [texts[i] for row in reading_order(quads, texts) for i in row]
    assert order == texts
