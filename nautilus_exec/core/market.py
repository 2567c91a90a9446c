"""What a policy may know of the market at one instant: the tops of the routing set and the tape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from nautilus_exec.core.tape import Tape
from nautilus_exec.units import MINUTE, Lots, Nanos, Side, Ticks

STALE_AFTER_NS = 5 * MINUTE
"""A quote older than this is not acted on; chosen by us."""


class Top(NamedTuple):
    """Best bid and ask of one venue; a side of size 0 is absent."""

    bid: Ticks
    bid_lots: Lots
    ask: Ticks
    ask_lots: Lots
    ts: Nanos

    def price(self, side: Side) -> Ticks:
        """The price that an order of this side joins."""
        return self.bid if side is Side.BUY else self.ask

    def far(self, side: Side) -> Ticks:
        """The price that an order of this side pays to trade at once."""
        return self.ask if side is Side.BUY else self.bid

    def far_lots(self, side: Side) -> Lots:
        """The size displayed at the far price."""
        return self.ask_lots if side is Side.BUY else self.bid_lots


@dataclass(frozen=True, slots=True)
class MarketView:
    """The facts of one instant. A venue that is not in ``tops`` has never quoted."""

    tops: Mapping[str, Top] = field(default_factory=dict)
    tape: Tape | None = None
    halted: frozenset[str] = frozenset()
    own: Mapping[str, tuple[Ticks, ...]] = field(default_factory=dict)
    """Per venue: prices at which other parents of the account rest on the other side."""
    stale_after_ns: Nanos = STALE_AFTER_NS

    def meets_own(self, venue: str, side: Side, price: Ticks) -> bool:
        """Whether an order at this price could trade with a resting order of our own."""
        return any(side * (price - resting) >= 0 for resting in self.own.get(venue, ()))

    def trouble(self, venue: str, now_ns: Nanos) -> str:
        """Why nothing may be priced from this venue's quote; empty when it may."""
        top = self.tops.get(venue)
        if venue in self.halted:
            return "halted"
        if top is None:
            return "no_quote"
        if now_ns - top.ts > self.stale_after_ns:
            return "stale_quote"
        if top.bid_lots <= 0 or top.ask_lots <= 0:
            return "one_sided"
        if top.bid >= top.ask:
            return "locked" if top.bid == top.ask else "crossed"
        return ""
