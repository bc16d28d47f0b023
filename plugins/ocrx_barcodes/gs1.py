"""GS1 data: which elements a code holds, and whether they are right.

After the GS1 General Specifications: element strings (3), FNC1 (7.8), check digits (7.9) and the
century of dates (7.12). The application identifiers and their titles come from biip.
"""

from __future__ import annotations

import calendar
import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

FNC1 = "\x1d"
"""What stands for the function character FNC1 within the data: it ends an element."""

KEYS = {
    **dict.fromkeys(("00", "8017", "8018"), 18),
    **dict.fromkeys(("01", "02", "03", "8003", "8006", "8026"), 14),
    **dict.fromkeys(("253", "255", *map(str, range(410, 418))), 13),
    "402": 17,
}
"""How many digits of these elements are a key, whose last digit is a check digit."""

PAIRED = ("8013", "8014")
"""Elements that end in a pair of check characters."""

DATES = ("11", "12", "13", "15", "16", "17", "4326", "7006", "7007")
TIMES = ("4324", "4325", "7003", "7011", "8008")
AMOUNTS = ("31", "32", "33", "34", "35", "36", "390", "392", "394", "395")
CURRENCIES = ("391", "393")
"""How identifiers of dates, times, decimal numbers, and those after a currency begin."""

_ALPHABET = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_PAIR = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def message(text: str) -> dict[str, str]:
    """The elements of a GS1 code by identifier and title, such as `(01) GTIN`, in their order.

    `text` is the code's data, with FNC1 between elements. Dates are written as 2027-12-31, and
    decimal numbers with their point. What is wrong is told in `gs1 error`.
    """
    fields: dict[str, str] = {}
    faults: list[str] = []
    rest = text.strip(FNC1)
    while rest:
        ai = _identifier(rest)
        if ai is None:
            faults.append(f"{_shown(rest)} begins with no known application identifier")
            break
        data, rest = _cut(ai, rest)
        name = _name(ai)
        if fields.get(name, data) != data:
            faults.append(f"{name} is there twice")
            name += " (2)"
        fields[name], fault = _element(ai, data)
        if fault:
            faults.append(f"{name} {fault}")
        rest = rest.lstrip(FNC1)
    return fields | ({"gs1 error": "; ".join(faults)} if faults else {})


def digital_link(text: str) -> dict[str, str]:
    """The elements in a GS1 Digital Link; none if `text` is anything else.

    Any web address may look like one by accident, so one with a fault does not count.
    """
    if not text.lower().startswith(("http://", "https://")):
        return {}
    from biip import ParseError
    from biip.gs1_digital_link_uris import GS1DigitalLinkURI

    try:
        elements = GS1DigitalLinkURI.parse(text).element_strings
    except (ParseError, ValueError):
        return {}
    read = {_name(one.ai): _element(one.ai, one.value) for one in elements}
    if any(fault for _, fault in read.values()):
        return {}
    return {"content": "gs1-digital-link"} | {name: value for name, (value, _) in read.items()}


def _name(ai: GS1ApplicationIdentifier) -> str:
    return f"({ai.ai}) {ai.data_title}".rstrip()


def _identifier(text: str) -> GS1ApplicationIdentifier | None:
    """The application identifier that the text begins with. None begins with another."""
    from biip import ParseError
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

    try:
        return GS1ApplicationIdentifier.extract(text)
    except ParseError:
        return None


def _cut(ai: GS1ApplicationIdentifier, text: str) -> tuple[str, str]:
    """The data of the first element of `text`, and what follows. Elements of a predefined length
    end by themselves, all others at FNC1."""
    end = text.find(FNC1) if FNC1 in text else len(text)
    if not ai.separator_required:
        end = min(end, sum(map(int, re.findall(r"N(\d+)", ai.format))))
    return text[len(ai.ai) : end], text[end:]


def _element(ai: GS1ApplicationIdentifier, data: str) -> tuple[str, str]:
    """The data as people write them, and what is wrong with them; "" if nothing is."""
    if re.fullmatch(ai.pattern, ai.ai + data) is None:
        return data, _misfit(ai, data)
    key, right = data[: KEYS.get(ai.ai, 0)], ""
    if key:
        right, given = check_digit(key[:-1]), key[-1]
    elif ai.ai in PAIRED:
        right, given = check_pair(data[:-2]), data[-2:]
    if right and right != given:
        return data, f"has the check {given}, where {right} is right"
    try:
        return _written(ai.ai, data), ""
    except ValueError:
        return data, f"is not a date: {data}"


def _misfit(ai: GS1ApplicationIdentifier, data: str) -> str:
    if ai.ai in DATES and len(data) == 6:
        return f"is not a date: {data}"
    form = ai.format.split("+", 1)[1]
    hint = ", unless an FNC1 is missing in it" if ai.separator_required and data else ""
    return f"is not of the form {form}{hint}: {_shown(data)}"


def _written(ai: str, data: str) -> str:
    """The data as people write them. Raises ValueError for a date that does not exist."""
    if ai in DATES:
        return "/".join(_date(data[start : start + 6]) for start in range(0, len(data), 6))
    if ai in TIMES:
        return _date(data[:6]) + _time(data[6:])
    if ai.startswith(AMOUNTS):
        return format(Decimal(data).scaleb(-int(ai[-1])), "f")
    if ai.startswith(CURRENCIES):
        return f"{data[:3]} {format(Decimal(data[3:]).scaleb(-int(ai[-1])), 'f')}"
    return data


def _date(digits: str) -> str:
    """YYMMDD as 2027-12-31, or as 2027-12 if its day is 00, which leaves the day open."""
    year, month, day = (int(digits[start : start + 2]) for start in (0, 2, 4))
    now = datetime.now().astimezone().year
    year += now - now % 100
    year += 100 if now - year >= 50 else -100 if year - now > 50 else 0
    if not 1 <= month <= 12 or day > calendar.monthrange(year, month)[1]:
        raise ValueError(digits)
    return f"{year}-{month:02}" + (f"-{day:02}" if day else "")


def _time(digits: str) -> str:
    """HH, HHMM or HHMMSS as T14:30; nothing for 9999, which means no time."""
    parts = [digits[start : start + 2] for start in range(0, len(digits), 2)]
    if not parts or digits == "9999":
        return ""
    if int(parts[0]) > 23 or any(int(part) > 59 for part in parts[1:]):
        raise ValueError(digits)
    return "T" + ":".join(parts if len(parts) > 1 else (*parts, "00"))


def check_digit(digits: str) -> str:
    """The check digit of a GS1 key (7.9.1): weights of 3 and 1 from the right, modulo 10."""
    weighed = (int(digit) * (3 - 2 * (place % 2)) for place, digit in enumerate(reversed(digits)))
    return str(-sum(weighed) % 10)


def check_pair(text: str) -> str:
    """The check characters of a Global Model Number (7.9.5): weights that are primes, from the
    right, modulo 1021, written in a base of 32."""
    weighed = zip(reversed(text), _PRIMES, strict=False)
    total = sum(_ALPHABET.index(letter) * prime for letter, prime in weighed) % 1021
    return _PAIR[total >> 5] + _PAIR[total & 31]


def _shown(text: str) -> str:
    return repr(text.replace(FNC1, "<FNC1>"))
