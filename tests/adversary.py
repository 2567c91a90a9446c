"""A parent in a hostile world: a venue that may say anything in any order, and every rule checked from outside.

Nothing here asks the code under test what is right: totals are summed over the children, participation is counted from
the world's own prints and fills, and what was sent is kept in the world's own lists.
"""

from collections.abc import Iterable
from fractions import Fraction

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.ids import MAX_LENGTH
from nautilus_exec.core.intent import Intent
from nautilus_exec.core.ledger import Child, Ledger
from nautilus_exec.core.life import TERMINAL_STATUS, Status
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.market import MarketView, Top
from nautilus_exec.core.parent import Parent, Step
from nautilus_exec.core.plan import Amend, Cancel, Send
from nautilus_exec.core.spec import Spec, VolumeScope
from nautilus_exec.core.tape import PrintClass, Tape
from nautilus_exec.core.transitions import TERMINAL, State
from nautilus_exec.policies.base import Policy
from nautilus_exec.units import SECOND
from tests.builders import ASK, BID, HERE, THERE

MARKETS: dict[str, tuple[int, int, int, int]] = {
    "normal": (BID, 500, ASK, 500),
    "better": (BID + 10, 500, ASK + 10, 500),
    "worse": (BID - 10, 500, ASK - 10, 500),
    "thin": (BID, 20, ASK, 20),
    "one_sided": (BID, 500, ASK, 0),
    "crossed": (ASK, 500, BID, 500),
    "locked": (ASK, 500, ASK, 500),
}
COUNTED = {
    VolumeScope.VENUE: lambda kind, where: kind is PrintClass.CONTINUOUS and where == HERE,
    VolumeScope.LIT: lambda kind, where: kind is PrintClass.CONTINUOUS,
    VolumeScope.CONSOLIDATED: lambda kind, where: kind in (PrintClass.CONTINUOUS, PrintClass.OFF_EXCHANGE),
}


