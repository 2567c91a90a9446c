"""The trading hours of a market, and which of a history's days a profile may use."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.sessions import calendar
from nautilus_exec.units import DAY, HOUR, MINUTE, SECOND, US

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?(?: ?(AM|PM))?")

type Hours = tuple[int, int]
"""Open and close, nanoseconds of the wall clock since local midnight."""


@dataclass(frozen=True, slots=True)
class Market:
    """When a market trades: its zone, its regular hours and, where a calendar is known, each day's own hours."""

    name: str
    timezone: str
    hours: Hours
    by_day: Mapping[date, Hours] | None = None

    def why_not(self, day: date) -> str | None:
        """Return why ``day`` is no regular day, or ``None`` if it is one."""
        if self.by_day is None:
            return None
        hours = self.by_day.get(day)
        if hours is None:
            return f"no session of {self.name}"
        if hours != self.hours:
            return f"short day {clock(hours[0])}-{clock(hours[1])}"
        return None


def from_calendar(code: str, first: date, last: date) -> Market:
    """Return the hours of an exchange of exchange_calendars over [first, last].

    The regular hours are the most frequent ones of the year that ends with ``last``.
    Raises ``InvalidInput`` for an unknown code, and for sessions that cross local midnight.
    """
    start, end = first - timedelta(days=370), last + timedelta(days=10)
    known = calendar(code, start, end)
    zone = str(known.tz)
    by_day = {
        session.date(): (_tod(row.open, session, zone), _tod(row.close, session, zone))
        for session, row in zip(known.schedule.index, known.schedule.itertuples(), strict=True)
    }
    year = [hours for day, hours in by_day.items() if day > last - timedelta(days=365)]
    hours = Counter(year).most_common(1)[0][0]
    if not 0 <= hours[0] < hours[1] <= DAY:
        raise InvalidInput("calendar", code, "a market whose session lies inside one local day")
    return Market(code, zone, hours, by_day)


def from_session(session: str, timezone: str) -> Market:
    """Return the hours of text such as ``09:30-16:00`` in a zone, the same every day."""
    opens, dash, closes = session.partition("-")
    hours = (parse_clock("session", opens), parse_clock("session", closes)) if dash else (0, 0)
    if not hours[0] < hours[1] <= DAY:
        raise InvalidInput("session", session, "open-close of the local day, such as 09:30-16:00")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidInput("timezone", timezone, "an IANA zone, such as America/New_York") from None
    return Market(session, timezone, hours)


@dataclass(slots=True)
class Choice:
    """The days used, oldest first, and each day left out with its reason."""

    used: list[date] = field(default_factory=list)
    left_out: list[tuple[date, str]] = field(default_factory=list)


def choose(verdicts: Mapping[date, str | None], until: date | None, count: int) -> Choice:
    """Return the ``count`` newest days that are before ``until`` and have no reason against them.

    ``verdicts`` maps each day to why it cannot be used, or ``None``. Raises ``InvalidInput`` for a count below
    1, and naming how many there are when there are fewer.
    """
    if count < 1:
        raise InvalidInput("days", count, "at least 1")
    choice = Choice()
    for day in sorted(verdicts):
        reason = "on or after --until" if until is not None and day >= until else verdicts[day]
        if reason is None:
            choice.used.append(day)
        else:
            choice.left_out.append((day, reason))
    there = len(choice.used)
    if there < count:
        before = f" before {until}" if until else ""
        raise InvalidInput(
            "days", count, f"at most {there}: of {len(verdicts)} days there, {there} can be used{before}"
        )
    older, choice.used = choice.used[: there - count], choice.used[there - count :]
    choice.left_out = sorted([(day, "older than the days used") for day in older] + choice.left_out)
    return choice


def parse_clock(field_name: str, text: str) -> int:
    """Return ``HH:MM``, ``HH:MM:SS`` or ``HH:MM AM`` as nanoseconds since midnight; 24:00 is the day's end."""
    match = _CLOCK.fullmatch(text.strip().upper())
    if match is None:
        raise InvalidInput(field_name, text, "a time of day as HH:MM, HH:MM:SS or HH:MM AM")
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    if match[4]:
        hours = hours % 12 + (12 if match[4] == "PM" else 0)
    tod = hours * HOUR + minutes * MINUTE + seconds * SECOND
    if minutes > 59 or seconds > 59 or tod > DAY:
        raise InvalidInput(field_name, text, "a time of day from 00:00 to 24:00")
    return tod


def clock(tod_ns: int) -> str:
    """Return nanoseconds since midnight as ``HH:MM``, with seconds if there are any."""
    seconds = tod_ns // SECOND
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02d}"


def _tod(instant: datetime, session: datetime, zone: str) -> int:
    """Return wall-clock nanoseconds from the session's midnight: a clock change does not move the hours."""
    local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return (local - session) // timedelta(microseconds=1) * US
