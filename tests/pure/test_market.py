"""What a market view lets one price from, and when a trigger fires."""

from typing import Any

import pytest

from nautilus_exec.core.intent import Trigger
from nautilus_exec.core.market import STALE_AFTER_NS, MarketView
from nautilus_exec.units import BPS, Side, cost_bps
from tests.builders import ASK, BID, HERE, T0, market, top


@pytest.mark.parametrize(
    ("quote", "trouble"),
    [
        ({}, ""),
        (None, "no_quote"),
        ({"ts": T0 - STALE_AFTER_NS}, ""),
        ({"ts": T0 - STALE_AFTER_NS - 1}, "stale_quote"),
        ({"bid_lots": 0}, "one_sided"),
        ({"ask_lots": 0}, "one_sided"),
        ({"bid": ASK}, "locked"),
        ({"bid": ASK + 1}, "crossed"),
    ],
)
def test_a_quote_is_sound_or_says_what_troubles_it(quote: Any, trouble: str):
    assert market(T0, XNYS=quote).trouble(HERE, T0) == trouble


def test_a_halt_comes_before_all_else():
    assert market(T0, halted=[HERE], XNYS=None).trouble(HERE, T0) == "halted"


def test_a_venue_that_never_quoted_has_no_quote():
    assert MarketView().trouble(HERE, T0) == "no_quote"


def test_near_and_far_are_seen_from_the_side():
    quote = top(bid_lots=3, ask_lots=4)
    assert (quote.price(Side.BUY), quote.far(Side.BUY), quote.far_lots(Side.BUY)) == (BID, ASK, 4)
    assert (quote.price(Side.SELL), quote.far(Side.SELL), quote.far_lots(Side.SELL)) == (ASK, BID, 3)


@pytest.mark.parametrize(
    ("bounds", "fires"),
    [
        ({}, True),
        ({"max_ticks": 10}, True),
        ({"max_ticks": 9}, False),
        ({"min_ticks": 10}, True),
        ({"min_ticks": 11}, False),
        ({"min_lots": 5}, True),
        ({"min_lots": 6}, False),
        ({"below_lots": 6}, True),
        ({"below_lots": 5}, False),
    ],
)
def test_a_trigger_fires_when_every_bound_holds(bounds: dict[str, int], fires: bool):
    assert Trigger(HERE, True, **bounds).fires(10, 5) is fires


def test_a_cost_is_positive_for_a_buyer_who_pays_more_and_a_seller_who_gets_less():
    # 50.10 against 50.00 is 20 bps.
    assert cost_bps(Side.BUY, 50.10, 50.00) == pytest.approx(20)
    assert cost_bps(Side.SELL, 50.10, 50.00) == pytest.approx(-20)
    assert (Side.BUY.opposite, Side.SELL.opposite, BPS) == (Side.SELL, Side.BUY, 10_000)
