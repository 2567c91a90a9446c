"""The regular session of an instrument as intervals of UTC nanoseconds."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.importers.encode import Ints
from nautilus_exec.nautilus.instruments import Instrument
from nautilus_exec.nautilus.sessions import calendar
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
def _bounds(name: str | None, session: str | None, zone: str, first: date, last: date) -> tuple[Ints, Ints]:
    # A day to each side: a session can begin on the day before in UTC.
    first, last = first - timedelta(days=1), last + timedelta(days=1)
    if name is not None:
        return exchange(name, first, last)[1:]
    if session is not None:
        return _daily(session, zone, first, last)
    raise InvalidInput("session", None, "a calendar or a session in the instruments file")


def exchange(name: str, first: date, last: date) -> tuple[list[date], Ints, Ints]:
    """Return sessions, opens and closes of an exchange over [first, last] and up to three weeks to each side.

    Raises ``InvalidInput`` for a name or dates that exchange_calendars does not know.
    """
    # A calendar over a span without a session cannot be made: Golden Week closes Tokyo for ten days.
    start, end = first - timedelta(days=21), last + timedelta(days=21)
    known = calendar(name, start, end)
    opens, closes = (_moments(column) for column in (known.opens, known.closes))
    return [session.date() for session in known.sessions], opens, closes


def _moments(column: Any) -> Ints:
    plain = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    return np.asarray(plain.astype("datetime64[ns]").astype(np.int64), np.int64)


def _daily(session: str, zone: str, first: date, last: date) -> tuple[Ints, Ints]:
    try:
        # 24:00 is the midnight that ends the day.
        start, end = (
            time.fromisoformat(part.strip().replace("24:00", "00:00")) for part in session.split("-")
        )
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
