"""The patterns that come with ocrx, by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from ocrx.interfaces.patterns import Pattern
from ocrx.patterns import checkdigits

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

_D, _M = r"(0[1-9]|[12]\d|3[01])", r"(0[1-9]|1[0-2])"
_Y, _YY = r"(19|20)\d\d", r"\d\d"
_N = f"({'|'.join(MONTHS)})"
_DATE = "|".join(
    (
        *(rf"{_D}{sep}{_M}{sep}({_Y}|{_YY})" for sep in (r"\.", "/", "-")),
        *(rf"{_Y}{sep}{_M}{sep}{_D}" for sep in (r"\.", "/", "-", "")),
        rf"{_YY}{_M}{_D}",
        rf"{_M}[/-]({_Y}|{_YY})",
        rf"({_D} ?)?{_N} ?({_Y}|{_YY})",
        rf"{_D}-{_N}-({_Y}|{_YY})",
    )
)

# AIs whose values have a fixed form, then those of letters and digits. GS1 General Specifications,
# section 3; of the 541 these are the ones that labels print.
_GS1 = (
    r"(\(00\)\d{18}|\(0[12]\)\d{14}|\(1[1-3567]\)\d{6}|\(20\)\d\d|\(3[07]\)\d{1,8}|\(3[1-6]\d\d\)\d{6}"
    r"|\(41\d\)\d{13}|\((10|21|22|24[0-3]|25[0-4]|40[0-3]|42[0-7]|9[0-9])\)[A-Z0-9./-]{1,30})+"
)
_ELEMENT = re.compile(r"\((\d+)\)([^(]*)")


def _last(check: Callable[[str], str]) -> Callable[[str], bool]:
    """Whether the last character is the check digit of those before it."""
    return lambda text: check(text[:-1]) == text[-1]


def _vin(text: str) -> bool:
    return checkdigits.vin(text) == text[checkdigits.VIN_PLACE]


def _iban(text: str) -> bool:
    text = text.replace(" ", "")
    digits = "".join(str(int(char, 36)) for char in text[4:] + text[:4])
    return int(digits) % 97 == 1  # ISO 7064, MOD 97-10


def _gs1(text: str) -> bool:
    """Whether the check digits of its keys are right, and its dates exist."""
    return all(_element(*found) for found in _ELEMENT.findall(text))


def _element(identifier: str, value: str) -> bool:
    if identifier in ("00", "01", "02") or identifier.startswith("41"):
        return _last(checkdigits.gs1)(value)
    if identifier in ("11", "12", "13", "15", "16", "17"):
        # The day 00 is the end of the month.
        return _exists(2000 + int(value[:2]), int(value[2:4]), int(value[4:]) or 1)
    return True


def _date(text: str) -> bool:
    """Whether the day exists, read in at least one of the ways that its form allows."""
    if any(name in text for name in MONTHS):
        name = next(name for name in MONTHS if name in text)
        day, _, year = text.replace(" ", "").replace("-", "").partition(name)
        return _exists(int(year), MONTHS.index(name) + 1, int(day or 1))
    numbers = [int(one) for one in re.findall(r"\d+", text)]
    if len(numbers) == 3:
        return _exists(*(numbers if numbers[0] > 31 else numbers[::-1]))
    if len(numbers) == 2:
        return True
    return _exists(int(text[:-4]), int(text[-4:-2]), int(text[-2:]))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return False
    return True


_VIN = "[A-HJ-NPR-Z0-9]"

NAMED: Mapping[str, Pattern] = MappingProxyType(
    {
        "date": Pattern(_DATE, _date, "dates, with a day that exists"),
        "time": Pattern(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", None, "times of day"),
        "ean13": Pattern(r"\d{13}", _last(checkdigits.gs1), "EAN-13, check digit"),
        "ean8": Pattern(r"\d{8}", _last(checkdigits.gs1), "EAN-8, check digit"),
        "upc": Pattern(r"\d{12}", _last(checkdigits.gs1), "UPC-A, check digit"),
        "gtin14": Pattern(r"\d{14}", _last(checkdigits.gs1), "GTIN-14, check digit"),
        "sscc": Pattern(r"\d{18}", _last(checkdigits.gs1), "pallets and parcels, check digit"),
        "gs1": Pattern(_GS1, _gs1, "GS1 element strings, check digits and dates"),
        "luhn": Pattern(r"\d{2,19}", _last(checkdigits.luhn), "numbers with a Luhn check digit"),
        "imei": Pattern(r"\d{15}", _last(checkdigits.luhn), "mobile devices, check digit"),
        "iban": Pattern(
            r"[A-Z]{2}\d\d( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?", _iban, "accounts, check digits"
        ),
        "iso6346": Pattern(
            r"[A-Z]{3}[UJZ] ?\d{6} ?\d",
            lambda text: _last(checkdigits.iso6346)(text.replace(" ", "")),
            "freight containers, check digit",
        ),
        "vin": Pattern(
            _VIN + "{8}[0-9X]" + _VIN + "{8}", _vin, "vehicle identification numbers, check digit"
        ),
        "plate-ar": Pattern(r"[A-Z]{3}\d{3}|[A-Z]{2}\d{3}[A-Z]{2}", None, "plates of Argentina"),
        "plate-cn": Pattern(
            r"[A-HJ-NP-Z][A-HJ-NP-Z0-9]{5,6}", None, "plates of China, after the province"
        ),
        "plate-eu": Pattern(
            r"[A-Z]{1,3}[- ]?[A-Z]{1,2}[- ]?\d{1,4}|[A-Z]{2}[- ]?\d{3}[- ]?[A-Z]{2}"
            r"|[A-Z]{2}\d\d ?[A-Z]{3}|\d{4} ?[A-Z]{3}|[A-Z]{1,2}[- ]?\d{3}[- ]?[A-Z]{1,2}"
            r"|[A-Z0-9]{2}[- ]?[A-Z0-9]{2,3}[- ]?[A-Z0-9]{1,2}",
            None,
            "plates of countries in Europe",
        ),
        "plate-us": Pattern(
            r"\d[A-Z]{3}\d{3}|[A-Z]{3}[- ]?\d{4}|[A-Z0-9]{5,7}", None, "plates of the USA"
        ),
    }
)
"""Expressions that are known by name. In plates and dates, spaces may be left out."""
