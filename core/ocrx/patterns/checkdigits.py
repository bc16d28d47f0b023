"""Check digits: the last sign of a number, or one within it, that follows from the others."""

from __future__ import annotations

import string

VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
"""A vehicle identification number has no I, O or Q."""

_VIN_VALUES = dict(zip(VIN_LETTERS, (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
VIN_PLACE = 8
"""Where the check sign of a vehicle identification number stands, from 0."""

# Letters count from 10 on, with 11, 22 and 33 left out.
_CONTAINER_VALUES = dict(
    zip(string.ascii_uppercase, (n for n in range(10, 39) if n % 11), strict=True)
)


def gs1(digits: str) -> str:
    """The check digit of a GTIN, EAN, UPC or SSCC without it.

    GS1 General Specifications, 7.9: weights 3 and 1 in turn from the right.
    """
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def luhn(digits: str) -> str:
    """The check digit of an IMEI or card number without it. ISO/IEC 7812-1, annex B."""
    doubled = (int(digit) * (2, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def iso6346(code: str) -> str:
    """The check digit of a freight container: `code` is four letters and six digits."""
    values = (_CONTAINER_VALUES.get(char) or int(char) for char in code)
    return str(sum(value << place for place, value in enumerate(values)) % 11 % 10)


def vin(number: str) -> str:
    """The check sign, 0 to 9 or X, of a vehicle identification number of 17 signs.

    What stands in its place, the ninth, does not count. 49 CFR 565.15.
    """
    values = (_VIN_VALUES.get(char) or int(char) for char in number)
    rest = sum(v * weight for v, weight in zip(values, _VIN_WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def with_vin_check(number: str) -> str:
    """The number with its check sign in place."""
    return number[:VIN_PLACE] + vin(number) + number[VIN_PLACE + 1 :]
