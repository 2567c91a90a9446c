"""Iceberg: the contract with fixed and with random tips, and its tips by hand."""

from itertools import pairwise
from typing import Any, cast

import pytest

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.intent import Intent, PriceRule, Quote, Trigger
from nautilus_exec.core.spec import EndBehavior
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.iceberg import Iceberg, IcebergParams, Tips
from nautilus_exec.units import SECOND, Side
from tests.builders import ASK, BID, HERE, T0, fill, ledger, market, prepared, says, sent, tells, venue
from tests.contract import PolicyContract


class TestFixedTip(PolicyContract):
    @pytest.fixture
    def policy(self) -> type[Policy]:
        return Iceberg

    @pytest.fixture
    def given(self) -> dict[str, str]:
        return {"display_size": "100", "peg": "join"}

    @pytest.fixture(params=EndBehavior)
    def mode(self, request: pytest.FixtureRequest) -> dict[str, str]:
        return {"style": "passive_only", "pay_up": "never", "end_behavior": str(request.param)}

    @pytest.fixture
    def scheduled(self) -> bool:
        return False


class TestRandomTip(TestFixedTip):
    @pytest.fixture
    def given(self) -> dict[str, str]:
        tips = {"display_min": "100", "display_max": "300", "refill_delay": "1s", "refill_delay_max": "9s"}
        return tips | {"peg": "join", "offset": "2", "max_chase_ticks": "5"}


FIXED = {"display_size": "100", "peg": "join"}


def at(seconds: float) -> int:
    return T0 + int(seconds * SECOND)


def shown(
    params: dict[str, str], *events: Event, seconds: float = 0, quote: Any = None, **over: Any
) -> Intent:
    """What is wanted after these events, with a quote of 99.90 to 100.10 unless told otherwise."""
    made = prepared(Iceberg, params, **over)
    view = market(at(seconds), XNYS=quote or {})
    return Iceberg.decide(made, ledger(*events, quantity=made.quantity), view, at(seconds))


def lots(intent: Intent) -> list[int]:
    return [quote.lots for quote in intent.quotes]


def filled(lots: int, seconds: float = 0) -> tuple[Event, ...]:
    """A child of so many lots, filled whole."""
    return sent(lots=lots), fill(lots=lots, ts=at(seconds))


# --- the tip ---


@pytest.mark.parametrize(("done", "tip"), [(1, 99), (99, 1), (100, 100), (140, 60), (900, 100), (950, 50)])
def test_a_tip_is_what_is_left_of_it_and_is_refilled_when_it_is_filled(done: int, tip: int):
    # Topping up after each partial fill would show 100 throughout.
    assert lots(shown(FIXED, *filled(done))) == [tip]


def test_the_last_tip_is_the_rest():
    assert lots(shown(FIXED, *filled(200), quantity=250)) == [50]
    over = ledger(*filled(200), tells(Kind.AMEND_PARENT, lots=200), quantity=250)
    made = prepared(Iceberg, FIXED, quantity=250)
    assert Iceberg.decide(made, over, market(), T0).reason == "nothing_left"


def tips(params: dict[str, str], **over: Any) -> Tips:
    return cast(Tips, prepared(Iceberg, params, **over).params)


RANDOM = {"display_min": "100", "display_max": "300"}


def test_random_tips_lie_between_their_bounds_and_come_from_the_seed():
    ends = tips(RANDOM, quantity=50_000).ends
    sizes = [b - a for a, b in pairwise((0, *ends))]
    assert all(100 <= size <= 300 for size in sizes)
    assert len(set(sizes)) > 100
    assert (min(sizes), max(sizes)) <= (105, 300)
    assert tips(RANDOM, quantity=50_000).ends == ends
    assert tips(RANDOM, quantity=50_000, parent_id="P-2").ends != ends
    # A larger quantity goes on with the same sizes: an amend does not change the tip that is shown.
    assert tips(RANDOM, quantity=60_000).ends[: len(ends)] == ends


