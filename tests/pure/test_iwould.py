"""What surrounds an algorithm's own wish: a price at which it takes at once, a bound on following the touch."""

from typing import Any

import pytest

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.intent import Intent, PriceRule, Quote, Trigger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Style
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.twap import Twap
from nautilus_exec.units import SECOND, Side
from tests.builders import ASK, BID, HERE, T0, fill, ledger, market, prepared, says, sent, venue


def at(seconds: float) -> int:
    return T0 + int(seconds * SECOND)


THREE = {"slices": "3"}
PASSIVE = THREE | {"style": "passive_then_cross"}
CHEAP = {"iwould_price": "100.10"}
"""What is offered now."""


def wanted(
    params: dict[str, str], *events: Event, seconds: float = 1, view: MarketView | None = None, **over: Any
) -> Intent:
    """Of a TWAP of a thousand in three slices of 100 s, with a quote of 99.90 to 100.10, 500 each side."""
    made = prepared(Twap, params, **over)
    return Twap.decide(made, ledger(*events), view or market(at(seconds)), at(seconds))


def seized(lots: int, stamp: int, ends: bool = True) -> tuple[Event, ...]:
    """A take from the quote of that stamp of which so many were filled."""
    order = sent(lots=500, take=True, key=f"w{stamp}", ts=stamp)
    gone = (says(Kind.EXPIRED, ts=stamp),) if ends else ()
    return order, fill(lots=lots, ts=stamp), *gone


# --- the price at which it takes at once ---


def test_at_its_price_what_is_shown_is_taken_and_not_what_is_due():
    made = wanted(THREE | CHEAP)
    assert made.quotes == (Quote(f"w{at(1)}", 500, PriceRule.CROSS, take=True, cap_ticks=ASK),)
    assert (made.reason, made.planned, made.wake_ns, made.retry_ns) == ("iwould", 334, at(2), at(2))


def test_never_more_than_is_left():
    done = (sent(lots=900), fill(lots=900))
    assert wanted(THREE | CHEAP, *done).quotes[0].lots == 100


def test_beyond_its_price_the_schedule_goes_on_and_a_quote_at_it_wakes():
    made = wanted(THREE | {"iwould_price": "100.09"})
    assert made.quotes[0].key == "t0.0"
    assert made.triggers == (Trigger(HERE, False, max_ticks=ASK - 1, min_lots=1),)
    sell = wanted(THREE | {"iwould_price": "99.91"}, side=Side.SELL)
    assert sell.triggers == (Trigger(HERE, True, min_ticks=BID + 1, min_lots=1),)


def test_less_than_the_venue_takes_is_not_enough():
    lots_of_600 = {"venues": (venue(lot=600, min_lots=600),)}
    made = wanted(THREE | CHEAP, **lots_of_600)
    assert made.quotes[0].key == "t0.0"
    assert made.triggers[0].min_lots == 600


def test_a_resting_child_is_taken_back_before_it_takes():
    rests = (sent(lots=334), says(Kind.ACCEPTED))
    made = wanted(PASSIVE | CHEAP, *rests)
    assert (made.quotes, made.reason, made.wake_ns) == ((), "iwould_waits", at(2))
    gone = (*rests, says(Kind.CANCELLED))
    assert wanted(PASSIVE | CHEAP, *gone).reason == "iwould"


def test_while_its_take_is_out_it_waits():
    out = sent(lots=100, take=True, key="w1")
    assert wanted(THREE | CHEAP, out).reason == "iwould_waits"


def test_a_quote_is_taken_once_and_meanwhile_nothing_rests():
    standing = market(at(5), XNYS={"ts": at(1)})
    passive = wanted(PASSIVE | CHEAP, *seized(100, at(1)), seconds=5, view=standing)
    assert (passive.quotes, passive.wake_ns) == ((), at(6))
    # What the schedule itself takes goes on.
    aggressive = wanted(THREE | CHEAP, *seized(100, at(1)), seconds=5, view=standing)
    assert [quote.key for quote in aggressive.quotes] == ["t0.0"]
    again = wanted(PASSIVE | CHEAP, *seized(100, at(1)), seconds=5)
    assert again.quotes[0].key == f"w{at(5)}"


