"""The orders of one parent, as a fold over events.

Invariants, proved in ``tests/pure/test_ledger_machine.py`` under the same numbers:

1. filled + out + unplanned - excess = quantity, with unplanned >= 0 and excess >= 0, after every event.
2. At every send: filled + out + new <= quantity.
3. excess <= late + overdone: it comes only from a venue's fill after its own terminal report of the child, or beyond
   the child's size.
4. The same event twice changes nothing; a fill is known by (child id, trade id).
5. Totals are kept, never summed over children; refolding the events gives the same ledger.

A child is *out* until the venue says that it is gone. A child that stays silent is UNKNOWN: its lots stay out.
"""

from bisect import bisect_left
from collections.abc import Iterable

from nautilus_exec.core.child import Child, note
from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.life import LIFE, TERMINAL_STATUS, Status
from nautilus_exec.core.transitions import CHILD, TERMINAL, State
from nautilus_exec.errors import BrokenInvariant
from nautilus_exec.units import Lots, Nanos

__all__ = ["Child", "Ledger"]

_GONE = (Kind.CANCELLED, Kind.EXPIRED)


class Ledger:
    """Running totals and children of one parent.

    Attributes
    ----------
    quantity : Lots
        What may be executed in total; follows ``target`` but never falls below filled + out.
    filled, out, resting_out, take_out, auction_out, unknown_out, late, overdone : Lots
        Totals; ``out`` is the sum of the four that follow it.
    notional : int
        Sum of lots x price ticks over all fills.
    fees : dict[str, float]
        Per currency, positive is paid.
    """

    def __init__(self, quantity: Lots) -> None:
        self.target = self.quantity = quantity
        self.status = Status.RECEIVED
        self.outcome = Status.EXPIRED
        self.reason = self.why = ""
        self.children: dict[str, Child] = {}
        self.open: dict[str, Child] = {}
        self.take_keys: set[str] = set()
        self.filled = self.out = self.resting_out = self.take_out = 0
        self.auction_out = self.unknown_out = 0
        self.late = self.overdone = self.notional = self.over_cap = 0
        self.fees: dict[str, float] = {}
        self.rejects: dict[str, tuple[int, Nanos]] = {}
        self.lasting = ""
        """Reason of a reject that will not pass by waiting; empty when there was none."""
        self.reject_count = self.fill_count = 0
        self._trades: set[tuple[str, str]] = set()
        self._fill_ns: list[Nanos] = []
        self._fill_sum: list[Lots] = []

    @classmethod
    def refold(cls, quantity: Lots, events: Iterable[Event]) -> "Ledger":
        """The ledger that these events make."""
        ledger = cls(quantity)
        for event in events:
            ledger.fold(event)
        return ledger

    @property
    def unplanned(self) -> Lots:
        """Lots neither filled nor out."""
        return max(0, self.quantity - self.filled - self.out)

    @property
    def excess(self) -> Lots:
        """Lots filled or out beyond the quantity."""
        return max(0, self.filled + self.out - self.quantity)

    @property
    def progress(self) -> Lots:
        """Lots that a schedule must count as done: filled, or pinned by a silent venue."""
        return self.filled + self.unknown_out

    @property
    def ended(self) -> bool:
        """True when the parent has its one terminal state."""
        return self.status in TERMINAL_STATUS

    @property
    def seq(self) -> int:
        """Number of children ever sent: the next child's number."""
        return len(self.children)

    def filled_since(self, since_ns: Nanos) -> Lots:
        """Lots filled at or after ``since_ns``, by the venue's own stamps."""
        index = bisect_left(self._fill_ns, since_ns)
        return self.filled - (self._fill_sum[index - 1] if index else 0)

    def filled_at(self, lots: Lots) -> Nanos | None:
        """When so many lots were filled, by the venue's own stamps; None where they are not, or for none at all."""
        index = bisect_left(self._fill_sum, lots)
        return self._fill_ns[index] if 0 < lots <= self.filled else None

    def open_for(self, key: str, venue: str) -> Lots:
        """Open lots of the children of one quote; those of silent children do not count as a working quote."""
        return sum(
            child.open
            for child in self.open.values()
            if child.key == key and child.venue == venue and child.state is not State.UNKNOWN
        )

    def fold(self, event: Event) -> None:
        """Take one event in; an event that says nothing new changes nothing."""
        if event.kind is Kind.SENT:
            self._send(event)
        elif event.child_id:
            child = self.children.get(event.child_id)
            if child is None:
                raise BrokenInvariant("child", event.child_id, "a child that this parent sent")
            self._fold_child(child, event)
        else:
            self._fold_life(event)
        if self.quantity != self.target:
            self.quantity = max(self.target, min(self.quantity, self.filled + self.out))
        if event.child_id and self.ended:
            self.settle()

    def _fold_life(self, event: Event) -> None:
        if event.kind is Kind.AMEND_PARENT:
            # A parent on its way out keeps its quantity: it can no longer work towards another.
            if self.status is not Status.CANCELLING and not self.ended:
                self.target = event.lots
                self.quantity = max(self.quantity, event.lots)
            return
        step = LIFE.get((self.status, event.kind))
        if step is None:
            return
        self.status, outcome = step
        if outcome is not None:
            self.outcome = outcome
            self.why = self.reason = event.reason
        if event.kind is Kind.CLOSE:
            self.settle()

    def settle(self) -> None:
        """Give the parent the terminal state that its counts bear out; again after a late fill."""
        if self.excess:
            self.status, self.reason = Status.FAILED, "venue_overfill"
        elif self.filled >= self.quantity:
            self.status, self.reason = Status.DONE, "filled"
        else:
            unconfirmed = self.out and self.outcome is Status.EXPIRED
            self.status, self.reason = self.outcome, "unconfirmed" if unconfirmed else self.why

    def _send(self, event: Event) -> None:
        if event.child_id in self.children:
            return
        if self.ended or self.filled + self.out + event.lots > self.quantity or event.lots <= 0:
            raise BrokenInvariant("lots", event.lots, f"1 to {self.unplanned} for {event.child_id}")
        child = Child(
            event.child_id, event.key, event.venue, event.lots, event.price_ticks, event.take, event.ts
        )
        child.auction = event.auction
        child.first_ticks = event.price_ticks
        child.over_cap = event.over_cap
        self.children[child.id] = child
        if child.take:
            self.take_keys.add(child.key)
        self.over_cap += event.over_cap
        self.open[child.id] = child
        self._count(child, +1)

    def _fold_child(self, child: Child, event: Event) -> None:
        new = event.kind is not Kind.FILL or (child.id, event.trade_id) not in self._trades
        state = CHILD.get((child.state, event.kind))
        if state is None or not new:
            return
        if event.kind is Kind.AMEND_SENT and event.lots - child.size > self.unplanned:
            raise BrokenInvariant("lots", event.lots, f"at most {child.size + self.unplanned} for {child.id}")
        beyond = child.beyond_cap
        self._count(child, -1)
        if event.kind is Kind.FILL:
            self._fill(child, event)
        else:
            note(child, event)
            self._note_reject(child, event)
        child.state = State.FILLED if state not in TERMINAL and child.filled >= child.size else state
        if child.state in TERMINAL:
            self._gone(child, event.ts)
        else:
            self._count(child, +1)
        self.over_cap += child.beyond_cap - beyond

    def _gone(self, child: Child, ts: Nanos) -> None:
        self.open.pop(child.id, None)
        if child.ended_ns is None:
            child.ended_ns = ts

    def _fill(self, child: Child, event: Event) -> None:
        beyond = max(0, child.filled + event.lots - max(child.size, child.filled))
        self.overdone += beyond
        if child.state in TERMINAL:
            self.late += event.lots - beyond
        self._trades.add((child.id, event.trade_id))
        child.filled += event.lots
        self.filled += event.lots
        self.fill_count += 1
        self.notional += event.lots * event.price_ticks
        self.fees[event.currency] = self.fees.get(event.currency, 0.0) + event.fee
        # A late report may carry an older stamp; the window sum needs rising ones.
        self._fill_ns.append(max(event.ts, self._fill_ns[-1]) if self._fill_ns else event.ts)
        self._fill_sum.append(self.filled)
        self.rejects.pop(child.venue, None)

    def _note_reject(self, child: Child, event: Event) -> None:
        if event.kind is Kind.REJECTED:
            self.lasting = self.lasting or (event.lasting and (event.reason or "no reason")) or ""
            self.reject_count += 1
            self._back_off(child, event)
        elif event.kind is Kind.ACCEPTED:
            self.rejects.pop(child.venue, None)
        elif event.kind in _GONE and not (child.take or child.auction) and not child.cancels:
            # Nobody asked: some venues cancel what they will not book instead of rejecting it.
            self._back_off(child, event)

    def _back_off(self, child: Child, event: Event) -> None:
        self.rejects[child.venue] = (self.rejects.get(child.venue, (0, 0))[0] + 1, event.ts)

    def _count(self, child: Child, sign: int) -> None:
        """Add or take away the open lots of a child; one that has ended has none."""
        if child.state in TERMINAL:
            return
        lots = sign * child.open
        self.out += lots
        if child.state is State.UNKNOWN:
            self.unknown_out += lots
        elif child.auction:
            self.auction_out += lots
        elif child.take:
            self.take_out += lots
        else:
            self.resting_out += lots
