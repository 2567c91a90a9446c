"""Make a volume profile from the newest usable days of a source."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nautilus_exec.curves.volume_history import Statistic, bin_volumes, from_days
from nautilus_exec.curves.volume_profile import VolumeProfile
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.profile_days import Choice, Market, choose, clock, from_calendar, from_session
from nautilus_exec.nautilus.profile_sources import Source, Volumes
from nautilus_exec.units import MINUTE, SECOND

DEFAULT_BIN_NS = 15 * MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """How the user names the trading hours: a calendar's code, or a session with its zone."""

    calendar: str | None = None
    session: str | None = None
    timezone: str | None = None

    def market(self, first: date, last: date) -> Market:
        """Return the market over [first, last]; ``InvalidInput`` if it is named twice, half or not at all."""
        if (self.calendar is None) == (self.session is None):
            raise InvalidInput("calendar", self.calendar, "either --calendar or --session with --timezone")
        if self.calendar is not None:
            if self.timezone is not None:
                raise InvalidInput("timezone", self.timezone, "no zone beside --calendar, which has its own")
            return from_calendar(self.calendar, first - timedelta(days=1), last + timedelta(days=1))
        if self.timezone is None:
            raise InvalidInput("timezone", None, "the IANA zone of --session, such as America/New_York")
        return from_session(str(self.session), self.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A profile, the market and the days it was made from, and remarks in words."""

    profile: VolumeProfile
    market: Market
    choice: Choice
    notes: list[str]


def build(
    source: Source,
    hours: Hours,
    *,
    name: str,
    days: int,
    statistic: Statistic,
    until: date | None,
    bins_ns: int | None = None,
    foreign: bool = False,
) -> Built:
    """Return the profile of the ``days`` newest usable local days of ``source`` strictly before ``until``.

    Days without a regular session, with missing bins or without volume are left out, each with its reason.
    Bins are ``bins_ns`` wide from the open on (the last one ends at the close); by default the source's own,
    or 15 minutes. Raises ``InvalidInput`` when fewer days can be used, when a profile that is not foreign has
    no ``until``, and when the bins do not fit the source's own.
    """
    if until is None and not foreign:
        raise InvalidInput("until", None, "the order's day as YYYY-MM-DD (only --foreign may go without)")
    market = hours.market(*source.span())
    volumes = source.volumes(market.timezone)
    edges = _edges(market, bins_ns, volumes.bins)
    by_day: dict[date, pl.DataFrame] = {key[0]: rows for key, rows in volumes.continuous.group_by("day")}
    verdicts = {day: _why_not(day, rows, market, edges, volumes) for day, rows in by_day.items()}
    choice = choose(verdicts, until, days)
    profile = from_days(
        {day: _binned(by_day[day], edges).tolist() for day in choice.used},
        edges,
        statistic,
        auctions=_auctions(volumes, market, choice.used),
        name=name,
        source=_source_text(source, market, choice, statistic, foreign=foreign),
        timezone=market.timezone,
        foreign=foreign,
    )
    if not volumes.opening:
        profile = replace(profile, opening_share=None)
    notes = volumes.notes + _outside(volumes, market, choice)
    return Built(profile=profile, market=market, choice=choice, notes=notes)


def _edges(market: Market, bins_ns: int | None, own: Sequence[int] | None) -> list[int]:
    """Return the bin edges from open to close."""
    opens, closes = market.hours
    starts = [start for start in own or () if opens <= start < closes]
    if own is not None and bins_ns is None:
        if not starts:
            raise InvalidInput("session", market.name, "a session with bins of the source in it")
        return [*starts, closes]
    width = DEFAULT_BIN_NS if bins_ns is None else bins_ns
    if width < SECOND or width % SECOND:
        raise InvalidInput("bins", f"{width} ns", "whole seconds, at least 1s")
    edges = [*range(opens, closes, width), closes]
    if own is not None and not set(edges[:-1]) <= set(starts):
        raise InvalidInput("bins", f"{width // SECOND}s", "bins that begin where bins of the source begin")
    return edges


def _why_not(
    day: date, rows: pl.DataFrame, market: Market, edges: Sequence[int], volumes: Volumes
) -> str | None:
    """Return why the day cannot be used, or ``None``."""
    reason = market.why_not(day)
    if reason is not None:
        return reason
    if volumes.bins is not None:
        wanted = {start for start in volumes.bins if edges[0] <= start < edges[-1]}
        missing = sorted(wanted.difference(rows["tod_ns"]))
        if missing:
            return f"{len(missing)} of {len(wanted)} bins missing, the first {clock(missing[0])}"
    return None if _binned(rows, edges).any() else "no volume in the session"


def _binned(rows: pl.DataFrame, edges: Sequence[int]) -> NDArray[np.float64]:
    return bin_volumes(rows["tod_ns"].to_numpy(), rows["volume"].to_numpy(), edges)


def _auctions(
    volumes: Volumes, market: Market, used: Sequence[date]
) -> dict[date, tuple[float, float]] | None:
    """Return each day's opening and closing auction volume: the first and the second half of the session."""
    if volumes.auctions is None:
        return None
    noon = sum(market.hours) // 2
    early = pl.col("tod_ns") < noon
    table = volumes.auctions.filter(pl.col("day").is_in(list(used))).group_by("day")
    sums = table.agg(
        pl.col("volume").filter(early).sum().alias("open"), pl.col("volume").filter(~early).sum()
    )
    return {day: (opening, closing) for day, opening, closing in sums.iter_rows()}


def _outside(volumes: Volumes, market: Market, choice: Choice) -> list[str]:
    """Return a remark on the volume of the used days that lies outside the session, if there is any."""
    used = volumes.continuous.filter(pl.col("day").is_in(choice.used))
    inside = pl.col("tod_ns").is_between(*market.hours, closed="left")
    left_out = float(used.filter(~inside)["volume"].sum())
    hours = f"{clock(market.hours[0])}-{clock(market.hours[1])}"
    share = left_out / float(used["volume"].sum())
    return [f"outside {hours}: volume {left_out:,.0f} ({share:.2%}) left out"] if left_out else []


def _source_text(
    source: Source, market: Market, choice: Choice, statistic: Statistic, *, foreign: bool
) -> str:
    used = choice.used
    span = f"{used[0]}" if len(used) == 1 else f"{len(used)} days {used[0]} to {used[-1]}"
    return f"{'foreign: ' if foreign else ''}{statistic} of {span}, {source.what}, hours of {market.name}"
