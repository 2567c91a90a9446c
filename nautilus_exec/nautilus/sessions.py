"""The trading session that an instant falls in, from an exchange calendar or from stated hours."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.params import Session
from nautilus_exec.units import SECOND, Nanos

LOOK_AHEAD_DAYS = 10
"""A next session further away than this is none; the longest closures of exchanges are shorter."""


@lru_cache(maxsize=64)
def calendar(name: str, first: date, last: date) -> Any:
    """The exchange calendar of that name over [first, last]; the one place that loads exchange_calendars.

    Raises ``InvalidInput`` for a name or dates that it does not know.
    """
    import exchange_calendars  # takes a second to import, and not every verb needs it

    try:
        return exchange_calendars.get_calendar(name, start=first.isoformat(), end=last.isoformat())
    except (exchange_calendars.errors.InvalidCalendarName, ValueError) as error:
        raise InvalidInput(
            "calendar", name, f"a name of exchange_calendars, as XNYS, and its dates ({error})"
        ) from error


def session_at(hours: str | None, now_ns: Nanos) -> Session | None:
    """The session under way, or the next one; None without hours, or when none comes within ten days.

    ``hours`` is an exchange calendar's name, or ``HH:MM-HH:MM zone``.
    """
    if hours is None:
        return None
    today = datetime.fromtimestamp(now_ns // SECOND, UTC).date()
    for opens, closes in _sessions(hours, today):
        if now_ns < closes:
            return Session(opens, closes)
    return None


def zone_of(hours: str | None) -> str:
    """The time zone of hours; UTC without any."""
    if hours is None:
        return "UTC"
    if "-" in hours:
        return hours.partition(" ")[2] or "UTC"
    return str(calendar(hours, date(2020, 1, 1), date(2020, 2, 1)).tz)


@lru_cache(maxsize=1024)
def _sessions(hours: str, today: date) -> tuple[tuple[Nanos, Nanos], ...]:
    """Open and close of the sessions from the day before to ten days after, in order."""
    # A session can begin on the day before in UTC; a calendar cannot be made over a span without a session.
    first, last = today - timedelta(days=LOOK_AHEAD_DAYS), today + timedelta(days=LOOK_AHEAD_DAYS)
    if "-" not in hours:
        known = calendar(hours, first, last)
        return tuple((o.value, c.value) for o, c in zip(known.opens, known.closes, strict=True))
    text, _, zone = hours.partition(" ")
    return tuple(_stated(text, zone or "UTC", today + timedelta(days=n)) for n in range(-1, LOOK_AHEAD_DAYS))


def _stated(text: str, zone: str, day: date) -> tuple[Nanos, Nanos]:
    opens, _, closes = text.partition("-")
    try:
        place = ZoneInfo(zone)
        at = [datetime.fromisoformat(f"{day}T{each}").replace(tzinfo=place) for each in (opens, closes)]
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise InvalidInput("session", f"{text} {zone}", "HH:MM-HH:MM and a time zone") from error
    end = at[1] if at[1] > at[0] else at[1] + timedelta(days=1)
    return int(at[0].timestamp()) * SECOND, int(end.timestamp()) * SECOND
