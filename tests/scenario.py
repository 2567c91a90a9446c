"""What the lines of a script mean: what comes in, and what is expected (see ``tests.script_reader``)."""

from dataclasses import fields, replace
from pathlib import Path

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.market import Top
from nautilus_exec.core.parent import Parent
from nautilus_exec.core.spec import VenueSpec
from nautilus_exec.core.tape import PrintClass
from nautilus_exec.decode import decode
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.describe import POLICIES
from nautilus_exec.policies.params import Session
from nautilus_exec.policies.text import parse_duration
from nautilus_exec.tca.analysis import analyse
from nautilus_exec.tca.market import no_market
from nautilus_exec.units import Nanos, Side, Ticks
from tests import runs
from tests.builders import HERE, facts
from tests.script_reader import Mismatch, NotUnderstood, clock, line, pairs
from tests.stage import Left, Stage

TOTALS = {
    *("quantity", "filled", "out", "unplanned", "excess", "late", "overdone", "over_cap", "reject_count"),
    *("resting_out", "take_out", "unknown_out"),
}
ROOT = Path(__file__).parents[1]


class Given(Stage):
    """The lines that begin with I."""

    # --- what comes in: before the parent ---

    @line(
        "I", "venue {name:word}[ lot={lot:n}][ min={least:n}][ max={most:n}][ tick={tick:px}][ {amends:word}]"
    )
    def venue(self, name: str, lot: int, least: int, most: int, tick: Ticks, amends: str) -> None:
        if amends not in (None, "amends"):
            raise NotUnderstood(f"a venue that {amends}")
        self.venues.append(
            VenueSpec(name, f"IBM.{name}", lot or 1, tick or 1, least or 1, most, bool(amends))
        )

    @line("I", "limits {what:text}")
    def limit(self, what: str) -> None:
        names = {field.name for field in fields(Limits)}
        for name, value in pairs(what).items():
            if name in names:
                self.limits = replace(self.limits, **{name: int(value)})
            elif f"{name}_ns" in names:
                self.limits = replace(self.limits, **{f"{name}_ns": parse_duration(name, value)})
            else:
                raise NotUnderstood(f"no limit is called {name}")

    @line("I", "session {opens:time} to {closes:time}")
    def session(self, opens: Nanos, closes: Nanos) -> None:
        self.known["session"] = Session(opens, closes)

    @line("I", "order expires {at:time}")
    def expires(self, at: Nanos) -> None:
        self.known["expire_ns"] = at

    @line("I", "order limit {at:px}")
    def order_limit(self, at: Ticks) -> None:
        self.known["limit_ticks"] = at

    @line("I", "parent {side:word} {quantity:n} {algorithm:word}[ {params:text}]")
    def receive(self, side: str, quantity: int, algorithm: str, params: str | None) -> None:
        if self.parent is not None and not self.ledger.ended:
            raise NotUnderstood("a second parent before the first has ended")
        policy = {policy.id: policy for policy in POLICIES}.get(algorithm)
        if policy is None or side.upper() not in Side.__members__:
            raise NotUnderstood(f"a parent that is to {side} by {algorithm}")
        self.parent = None
        self._forget()
        given = {
            "venues": tuple(self.venues) or (VenueSpec(HERE, f"IBM.{HERE}"),),
            "side": Side[side.upper()],
        }
        given |= {"received_ns": self.now, "quantity": quantity, "algorithm": algorithm} | self.known
        self.known.pop("expire_ns", None)
        self.known.pop("limit_ticks", None)
        try:
            spec = policy.prepare(decode(policy.Params, pairs(params or "")), facts(**given))
        except InvalidInput as error:
            self.left.append(Left(self.now, "denied", str(error)))
            return
        self.parent = Parent(spec, policy.decide, self.limits)
        self.mids["decision_px"] = self._mid()
        self.step()

    # --- what comes in: time and the market ---

    @line("I", "time {at:time}")
    def time(self, at: Nanos) -> None:
        if at < self.now:
            raise NotUnderstood(f"time goes back from {clock(self.now)}")
        while self.parent is not None and self.wake is not None and self.wake <= at:
            if self.wake <= self.now and self.wake == self.woken:
                raise Mismatch(f"woken twice at {clock(self.now)}")
            self.now = self.woken = self.wake
            self.step()
            if self.left and self.now < at:
                raise Mismatch(f"before {clock(at)} {self._show()}")
        self.now = at

    @line("I", "quote {bid:px} x {bid_lots:n} / {ask:px} x {ask_lots:n}[ at {venue:word}]")
    def quote(self, bid: Ticks, bid_lots: int, ask: Ticks, ask_lots: int, venue: str | None) -> None:
        where = venue or HERE
        self.tops[where] = Top(bid, bid_lots, ask, ask_lots, self.now)
        sides = {True: (bid, bid_lots), False: (ask, ask_lots)}
        if any(watch.venue == where and watch.fires(*sides[watch.bid]) for watch in self.triggers):
            self.step()

    @line("I", "trade {lots:n}[ {kind:word}][ at {venue:word}]")
    def trade(self, lots: int, kind: str | None, venue: str | None) -> None:
        self.number += 1
        if kind is not None and kind not in set(PrintClass):
            raise NotUnderstood(f"a trade of class {kind}")
        self.tape.fold(venue or HERE, lots, self.now, f"M{self.number}", PrintClass(kind or "continuous"))

    @line("I", "halt {venue:word}")
    def halt(self, venue: str) -> None:
        self.halted.add(venue)

    @line("I", "reopen {venue:word}")
    def reopen(self, venue: str) -> None:
        self.halted.discard(venue)

    @line("I", "another parent rests at {at:px}")
    def rests(self, at: Ticks) -> None:
        self.own = {HERE: (at,)}

    # --- what comes in: the venues' answers ---

    @line("I", "{what:answer} {name:word}")
    def answer(self, what: str, name: str) -> None:
        self.fold(Event(Kind(what), self.now, self._id(name)))

    @line("I", "rejected[ {lasting:lasting}] {name:word}: {reason:text}")
    def rejected(self, lasting: bool | None, name: str, reason: str) -> None:
        self.fold(Event(Kind.REJECTED, self.now, self._id(name), reason=reason, lasting=bool(lasting)))

    @line("I", "amended {name:word} {lots:n} @ {at:px}")
    def amended(self, name: str, lots: int, at: Ticks) -> None:
        self.fold(Event(Kind.AMENDED, self.now, self._id(name), lots=lots, price_ticks=at))

    @line("I", "fill {name:word} {lots:n} @ {at:px}[ fee {fee:money}][ trade {trade:word}]")
    def fill(self, name: str, lots: int, at: Ticks, fee: float | None, trade: str | None) -> None:
        self.number += 1
        self.fills.append((lots, at, fee or 0.0))
        self._fill(name, lots, at, fee or 0.0, trade or f"N{self.number}")

    @line("I", "repeat {name:word} {lots:n} @ {at:px} trade {trade:word}")
    def repeat(self, name: str, lots: int, at: Ticks, trade: str) -> None:
        """The venue tells a fill a second time."""
        self._fill(name, lots, at, 0.0, trade)

    def _fill(self, name: str, lots: int, at: Ticks, fee: float, trade: str) -> None:
        event = Event(Kind.FILL, self.now, self._id(name), lots=lots, price_ticks=at, trade_id=trade, fee=fee)
        self.fold(event._replace(currency="USD"))

    # --- what comes in: the trader, and the machine ---

    @line("I", "{what:hold}")
    def hold(self, what: str) -> None:
        self.fold(Event(Kind(what), self.now))

    @line("I", "cancel: {reason:text}")
    def cancel(self, reason: str) -> None:
        self.fold(Event(Kind.CANCEL, self.now, reason=reason))

    @line("I", "amend limit {at:px}")
    def amend_limit(self, at: Ticks) -> None:
        self.working.spec = replace(self.working.spec, limit_ticks=at)
        self.step()

    @line("I", "kill switch {switch:switch}")
    def kill(self, switch: str) -> None:
        self.limits = self.working.limits = replace(self.limits, kill_switch=switch == "on")
        self.step()

    @line("I", "restart")
    def restart(self) -> None:
        """The process dies; what is left is the journal, and the venue's orders."""
        old, self.generation = self.working, self.generation + 1
        ledger = Ledger.refold(old.spec.quantity, self.journal)
        assert vars(ledger) == vars(old.ledger)
        self.parent = Parent(old.spec, old.decide, self.limits, ledger=ledger, generation=self.generation)
        self.throttle = Throttle()
        for event in self.journal:
            if event.kind in (Kind.SENT, Kind.AMEND_SENT):
                self.throttle.fold(event.ts)
        self.step()


