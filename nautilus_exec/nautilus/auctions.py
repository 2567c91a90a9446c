"""Orders for an auction: natively where the venue takes them, else kept here until the official print.

Simulated venues refuse orders for an auction. Such an order is kept as if the venue's auction book had it, and sent at
the print's instant as an immediate-or-cancel order at the official price, into the locked book that the data has then.
"""

from collections.abc import Callable
from typing import Any, cast

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.ledger import Child
from nautilus_exec.core.plan import Send
from nautilus_exec.core.spec import Auction, Spec
from nautilus_exec.core.transitions import TERMINAL
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.alarms import Alarms
from nautilus_exec.nautilus.child import build_child
from nautilus_exec.nautilus.clerk import Clerk
from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.prints import Print
from nautilus_exec.nautilus.working import Working
from nautilus_exec.units import MS, Lots, Ticks

OPENING = frozenset("O")
REOPENING = frozenset("5")

type Held = tuple[Working, Send]


def refuse_auction(spec: Spec, run: RunConfig) -> None:
    """Raise ``InvalidInput`` for an auction that a real venue would not take orders for."""
    venue = spec.primary.venue
    if spec.auction is not None and run.mode == "live" and venue not in run.native_auctions:
        raise InvalidInput(
            "venue", venue, "a venue whose adapter takes orders for its auctions (native_auctions)"
        )


def is_native(send: Send, run: RunConfig) -> bool:
    """Whether an order goes to the venue's auction as it is."""
    return send.auction and send.venue in run.native_auctions


class KeepsAuctions:
    """The part of an execution algorithm that stands for a simulated venue's auction book."""

    run: RunConfig
    clk: Any
    own_id: Any
    alarms: Alarms
    clerk: Clerk
    subscribe_topic: Any
    submit_order: Any
    _guard: Callable[..., None]
    _enqueue: Callable[[str], None]
    _fold_own: Callable[[Working, Event], None]

    def begin_auctions(self) -> None:
        """Start with nothing kept."""
        self.kept: dict[str, Held] = {}
        self.crossing: dict[str, Lots] = {}
        """Children at the venue for less than their size, by id: their lots there."""
        self.heard: set[str] = set()
        self.numbered = 0

    def keep(self, work: Working, child_id: str, send: Send) -> None:
        """Take a child into the auction book."""
        self.kept[child_id] = (work, send)
        work.touches[child_id] = (
            None  # an auction has no spread, and the one at entry is not what a fill pays
        )
        if work.symbol not in self.heard:
            self.heard.add(work.symbol)
            self.subscribe_topic(topics.auction(work.symbol), self._printed)
        self._fold_own(work, Event(Kind.ACCEPTED, self.clk.timestamp_ns(), child_id))

    def drop(self, work: Working, child_id: str, kind: Kind, reason: str = "") -> None:
        """Let a child go that never left for the venue, or what the venue was not asked for."""
        self.kept.pop(child_id, None)
        self._fold_own(work, Event(kind, self.clk.timestamp_ns(), child_id, reason=reason))
        self.clerk.child(work, work.parent.ledger.children[child_id])
        self._enqueue(work.id)

    def settle_auction(self, work: Working, child: Child) -> None:
        """End a child of which the venue filled all that it was asked for."""
        asked = self.crossing.get(child.id)
        if asked is not None and (child.state in TERMINAL or child.filled >= asked):
            del self.crossing[child.id]
            if child.state not in TERMINAL:
                self.drop(work, child.id, Kind.EXPIRED, "auction_share")

    def _printed(self, message: object) -> None:
        """An official print: send when all data of its stamp is in, the locked book included."""
        report = cast(Print, message)
        for child_id, (work, send) in self.kept.items():
            if report.instrument_id == send.instrument and _is_for(
                report, cast(Auction, work.parent.spec.auction)
            ):
                self.numbered += 1
                wait = 0 if self.run.mode == "backtest" else MS
                at_ns = self.clk.timestamp_ns() + wait
                name = f"auction#{self.numbered}#{child_id}"
                self.clk.set_time_alert_ns(name, at_ns, self._crosser(work.id, child_id, report))

    def _crosser(self, parent_id: str, child_id: str, report: Print) -> Callable[[Any], None]:
        return lambda _event: self._guard(parent_id, self._cross, child_id, report)

    def _cross(self, work: Working, child_id: str, report: Print) -> None:
        if child_id not in self.kept:
            return
        _, send = self.kept.pop(child_id)
        official = round(report.price / work.ruler.tick_size)
        lots = _share(work, send, report)
        if not _within(work.parent.spec, official):
            self.drop(work, child_id, Kind.EXPIRED, "auction_limit")
        elif lots <= 0:
            self.drop(work, child_id, Kind.EXPIRED, "auction_share")
        else:
            now = self.clk.timestamp_ns()
            cross = send._replace(lots=lots, price_ticks=official, take=True)
            work.orders[child_id] = build_child(work, child_id, cross, self.own_id, now)
            self.crossing[child_id] = lots
            self.alarms.arrival(work, now)
            self.submit_order(work.orders[child_id], work.position_id)


def _is_for(report: Print, auction: Auction) -> bool:
    letters = frozenset(report.condition)
    return not letters & REOPENING and bool(letters & OPENING) is auction.opening


def _share(work: Working, send: Send, report: Print) -> Lots:
    """Lots of a child that the parent's share of the print bears."""
    spec = work.parent.spec
    venue = spec.at(send.venue) or spec.primary
    most = int(cast(Auction, spec.auction).max_share * report.size / work.ruler.lot_size + 1e-6)
    lots = min(send.lots, most)
    lots -= lots % venue.lot
    return lots if lots >= venue.min_lots else 0


def _within(spec: Spec, official: Ticks) -> bool:
    return spec.limit_ticks is None or spec.side * (official - spec.limit_ticks) <= 0
