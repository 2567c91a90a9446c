"""Plain builders for the pure tests: a small world in round numbers, every field open to change."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.life import Status
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.market import MarketView, Top
from nautilus_exec.core.parent import Parent, Step
from nautilus_exec.core.spec import Spec, VenueSpec
from nautilus_exec.core.tape import Tape
from nautilus_exec.decode import decode
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.params import OrderFacts
from nautilus_exec.policies.twap import Twap
from nautilus_exec.units import SECOND, Side

T0 = 1_514_903_400 * SECOND
"""2018-01-02 14:30:00 UTC: 09:30 in New York."""
HERE, THERE = "XNYS", "XNAS"
BID, ASK = 9_990, 10_010


def venue(name: str = HERE, **over: Any) -> VenueSpec:
    """A venue of single lots and single ticks."""
    return VenueSpec(name, f"IBM.{name}", **over)


def facts(**over: Any) -> OrderFacts:
    """A buy of 1,000 on one venue, received at T0, ticks of a cent."""
    given: dict[str, Any] = {
        "parent_id": "P-1",
        "algorithm": "TWAP",
        "side": Side.BUY,
        "quantity": 1_000,
        "venues": (venue(),),
        "received_ns": T0,
        "tick": Decimal("0.01"),
    }
    return OrderFacts(**(given | over))


def spec(**over: Any) -> Spec:
    """The core's own spec, without a policy: a buy of 1,000 from T0 for 300 seconds."""
    given: dict[str, Any] = {
        "parent_id": "P-1",
        "algorithm": "NONE",
        "side": Side.BUY,
        "quantity": 1_000,
        "venues": (venue(),),
        "received_ns": T0,
        "start_ns": T0,
        "end_ns": T0 + 300 * SECOND,
    }
    return Spec(**(given | over))


def prepared(policy: type[Policy] = Twap, params: dict[str, str] | None = None, **over: Any) -> Spec:
    """The spec that a policy makes of text parameters; 300 seconds where nothing is said."""
    text = {"duration": "300s"} | (params or {})
    return policy.prepare(decode(policy.Params, text), facts(algorithm=policy.id, **over))


def top(bid: int = BID, ask: int = ASK, bid_lots: int = 500, ask_lots: int = 500, ts: int = T0) -> Top:
    """A two-sided quote."""
    return Top(bid, bid_lots, ask, ask_lots, ts)


def market(
    now_ns: int = T0, *, tape: Tape | None = None, halted: Iterable[str] = (), **tops: Any
) -> MarketView:
    """A fresh quote on both venues; ``XNYS=None`` leaves one out, ``XNYS={"bid": 5}`` changes it."""
    view = {}
    for name in (HERE, THERE):
        over = tops.get(name, {})
        if over is not None:
            view[name] = top(**({"ts": now_ns} | over))
    return MarketView(view, tape, frozenset(halted))


def tape_of(*prints: tuple[int, int], name: str = HERE) -> Tape:
    """A tape of continuous prints, each (stamp, lots)."""
    tape = Tape()
    for number, (ts, lots) in enumerate(prints):
        tape.fold(name, lots, ts, str(number))
    return tape


def sent(child: str = "C1", lots: int = 100, ts: int = T0, **over: Any) -> Event:
    """A resting child of key r at the primary venue."""
    given: dict[str, Any] = {"price_ticks": BID, "key": "r", "venue": HERE}
    return Event(Kind.SENT, ts, child, lots=lots, **(given | over))


def fill(child: str = "C1", lots: int = 100, trade_id: str = "T1", ts: int = T0, **over: Any) -> Event:
    """A fill at the bid, without a fee."""
    return Event(Kind.FILL, ts, child, lots=lots, trade_id=trade_id, **({"price_ticks": BID} | over))


def says(kind: Kind, child: str = "C1", ts: int = T0, **over: Any) -> Event:
    """What a venue, or the clock, says of a child."""
    return Event(kind, ts, child, **over)


def tells(kind: Kind, ts: int = T0, **over: Any) -> Event:
    """What happens to the parent."""
    return Event(kind, ts, **over)


def ledger(*events: Event, quantity: int = 1_000) -> Ledger:
    """A working parent's ledger after these events."""
    return Ledger.refold(quantity, (Event(Kind.START, T0), *events))


class Desk:
    """One parent driven by hand: ``at`` steps it at so many seconds, the rest is what its venue says."""

    def __init__(self, made: Spec, policy: type[Policy] = Twap, limits: Limits | None = None) -> None:
        self.parent = Parent(made, policy.decide, limits or Limits())
        self.throttle = Throttle()
        self.trades = 0

    @property
    def ledger(self) -> Ledger:
        return self.parent.ledger

    @property
    def last(self) -> str:
        """The id of the child that was sent last."""
        return list(self.ledger.children)[-1]

    def at(self, seconds: float, view: MarketView | None = None) -> Step:
        now = T0 + int(seconds * SECOND)
        return self.parent.step(market(now) if view is None else view, self.throttle, now)

    def fill(self, seconds: float, lots: int, child: str = "", **over: Any) -> None:
        self.trades += 1
        stamp = T0 + int(seconds * SECOND)
        self.ledger.fold(fill(child or self.last, lots, f"T{self.trades}", stamp, **over))

    def hears(self, seconds: float, kind: Kind, child: str = "", **over: Any) -> None:
        self.ledger.fold(says(kind, child or self.last, T0 + int(seconds * SECOND), **over))

    def told(self, seconds: float, kind: Kind, **over: Any) -> None:
        self.ledger.fold(tells(kind, T0 + int(seconds * SECOND), **over))


def sends(step: Step) -> list[tuple[int, int]]:
    """(lots, price) of the children that a step sent."""
    return [(o.action.lots, o.action.price_ticks) for o in step.orders if type(o.action).__name__ == "Send"]


def cancels(step: Step) -> list[str]:
    """The children that a step asked to cancel."""
    return [o.child_id for o in step.orders if type(o.action).__name__ == "Cancel"]


def twap(params: dict[str, str] | None = None, limits: Limits | None = None, **over: Any) -> Desk:
    """A desk with TWAP over three slices of 300 seconds, unless told otherwise."""
    return Desk(prepared(Twap, {"slices": "3"} | (params or {}), **over), limits=limits)


def outcome(of: Desk) -> tuple[Status, str]:
    """How a parent stands, and why."""
    return of.ledger.status, of.ledger.reason
