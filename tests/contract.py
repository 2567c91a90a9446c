"""What every policy owes, whatever it is: a test class; a policy's own file overrides the fixtures and nothing else."""

from functools import cache
from itertools import product
from typing import Any

import pytest

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.intent import Intent
from nautilus_exec.core.ledger import Child, Ledger
from nautilus_exec.core.life import Status
from nautilus_exec.core.limits import Limits
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import EndBehavior, PayUp, Spec, Style
from nautilus_exec.core.tape import PrintClass, Tape
from nautilus_exec.core.transitions import State
from nautilus_exec.policies.base import Policy
from nautilus_exec.units import SECOND, Side
from tests.adversary import MARKETS, World
from tests.builders import HERE, T0, fill, ledger, market, prepared, sent, tape_of, venue

HORIZON = 300
MODES = [
    {"style": style, "pay_up": pay, "end_behavior": end}
    for style, pay, end in product(Style, PayUp, EndBehavior)
    if style is Style.PASSIVE_THEN_CROSS or pay is PayUp.NEVER
]
UNSOUND = ("one_sided", "crossed", "locked", "stale", "halted", "missing")
TAPE = tape_of(*((T0 + second * SECOND, 200) for second in range(0, HORIZON, 5)))
"""What others trade; a decision sees what was before it."""
INSTANTS = [*range(0, HORIZON, 13), 97, 98, 284, 285, 286, 299]


