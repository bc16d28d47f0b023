"""The patterns that come with ocrx, and check digits."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ocrx.patterns import checkdigits
from ocrx.patterns.expressions import parse
from ocrx.patterns.named import NAMED

RIGHT = [
    ("date", "29.02.2024"), ("date", "2025-12-31"), ("date", "241231"), ("date", "31 DEC 2026"),
    ("date", "DEC2026"), ("date", "12/26"), ("date", "20260228"),
    ("ean13", "4006381333931"), ("ean8", "96385074"), ("upc", "036000291452"),
    ("gtin14", "10012345678902"), ("sscc", "106141412345678908"),
    ("gs1", "(01)10012345678902(17)261231(10)AB-12"), ("gs1", "(15)240200"),
    ("luhn", "79927398713"), ("imei", "490154203237518"),
    ("iban", "DE89370400440532013000"), ("iban", "GB29 NWBK 6016 1331 9268 19"),
    ("iso6346", "CSQU3054383"), ("iso6346", "CSQU 305438 3"),
    ("vin", "1M8GDM9AXKP042788"), ("vin", "11111111111111111"),
]  # fmt: skip
WRONG = [
    ("date", "30.02.2024"), ("date", "31 FEB 2026"), ("date", "20260230"),
    ("ean13", "4006381333932"), ("gs1", "(01)10012345678903"), ("gs1", "(17)261331"),
    ("luhn", "79927398710"), ("iban", "DE88370400440532013000"),
    ("iso6346", "CSQU3054384"), ("vin", "1M8GDM9A1KP042788"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), RIGHT + WRONG)
def test_check_digits_of_published_numbers(name: str, text: str) -> None:
    pattern = NAMED[name]
    assert re.fullmatch(pattern.expression, text)
    assert pattern.check is not None
    assert pattern.check(text) == ((name, text) in RIGHT)


@pytest.mark.parametrize("name", NAMED)
def test_expressions_are_of_the_subset_that_patterns_are_written_in(name: str) -> None:
    parse(NAMED[name].expression)


@pytest.mark.parametrize(
    ("check", "number", "digit"),
    [
        (checkdigits.gs1, "400638133393", "1"),  # an EAN-13
        (checkdigits.gs1, "03600029145", "2"),  # a UPC-A
        (checkdigits.luhn, "49015420323751", "8"),  # an IMEI
        (checkdigits.iso6346, "CSQU305438", "3"),
        (checkdigits.vin, "1M8GDM9AXKP042788", "X"),
        (checkdigits.vin, "11111111111111111", "1"),
    ],
)
def test_check_digits_that_numbers_get(
    check: Callable[[str], str], number: str, digit: str
) -> None:
    assert check(number) == digit