class World:
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
        self.wake: int | None = self.now
        self.number = self.generation = 0
        self.sent: list[tuple[int, str, int, int]] = []
        """What left: instant, key, lots, price."""

    @property
    def spec(self) -> Spec:
        return self.parent.spec

    @property
    def ledger(self) -> Ledger:
        return self.parent.ledger

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
        return MarketView(tops, self.tape, halted, stale)

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
            assert isinstance(action, Cancel) or not self.parent.limits.kill_switch
        self._judge_rate()
        assert made.closed == (ledger.ended and not ended), "the end is told once"
        assert made.wake_ns is None or made.wake_ns > self.now
        assert made.wake_ns is not None or ledger.ended, "a parent that works has a wake-up"
        self.wake = made.wake_ns
        self.judge()
        return made

    def _judge_send(
        self,
        send: Send,
        child_id: str,
        made: Step,
        market: MarketView,
        gone: int,
        quantity: int,
        before: dict[str, tuple[str, str, int, State]],
        silent: set[str],
    ) -> None:
        spec = self.spec
        venue = spec.at(send.venue)
        assert venue is not None
        assert gone + send.lots <= quantity, "2: filled + out + new <= quantity"
        assert spec.start_ns <= self.now < spec.end_ns, "nothing is sent outside [start, end)"
        assert not market.trouble(send.venue, self.now), "nothing is sent in a market that is not sound"
        self._judge_price(send.price_ticks, send.venue)
        assert send.lots % venue.lot == 0
        assert send.lots >= venue.min_lots
        assert send.lots >= min(spec.min_child, quantity - gone)
        assert send.lots <= min(spec.max_child or send.lots, venue.max_lots or send.lots)
        self._judge_cap(send, gone - self.ledger.filled)
        assert child_id not in self.ids
        assert len(child_id) <= MAX_LENGTH
        self.ids.add(child_id)
        if send.take:
            assert send.key not in self.take_keys, "a take key is sent once, ever"
            self.take_keys.add(send.key)
        wanted = sum(q.lots for q in made.intent.quotes if q.key == send.key)
        live = [v for i, v in before.items() if v[3] is not State.UNKNOWN and i not in silent]
        same = sum(lots for key, where, lots, _ in live if (key, where) == (send.key, send.venue))
        assert same + send.lots <= wanted, "a replacement waits until its predecessor is confirmed gone"
        assert not (send.take and live), "a take waits until all else is confirmed gone"

    def _judge_price(self, price: int, venue: str) -> None:
        spec, at = self.spec, self.spec.at(venue)
        assert at is not None
        assert price % at.tick == 0, "on the venue's tick"
        assert spec.limit_ticks is None or spec.side * (price - spec.limit_ticks) <= 0, "within the limit"

    def _judge_amend(self, amend: Amend, market: MarketView) -> None:
        child = self.ledger.children[amend.child_id]
        assert self.now < self.spec.end_ns
        self._judge_price(amend.price_ticks, child.venue)
        assert child.filled < amend.lots <= child.lots, (
            "an amend never asks for more, nor for less than is filled"
        )
        assert amend.price_ticks == child.price_ticks or not market.trouble(child.venue, self.now)

    def _judge_cap(self, send: Send, out: int) -> None:
        """c/(1-c) of what others traded in the window, plus one lot, own fills and orders out included."""
        spec = self.spec
        if spec.max_participation is None:
            return
        since = max(spec.start_ns, self.now - spec.participation_window_ns)
        counts = COUNTED[spec.volume_scope]
        seen = self.condition != "missing"
        others = sum(
            n for ts, n, kind, at in self.prints if seen and since <= ts < self.now and counts(kind, at)
        )
        own = sum(lots for ts, lots in self.fills if ts >= since) + out
        cap = Fraction(spec.max_participation)
        allowed = cap / (1 - cap) * others + spec.primary.lot + Fraction(1, 10**6)
        assert own + send.lots - send.over_cap <= allowed, "the participation cap, the flagged sweep excepted"
        assert send.over_cap == 0 or send.key.startswith("e"), "only the sweep may exceed the cap"

    def _judge_rate(self) -> None:
        ledger = self.ledger
        new = [
            e.ts for e in self.journal[-40:] if e.kind in (Kind.SENT, Kind.AMEND_SENT) and e.ts == self.now
        ]
        self.messages = [ts for ts in self.messages if ts < self.now] + new
        recent = [ts for ts in self.messages if ts > self.now - SECOND]
        assert len(recent) <= self.limits.max_messages, "message rate"
        assert ledger.seq == len(self.ids)

    def judge(self) -> None:
        """The ledger's invariants, each recomputed from the children."""
        ledger = self.ledger
        children = ledger.children.values()
        assert ledger.filled == sum(c.filled for c in children) == sum(n for _, n in self.fills)
        assert ledger.out == sum(c.open for c in children)
        assert ledger.unknown_out == sum(c.open for c in children if c.state is State.UNKNOWN)
        assert ledger.take_out + ledger.resting_out + ledger.unknown_out == ledger.out
        assert set(ledger.open) == {c.id for c in children if c.state not in TERMINAL}
        assert all(c.open >= 0 for c in children)
        assert ledger.filled + ledger.out + ledger.unplanned - ledger.excess == ledger.quantity
        assert ledger.unplanned >= 0 <= ledger.excess
        assert not (ledger.unplanned and ledger.excess)
        assert ledger.quantity >= ledger.target
        assert (
            ledger.quantity in (ledger.target, self.quantity) or ledger.quantity <= ledger.filled + ledger.out
        )
        assert ledger.excess <= ledger.late + ledger.overdone == self.blame
        if ledger.ended:
            self._judge_end()

    def _judge_end(self) -> None:
        ledger = self.ledger
        assert ledger.status in TERMINAL_STATUS
        assert ledger.reason, "an end has a reason"
        if ledger.excess:
            assert (ledger.status, ledger.reason) == (Status.FAILED, "venue_overfill")
        else:
            assert (ledger.status is Status.DONE) == (ledger.filled >= ledger.quantity), (
                "never done with size left"
            )

    # --- the end of every story -------------------------------------------------------------------------------

    def finale(self, answers: bool) -> None:
        """The venue answers what is asked from now on, or never speaks again: the parent must end by itself."""
        self.step()
        patience = self.spec.end_ns - self.now + 40 * self.limits.ack_timeout_ns + 120 * SECOND
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