class PolicyContract:
    """Override ``policy``, ``given`` and ``known``; besides, where a policy needs it: ``monotone`` where a forecast may
    fall, ``scheduled`` where there is no schedule, ``prints`` where it needs volume, ``mode`` and ``side`` where it
    knows fewer.
    """

    @pytest.fixture
    def policy(self) -> type[Policy]:
        raise NotImplementedError

    @pytest.fixture
    def given(self) -> dict[str, str]:
        """Parameters of the policy itself."""
        return {"slices": "3"}

    @pytest.fixture
    def known(self) -> dict[str, Any]:
        """Facts beside the usual ones."""
        return {}

    @pytest.fixture
    def prints(self) -> int:
        """What others trade every ten seconds of a whole life."""
        return 0

    @pytest.fixture
    def scheduled(self) -> bool:
        """Whether there is a schedule that says how many lots are due."""
        return True

    @pytest.fixture
    def monotone(self) -> bool:
        """Whether the lots due never fall."""
        return True

    @pytest.fixture(params=MODES, ids=lambda mode: "-".join(mode.values()))
    def mode(self, request: pytest.FixtureRequest) -> dict[str, str]:
        return {name: str(value) for name, value in request.param.items()}

    @pytest.fixture
    def side(self, mode: dict[str, str]) -> Side:
        """Buys and sells in turn over the modes."""
        return Side.BUY if len("".join(mode.values())) % 2 else Side.SELL

    @pytest.fixture
    def made(
        self,
        policy: type[Policy],
        given: dict[str, str],
        known: dict[str, Any],
        mode: dict[str, str],
        side: Side,
    ) -> Spec:
        return prepared(policy, given | mode, side=side, **known)

    # --- decisions ---

    def test_what_it_wants_stays_within_what_is_left(self, policy: type[Policy], made: Spec, scheduled: bool):
        for second, done in product(INSTANTS, (0, 300, 990)):
            book = _after(done)
            intent = policy.decide(made, book, _market(second), _at(second))
            assert all(quote.lots > 0 for quote in intent.quotes)
            assert sum(quote.lots for quote in intent.quotes) <= 1_000 - done
            assert intent.planned is not None or not scheduled
            assert 0 <= (intent.planned or 0) <= 1_000

    def test_it_asks_to_be_woken_strictly_later(self, policy: type[Policy], made: Spec):
        for second, done in product(INSTANTS, (0, 300, 990)):
            intent = policy.decide(made, _after(done), _market(second), _at(second))
            assert intent.wake_ns is not None
            assert intent.wake_ns > _at(second)
            assert intent.retry_ns is None or intent.retry_ns > _at(second)

    def test_the_same_facts_give_the_same_intent(self, policy: type[Policy], made: Spec):
        for second in INSTANTS:
            intents = {
                _plain(policy.decide(made, _after(300), _market(second), _at(second))) for _ in range(2)
            }
            assert len(intents) == 1

    def test_what_is_due_never_falls_and_is_everything_in_the_end(
        self, policy: type[Policy], made: Spec, monotone: bool, scheduled: bool
    ):
        if not scheduled:
            pytest.skip("no schedule")
        view = [_market(second) for second in range(HORIZON)]
        due = [policy.decide(made, _after(0), view[s], _at(s)).planned or 0 for s in range(HORIZON)]
        assert due == sorted(due) or not monotone
        assert due[-1] == 1_000

    def test_a_market_that_is_not_sound_makes_nothing_more_aggressive(self, policy: type[Policy], made: Spec):
        for second, done in product(INSTANTS, (0, 300)):
            sound = _takes(policy.decide(made, _after(done), _market(second), _at(second)))
            for condition in UNSOUND:
                view = _market(second, condition)
                assert _takes(policy.decide(made, _after(done), view, _at(second))) <= sound

    # --- whole lives ---

    def test_in_a_deep_market_it_is_done(self, policy: type[Policy], made: Spec, prints: int):
        world = play(World(policy, made, Limits()), prints=prints)
        crosses = made.style is Style.AGGRESSIVE or made.pay_up is PayUp.SLICE_END
        if crosses or made.end_behavior is not EndBehavior.CANCEL:
            assert (world.ledger.status, world.ledger.filled) == (Status.DONE, 1_000)

    def test_in_a_poor_market_it_is_finished_or_says_why_not(
        self, policy: type[Policy], made: Spec, prints: int
    ):
        world = play(World(policy, made, Limits()), quarters=1, every=120, prints=prints)
        assert world.ledger.ended
        assert (world.ledger.status is Status.DONE) == (world.ledger.filled == 1_000)
        assert world.ledger.reason in ("filled", "end_time", "below_minimum")

    def test_with_no_memory_it_sends_the_same_children(self, policy: type[Policy], made: Spec, prints: int):
        once = play(World(policy, made, Limits()), quarters=2, prints=prints)
        again = play(World(policy, made, Limits()), quarters=2, prints=prints, forgets=True)
        assert once.sent == again.sent != []

    def test_in_a_market_that_is_never_sound_nothing_is_sent(
        self, policy: type[Policy], made: Spec, prints: int
    ):
        for condition in UNSOUND:
            world = World(policy, made, Limits())
            world.quote(condition)
            play(world, prints=prints)
            # An auction gives its own price: its order needs no quote.
            assert [child for child in world.ledger.children.values() if not child.auction] == []
            assert (world.ledger.status, world.ledger.reason) == (Status.EXPIRED, "end_time")

    def test_the_cap_beats_catch_up(
        self, policy: type[Policy], given: dict[str, str], known: dict[str, Any], mode: dict[str, str]
    ):
        # Each 10 s others trade 90: 0.1/0.9 x 90 = 10 a time, 300 in all, one lot more at each end of the window.
        made = prepared(policy, given | mode | {"max_participation": "0.1"}, **known)
        world = play(World(policy, made, Limits()), prints=90)
        in_auction = sum(child.filled for child in world.ledger.children.values() if child.auction)
        capped = world.ledger.filled - world.ledger.over_cap - in_auction
        assert 200 < capped <= 302 or mode["style"] == Style.PASSIVE_ONLY
        hard = made.end_behavior is EndBehavior.COMPLETE_HARD
        assert bool(world.ledger.over_cap) is hard
        assert (world.ledger.status is Status.DONE) is hard

    def test_the_limit_is_never_passed(
        self,
        policy: type[Policy],
        given: dict[str, str],
        known: dict[str, Any],
        mode: dict[str, str],
        side: Side,
        prints: int,
    ):
        limit = "100.00"  # the mid: nothing can be taken, only rests can fill
        made = prepared(policy, given | mode | {"limit_price": limit}, side=side, **known)
        world = play(World(policy, made, Limits()), prints=prints)
        assert all(side * (price - 10_000) <= 0 for _, _, _, price in world.sent)
        worked = [child for child in world.ledger.children.values() if not child.auction]
        assert bool(worked) is (made.style is not Style.AGGRESSIVE)

    def test_a_venue_in_round_lots_is_sent_round_lots(
        self,
        policy: type[Policy],
        given: dict[str, str],
        known: dict[str, Any],
        mode: dict[str, str],
        prints: int,
    ):
        at = (venue(lot=100, min_lots=100, tick=5),)
        made = prepared(policy, given | mode, **known, venues=at, quantity=1_050)
        world = play(World(policy, made, Limits()), prints=prints)
        assert all(lots % 100 == 0 for _, _, lots, _ in world.sent)
        if world.ledger.filled == 1_000:
            assert (world.ledger.status, world.ledger.reason) == (Status.EXPIRED, "below_minimum")


