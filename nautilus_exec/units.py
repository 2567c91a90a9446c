"""Units and the sign convention, each defined once.

Lots, price ticks and nanoseconds are integers. Positive basis points are a cost to the client.
"""

from enum import IntEnum

type Lots = int
"""A quantity in base lots: the smallest increment shared by all venues of a parent."""

type Ticks = int
"""A price in base ticks."""

type Nanos = int
"""UTC nanoseconds since the epoch, or a duration in nanoseconds."""

US = 1_000
MS = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

BPS = 1e4


class Side(IntEnum):
    """The sign D of every cost formula: +1 buys, -1 sells."""

    BUY = 1
    SELL = -1

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side(-self)


def cost_bps(side: Side, price: float, reference: float) -> float:
    """Cost of trading at ``price`` against ``reference``, in bps of the reference; positive is a cost.

    Formula: D (price - reference) / reference x 1e4. Raises ``ZeroDivisionError`` for a reference of zero.
    """
    return side * (price - reference) / reference * BPS
