"""The text form of durations, instants and prices; instants by hand from the zones' published offsets."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.text import local_midnight, parse_duration, parse_price, parse_time
from nautilus_exec.units import HOUR, MINUTE, MS, SECOND, US

NEW_YORK = "America/New_York"


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * SECOND  # type: ignore[misc]  # year, month, day and on


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("90s", 90 * SECOND),
        ("30m", 30 * MINUTE),
        ("1h30m", 90 * MINUTE),
        ("1.5h", 90 * MINUTE),
        ("250ms", 250 * MS),
        ("7us", 7 * US),
        ("1d", 24 * HOUR),
        ("0.1s", 100 * MS),
    ],
)
def test_a_duration_is_read_exactly(text: str, nanos: int):
    assert parse_duration("duration", text) == nanos


@pytest.mark.parametrize("text", ["", "90", "s", "90 s", "-5s", "5x", "1h 30m", "h30m", "1e3s", ".5s"])
def test_a_duration_in_another_form_is_refused(text: str):
    with pytest.raises(InvalidInput) as refused:
        parse_duration("interval", text)
    assert str(refused.value) == f"interval: {text!r}; expected a duration such as 90s, 30m or 1h30m"


@pytest.mark.parametrize("text", ["0s", "0h0m", "0.0001us"])
def test_a_duration_of_nothing_is_refused(text: str):
    with pytest.raises(InvalidInput, match="above zero"):
        parse_duration("duration", text)


WINTER = utc(2018, 1, 2, 15, 0)
SPRING = utc(2018, 3, 11, 20, 0)  # clocks went forward at 02:00
AUTUMN = utc(2018, 11, 4, 20, 0)  # clocks went back at 02:00


@pytest.mark.parametrize(
    ("text", "today", "expected"),
    [
        ("2018-01-02T10:00-05:00", WINTER, utc(2018, 1, 2, 15)),
        ("2018-01-02T10:00:30Z", WINTER, utc(2018, 1, 2, 10, 0, 30)),
        ("2018-01-02T10:00:00.25Z", WINTER, utc(2018, 1, 2, 10) + 250 * MS),
        ("10:00", WINTER, utc(2018, 1, 2, 15)),
        (" 10:00:05 ", WINTER, utc(2018, 1, 2, 15, 0, 5)),
        ("10:00 UTC", WINTER, utc(2018, 1, 2, 10)),
        ("10:00 Europe/London", WINTER, utc(2018, 1, 2, 10)),
        ("10:00", SPRING, utc(2018, 3, 11, 14)),  # four hours behind from that day on
        ("01:00", SPRING, utc(2018, 3, 11, 6)),  # five hours behind before the change
        ("02:30", SPRING, utc(2018, 3, 11, 7, 30)),  # did not happen: half an hour after the change
        ("10:00", AUTUMN, utc(2018, 11, 4, 15)),
        ("00:30", AUTUMN, utc(2018, 11, 4, 4, 30)),
        # At 03:00 UTC it is still the day before in New York.
        ("10:00", utc(2018, 1, 3, 3), utc(2018, 1, 2, 15)),
    ],
)
def test_an_instant_is_read_in_its_zone(text: str, today: int, expected: int):
    assert parse_time("start_time", text, today, NEW_YORK) == expected


def test_a_clock_time_that_comes_twice_is_the_first_of_the_two_whenever_it_is_asked():
    # 01:30 was first at 05:30 UTC, then again at 06:30.
    for today in (utc(2018, 11, 4, 5, 0), utc(2018, 11, 4, 6, 45), AUTUMN):
        assert parse_time("start_time", "01:30", today, NEW_YORK) == utc(2018, 11, 4, 5, 30)


@pytest.mark.parametrize(
    "text",
    ["", "10", "25:00", "10:61", "10:00 Nowhere/Land", "10:00 ../x", "2018-01-02T10:00", "tomorrow", "9:30"],
)
def test_an_instant_without_a_zone_or_in_another_form_is_refused(text: str):
    with pytest.raises(InvalidInput) as refused:
        parse_time("end_time", text, WINTER, NEW_YORK)
    assert str(refused.value).startswith(
        f"end_time: {text!r}; expected ISO-8601 with an offset, or HH:MM[:SS]"
    )


def test_a_price_on_the_tick_is_so_many_ticks():
    assert parse_price("limit_price", "100.10", Decimal("0.01")) == 10_010
    assert parse_price("limit_price", "0.3", Decimal("0.1")) == 3
    assert parse_price("limit_price", "12.5", Decimal("2.5")) == 5


@pytest.mark.parametrize("text", ["100.105", "NaN", "Infinity", "abc", "", "sNaN", "1,000"])
def test_a_price_off_the_tick_or_none_at_all_is_refused(text: str):
    with pytest.raises(InvalidInput) as refused:
        parse_price("limit_price", text, Decimal("0.01"))
    assert refused.value.field == "limit_price"
    assert "on the tick of 0.01" in str(refused.value)


def test_the_local_day_begins_at_its_own_midnight():
    assert local_midnight(WINTER, NEW_YORK) == utc(2018, 1, 2, 5)
    assert local_midnight(SPRING, NEW_YORK) == utc(2018, 3, 11, 5)
    assert local_midnight(AUTUMN, NEW_YORK) == utc(2018, 11, 4, 4)
