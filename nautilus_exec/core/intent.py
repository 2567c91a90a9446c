"""What a policy wants to be working now: data, no commands."""

from enum import StrEnum
from typing import NamedTuple

from nautilus_exec.units import Lots, Nanos, Ticks


class PriceRule(StrEnum):
    """How a quote is priced; the plan makes ticks of it from the market at that instant."""

    JOIN = "join"
    """The near touch: bid for a buy."""
    MID = "mid"
    CROSS = "cross"
    """The far touch: ask for a buy."""
    LIMIT = "limit"
    """The parent's limit price."""
    AUCTION = "auction"
    """The official price of the parent's auction, within its limit price; the order lives until then."""


class Quote(NamedTuple):
    """One order that should be working.

    A resting quote is matched to children by (key, venue) and asks for ``lots`` open. A ``take`` is an event, not
    a state: an immediate-or-cancel order whose key is sent once, ever. ``offset`` is in ticks, positive is more
    aggressive.
    ``chase`` lets the plan replace a resting child that the market has moved away from. ``over_cap`` marks the final
    sweep, the one thing that may exceed the participation cap. ``venue`` None: the router decides.
    """

    key: str
    lots: Lots
    rule: PriceRule
    take: bool = False
    offset: Ticks = 0
    cap_ticks: Ticks | None = None
    chase: bool = True
    over_cap: bool = False
    venue: str | None = None


class Trigger(NamedTuple):
    """A condition on one side of one venue's top that wakes the parent; tested where the quote arrives.

    Fires when every bound that is given holds: price at or below ``max_ticks``, at or above ``min_ticks``, size of at
    least ``min_lots``, of less than ``below_lots``. ``bid`` chooses the side of the book.
    """

    venue: str
    bid: bool
    max_ticks: Ticks | None = None
    min_ticks: Ticks | None = None
    min_lots: Lots = 0
    below_lots: Lots | None = None

    def fires(self, ticks: Ticks, lots: Lots) -> bool:
        """Whether a top of this price and size is what was waited for."""
        return (
            (self.max_ticks is None or ticks <= self.max_ticks)
            and (self.min_ticks is None or ticks >= self.min_ticks)
            and lots >= self.min_lots
            and (self.below_lots is None or lots < self.below_lots)
        )


class Intent(NamedTuple):
    """The whole wish of a policy: what should be working, when to ask again, what to watch, and why.

    ``planned`` is the number of lots that the schedule wants done by now; None where there is no schedule. ``retry_ns``
    is when to ask again if a limit held something back.
    """

    quotes: tuple[Quote, ...] = ()
    wake_ns: Nanos | None = None
    triggers: tuple[Trigger, ...] = ()
    reason: str = ""
    planned: Lots | None = None
    retry_ns: Nanos | None = None


NOTHING = Intent(reason="nothing")