def test_random_tips_are_whole_round_lots():
    ends = tips(RANDOM, quantity=50_000, venues=(venue(lot=100, min_lots=100),)).ends
    assert {b - a for a, b in pairwise((0, *ends))} == {100, 200, 300}


def test_after_the_last_tip_the_sizes_begin_again():
    made = Tips(cast(IcebergParams, None), (100, 250, 300), PriceRule.JOIN, 0, 0)
    assert [made.tip(n) for n in (0, 99, 100, 299, 300, 420)] == [
        (0, 0, 100),
        (0, 0, 100),
        (1, 100, 250),
        (2, 250, 300),
        (3, 300, 400),
        (4, 400, 550),
    ]


def test_less_than_the_smallest_child_counts_as_filled_and_never_more_than_a_tip_is_shown():
    at_least_20 = {"venues": (venue(min_lots=20),)}
    assert lots(shown(FIXED, *filled(80), **at_least_20)) == [20]
    # 10 left of this tip and 100 of the next are 110: one tip is shown.
    assert lots(shown(FIXED, *filled(90), **at_least_20)) == [100]
    assert lots(shown(FIXED | {"min_child": "20"}, *filled(90))) == [100]


def test_what_a_silent_venue_has_counts_as_done():
    assert lots(shown(FIXED, sent(lots=100), says(Kind.SILENT))) == [100]
    assert lots(shown(FIXED, sent(lots=60), says(Kind.SILENT))) == [40]


# --- the delay ---


def test_a_refill_waits_from_the_instant_at_which_the_tip_was_filled():
    given = FIXED | {"refill_delay": "5s"}
    waits = shown(given, *filled(100, seconds=10), seconds=12)
    assert (waits.quotes, waits.reason, waits.wake_ns) == ((), "refill_waits", at(15))
    assert lots(shown(given, *filled(100, seconds=10), seconds=15)) == [100]
    assert lots(shown(given, seconds=0)) == [100]


def test_a_tip_that_has_begun_does_not_wait_for_its_own_fills():
    begun = (*filled(100, seconds=10), sent("C2", lots=100), fill("C2", lots=30, trade_id="T2", ts=at(16)))
    assert lots(shown(FIXED | {"refill_delay": "5s"}, *begun, seconds=17)) == [70]


def test_a_random_delay_lies_between_its_bounds_and_is_the_same_when_asked_again():
    given = FIXED | {"refill_delay": "2s", "refill_delay_max": "8s"}
    ready = [(shown(given, *filled(100 * k)).wake_ns or 0) - T0 for k in range(1, 10)]
    assert all(2 * SECOND <= wait < 8 * SECOND for wait in ready)
    assert len(set(ready)) == 9
    assert ready == [(shown(given, *filled(100 * k)).wake_ns or 0) - T0 for k in range(1, 10)]
    none = {"refill_delay_max": "8s"} | FIXED
    assert 0 < (shown(none, *filled(100)).wake_ns or 0) - T0 < 8 * SECOND


def test_a_refill_that_would_come_after_the_end_waits_for_the_end():
    made = shown(FIXED | {"refill_delay": "10m"}, *filled(100))
    assert (made.quotes, made.wake_ns) == ((), at(300))


# --- the peg ---


def test_it_rests_at_its_limit_where_it_has_one_and_else_at_the_touch():
    size = {"display_size": "100"}
    assert shown(size | {"limit_price": "99.95"}).quotes[0].rule is PriceRule.LIMIT
    assert shown(size).quotes[0].rule is PriceRule.JOIN
    assert shown(FIXED | {"limit_price": "99.95"}).quotes[0].rule is PriceRule.JOIN


WORKS = (sent(lots=100), says(Kind.ACCEPTED))


def test_a_pegged_tip_is_woken_when_the_touch_leaves_it_and_one_at_its_limit_is_not():
    assert shown(FIXED, *WORKS).triggers == (Trigger(HERE, True, min_ticks=BID + 1, min_lots=1),)
    assert shown({"display_size": "100", "limit_price": "99.95"}, *WORKS).triggers == ()


