"""The text form of parameters: durations, instants and prices, as an order carries them (str to str)."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from nautilus_exec.errors import InvalidInput
from nautilus_exec.units import DAY, HOUR, MINUTE, MS, SECOND, US, Nanos, Ticks

_UNITS = {"us": US, "ms": MS, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d)")
_FIX = re.compile(r"\d{8}-\d\d:\d\d:\d\d(?:\.\d+)?")
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?(?:\s+(\S+))?")


def parse_duration(field: str, text: str) -> Nanos:
    """Nanoseconds of a duration such as ``90s``, ``30m``, ``1h30m``; always positive."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise InvalidInput(field, text, "a duration such as 90s, 30m or 1h30m")
    total = int(sum(Decimal(number) * _UNITS[unit] for number, unit in parts))
    if total <= 0:
        raise InvalidInput(field, text, "a duration above zero")
    return total


def parse_time(field: str, text: str, today_ns: Nanos, zone: str) -> Nanos:
    """UTC nanoseconds of ``2018-01-02T10:00-05:00``, ``10:00[:00] [zone]`` or FIX's ``20180102-15:00:00[.000]``.

    A clock time means that time on the day on which ``today_ns`` falls in the zone; without a zone of its own it is in
    ``zone``, the one of the instrument's calendar. Raises ``InvalidInput`` for text without an offset or zone.
    """
    clock = _CLOCK.fullmatch(text.strip())
    try:
        if clock is None:
            # FIX's UTCTimestamp has no offset to carry: it is UTC.
            moment = datetime.fromisoformat(text + "Z" * bool(_FIX.fullmatch(text)))
            if moment.tzinfo is None:
                raise ValueError(text)
            return _nanos(moment)
        hour, minute, second, name = clock.groups()
        place = ZoneInfo(name or zone)
        day = datetime.fromtimestamp(today_ns // SECOND, place)
        # fold=0: of a time that comes twice, the first, whenever it is asked.
        first = day.replace(hour=int(hour), minute=int(minute), fold=0)
        return _nanos(first.replace(second=int(second or 0), microsecond=0))
    except (ValueError, KeyError, OSError) as error:
        raise InvalidInput(
            field, text, "ISO-8601 with an offset, or HH:MM[:SS] with the zone of the instrument's calendar"
        ) from error


def _nanos(moment: datetime) -> Nanos:
    return int(moment.timestamp()) * SECOND + moment.microsecond * US


def parse_price(field: str, text: str, tick: Decimal) -> Ticks:
    """Ticks of a price in decimal text; raises ``InvalidInput`` when it does not lie on the tick."""
    try:
        ticks = Decimal(text) / tick
    except InvalidOperation as error:
        raise InvalidInput(field, text, f"a decimal price on the tick of {tick}") from error
    if not ticks.is_finite() or ticks != ticks.to_integral_value():
        raise InvalidInput(field, text, f"a price on the tick of {tick}")
    return int(ticks)


def local_midnight(ts_ns: Nanos, zone: str) -> Nanos:
    """The instant at which the local day of ``ts_ns`` began."""
    day = datetime.fromtimestamp(ts_ns // SECOND, ZoneInfo(zone))
    return _nanos(day.replace(hour=0, minute=0, second=0, microsecond=0, fold=0))
