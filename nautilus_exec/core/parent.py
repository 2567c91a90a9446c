"""One parent order, stepped: facts in, what leaves out. The shell around it only carries messages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.ids import child_id, child_prefix
from nautilus_exec.core.intent import NOTHING, Intent
from nautilus_exec.core.ledger import Child, Ledger
from nautilus_exec.core.life import LIFE, Status
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.plan import Action, Amend, Cancel, Facts, Plan, Send, plan
from nautilus_exec.core.spec import Spec
from nautilus_exec.core.transitions import State
from nautilus_exec.errors import BrokenInvariant
from nautilus_exec.units import Nanos

type Decide = Callable[[Spec, Ledger, MarketView, Nanos], Intent]
type Route = Callable[[Intent, Spec, MarketView, Nanos], Intent]


def to_primary(intent: Intent, _spec: Spec, _market: MarketView, _now_ns: Nanos) -> Intent:
    """Route nothing: a quote without a venue goes to the primary one."""
    return intent


class Order(NamedTuple):
    """An action with the id of the child it is about."""

    child_id: str
    action: Action


@dataclass(slots=True)
class Step:
    """What one step came to.

    ``wake_ns`` is when to step again, ``quiet_ns`` when that suffices if no child is out any more by then.
    ``events`` have been folded already and must be journalled before ``orders`` leave. ``closed`` is True on the one
    step in which the parent reached its terminal state.
    """

    intent: Intent
    orders: list[Order] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    held: str = ""
    short: bool = False
    """Whether a limit made a child smaller than was wanted: the rest is due, though this one may be filled whole."""
    wake_ns: Nanos | None = None
    quiet_ns: Nanos | None = None
    closed: bool = False


class Parent:
    """A parent order: its spec, its ledger and the policy that decides for it.

    ``generation`` counts how often the parent was taken up again after a restart; it is part of every child id.
    """

    def __init__(
        self,
        spec: Spec,
        decide: Decide,
        limits: Limits,
        route: Route = to_primary,
        ledger: Ledger | None = None,
        generation: int = 0,
    ) -> None:
        self.spec = spec
        self.decide = decide
        self.limits = limits
        self.route = route
        self.ledger = ledger or Ledger(spec.quantity)
        self._prefix = child_prefix(spec.parent_id, spec.received_ns, generation)

    def step(self, market: MarketView, throttle: Throttle, now_ns: Nanos) -> Step:
        """Fold what time brings, decide, plan, and close when nothing is out any more.

        A parent that has ended sends nothing, but goes on to take back what a venue still has.
        """
        made = Step(NOTHING)
        for event in self._due(now_ns):
            self._fold(made, event)
        ledger = self.ledger
        if ledger.status is Status.WORKING and now_ns < self.spec.end_ns:
            intent = self.decide(self.spec, ledger, market, now_ns)
            _check_wake(intent, now_ns)
            made.intent = self.route(intent, self.spec, market, now_ns)
        facts = Facts(self.spec, ledger, market, self.limits, throttle, now_ns)
        self._act(made, plan(made.intent, facts), throttle, now_ns)
        self._close(made, now_ns)
        self._set_wakes(made, now_ns)
        return made

    def _due(self, now_ns: Nanos) -> list[Event]:
        """What the clock and the counts say has happened: silence, start, and the first reason to end."""
        ledger = self.ledger
        events = [
            Event(Kind.SILENT, now_ns, child.id)
            for child in ledger.open.values()
            if now_ns >= _asked_ns(child, now_ns) + self.limits.ack_timeout_ns
        ]
        if ledger.status is Status.RECEIVED and now_ns >= self.spec.start_ns:
            events.append(Event(Kind.START, now_ns))
        kind, reason = self._ending(now_ns)
        already = ledger.status is Status.CANCELLING and ledger.outcome is Status.FAILED
        if kind is not None and (ledger.status, kind) in LIFE and not already:
            events.append(Event(kind, now_ns, reason=reason))
        return events

    def _ending(self, now_ns: Nanos) -> tuple[Kind | None, str]:
        """The first reason for this parent to end, worst first."""
        ledger, spec = self.ledger, self.spec
        if ledger.excess:
            return Kind.FAIL, "venue_overfill"
        if ledger.lasting:
            return Kind.FAIL, f"rejected: {ledger.lasting}"
        if ledger.rejects and any(count >= self.limits.max_rejects for count, _ in ledger.rejects.values()):
            return Kind.FAIL, "too_many_rejects"
        if ledger.filled >= ledger.quantity:
            return Kind.COMPLETE, "filled"
        if now_ns < spec.end_ns or self._awaits_auction(now_ns):
            return None, ""
        least = min(max(venue.min_lots, venue.lot) for venue in spec.venues)
        return Kind.TIME_UP, "below_minimum" if ledger.quantity - ledger.filled < least else "end_time"

    def _awaits_auction(self, now_ns: Nanos) -> bool:
        """Whether lots are in an auction that has not printed: its children outlive the end."""
        auction = self.spec.auction
        return auction is not None and self.ledger.auction_out > 0 and now_ns < auction.until_ns

    def _act(self, made: Step, planned: Plan, throttle: Throttle, now_ns: Nanos) -> None:
        made.held, made.short, made.wake_ns = planned.held, planned.short, planned.wake_ns
        for action in planned.actions:
            event = self._event(action, now_ns)
            self._fold(made, event)
            made.orders.append(Order(event.child_id, action))
            if not isinstance(action, Cancel):
                throttle.fold(now_ns)

    def _event(self, action: Action, now_ns: Nanos) -> Event:
        if isinstance(action, Cancel):
            return Event(Kind.CANCEL_SENT, now_ns, action.child_id)
        if isinstance(action, Amend):
            return Event(
                Kind.AMEND_SENT, now_ns, action.child_id, lots=action.lots, price_ticks=action.price_ticks
            )
        return self._sent(action, now_ns)

    def _sent(self, action: Send, now_ns: Nanos) -> Event:
        return Event(
            Kind.SENT,
            now_ns,
            child_id(self._prefix, self.ledger.seq),
            lots=action.lots,
            price_ticks=action.price_ticks,
            key=action.key,
            venue=action.venue,
            take=action.take,
            over_cap=action.over_cap,
            auction=action.auction,
        )

    def _close(self, made: Step, now_ns: Nanos) -> None:
        ledger = self.ledger
        waiting = ledger.out - ledger.unknown_out or _still_asking(ledger, self.limits)
        if ledger.status is Status.CANCELLING and not waiting:
            self._fold(made, Event(Kind.CLOSE, now_ns))
            made.closed = True

    def _fold(self, made: Step, event: Event) -> None:
        self.ledger.fold(event)
        made.events.append(event)

    def _set_wakes(self, made: Step, now_ns: Nanos) -> None:
        """Wake for the policy, for a limit that held something, for the start, the end, and for silence."""
        ledger, spec = self.ledger, self.spec
        quiet = [made.intent.wake_ns, made.intent.retry_ns if made.held or made.short else None]
        if ledger.status is Status.RECEIVED:
            quiet.append(spec.start_ns)
        if ledger.status is not Status.CANCELLING and not ledger.ended and now_ns < spec.end_ns:
            quiet.append(spec.end_ns)
        soon = [made.wake_ns, now_ns + self.limits.ack_timeout_ns if made.orders else None]
        made.quiet_ns = _first([*quiet, made.wake_ns if made.held else None])
        made.wake_ns = _first(quiet + soon)


def _first(instants: list[Nanos | None]) -> Nanos | None:
    return min((instant for instant in instants if instant is not None), default=None)


def _asked_ns(child: Child, never_ns: Nanos) -> Nanos:
    """When we asked the venue something that it has not answered; ``never_ns`` when nothing is open."""
    if child.state is State.SENT:
        return child.sent_ns
    return child.cancel_ns or child.sent_ns if child.state is State.CANCELLING else never_ns


def _still_asking(ledger: Ledger, limits: Limits) -> bool:
    """Whether a silent child still has time to answer: the second cancel goes a timeout after the first."""
    return any(child.cancels < min(2, limits.max_cancels) for child in ledger.open.values())


def _check_wake(intent: Intent, now_ns: Nanos) -> None:
    if intent.wake_ns is not None and intent.wake_ns <= now_ns:
        raise BrokenInvariant("wake_ns", intent.wake_ns, f"an instant after {now_ns}")
