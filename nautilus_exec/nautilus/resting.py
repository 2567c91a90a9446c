"""Where the orders of this account rest, so that no two parents trade with each other."""

from nautilus_exec.core.ledger import Child
from nautilus_exec.core.spec import Spec
from nautilus_exec.core.transitions import TERMINAL
from nautilus_exec.units import Side, Ticks


class Resting:
    """Prices of resting children by venue's instrument and side, kept as they come and go."""

    def __init__(self) -> None:
        self._prices: dict[tuple[str, Side], dict[str, Ticks]] = {}

    def note(self, spec: Spec, child: Child) -> None:
        """Keep where a child rests, or that it no longer does; a take never rests, nor what waits for an auction."""
        if child.take or child.auction:
            return
        side, instrument = spec.side, (spec.at(child.venue) or spec.primary).instrument
        here = self._prices.setdefault((instrument, side), {})
        if child.state in TERMINAL:
            here.pop(child.id, None)
        else:
            # While an amend is in flight either price may be the one that stands.
            prices = [p for p in (child.price_ticks, child.pending_price) if p is not None]
            here[child.id] = side * max(side * price for price in prices)

    def opposite(self, instrument: str, side: Side) -> tuple[Ticks, ...]:
        """Prices on the other side: all of other parents, since a parent has one side."""
        here = self._prices.get((instrument, side.opposite))
        return tuple(here.values()) if here else ()
