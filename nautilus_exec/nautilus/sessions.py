"""The trading session that an instant falls in, from an exchange calendar or from stated hours."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.params import Session
from nautilus_exec.units import SECOND, Nanos


@lru_cache(maxsize=32)
def _calendar(name: str) -> Any:
    import exchange_calendars  # slow to import, and only needed where an instrument names a calendar

    try:
        return exchange_calendars.get_calendar(name)
    except exchange_calendars.errors.InvalidCalendarName as error:
        raise InvalidInput(
            "calendar", name, "an exchange calendar such as XNYS, or HH:MM-HH:MM and a zone"
        ) from error


@lru_cache(maxsize=1024)
def _of_day(calendar: str, day: str) -> tuple[Nanos, Nanos] | None:
    """Open and close of a local day, None when it has no session."""
    if "-" not in calendar:
        book = _calendar(calendar)
        if not book.is_session(day):
            return None
        return book.session_open(day).value, book.session_close(day).value
    hours, _, zone = calendar.partition(" ")
    opens, _, closes = hours.partition("-")
    place = ZoneInfo(zone or "UTC")
    at = [datetime.fromisoformat(f"{day}T{text}").replace(tzinfo=place) for text in (opens, closes)]
    return int(at[0].timestamp()) * SECOND, int(at[1].timestamp()) * SECOND


def zone_of(calendar: str | None) -> str:
    """The time zone of a calendar; UTC without one."""
    if calendar is None:
        return "UTC"
    if "-" not in calendar:
        return str(_calendar(calendar).tz)
    return calendar.partition(" ")[2] or "UTC"


def session_at(calendar: str | None, now_ns: Nanos) -> Session | None:
    """The session under way, or the next one; None without a calendar, or when none comes within ten days."""
    if calendar is None:
        return None
    day = datetime.fromtimestamp(now_ns // SECOND, ZoneInfo(zone_of(calendar)))
    for offset in range(11):
        hours = _of_day(calendar, (day + timedelta(days=offset)).date().isoformat())
        if hours is not None and now_ns < hours[1]:
            return Session(*hours)
    return None