def test_an_offset_away_from_the_touch_is_a_gap_that_is_kept():
    made = shown(FIXED | {"offset": "-3"}, sent(lots=100, price_ticks=BID - 3), says(Kind.ACCEPTED))
    assert made.quotes[0] == Quote("r", 100, PriceRule.JOIN, offset=-3)
    assert made.triggers == (Trigger(HERE, True, min_ticks=BID + 1, min_lots=1),)


@pytest.mark.parametrize(("side", "inside"), [(Side.BUY, ASK - 1), (Side.SELL, BID + 1)])
def test_an_offset_into_the_spread_never_meets_the_far_touch(side: Side, inside: int):
    assert shown(FIXED | {"offset": "50"}, side=side).quotes[0].cap_ticks == inside


def test_an_offset_into_the_spread_does_not_follow_a_touch_that_is_its_own():
    given = FIXED | {"offset": "2"}
    resting = (sent(lots=100, price_ticks=BID + 2), says(Kind.ACCEPTED))
    assert shown(given, *resting).quotes[0].chase
    assert not shown(given, *resting, quote={"bid": BID + 2}).quotes[0].chase


def test_it_follows_the_touch_only_so_far_from_the_tips_first_price():
    given = FIXED | {"max_chase_ticks": "5"}
    assert shown(given, *WORKS).quotes[0].cap_ticks == BID + 5
    assert shown(given).quotes[0].cap_ticks is None
    both = shown(given | {"offset": "50"}, *WORKS).quotes[0]
    assert both.cap_ticks == BID + 5


def test_the_next_tip_has_a_first_price_of_its_own():
    first = (sent(lots=100, price_ticks=BID), fill(lots=100, ts=at(10)))
    second = (sent("C2", lots=100, price_ticks=BID + 4, ts=at(10)), says(Kind.ACCEPTED, "C2", at(10)))
    assert shown(FIXED | {"max_chase_ticks": "5"}, *first, *second, seconds=11).quotes[0].cap_ticks == BID + 9


def test_a_market_that_is_not_sound_is_looked_at_again_and_watched_by_no_trigger():
    made = shown(FIXED, *WORKS, quote={"ask_lots": 0})
    assert (made.triggers, made.wake_ns) == ((), at(5))


# --- what is refused ---


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "display_size: None; expected a size, or display_min and display_max"),
        ({"display_min": "100"}, "display_size: None; expected a size, or display_min and display_max"),
        (
            {"display_size": "100", "display_max": "200"},
            "display_max: 200; expected no display_max where display_size",
        ),
        (
            {"display_size": "5"},
            "display_size: 5; expected a multiple of 10 lots, at least the smallest child, 20",
        ),
        ({"display_size": "105"}, "display_size: 105; expected a multiple of 10 lots"),
        (
            {"display_min": "10", "display_max": "50"},
            "display_min: 10; expected at least the smallest child, 20",
        ),
        ({"display_min": "100", "display_max": "50"}, "display_max: 50; expected at least display_min, 100"),
        ({"display_size": "100", "peg": "limit"}, "peg: 'limit'; expected join, or a limit price with it"),
        (
            {"display_size": "100", "offset": "1", "limit_price": "100"},
            "offset: 1; expected 0 with peg = limit",
        ),
        (FIXED | {"style": "aggressive"}, "style: 'aggressive'; expected passive_only"),
        (FIXED | {"randomize_size": "0.1"}, "randomize_size: '0.1'; expected display_min"),
        (
            FIXED | {"refill_delay": "5s", "refill_delay_max": "4s"},
            "refill_delay_max: '4s'; expected at least 5s",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(params: dict[str, str], expected: str):
    with pytest.raises(InvalidInput) as refused:
        prepared(Iceberg, params, venues=(venue(lot=10, min_lots=20),))
    assert str(refused.value).startswith(expected)
