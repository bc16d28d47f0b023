"""GS1 data: elements, their form, check digits, dates, numbers and separators."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx_barcodes.gs1 import check_digit, check_pair, digital_link, message

FNC1 = "\x1d"
ERROR = "gs1 error"
TITLES = {"01": "GTIN", "10": "BATCH/LOT", "21": "SERIAL", "37": "COUNT", "240": "ADDITIONAL ID"}


def test_elements_are_told_in_their_order_with_their_titles() -> None:
    text = f"010950110153000310AB-123{FNC1}172712313103001250"
    assert list(message(text).items()) == [
        ("(01) GTIN", "09501101530003"),
        ("(10) BATCH/LOT", "AB-123"),
        ("(17) USE BY or EXPIRY", "2027-12-31"),
        ("(3103) NET WEIGHT (kg)", "1.250"),
    ]


@pytest.mark.parametrize(
    ("data", "written"),
    [
        ("17270200", "2027-02"),  # the day is left open
        ("11240229", "2024-02-29"),
        ("7007260101260115", "2026-01-01/2026-01-15"),
        ("7007260101", "2026-01-01"),
        ("70032712311430", "2027-12-31T14:30"),
        ("800827123114", "2027-12-31T14:00"),
        ("8008271231143059", "2027-12-31T14:30:59"),
        ("43242712319999", "2027-12-31"),  # at any time
        ("7011271231", "2027-12-31"),
        ("3100000012", "12"),
        ("3105000012", "0.00012"),
        ("39021250", "12.50"),
        ("39329781250", "978 12.50"),
        ("39420125", "1.25"),
        ("3712", "12"),
        ("8110XYZ", "XYZ"),
    ],
)
def test_dates_and_numbers_are_written_as_people_do(data: str, written: str) -> None:
    assert list(message(data).values()) == [written]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ("0109501101530004", r"\(01\) GTIN has the check 4, where 3 is right"),
        ("00340123450000000018", "has the check 8, where 7 is right"),
        ("4149501101530009", "has the check 9, where 3 is right"),
        ("2539501101530009XY", "has the check 9"),
        ("8003095011015300091", "has the check 9"),
        ("80131987654Ad4X4bL5ttr2310c2J", "has the check 2J, where 2K is right"),
        ("17271331", "is not a date: 271331"),
        ("17270230", "is not a date: 270230"),
        ("70032702302500", "is not a date"),
        ("70032702282500", "is not a date"),
        ("01095011015", r"is not of the form N14: '095011015'"),
        ("01095011015\x1d10A", r"is not of the form N14: '095011015'"),
        ("10ABCDEFGHIJKLMNOPQRSTU", r"X\.\.20, unless an FNC1 is missing in it"),
        ("10ABC17271231ABCDEFGHIJ", "an FNC1 is missing"),
        ("10\x1d17271231", r"BATCH/LOT is not of the form X\.\.20: ''"),
        ("10Straße", "is not of the form"),
        ("37ABC", r"COUNT is not of the form N\.\.8"),
        ("0512345", "'0512345' begins with no known application identifier"),
        ("10A\x1d10B", r"\(10\) BATCH/LOT is there twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_element(data: str, fault: str) -> None:
    found = message(data)[ERROR]
    assert re.search(fault, found), found


def test_a_fault_costs_no_other_element() -> None:
    found = message(f"0109501101530004172713311712010110A{FNC1}10A{FNC1}21B")
    assert found["(01) GTIN"] == "09501101530004"
    assert found["(21) SERIAL"] == "B"
    assert found[ERROR].count(";") == 2  # a check digit, a date, and the other date


def test_separators_that_need_not_be_there_are_no_fault() -> None:
    assert message(f"{FNC1}0109501101530003{FNC1}{FNC1}10A{FNC1}") == {
        "(01) GTIN": "09501101530003",
        "(10) BATCH/LOT": "A",
    }
    assert message("") == {}


def test_the_century_is_the_nearest() -> None:
    now = datetime.now().astimezone().year
    for year in (now - 49, now, now + 50):
        assert message(f"11{year % 100:02}0101") == {"(11) PROD DATE": f"{year}-01-01"}


def test_check_digits_and_pairs_are_those_of_the_standard() -> None:
    assert check_digit("950110153000") == check_digit("0950110153000") == "3"
    assert check_digit("34012345000000001") == "7"
    assert check_pair("1987654Ad4X4bL5ttr2310c") == "2K"  # the example of the specification


@settings(max_examples=40)
@given(st.text("0123456789", min_size=12, max_size=17), st.integers(0, 9), st.integers(0, 16))
def test_a_check_digit_tells_every_wrong_digit(digits: str, other: int, place: int) -> None:
    place %= len(digits)
    changed = digits[:place] + str(other) + digits[place + 1 :]
    assert (check_digit(changed) == check_digit(digits)) == (changed == digits)


texts = st.text("ABCxyz0189-/+.", min_size=1, max_size=20)
elements = st.one_of(
    st.text("0123456789", min_size=13, max_size=13).map(lambda d: ("01", d + check_digit(d))),
    st.tuples(st.sampled_from(["10", "21", "240"]), texts),
    st.tuples(st.just("37"), st.text("0123456789", min_size=1, max_size=8)),
)


@settings(max_examples=40)
@given(st.lists(elements, max_size=6, unique_by=lambda element: element[0]))
def test_what_is_joined_is_taken_apart(parts: list[tuple[str, str]]) -> None:
    joined = "".join(ai + data + (FNC1 if ai != "01" else "") for ai, data in parts)
    assert message(joined) == {f"({ai}) {TITLES[ai]}": data for ai, data in parts}


@settings(max_examples=40)
@given(st.dates(date.today() - timedelta(15000), date.today() + timedelta(15000)))
def test_every_date_is_read(day: date) -> None:
    assert message(f"13{day:%y%m%d}") == {"(13) PACK DATE": day.isoformat()}


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    found = message(text)
    assert all(isinstance(one, str) for pair in found.items() for one in pair)
    assert found or not text.strip(FNC1)
    digital_link("https://id.example/" + text)


def test_digital_links_are_told_from_other_addresses() -> None:
    assert digital_link("https://id.gs1.org/01/09501101530003/10/ABC?17=271231") == {
        "content": "gs1-digital-link",
        "(01) GTIN": "09501101530003",
        "(10) BATCH/LOT": "ABC",
        "(17) USE BY or EXPIRY": "2027-12-31",
    }
    for other in (
        "https://example.org/2041",
        "https://example.org/01/09501101530004",  # a wrong check digit
        "https://example.org/",
        "http://[",
        "id.gs1.org/01/09501101530003",
        "01/09501101530003",
    ):
        assert digital_link(other) == {}