def test_a_market_that_is_not_sound_is_not_taken_from():
    made = wanted(THREE | CHEAP, view=market(at(1), halted=[HERE]))
    assert made.quotes[0].key == "t0.0"
    assert len(made.triggers) == 1


def test_the_sweep_at_the_end_comes_first():
    assert wanted(THREE | CHEAP | {"end_behavior": "complete_hard"}, seconds=290).reason == "sweep"


@pytest.mark.parametrize(
    ("side", "price", "fine"),
    [
        (Side.BUY, "99.99", True),
        (Side.BUY, "100.01", False),
        (Side.SELL, "100.01", True),
        (Side.SELL, "99.99", False),
    ],
)
def test_its_price_lies_within_the_limit(side: Side, price: str, fine: bool):
    given = THREE | {"limit_price": "100.00", "iwould_price": price}
    if fine:
        assert prepared(Twap, given, side=side).iwould_ticks
        return
    with pytest.raises(
        InvalidInput, match=r"iwould_price: .* expected a price within the limit price 100\.00"
    ):
        prepared(Twap, given, side=side)


# --- how far a resting child follows ---

BOUND = PASSIVE | {"max_chase_ticks": "5"}
RESTS = (sent(lots=334), says(Kind.ACCEPTED))


def test_a_resting_child_follows_so_many_ticks_from_the_first_price_of_its_slice():
    assert wanted(BOUND).quotes[0].cap_ticks is None
    assert wanted(BOUND, *RESTS).quotes[0].cap_ticks == BID + 5
    assert wanted(BOUND, *RESTS, side=Side.SELL).quotes[0].cap_ticks == BID - 5
    # A replacement of the same slice has the bound of its predecessor, not one of its own.
    moved = (*RESTS, says(Kind.CANCELLED, ts=at(2)), sent("C2", lots=334, price_ticks=BID + 3, ts=at(2)))
    assert wanted(BOUND, *moved, seconds=3).quotes[0].cap_ticks == BID + 5


def test_an_amend_in_place_moves_the_price_and_not_the_bound():
    moved = (
        says(Kind.AMEND_SENT, lots=334, price_ticks=BID + 3),
        says(Kind.AMENDED, lots=334, price_ticks=BID + 3),
    )
    assert wanted(BOUND, *RESTS, *moved).quotes[0].cap_ticks == BID + 5


def test_the_bound_is_in_ticks_of_the_venue():
    assert wanted(BOUND, *RESTS, venues=(venue(tick=5),)).quotes[0].cap_ticks == BID + 25


def test_a_child_at_its_bound_is_not_watched():
    bounded = PASSIVE | {"max_chase_ticks": "0"}
    assert wanted(bounded, *RESTS).triggers == ()
    assert len(wanted(PASSIVE, *RESTS).triggers) == 1


def test_a_new_slice_has_a_first_price_of_its_own_and_takes_do_not_count():
    gone = (*RESTS, says(Kind.CANCELLED, ts=at(98)))
    took = (
        sent("C2", lots=10, take=True, key="x0.0", price_ticks=ASK, ts=at(99)),
        says(Kind.EXPIRED, "C2", at(99)),
    )
    assert wanted(BOUND, *gone, *took, seconds=101).quotes[0].cap_ticks is None
    fresh = sent("C3", lots=300, price_ticks=BID + 9, ts=at(100))
    assert wanted(BOUND, *gone, *took, fresh, seconds=101).quotes[0].cap_ticks == BID + 14


# --- crossing beyond the limit ---


def test_a_rest_is_not_given_up_for_a_cross_that_the_limit_forbids():
    within = wanted(PASSIVE | {"limit_price": "100.10"}, seconds=99)
    beyond = wanted(PASSIVE | {"limit_price": "100.09"}, seconds=99)
    assert (within.quotes[0].take, beyond.quotes[0].take) == (True, False)


def test_style_and_bound_come_from_the_parameters():
    made = prepared(Twap, BOUND | CHEAP)
    assert (made.style, made.max_chase_ticks, made.iwould_ticks) == (Style.PASSIVE_THEN_CROSS, 5, ASK)
