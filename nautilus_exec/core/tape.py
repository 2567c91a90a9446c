"""The market's volume by print class and venue, as a fold over prints.

Only what counts as a trade of others in continuous trading enters a participation; auctions and blocks are kept apart
by class. The same print twice changes nothing: prints of one venue come in order, and those of one stamp are told
apart by their trade id.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from enum import StrEnum

from nautilus_exec.core.spec import VolumeScope
from nautilus_exec.units import Lots, Nanos, Side, Ticks


class PrintClass(StrEnum):
    """What a print was."""

    CONTINUOUS = "continuous"
    AUCTION = "auction"
    OFF_EXCHANGE = "off_exchange"
    BLOCK = "block"
    EXCLUDED = "excluded"


@dataclass(slots=True)
class _Series:
    """Cumulative lots of one venue and class at rising stamps."""

    stamps: list[Nanos] = field(default_factory=list)
    total: list[Lots] = field(default_factory=list)
    priced: list[tuple[Nanos, Lots, Ticks]] = field(default_factory=list)
    """Prints with a price, for whoever asks what traded beyond one."""
    cuts: dict[tuple[Side, Ticks], "_Cut"] = field(default_factory=dict)

    def add(self, lots: Lots, ts: Nanos) -> None:
        before = self.total[-1] if self.total else 0
        if self.stamps and self.stamps[-1] == ts:
            self.total[-1] = before + lots
        else:
            self.stamps.append(ts)
            self.total.append(before + lots)

    def until(self, ts: Nanos) -> Lots:
        index = bisect_left(self.stamps, ts)
        return self.total[index - 1] if index else 0

    def beyond(self, side: Side, limit: Ticks) -> "_Series":
        """The prints that a limit of this side would not reach, brought up to date from where it was last asked."""
        cut = self.cuts.setdefault((side, limit), _Cut())
        while cut.seen < len(self.priced):
            ts, lots, price = self.priced[cut.seen]
            cut.seen += 1
            if side * (price - limit) > 0:
                cut.series.add(lots, ts)
        return cut.series


@dataclass(slots=True)
class _Cut:
    """What traded beyond one limit, and how many prints have been looked at."""

    series: _Series = field(default_factory=_Series)
    seen: int = 0


class Tape:
    """Prints of the instruments that are the same thing."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, PrintClass], _Series] = {}
        self._last: dict[str, tuple[Nanos, set[str]]] = {}
        self.refused = 0
        """Prints that came again or out of order."""

    def fold(
        self,
        venue: str,
        lots: Lots,
        ts: Nanos,
        trade_id: str,
        kind: PrintClass = PrintClass.CONTINUOUS,
        price_ticks: Ticks | None = None,
    ) -> None:
        """Take one print in; one without a price lies beyond no limit."""
        last, ids = self._last.get(venue, (-1, set()))
        if ts < last or (ts == last and trade_id in ids):
            self.refused += 1
            return
        if ts > last:
            self._last[venue] = (ts, {trade_id})
        else:
            ids.add(trade_id)
        if kind is not PrintClass.EXCLUDED:
            series = self._series.setdefault((venue, kind), _Series())
            series.add(lots, ts)
            if price_ticks is not None:
                series.priced.append((ts, lots, price_ticks))

    def volume(self, scope: VolumeScope, venue: str, since_ns: Nanos, until_ns: Nanos) -> Lots:
        """Lots printed in [since, until): continuous, and off-exchange too where the scope is consolidated."""
        return sum(
            series.until(until_ns) - series.until(since_ns)
            for (where, kind), series in self._series.items()
            if _counts(scope, kind, where == venue)
        )

    def reachable(
        self, scope: VolumeScope, venue: str, since_ns: Nanos, until_ns: Nanos, side: Side, limit: Ticks
    ) -> Lots:
        """The same volume without what traded beyond the limit: above it for a buy, below it for a sell."""
        beyond = sum(
            series.beyond(side, limit).until(until_ns) - series.beyond(side, limit).until(since_ns)
            for (where, kind), series in self._series.items()
            if _counts(scope, kind, where == venue)
        )
        return self.volume(scope, venue, since_ns, until_ns) - beyond


def _counts(scope: VolumeScope, kind: PrintClass, at_venue: bool) -> bool:
    if scope is VolumeScope.VENUE:
        return at_venue and kind is PrintClass.CONTINUOUS
    if scope is VolumeScope.LIT:
        return kind is PrintClass.CONTINUOUS
    return kind in (PrintClass.CONTINUOUS, PrintClass.OFF_EXCHANGE)
