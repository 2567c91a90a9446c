"""What the hard limits make of an order on its way out, on hand-made books (bid 99.90, ask 100.10)."""

from dataclasses import replace
from typing import Any

import pytest

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.intent import PriceRule, Quote
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.plan import Cancel, Plan, Send
from nautilus_exec.units import SECOND, Side
from tests.builders import ASK, BID, HERE, T0, THERE, fill, ledger, market, says, sent, spec, tape_of, venue
from tests.plans import NOW, lots, planned, prices, rest, take

# --- sizes ---


@pytest.mark.parametrize(
    ("over", "at", "sent_lots", "held"),
    [
        ({}, {}, [250], ""),
        ({"max_child": 120}, {}, [120], ""),
        ({}, {"max_lots": 90}, [90], ""),
        ({}, {"lot": 100}, [200], ""),
        ({}, {"lot": 300}, [], "below_minimum"),
        ({}, {"min_lots": 251}, [], "below_minimum"),
        ({"min_child": 251}, {}, [], "below_minimum"),
        ({"min_child": 250}, {}, [250], ""),
    ],
)
def test_a_size_is_clipped_and_one_below_the_minimum_is_carried(
    over: dict[str, Any], at: dict[str, Any], sent_lots: list[int], held: str
):
    what = planned(take(250), of=spec(venues=(venue(**at),), **over))
    assert (lots(what), what.held) == (sent_lots, held)


def test_the_last_rest_may_be_below_the_parents_minimum_but_not_the_venues():
    book = ledger(sent(lots=970), fill(lots=970))
    assert lots(planned(take(30), of=spec(min_child=50), book=book)) == [30]
    assert lots(planned(take(30), of=spec(min_child=50, venues=(venue(min_lots=40),)), book=book)) == []


def capped(*quotes: Quote, **over: Any) -> Plan:
    """0.1 / 0.9 x 900 + 1 = 101 lots of room."""
    view = market(NOW, tape=tape_of((NOW - SECOND, 900)))
    return planned(*quotes, of=spec(**({"max_participation": 0.1} | over)), view=view)


def test_the_cap_clips_and_counts_what_leaves_in_the_same_step():
    assert lots(capped(take(70, "a"), take(70, "b"))) == [70, 31]


def test_a_cap_that_leaves_less_than_the_minimum_holds():
    what = capped(take(500), min_child=102)
    assert (lots(what), what.held) == ([], "participation")


def test_the_flagged_sweep_exceeds_the_cap_and_says_by_how_much():
    sweep = capped(take(500, over_cap=True)).actions[0]
    assert isinstance(sweep, Send)
    assert (sweep.lots, sweep.over_cap) == (500, 399)


def test_what_exceeds_the_cap_is_counted_after_rounding_to_the_lot():
    # Room 0.1/0.9 x 900 + 50 = 150; 170 wanted, 150 in whole lots of 50: none beyond the cap.
    sweep = capped(take(170, over_cap=True), venues=(venue(lot=50),)).actions[0]
    assert isinstance(sweep, Send)
    assert (sweep.lots, sweep.over_cap) == (150, 0)


# --- prices ---


@pytest.mark.parametrize(
    ("side", "rule", "offset", "price"),
    [
        (Side.BUY, PriceRule.JOIN, 0, 9_990),
        (Side.BUY, PriceRule.JOIN, 3, 9_993),
        (Side.BUY, PriceRule.MID, 0, 10_000),
        (Side.BUY, PriceRule.CROSS, 0, 10_011),
        (Side.BUY, PriceRule.LIMIT, 0, 10_050),
        (Side.SELL, PriceRule.JOIN, 0, 10_011),
        (Side.SELL, PriceRule.JOIN, 3, 10_008),
        (Side.SELL, PriceRule.MID, 0, 10_001),
        (Side.SELL, PriceRule.CROSS, 0, 9_990),
    ],
)
def test_a_price_rule_becomes_ticks_rounded_away_from_the_market(
    side: Side, rule: PriceRule, offset: int, price: int
):
    # Bid 9990, ask 10011: the mid of 10000.5 is 10000 for a buy and 10001 for a sell.
    limit = 10_050 if side is Side.BUY else 9_900
    view = market(NOW, XNYS={"ask": 10_011})
    quote = Quote("q", 10, rule, take=rule is PriceRule.CROSS, offset=offset)
    assert prices(planned(quote, of=spec(side=side, limit_ticks=limit), view=view)) == [price]


@pytest.mark.parametrize(("side", "price"), [(Side.BUY, 9_995), (Side.SELL, 10_005)])
def test_a_price_off_the_venues_tick_is_rounded_to_the_less_aggressive_one(side: Side, price: int):
    view = market(NOW, XNYS={"bid": 9_992, "ask": 10_008})
    quote = Quote("q", 10, PriceRule.JOIN, offset=4)  # 9996 for a buy, 10004 for a sell
    assert prices(planned(quote, of=spec(side=side, venues=(venue(tick=5),)), view=view)) == [price]