def play(world: World, quarters: int = 4, every: int = 15, prints: int = 0, forgets: bool = False) -> World:
    """A whole life on an honest venue: it fills so many quarters of a take at once, a rest's every so many seconds.

    A quote comes every second to whoever waits for one like it.
    """
    filled_ns = world.now
    for _ in range(3_000):
        if world.ledger.ended:
            return world
        if forgets:
            world.parent.ledger = Ledger.refold(world.quantity, world.journal)
        world.step()
        while world.ledger.open and _answers(world, quarters):
            world.step()
        until = world.wake or world.now
        if world.fires():
            until = min(until, world.now + SECOND)
        if prints and (until - T0) // (10 * SECOND) > (world.now - T0) // (10 * SECOND):
            until = world.now = T0 + ((world.now - T0) // (10 * SECOND) + 1) * 10 * SECOND
            world.trade(prints, PrintClass.CONTINUOUS, HERE)
        world.now = until
        if world.now - filled_ns >= every * SECOND:
            filled_ns = world.now
            rests = [c for c in world.ledger.open.values() if c.state is State.WORKING and not c.take]
            for child in [c for c in rests if not c.auction]:
                world.fill(child, -(-child.open * quarters // 4))
        world.quoted_ns = world.now - (2 * SECOND if world.condition == "stale" else 0)
    raise AssertionError("a life without an end")


def _answers(world: World, quarters: int) -> bool:
    said = False
    for child in list(world.ledger.open.values()):
        prints = child.auction and child.state is State.WORKING and world.now >= world.spec.end_ns
        if child.take or prints:
            _fills_at_once(world, child, quarters)
            said = True
        elif child.state is not State.WORKING or child.pending_lots is not None:
            said = world.answer([child]) or said
    return said


def _fills_at_once(world: World, child: Child, quarters: int) -> None:
    world.fill(child, -(-child.open * quarters // 4))
    if child.open:
        world.say(Kind.EXPIRED, child)


def _at(second: float) -> int:
    return T0 + int(second * SECOND)


@cache
def _after(done: int) -> Ledger:
    events: tuple[Event, ...] = (sent(lots=done), fill(lots=done)) if done else ()
    return ledger(*events)


def _market(second: float, condition: str = "normal") -> MarketView:
    now = _at(second)
    if condition == "missing":
        return MarketView({}, Tape())
    bid, bid_lots, ask, ask_lots = MARKETS.get(condition, MARKETS["normal"])
    quote = {"bid": bid, "bid_lots": bid_lots, "ask": ask, "ask_lots": ask_lots}
    late = 3_600 * SECOND if condition == "stale" else 0
    return market(
        now, tape=TAPE, halted=[HERE] if condition == "halted" else [], XNYS=quote | {"ts": now - late}
    )


def _takes(intent: Intent) -> int:
    return sum(quote.lots for quote in intent.quotes if quote.take)


def _plain(intent: Intent) -> str:
    return repr(intent)
