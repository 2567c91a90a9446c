"""The regular session of an instrument as intervals of UTC nanoseconds."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import exchange_calendars
import numpy as np
from exchange_calendars.errors import InvalidCalendarName
from numpy.typing import NDArray

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.importers.encode import Ints
from nautilus_exec.nautilus.instruments import Instrument
from nautilus_exec.units import SECOND


def inside(instrument: Instrument, stamps_ns: Ints) -> NDArray[np.bool_]:
    """Say which stamps lie in [open, close); raises ``InvalidInput`` for an instrument without hours."""
    if not len(stamps_ns):
        return np.zeros(0, np.bool_)
    first, last = (
        datetime.fromtimestamp(int(s) // SECOND, UTC).date() for s in (stamps_ns[0], stamps_ns[-1])
    )
    opens, closes = _bounds(instrument.calendar, instrument.session, instrument.timezone, first, last)
    at = np.searchsorted(opens, stamps_ns, side="right") - 1
    return (at >= 0) & (stamps_ns < closes[at])


@lru_cache(maxsize=64)
def _bounds(
    calendar: str | None, session: str | None, zone: str, first: date, last: date
) -> tuple[Ints, Ints]:
    # A day to each side: a session can begin on the day before in UTC.
    first, last = first - timedelta(days=1), last + timedelta(days=1)
    if calendar is not None:
        return _calendar(calendar, first, last)
    if session is not None:
        return _daily(session, zone, first, last)
    raise InvalidInput("session", None, "a calendar or a session in the instruments file")


def _calendar(name: str, first: date, last: date) -> tuple[Ints, Ints]:
    try:
        # Calendars want a span of their own; a week to each side holds at least one session.
        start, end = first - timedelta(days=7), last + timedelta(days=7)
        known = exchange_calendars.get_calendar(name, start=start.isoformat(), end=end.isoformat())
    except InvalidCalendarName as error:
        raise InvalidInput("calendar", name, "an exchange_calendars name, as XNYS") from error
    return known.opens_nanos, known.closes_nanos


def _daily(session: str, zone: str, first: date, last: date) -> tuple[Ints, Ints]:
    try:
        start, end = (time.fromisoformat(part) for part in session.split("-"))
        where = ZoneInfo(zone)
    except (ValueError, KeyError) as error:
        raise InvalidInput("session", f"{session} {zone}", "HH:MM-HH:MM and a time zone") from error
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    longer = timedelta(days=1 if end <= start else 0)
    opens = [datetime.combine(day, start, where) for day in days]
    closes = [datetime.combine(day + longer, end, where) for day in days]
    return _nanos(opens), _nanos(closes)


def _nanos(moments: list[datetime]) -> Ints:
    return np.array([int(moment.timestamp()) * SECOND for moment in moments], np.int64)
