"""What codes say: patterns by name, many with check digits, and regular expressions."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from ocrx.errors import UsageError
from ocrx.patterns import checkdigits
from ocrx.patterns.named import MONTHS, NAMED
from ocrx.system.suggest import did_you_mean
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.texts import alphabet, draw, drawable, with_rare


@dataclass(frozen=True)
class Pattern:
    """A family of texts. `draw` makes one of them; `alphabet` has all characters they may have."""

    name: str
    draw: Callable[[Dice], str]
    alphabet: frozenset[str]
    about: str = ""


def pattern(text: str) -> Pattern:
    """The pattern of that name, or that of a regular expression.

    A text of letters, digits and - alone is a name. Raises UsageError for an unknown name or a bad
    expression.
    """
    if text in PATTERNS:
        return PATTERNS[text]
    if text.replace("-", "").isalnum() and text == text.lower():
        raise UsageError(
            f"there is no pattern {text!r}",
            f"{did_you_mean(text, PATTERNS)}Name one of: {', '.join(PATTERNS)}; or write a regular "
            r"expression, such as '[A-Z]{3}-\d{6}'.",
        )
    return _expression(text, text)


def _expression(name: str, text: str, about: str = "") -> Pattern:
    node = drawable(text)
    return Pattern(name, partial(draw, node), alphabet(node), about)


DATES = (
    "{d}.{m}.{y}", "{d}.{m}.{s}", "{d}/{m}/{y}", "{d}/{m}/{s}", "{d}-{m}-{s}", "{y}-{m}-{d}",
    "{y}.{m}.{d}", "{y}/{m}/{d}", "{s}{m}{d}", "{y}{m}{d}", "{m}/{y}", "{m}-{y}", "{d} {n} {y}",
    "{d}{n}{s}", "{n} {y}", "{d}-{n}-{y}", "{n}{s}", "{m}/{s}",
)  # fmt: skip
SIGNS = frozenset(string.ascii_uppercase + string.digits)
LETTERS = with_rare(string.ascii_uppercase)
MIXED = with_rare(string.digits + string.ascii_uppercase)


def _date(dice: Dice) -> str:
    year, month = dice.whole(1996, 2039), dice.whole(1, 12)
    return dice.pick(DATES).format(
        d=f"{dice.whole(1, 28):02}", m=f"{month:02}", y=year, s=f"{year % 100:02}",
        n=MONTHS[month - 1],
    )  # fmt: skip


def _digits(dice: Dice, count: int) -> str:
    return "".join(dice.pick(string.digits) for _ in range(count))


def _letters(dice: Dice, count: int) -> str:
    return "".join(dice.pick(LETTERS) for _ in range(count))


def _gtin(dice: Dice, length: int) -> str:
    digits = _digits(dice, length - 1)
    return digits + checkdigits.gs1(digits)


def _gs1(dice: Dice) -> str:
    day = f"{dice.whole(20, 39)}{dice.whole(1, 12):02}{dice.whole(1, 28):02}"
    parts = [
        f"(01){_gtin(dice, 14)}",
        f"({dice.pick(('11', '15', '17'))}){day}",
        f"(10){_letters(dice, dice.whole(0, 2))}{_digits(dice, dice.whole(3, 6))}",
        f"(21){_digits(dice, dice.whole(4, 10))}",
        f"(00){_gtin(dice, 18)}",
        f"(37){_digits(dice, dice.whole(1, 4))}",
    ]
    first = dice.whole(0, len(parts) - 1)
    return "".join(parts[first : first + dice.whole(1, 2)])


def _imei(dice: Dice) -> str:
    digits = _digits(dice, 14)
    return digits + checkdigits.luhn(digits)


def _iso6346(dice: Dice) -> str:
    code = _letters(dice, 3) + dice.pick("UUUUJZ") + _digits(dice, 6)
    return code + checkdigits.iso6346(code)


def _vin(dice: Dice) -> str:
    signs = checkdigits.VIN_LETTERS + string.digits * 2
    number = "".join(dice.pick(signs) for _ in range(12)) + "0" + _digits(dice, 4)
    return checkdigits.with_vin_check(number)


def _code(dice: Dice) -> str:
    """Letters and digits in runs, as in most codes, with or without separators."""
    parts = []
    for _ in range(dice.whole(1, 4)):
        count = dice.whole(1, 5)
        kind = dice.share()
        if kind < 0.5:
            parts.append(_digits(dice, count))
        elif kind < 0.8:
            parts.append(_letters(dice, min(count, 3)))
        else:
            parts.append("".join(dice.pick(MIXED) for _ in range(count)))
    text = dice.pick(("", "", "-", "-", " ", "/", ".")).join(parts)
    return text if len(text) > 2 else text + _digits(dice, 3)


SYLLABLES = (
    "LE", "VEL", "CON", "TRO", "MA", "XI", "PRO", "TEC", "NO", "RA", "SUN", "BER", "CAF", "OFF",
    "ROOM", "GATE", "EXIT", "UNIT", "CLUB", "LOW", "QUE", "JIN", "WAY", "PARK", "DRY", "FIX", "HO",
)  # fmt: skip


def _word(dice: Dice) -> str:
    """A word, mostly with a number, as signs have them."""
    word = "".join(dice.pick(SYLLABLES) for _ in range(dice.whole(1, 3)))
    word = dice.pick((word, word, word.capitalize(), word.lower()))
    number = _digits(dice, dice.whole(1, 4))
    form = dice.pick(("{w}", "{w} {n}", "{w}{n}", "{n}{w}", "{n}% {w}", "#{n}-{w}", "{n} {w}"))
    return form.format(w=word, n=number)


DATE_SIGNS = frozenset(string.digits + ".-/ " + "".join(MONTHS))
WORD_SIGNS = frozenset(string.ascii_letters + string.digits + " %#-")
_NAMED = (
    Pattern("code", _code, SIGNS | frozenset("-/. "), "letters and digits in runs"),
    _expression("digits", r"\d{2,5}|\d{3,9}|\d{6,14}", "2 to 14 digits"),
    Pattern("date", _date, DATE_SIGNS, "dates in 18 forms"),
    _expression("time", NAMED["time"].expression, NAMED["time"].about),
    _expression(
        "price", r"-?\d{1,4}\.\d\d|\$\d{1,3}\.\d\d|RM\d{1,3}\.\d\d|\d{1,2},\d{3}\.\d\d", "amounts"
    ),
    Pattern("gs1", _gs1, frozenset(string.digits + "()") | SIGNS, "GS1 element strings"),
    Pattern("ean13", partial(_gtin, length=13), frozenset(string.digits), "EAN-13, check digit"),
    Pattern("upc", partial(_gtin, length=12), frozenset(string.digits), "UPC-A, check digit"),
    Pattern("imei", _imei, frozenset(string.digits), "IMEI, check digit"),
    Pattern("iso6346", _iso6346, SIGNS, "freight containers, check digit"),
    Pattern("vin", _vin, SIGNS, "vehicle identification numbers, check digit"),
    _expression(
        "lot", r"L\d{4,7}|LOT ?[A-Z]?\d{3,6}|L\d{3}[A-Z]\d{2}|[A-Z]\d{2}[A-Z]{2}\d", "lots"
    ),
    _expression(
        "serial", r"[A-Z]{2}\d{6,8}|(S/N |SN)?\d{4}[A-Z0-9]{4,6}|[A-Z0-9]{8,12}", "serial numbers"
    ),
    _expression(
        "part", r"[A-Z]{2,4}-\d{3,5}(-[A-Z]\d)?|\d{3}-\d{4}-\d{2}|[A-Z]\d{2}\.\d{3}", "part numbers"
    ),
    _expression("phone", r"0\d{1,2}-\d{7,8}|\+\d{2} \d{3} \d{6}|\(0\d{2}\) ?\d{3}-\d{4}", "phones"),
    _expression("plate-ar", NAMED["plate-ar"].expression, NAMED["plate-ar"].about),
    _expression("plate-cn", r"[A-Z]\d{5}|[A-Z][A-HJ-NP-Z0-9]{5}", "of China, after the province"),
    _expression(
        "plate-eu",
        r"[A-Z]{1,3}-[A-Z]{1,2} \d{1,4}|[A-Z]{2}-\d{3}-[A-Z]{2}|[A-Z]{2}\d\d [A-Z]{3}",
        "of countries in Europe",
    ),
    _expression("plate-us", r"\d[A-Z]{3}\d{3}|[A-Z]{3}-?\d{4}|[A-Z0-9]{5,7}", "of the USA"),
    _expression(
        "reading", r"-?\d{1,4}\.\d{1,2}|\d{1,2}:\d\d|\d{1,6}|E\d{2}|-\d{1,3}", "values of displays"
    ),
    Pattern("word", _word, WORD_SIGNS, "words, mostly with a number"),
)

PATTERNS: Mapping[str, Pattern] = MappingProxyType({one.name: one for one in _NAMED})
"""The patterns that have a name."""
