"""One child order, and what an event leaves on it beside its state."""

from dataclasses import dataclass

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.transitions import TERMINAL, State
from nautilus_exec.units import Lots, Nanos, Ticks


@dataclass(slots=True)
class Child:
    """One order sent to a venue; changed by the fold only."""

    id: str
    key: str
    venue: str
    lots: Lots
    price_ticks: Ticks
    take: bool
    sent_ns: Nanos
    auction: bool = False
    state: State = State.SENT
    filled: Lots = 0
    pending_lots: Lots | None = None
    pending_price: Ticks | None = None
    amend_ns: Nanos | None = None
    amendable: bool = True
    accepted_ns: Nanos | None = None
    cancel_ns: Nanos | None = None
    cancels: int = 0
    ended_ns: Nanos | None = None
    reason: str = ""
    first_ticks: Ticks = 0  # as it was sent: amends change price_ticks
    over_cap: Lots = 0

    @property
    def open(self) -> Lots:
        """Lots that the venue may still fill: zero once the venue reported the end."""
        if self.state in TERMINAL:
            return 0
        return max(0, self.size - self.filled)

    @property
    def size(self) -> Lots:
        """The most that the venue may fill: while an amend is in flight, the larger of old and new."""
        return max(self.lots, self.pending_lots or 0)

    @property
    def beyond_cap(self) -> Lots:
        """Lots filled or open beyond the participation cap: the last of those sent."""
        return min(self.over_cap, max(0, self.filled + self.open - self.lots + self.over_cap))


def note(child: Child, event: Event) -> None:
    """Keep what the event says beside the state."""
    kind = event.kind
    if kind is Kind.ACCEPTED:
        child.accepted_ns = child.accepted_ns or event.ts
    elif kind is Kind.CANCEL_SENT:
        child.cancels += child.cancel_ns != event.ts
        child.cancel_ns = event.ts
    elif kind is Kind.AMEND_SENT:
        child.pending_lots, child.pending_price, child.amend_ns = event.lots, event.price_ticks, event.ts
    elif kind is Kind.AMENDED:
        # A venue cannot make a child larger than we asked for; an update without a price keeps it.
        child.lots, child.price_ticks = min(event.lots, child.size), event.price_ticks or child.price_ticks
        child.pending_lots = child.pending_price = None
    elif kind is Kind.AMEND_REJECTED:
        child.pending_lots = child.pending_price = None
        child.amendable = False
    if event.reason:
        child.reason = event.reason
