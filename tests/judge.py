"""The rules that a parent must keep, each checked from outside: see ``tests.adversary``."""

from fractions import Fraction

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.ids import MAX_LENGTH
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.life import TERMINAL_STATUS, Status
from nautilus_exec.core.limits import Limits
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.parent import Parent, Step
from nautilus_exec.core.plan import Amend, Send
from nautilus_exec.core.spec import Spec, VolumeScope
from nautilus_exec.core.tape import PrintClass
from nautilus_exec.core.transitions import TERMINAL, State
from nautilus_exec.units import SECOND
from tests.builders import HERE

COUNTED = {
    VolumeScope.VENUE: lambda kind, where: kind is PrintClass.CONTINUOUS and where == HERE,
    VolumeScope.LIT: lambda kind, where: kind is PrintClass.CONTINUOUS,
    VolumeScope.CONSOLIDATED: lambda kind, where: kind in (PrintClass.CONTINUOUS, PrintClass.OFF_EXCHANGE),
}


class Judge:
    """What a story knows, and the rules that it is judged by."""

    parent: Parent
    limits: Limits
    condition: str
    now: int
    quantity: int
    blame: int
    ids: set[str]
    gone: set[str]
    take_keys: set[str]
    messages: list[int]
    journal: list[Event]
    fills: list[tuple[int, int]]
    prints: list[tuple[int, int, PrintClass, str]]

    @property
    def spec(self) -> Spec:
        return self.parent.spec

    @property
    def ledger(self) -> Ledger:
        return self.parent.ledger

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
        trouble = market.trouble(send.venue, self.now)
        assert send.auction or not trouble, "nothing is sent in an unsound market; an auction needs no quote"
        self._judge_price(send.price_ticks, send.venue)
        assert send.lots % venue.lot == 0
        assert send.lots >= venue.min_lots
        assert send.lots >= min(spec.min_child, quantity - gone)
        assert send.lots <= min(
            (not send.auction and spec.max_child) or send.lots, venue.max_lots or send.lots
        )
        self._judge_auction(send)
        if not send.auction:
            self._judge_cap(send, gone - self.ledger.filled - self.ledger.auction_out)
        assert child_id not in self.ids
        assert len(child_id) <= MAX_LENGTH
        self.ids.add(child_id)
        if send.take:
            assert send.key not in self.take_keys, "a take key is sent once, ever"
            self.take_keys.add(send.key)
        wanted = sum(q.lots for q in made.intent.quotes if q.key == send.key)
        known = {i: v for i, v in before.items() if not self.ledger.children[i].auction or send.auction}
        live = [v for i, v in known.items() if v[3] is not State.UNKNOWN and i not in silent]
        same = sum(lots for key, where, lots, _ in live if (key, where) == (send.key, send.venue))
        assert same + send.lots <= wanted, "a replacement waits until its predecessor is confirmed gone"
        assert not (send.take and live), "a take waits until all else is confirmed gone"

    def _judge_price(self, price: int, venue: str) -> None:
        spec, at = self.spec, self.spec.at(venue)
        assert at is not None
        assert price % at.tick == 0, "on the venue's tick"
        assert spec.limit_ticks is None or spec.side * (price - spec.limit_ticks) <= 0, "within the limit"

    def _judge_auction(self, send: Send) -> None:
        auction = self.spec.auction
        if send.auction:
            assert auction is not None
            assert self.now < auction.cutoff_ns, "nothing enters an auction after its cut-off"
            assert self.ledger.auction_out <= auction.max_lots, "the auction's share"

    def _judge_cancel(self, child_id: str) -> None:
        auction, child = self.spec.auction, self.ledger.children[child_id]
        bound = auction is not None and auction.cutoff_ns <= self.now < auction.until_ns
        assert not (child.auction and bound), "what is in an auction after its cut-off cannot be cancelled"

    def _judge_amend(self, amend: Amend, market: MarketView) -> None:
        child = self.ledger.children[amend.child_id]
        assert self.now < self.spec.end_ns
        self._judge_price(amend.price_ticks, child.venue)
        at = self.spec.at(child.venue)
        assert at is not None
        assert amend.lots % at.lot == 0
        assert amend.lots >= at.min_lots
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
        # What was within the cap when it left may be beyond it now: it leaves no room, and is not this send's excess.
        room = max(0, allowed - own)
        assert send.lots - send.over_cap <= room, "the participation cap, the flagged sweep excepted"
        assert send.over_cap == 0 or send.key.startswith("e"), "only the sweep may exceed the cap"

    def _judge_close(self, made: Step) -> None:
        ledger = self.ledger
        if ledger.excess:
            assert ledger.ended or ledger.status is Status.CANCELLING, "too much is filled: it ends now"
        if made.closed:
            asks = min(2, self.parent.limits.max_cancels)
            left = ledger.open.values()
            assert all(child.state is State.UNKNOWN and child.cancels >= asks for child in left), (
                "children first"
            )

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
        assert ledger.take_out + ledger.resting_out + ledger.auction_out + ledger.unknown_out == ledger.out
        assert set(ledger.open) == {c.id for c in children if c.state not in TERMINAL}
        assert all(c.open >= 0 for c in children)
        assert all((c.state in TERMINAL) == (c.id in self.gone or c.filled >= c.size) for c in children)
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
