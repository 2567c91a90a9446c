"""POV, iceberg and sniper through the engine, judged instant by instant from the data and the records."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate, pairwise
from random import Random
from typing import Any

import pytest
from nautilus_trader.model import AggressorSide

from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.messages import AmendParent
from tests.books import BUY, SELL, XNAS, XNYS, Script, ns, top, trade
from tests.engine.conftest import Play
from tests.engine.shell import Story, flat
from tests.engine.test_shell_adversity import adds_up, late

SECOND = 10**9


def parent(
    algorithm: str, params: dict[str, str], size: int = 1_000, side: Any = BUY
) -> Callable[[Script], Any]:
    return lambda s: s.market(side, size, algo=algorithm, params=params, oid="P")


def tape(until: float, seed: int = 1, step: float = 0.4) -> list[Any]:
    """Prints at the mid on both venues, of 20 to 400 and now and then 3,000; none fills a resting order."""
    dice = Random(seed)
    made, t = [], 1.0
    while t < until:
        size = 3_000 if dice.random() < 0.02 else dice.randint(20, 400)
        made.append(trade(round(t, 3), 100.01, size, dice.choice((XNYS, XNAS))))
        t += dice.expovariate(1 / step)
    return made


def both(until: float, size: int = 20_000) -> list[Any]:
    return [*flat(until, size=size), *flat(until, size=size, iid=XNAS)]


def worst(
    story: Story, prints: Iterable[Any], rate: float, begin: float, first: float, passive: bool = False
) -> float:
    """The largest of |own - rate x all| over max(0.5 points of all, one child), after the first interval.

    Passively over 0.5 points of all, one child and the part of the largest print, together.
    """
    fills = [(f.ts_event, f.lots, 0) for f in story.fills()]
    others = [(p.ts_event, 0, int(p.size.as_double())) for p in prints if p.ts_event >= ns(begin)]
    child = max(c.lots for c in story.children())
    own = volume = 0
    found = 0.0
    for ts, mine, theirs in sorted(fills + others):
        own, volume = own + mine, volume + theirs
        if ns(first) < ts <= story.result().ended_ns:
            points, largest = 0.005 * (own + volume), max(theirs for _, _, theirs in others)
            allowed = points + child + rate * largest if passive else max(points, child)
            found = max(found, abs(own - rate * (own + volume)) / allowed)
    assert own == story.result().filled > 0
    return found


@pytest.mark.parametrize("style", ["aggressive", "passive_then_cross"])
@pytest.mark.parametrize(("rate", "side"), [(0.1, BUY), (0.25, SELL)])
def test_own_lots_follow_the_volume_at_every_instant(play: Play, style: str, rate: float, side: Any) -> None:
    prints = tape(300)
    given = {"duration": "290s", "target_participation": str(rate), "style": style}
    story = play(
        [*both(300), *prints], [(2, parent("POV", given, 10**5, side))], end=310, instruments=(XNYS, XNAS)
    )
    assert worst(story, prints, rate, begin=2, first=7, passive=style != "aggressive") <= 1
    assert story.result().reason == "end_time"
    adds_up(story)


def test_with_delays_it_follows_the_volume_too(play: Play) -> None:
    prints = tape(300, seed=2)
    given = {"duration": "290s", "target_participation": "0.1"}
    acts = [(2, parent("POV", given, 10**5))]
    story = play([*both(300), *prints], acts, end=310, instruments=(XNYS, XNAS), **late(0.05))
    assert worst(story, prints, 0.1, begin=2, first=8) <= 1


@pytest.mark.parametrize(("caught_up", "filled"), [("false", 200), ("true", 300)])
def test_what_trades_beyond_the_limit_is_caught_up_with_only_if_asked(
    play: Play, caught_up: str, filled: int
) -> None:
    """A fifth of 400, of 400 above the limit from 20 s to 40 s, and of 400 again: 100 each."""
    data = [
        top(t, 100.08 if 20 <= t < 40 else 100.0, 9_000 + t, 100.1 if 20 <= t < 40 else 100.02, 9_000 + t)
        for t in range(70)
    ]
    prints = [trade(10, 100.02, 400), trade(30, 100.1, 400), trade(50, 100.01, 400)]
    given = {
        "duration": "60s",
        "target_participation": "0.2",
        "limit_price": "100.05",
        "catch_up_limit": caught_up,
    }
    story = play([*data, *prints], [(1, parent("POV", given))], end=80)
    assert story.result().filled == filled
    assert max(f.price_ticks for f in story.fills()) <= 10_005
    adds_up(story)


def test_a_target_can_be_amended_while_it_works(play: Play) -> None:
    prints = [trade(t, 100.01, 400) for t in (3, 13, 23, 33)]
    change = {"target_participation": "0.5"}
    acts = [
        (1, parent("POV", {"duration": "40s", "target_participation": "0.2"}, 10_000)),
        (20, lambda s: s.publish_message(topics.AMEND, AmendParent("P", change))),
    ]
    story = play([*flat(60, size=9_000), *prints], acts, end=60)
    assert [reply.ok for reply in story.replies] == [True]
    assert story.result().filled == 1_600


# --- iceberg ---


def sold(until: int) -> list[Any]:
    """A quote each second with 50 at the bid, and a seller who hits it for 130 every other second."""
    hits = [trade(t + 0.5, 100.0, 130, aggressor=AggressorSide.SELL) for t in range(1, until, 2)]
    return [*[top(t, 100.0, 50 + t % 7, 100.02, 500 + t) for t in range(until + 1)], *hits]


def showing(story: Story) -> list[tuple[int, int]]:
    """(instant, lots at the venue) after every change."""
    moves = []
    for child in story.children():
        fills = [f for f in story.fills() if f.child_id == child.child_id]
        moves += [(child.sent_ns, 1, child.lots), *((f.ts_event, 0, -f.lots) for f in fills)]
        moves.append((child.ended_ns, 0, sum(f.lots for f in fills) - child.lots))
    moves.sort()
    return list(zip((ts for ts, _, _ in moves), accumulate(lots for _, _, lots in moves), strict=True))


def test_an_iceberg_never_shows_more_than_its_tip(play: Play) -> None:
    story = play(sold(200), [(1, parent("ICEBERG", {"duration": "180s", "display_size": "60"}))], end=210)
    assert story.result().status == "DONE"
    assert max(lots for _, lots in showing(story)) == 60
    assert {c.lots for c in story.children()} == {60, 40}
    assert {f.liquidity for f in story.fills()} == {"MAKER"}
    adds_up(story)


def test_tips_of_random_sizes_are_refilled_after_random_delays(play: Play) -> None:
    given = {
        "duration": "300s", "display_min": "30", "display_max": "90", "refill_delay": "1s", "refill_delay_max": "4s",
    }  # fmt: skip
    story = play(sold(300), [(1, parent("ICEBERG", given, 600))], end=310, **late(0.05))
    children = sorted(story.children(), key=lambda c: c.seq)
    waits = [b.sent_ns - a.ended_ns for a, b in pairwise(children)]
    assert story.result().status == "DONE"
    assert max(lots for _, lots in showing(story)) <= 90
    assert all(SECOND <= wait <= 4 * SECOND for wait in waits)
    assert len(set(waits)) > 3
    assert len({c.lots for c in children}) > 3
    adds_up(story)


def test_a_peg_follows_the_touch_as_far_as_it_is_told_to(play: Play) -> None:
    data = [top(t, 100.0 + t * 0.01, 300, 101.0, 300) for t in range(30)]
    given = {"duration": "25s", "display_size": "100", "max_chase_ticks": "5"}
    story = play(data, [(1, parent("ICEBERG", given))], end=40)
    assert sorted(c.price_ticks for c in story.children()) == list(range(10_001, 10_007))
    # At its bound it is woken no more: a decision for each child and none after.
    assert len(story.decisions()) == len(story.children()) + 1 + 5


def test_the_tips_of_a_post_only_parent_never_take(play: Play) -> None:
    def act(s: Script) -> None:
        given = {"duration": "20s", "display_size": "100", "peg": "limit"}
        s.limit(BUY, 500, 100.01, post_only=True, algo="ICEBERG", params=given, oid="P")

    story = play(flat(30), [(1, act)], end=40)
    assert story.sent
    assert all(order.is_post_only for order in story.sent)


# --- sniper ---

FLASHES = {4: (100.02, 300), 9: (100.02, 90), 12: (100.01, 250), 12.5: (100.01, 260), 20: (100.03, 900)}
"""Offers by second: two of enough at the limit or better, one of too little, one too soon, one too dear."""


def flashing(until: int = 30) -> list[Any]:
    """The offer stands at 100.10, but for half a second at each flash."""
    stamps = sorted({t / 2 for t in range(2 * until)} | set(FLASHES))
    return [top(t, 100.0, 300 + round(2 * t), *FLASHES.get(t, (100.1, 500 + round(2 * t)))) for t in stamps]


SNIPES = {"duration": "25s", "limit_price": "100.02", "min_size": "100", "max_take_fraction": "0.5"}


def test_a_sniper_takes_what_qualifies_at_the_quotes_own_price_and_nothing_else(play: Play) -> None:
    counted: list[Any] = []
    story = play(
        flashing(), [(1, parent("SNIPER", SNIPES | {"cooldown": "1s"}))], end=40,
        on={topics.wake("SNIPER"): counted.append},
    )  # fmt: skip
    children = sorted(story.children(), key=lambda c: c.seq)
    assert [(c.sent_ns, c.price_ticks, c.lots) for c in children] == [
        (ns(4), 10_002, 150),
        (ns(12), 10_001, 125),
    ]
    assert len(counted) == 2
    assert story.result().filled == 275
    adds_up(story)


def test_a_sniper_that_does_not_cool_down_takes_the_next_quote(play: Play) -> None:
    story = play(flashing(), [(1, parent("SNIPER", SNIPES))], end=40)
    assert [c.sent_ns for c in sorted(story.children(), key=lambda c: c.seq)] == [ns(4), ns(12), ns(12.5)]


@pytest.mark.parametrize("delay", [0.0, 0.2])
def test_a_sniper_never_pays_more_than_the_quote_before_showed(play: Play, delay: float) -> None:
    dice = Random(5)
    data = [
        top(t / 4, 99.9, 300, round(100.0 + dice.randint(-4, 8) / 100, 2), dice.randint(50, 400))
        for t in range(400)
    ]
    quotes = [(q.ts_event, round(q.ask_price.as_double() * 100)) for _, q in data]
    given = {"duration": "90s", "limit_price": "100.02", "quote_age": "100ms"}
    story = play(data, [(1, parent("SNIPER", given, 10**5))], end=110, **late(delay))
    assert len(story.children()) > 50
    assert len(story.fills()) > 20
    for c in story.children():
        shown = quotes[bisect_right([ts for ts, _ in quotes], c.sent_ns) - 1][1]
        assert c.price_ticks == shown <= 10_002
        assert all(f.price_ticks <= shown for f in story.fills() if f.child_id == c.child_id)
    adds_up(story)


# --- taking at once what is cheap enough ---


def test_a_cheap_offer_is_taken_when_it_comes_and_the_schedule_counts_it(play: Play) -> None:
    """100 are due every 10 s; at 7 s 250 are offered at 100.00: the next two slices have nothing to do."""
    data = [top(t, 99.98, 300 + t, *((100.0, 250) if t == 7 else (100.02, 300 + t))) for t in range(60)]
    given = {"duration": "40s", "slices": "4", "iwould_price": "100.00"}
    story = play(data, [(1, parent("TWAP", given, 400))], end=70)
    fills = [((f.ts_event - ns(0)) / SECOND, f.lots, f.price_ticks) for f in story.fills()]
    assert fills == [(1, 100, 10_002), (7, 250, 10_000), (31, 50, 10_002)]


def test_a_resting_child_is_confirmed_gone_before_the_cheap_offer_is_taken(play: Play) -> None:
    data = [top(t, 99.98, 300 + t, *((100.0, 250) if 7 <= t < 9 else (100.02, 300 + t))) for t in range(60)]
    given = {"duration": "40s", "slices": "1", "style": "passive_only", "iwould_price": "100.00"}
    story = play(data, [(1, parent("TWAP", given, 400))], end=70, **late(0.1))
    rest, take = sorted(story.children(), key=lambda c: c.seq)[:2]
    assert (rest.status, rest.cancel_sent_ns, take.sent_ns) == ("cancelled", ns(7), ns(7.1))
    assert (take.take, take.filled) == (True, 250)
    adds_up(story)
