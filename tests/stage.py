"""One parent with its venues and its market, for scripts to play on: it steps as it does under the shell.

That is: at its own wake-ups, after every event of its children and every command, and at a quote that fires one of its
triggers. Nothing else makes it step.
"""

from typing import Any, NamedTuple

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.life import Status
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.market import MarketView, Top
from nautilus_exec.core.parent import Order, Parent
from nautilus_exec.core.plan import Amend, Send
from nautilus_exec.core.spec import VenueSpec
from nautilus_exec.core.tape import Tape
from nautilus_exec.units import Nanos, Ticks
from tests.builders import T0
from tests.script_reader import Mismatch, NotUnderstood, clock, price


class Left(NamedTuple):
    """Something that left the parent, or a word about it, and when."""

    ts: Nanos
    what: str
    text: str
    child_id: str = ""


class Stage:
    """One parent after another, each with the market, the venues and the limits that were told before it.

    ``forgets`` refolds the ledger from the journal before every step: nothing may depend on what is not in it.
    """

    def __init__(self, forgets: bool = False) -> None:
        self.forgets = forgets
        self.now = T0
        self.venues: list[VenueSpec] = []
        self.known: dict[str, Any] = {}
        self.limits, self.throttle, self.tape = Limits(), Throttle(), Tape()
        self.tops: dict[str, Top] = {}
        self.halted: set[str] = set()
        self.own: dict[str, tuple[Ticks, ...]] = {}
        self.parent: Parent | None = None
        self.left: list[Left] = []
        self.number = 0
        self._forget()

    def _forget(self) -> None:
        self.journal: list[Event] = []
        self.children: dict[str, str] = {}
        self.ids: set[str] = set()
        self.fills: list[tuple[int, Ticks, float]] = []
        self.mids: dict[str, float | None] = {}
        self.generation, self.held = 0, ""
        self.wake_ns: Nanos | None = None
        self.quiet_ns: Nanos | None = None
        self.woken: Nanos | None = None
        self.triggers: tuple[Any, ...] = ()

    @property
    def working(self) -> Parent:
        if self.parent is None:
            raise NotUnderstood("there is no parent yet")
        return self.parent

    @property
    def ledger(self) -> Ledger:
        return self.working.ledger

    @property
    def wake(self) -> Nanos | None:
        """The parent's next wake-up; with no child out, the one for which that suffices."""
        out = self.parent is not None and self.ledger.open
        return self.wake_ns if out else self.quiet_ns

    # --- the stage itself ---

    def step(self) -> None:
        parent = self.working
        if self.forgets:
            parent.ledger = Ledger.refold(parent.spec.quantity, self.journal)
        view = MarketView(self.tops, self.tape, frozenset(self.halted), self.own)
        made = parent.step(view, self.throttle, self.now)
        self.journal.extend(made.events)
        for order in made.orders:
            self.left.append(Left(self.now, type(order.action).__name__.lower(), *self._told(order)))
        if any(event.kind is Kind.START for event in made.events):
            self.mids["arrival_px"] = self._mid()
        if made.closed:
            self.mids["end_px"] = self._mid()
            self.left.append(Left(self.now, "result", self._outcome()))
        self.wake_ns, self.quiet_ns = made.wake_ns, made.quiet_ns
        self.held, self.triggers = made.held, made.intent.triggers
        ledger = parent.ledger
        assert ledger.filled + ledger.out + ledger.unplanned - ledger.excess == ledger.quantity

    def _told(self, order: Order) -> tuple[str, str]:
        action = order.action
        if isinstance(action, Send):
            assert order.child_id not in self.ids, "a child id is used once"
            self.ids.add(order.child_id)
            how = "take" if action.take else "rest" if action.post_only else "rest that may take"
            at = f" at {action.venue}" if action.venue != self.working.spec.primary.venue else ""
            over = f" {action.over_cap} over the cap" if action.over_cap else ""
            return f"{action.lots} @ {price(action.price_ticks)} {how}{at}{over}", order.child_id
        if isinstance(action, Amend):
            return f"{action.lots} @ {price(action.price_ticks)}", order.child_id
        return "", order.child_id

    def _mid(self) -> float | None:
        venue = self.working.spec.primary.venue
        top = self.tops.get(venue)
        if top is None or MarketView(self.tops).trouble(venue, self.now):
            return None
        return (top.bid + top.ask) / 200

    def _outcome(self) -> str:
        ledger = self.ledger
        return f"{ledger.status}: {ledger.reason}, {ledger.filled} of {ledger.quantity}"

    def fold(self, event: Event) -> None:
        self.ledger.fold(event)
        self.journal.append(event)
        if self._is_news(event):
            self.step()

    def _is_news(self, event: Event) -> bool:
        """As the shell has it: a take that was filled asks for nothing, unless it was the last one or the end waits."""
        ledger, child = self.ledger, self.ledger.children.get(event.child_id)
        if child is None or not child.take or event.kind not in (Kind.ACCEPTED, Kind.FILL):
            return True
        done = ledger.filled >= ledger.quantity or ledger.status is Status.CANCELLING
        return event.kind is Kind.FILL and (done or ledger.ended)

    def _id(self, name: str) -> str:
        if name not in self.children:
            raise NotUnderstood(f"no child is called {name}")
        return self.children[name]

    def _next(self, what: str) -> Left:
        if not self.left:
            raise Mismatch(f"expected {what}; nothing left")
        if self.left[0].what != what:
            raise Mismatch(f"expected {what}; {self._show()}")
        return self.left.pop(0)

    def _show(self) -> str:
        names = {child: name for name, child in self.children.items()}
        told = [
            f"{left.what} {names.get(left.child_id, '')} {left.text} at {clock(left.ts)}"
            for left in self.left
        ]
        return "what left is: " + "; ".join(" ".join(one.split()) for one in told)

    def finished(self) -> None:
        self.nothing()
        if self.parent is not None and not self.ledger.ended:
            raise Mismatch("the script ends and its parent does not")