class Scenario(Given):
    """The lines that begin with E."""

    @line("E", "send {name:word} {what:text}")
    def sends(self, name: str, what: str) -> None:
        left = self._next("send")
        if name in self.children:
            raise NotUnderstood(f"a child is called {name} already")
        self.children[name] = left.child_id
        _same(f"send {name}", left.text, what)

    @line("E", "amend {name:word} {what:text}")
    def amends(self, name: str, what: str) -> None:
        _same("amend", self._next_of("amend", name).text, what)

    @line("E", "cancel {name:word}")
    def cancels(self, name: str) -> None:
        self._next_of("cancel", name)

    def _next_of(self, what: str, name: str) -> Left:
        wanted = self._id(name)
        left = self._next(what)
        if left.child_id != wanted:
            self.left.insert(0, left)
            raise Mismatch(f"expected {what} {name}; {self._show()}")
        return left

    @line("E", "denied {why:text}")
    def denied(self, why: str) -> None:
        _same("denied", self._next("denied").text, why)

    @line("E", "result {what:text}")
    def result(self, what: str) -> None:
        """The end, when it comes; afterwards how it stands, since a late report may change it."""
        if self.left or not self.ledger.ended:
            _same("result", self._next("result").text, what)
        _same("result", self._outcome(), what)

    @line("E", "nothing")
    def nothing(self) -> None:
        if self.left:
            raise Mismatch(f"not expected: {self._show()}")

    @line("E", "parent {status:word}")
    def status(self, status: str) -> None:
        _same("parent", str(self.ledger.status), status)

    @line("E", "child {name:word} {what:text}")
    def child(self, name: str, what: str) -> None:
        child = self.ledger.children[self._id(name)]
        _same(f"child {name}", f"{child.state}, {child.filled} filled, {child.open} open", what)

    @line("E", "totals {what:text}")
    def totals(self, what: str) -> None:
        wanted = pairs(what)
        if unknown := wanted.keys() - TOTALS:
            raise NotUnderstood(f"no total is called {min(unknown)}")
        _same("totals", " ".join(f"{name}={getattr(self.ledger, name)}" for name in wanted), what)

    @line("E", "average {what:text}")
    def average(self, what: str) -> None:
        _same("average", f"{self.ledger.notional / self.ledger.filled / 100:.4f}", what)

    @line("E", "held {why:word}")
    def holds(self, why: str) -> None:
        _same("held", self.held or "nothing", why)

    @line("E", "wakes {at:time}")
    def wakes(self, at: Nanos) -> None:
        _same("wakes", clock(self.wake) if self.wake is not None else "never", clock(at))

    @line("E", "cost {what:text}")
    def cost(self, what: str) -> None:
        """The parts of the shortfall, by the analysis, from the fills as this script told them."""
        ledger, side = self.ledger, int(self.working.spec.side)
        made = runs.parent(side=side, quantity=ledger.quantity, filled=ledger.filled, **self.mids)
        fills = [
            runs.fill("P-1", n, lots, at / 100, side=side, fee=fee)
            for n, (lots, at, fee) in enumerate(self.fills)
        ]
        row = analyse(runs.run_of([made], fills), no_market()).parents.row(0, named=True)
        wanted = pairs(what)
        if unknown := wanted.keys() - row.keys():
            raise NotUnderstood(f"no cost is called {min(unknown)}")
        _same("cost", " ".join(f"{name}={row[name] + 0.0:.2f}" for name in wanted), what)

    @line("E", "proved by {file:path}::{test:word}")
    def proved(self, file: str, test: str) -> None:
        """What a script cannot tell is proved by a test of the engine; here only that there is one."""
        path = ROOT / file
        if not path.is_file() or f"def {test}(" not in path.read_text():
            raise Mismatch(f"there is no test {file}::{test}")


def _same(what: str, got: str, wanted: str) -> None:
    if got != wanted:
        raise Mismatch(f"expected {what} {wanted}; it is {got}")