def test_a_take_past_the_limit_is_held_and_a_rest_goes_at_the_limit():
    assert planned(take(), of=spec(limit_ticks=ASK - 1)).held == "limit_price"
    assert prices(planned(take(), of=spec(limit_ticks=ASK))) == [ASK]
    assert prices(planned(rest(), of=spec(limit_ticks=BID - 7))) == [BID - 7]
    assert planned(take(), of=spec(side=Side.SELL, limit_ticks=BID + 1)).held == "limit_price"


@pytest.mark.parametrize(
    ("limit", "cap", "price"), [(9_980, 9_970, 9_970), (9_970, 9_980, 9_970), (None, 9_960, 9_960)]
)
def test_the_tighter_of_two_caps_holds(limit: int | None, cap: int, price: int):
    assert prices(planned(rest(cap_ticks=cap), of=spec(limit_ticks=limit))) == [price]


@pytest.mark.parametrize(("limit", "cap"), [(10_020, 10_030), (10_030, 10_020)])
def test_the_tighter_of_two_floors_is_the_higher_one(limit: int, cap: int):
    assert prices(planned(rest(cap_ticks=cap), of=spec(side=Side.SELL, limit_ticks=limit))) == [10_030]


def test_the_limit_rule_without_a_limit_is_held():
    assert planned(Quote("q", 10, PriceRule.LIMIT)).held == "no_limit_price"


def test_a_price_outside_the_collar_is_held():
    # 500 bps of the mid 10000 are 500 ticks.
    wide = market(NOW, XNYS={"bid": 9_400, "ask": 10_600})
    assert planned(take(), view=wide).held == "collar"
    assert prices(planned(take(), view=market(NOW, XNYS={"bid": 9_500, "ask": 10_500}))) == [10_500]


@pytest.mark.parametrize("trouble", ["halted", "no_quote", "stale_quote", "one_sided", "locked", "crossed"])
def test_nothing_is_priced_in_a_market_that_is_not_sound(trouble: str):
    quotes: dict[str, Any] = {
        "no_quote": None,
        "stale_quote": {"ts": T0 - 300 * SECOND},
        "one_sided": {"ask_lots": 0},
        "locked": {"bid": ASK},
        "crossed": {"bid": ASK + 1},
    }
    view = market(NOW, halted=[HERE] if trouble == "halted" else [], XNYS=quotes.get(trouble, {}))
    what = planned(rest(), take(), view=view)
    assert (what.actions, what.held) == ([], trouble)


# --- the rate of what leaves ---


def test_the_message_rate_holds_what_is_too_much_and_says_until_when():
    throttle = Throttle()
    throttle.fold(NOW - SECOND // 4)
    what = planned(take(1, "a"), take(1, "b"), limits=Limits(max_messages=2), throttle=throttle)
    assert (lots(what), what.held, what.wake_ns) == ([1], "message_rate", NOW + 3 * SECOND // 4)


def test_a_cancel_in_the_same_step_takes_no_place_from_what_is_sent():
    book = ledger(sent(key="old"), says(Kind.ACCEPTED))
    what = planned(take(), book=book, limits=Limits(max_messages=1))
    assert (what.actions[0], lots(what), what.held) == (Cancel("C1"), [100], "")


def rejected(*stamps: int) -> list[Event]:
    return [e for n, ts in enumerate(stamps) for e in (sent(f"J{n}"), says(Kind.REJECTED, f"J{n}", ts))]


def test_after_a_reject_a_venue_rests_for_a_time_that_doubles():
    once = planned(take(), book=ledger(*rejected(NOW)))
    assert (once.actions, once.held, once.wake_ns) == ([], "backoff", NOW + SECOND)
    assert planned(take(), book=ledger(*rejected(NOW, NOW, NOW))).wake_ns == NOW + 4 * SECOND
    assert lots(planned(take(), book=ledger(*rejected(NOW)), now=NOW + SECOND)) == [100]


def test_one_venues_back_off_is_not_the_others():
    what = planned(take(venue=THERE), of=spec(venues=(venue(), venue(THERE))), book=ledger(*rejected(NOW)))
    assert lots(what) == [100]


def test_the_kill_switch_sends_nothing_and_takes_back_what_rests():
    what = planned(
        rest(500), take(), book=ledger(sent(), says(Kind.ACCEPTED)), limits=Limits(kill_switch=True)
    )
    assert (what.actions, what.held) == ([Cancel("C1")], "kill_switch")
    assert planned(limits=Limits(kill_switch=True)).held == ""


def resting_at(*prices: int, side: Side = Side.BUY) -> list[int]:
    """What a take of 100 sends while other parents of the account rest at these prices on the other side."""
    view = replace(market(NOW), own={HERE: prices})
    return lots(planned(take(), of=spec(side=side), view=view))


def test_an_order_that_would_meet_a_resting_one_of_our_own_is_held():
    assert resting_at(ASK) == []
    assert planned(take(), view=replace(market(NOW), own={HERE: (ASK,)})).held == "self_match"
    assert resting_at(BID, side=Side.SELL) == []


def test_an_order_that_stops_short_of_our_own_goes():
    assert resting_at(ASK + 1) == [100]
    assert resting_at(BID - 1, side=Side.SELL) == [100]


def test_our_own_orders_at_another_venue_hold_nothing():
    assert lots(planned(take(), view=replace(market(NOW), own={THERE: (ASK,)}))) == [100]
