"""A parent in a hostile world: a venue that may say anything in any order, and every rule checked from outside.

Nothing here asks the code under test what is right: totals are summed over the children, participation is counted from
the world's own prints and fills, and what was sent is kept in the world's own lists.
"""

from collections.abc import Iterable

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.intent import Intent, Trigger
from nautilus_exec.core.ledger import Child, Ledger
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.market import MarketView, Top
from nautilus_exec.core.parent import Parent, Step
from nautilus_exec.core.plan import Amend, Cancel, Send
from nautilus_exec.core.spec import Spec
from nautilus_exec.core.tape import PrintClass, Tape
from nautilus_exec.core.transitions import TERMINAL, State
from nautilus_exec.policies.base import Policy
from nautilus_exec.units import SECOND
from tests.builders import ASK, BID, HERE, THERE
from tests.judge import Judge

MARKETS: dict[str, tuple[int, int, int, int]] = {
    "normal": (BID, 500, ASK, 500),
    "better": (BID + 10, 500, ASK + 10, 500),
    "worse": (BID - 10, 500, ASK - 10, 500),
    "odd": (BID + 3, 500, ASK - 3, 500),
    "thin": (BID, 20, ASK, 20),
    "one_sided": (BID, 500, ASK, 0),
    "crossed": (ASK, 500, BID, 500),
    "locked": (ASK, 500, ASK, 500),
}


class World(Judge):
    """One story: ``say`` lets the venue speak, ``go`` lets time pass, ``step`` runs the parent and judges it."""

    def __init__(self, policy: type[Policy], spec: Spec, limits: Limits, second: bool = False) -> None:
        self.policy, self.limits, self.second = policy, limits, second
        self.now = spec.received_ns
        self.quantity = spec.quantity
        self.parent = Parent(spec, policy.decide, limits, self._route)
        self.throttle, self.tape = Throttle(), Tape()
        self.condition, self.quoted_ns = "normal", self.now
        self.journal: list[Event] = []
        self.prints: list[tuple[int, int, PrintClass, str]] = []
        self.fills: list[tuple[int, int]] = []
        self.trades: set[tuple[str, str]] = set()
        self.blame = 0
        """Lots filled after a venue's own terminal report, or beyond what it was asked for."""
        self.messages: list[int] = []
        self.take_keys: set[str] = set()
        self.ids: set[str] = set()
        self.gone: set[str] = set()
        """Children of which the venue said that they are gone."""
        self.wake: int | None = self.now
        self.number = self.generation = 0
        self.triggers: tuple[Trigger, ...] = ()
        self.sent: list[tuple[int, str, int, int]] = []
        """What left: instant, key, lots, price."""

    def _route(self, intent: Intent, spec: Spec, _market: MarketView, _now_ns: int) -> Intent:
        if not self.second:
            return intent
        return intent._replace(quotes=tuple(q._replace(venue=spec.venues[1].venue) for q in intent.quotes))

    # --- what the world does ----------------------------------------------------------------------------------

    def view(self) -> MarketView:
        if self.condition == "missing":
            return MarketView({}, None)
        bid, bid_lots, ask, ask_lots = MARKETS.get(self.condition, MARKETS["normal"])
        tops = {name: Top(bid, bid_lots, ask, ask_lots, self.quoted_ns) for name in (HERE, THERE)}
        halted = frozenset((HERE, THERE)) if self.condition == "halted" else frozenset[str]()
        stale = SECOND if self.condition == "stale" else 3_600 * SECOND
        return MarketView(tops, self.tape, halted, stale_after_ns=stale)

    def quote(self, condition: str) -> None:
        self.condition = condition
        self.quoted_ns = self.now - (2 * SECOND if condition == "stale" else 0)

    def trade(self, lots: int, kind: PrintClass, where: str) -> None:
        self.number += 1
        self.tape.fold(where, lots, self.now, f"M{self.number}", kind)
        self.prints.append((self.now, lots, kind, where))

    def go(self, lapse_ns: int) -> None:
        """Time passes; the shell's one wake-up is kept."""
        until = self.now + lapse_ns
        for _ in range(400):
            if self.wake is None or self.wake > until:
                break
            self.now = max(self.now, self.wake)
            self.step()
        else:
            raise AssertionError(f"woken 400 times in {lapse_ns} ns")
        self.now = max(self.now, until)

    def fires(self) -> bool:
        """Whether the present quote, were it to come again, is what the parent waits for."""
        tops = self.view().tops
        sides = [(t, *tops[t.venue][0 if t.bid else 2 :][:2]) for t in self.triggers if t.venue in tops]
        return any(trigger.fires(ticks, lots) for trigger, ticks, lots in sides)

    def child(self, number: int, dead: bool = True) -> Child | None:
        """Some child, the latest first; also those long gone, where ``dead``."""
        known = list(self.ledger.children.values() if dead else self.ledger.open.values())
        return known[-1 - number % len(known)] if known else None

    def say(self, kind: Kind, child: Child, **what: object) -> None:
        self.fold(Event(kind, self.now, child.id, **what))  # type: ignore[arg-type]  # plain fields of an event

    def fill(self, child: Child, lots: int, trade_id: str = "", late_ns: int = 0) -> None:
        if not trade_id:
            self.number += 1
            trade_id = f"T{self.number}"
        if (child.id, trade_id) not in self.trades:
            self.trades.add((child.id, trade_id))
            room = 0 if child.state in TERMINAL else max(0, child.size - child.filled)
            self.blame += max(0, lots - room)
            self.fills.append((self.now - late_ns, lots))
        event = Event(
            Kind.FILL,
            self.now - late_ns,
            child.id,
            lots=lots,
            price_ticks=child.price_ticks,
            trade_id=trade_id,
        )
        self.fold(event)

    def tell(self, kind: Kind, **what: object) -> None:
        self.fold(Event(kind, self.now, reason=kind.value, **what))  # type: ignore[arg-type]  # plain fields

    def fold(self, event: Event) -> None:
        """One event from outside: it counts once, however often it comes."""
        if event.kind in (Kind.CANCELLED, Kind.EXPIRED, Kind.REJECTED):
            self.gone.add(event.child_id)
        ended = self.ledger.ended
        self.journal.append(event)
        self.ledger.fold(event)
        twin = Ledger.refold(self.quantity, [*self.journal, event])
        assert same(twin, self.ledger), f"twice {event}"
        assert self.ledger.ended or not ended, "an ended parent came back to life"
        self.judge()

    def restart(self) -> None:
        """The process dies between two events: what is left is the journal."""
        ledger = Ledger.refold(self.quantity, self.journal)
        assert same(ledger, self.ledger), "5: refolding the events gives the same ledger"
        old = self.parent
        self.generation += 1
        self.parent = Parent(old.spec, old.decide, old.limits, self._route, ledger, self.generation)
        self.throttle = Throttle()
        for event in self.journal:
            if event.kind in (Kind.SENT, Kind.AMEND_SENT):
                self.throttle.fold(event.ts)
        self.step()

    # --- the step, and what it may do -------------------------------------------------------------------------

    def step(self) -> Step:
        market, ledger = self.view(), self.ledger
        ended = ledger.ended
        before = {
            child.id: (child.key, child.venue, child.open, child.state) for child in ledger.open.values()
        }
        filled, out, quantity = ledger.filled, ledger.out, ledger.quantity
        made = self.parent.step(market, self.throttle, self.now)
        self.journal.extend(made.events)
        silent = {event.child_id for event in made.events if event.kind is Kind.SILENT}
        for order in made.orders:
            action = order.action
            if isinstance(action, Send):
                assert not ended, "nothing leaves after the end"
                self._judge_send(action, order.child_id, made, market, filled + out, quantity, before, silent)
                out += action.lots
                self.sent.append((self.now, action.key, action.lots, action.price_ticks))
            elif isinstance(action, Amend):
                self._judge_amend(action, market)
            elif isinstance(action, Cancel):
                self._judge_cancel(action.child_id)
            assert isinstance(action, Cancel) or not self.parent.limits.kill_switch
        self._judge_rate()
        assert made.closed == (ledger.ended and not ended), "the end is told once"
        self._judge_close(made)
        assert made.wake_ns is None or made.wake_ns > self.now
        assert made.wake_ns is not None or ledger.ended, "a parent that works has a wake-up"
        self.wake, self.triggers = made.wake_ns, made.intent.triggers
        self.judge()
        return made

    # --- the end of every story -------------------------------------------------------------------------------

    def finale(self, answers: bool) -> None:
        """The venue answers what is asked from now on, or never speaks again: the parent must end by itself."""
        self.step()
        last = self.spec.auction.until_ns if self.spec.auction else self.spec.end_ns
        patience = last - self.now + 40 * self.limits.ack_timeout_ns + 120 * SECOND
        until = self.now + max(patience, 40 * self.limits.ack_timeout_ns)
        for _ in range(2_000):
            if answers and self.answer(self.ledger.open.values()):
                self.step()
                continue
            if self.wake is None:
                break
            assert self.wake <= until, "the story hangs"
            self.now = max(self.now, self.wake)
            self.step()
        assert self.ledger.ended, "every parent ends"
        assert all(child.state is State.UNKNOWN for child in self.ledger.open.values()), (
            "nothing is left behind"
        )
        assert not (answers and self.limits.max_cancels and self.ledger.out)

    def answer(self, children: Iterable[Child]) -> bool:
        """An honest venue: accepts, confirms, and lets takes go unfilled."""
        said = False
        for child in list(children):
            if (
                child.take
                or child.state is State.CANCELLING
                or (child.state is State.UNKNOWN and child.cancels)
            ):
                self.say(Kind.CANCELLED, child)
            elif child.state is State.SENT:
                self.say(Kind.ACCEPTED, child)
            elif child.pending_lots is not None:
                self.say(Kind.AMENDED, child, lots=child.pending_lots, price_ticks=child.pending_price)
            else:
                continue
            said = True
        return said


def same(one: Ledger, other: Ledger) -> bool:
    """Whether two ledgers agree in everything."""
    return vars(one) == vars(other)
