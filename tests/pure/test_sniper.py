"""Sniper: the contract with and without a cool-down, and its rules by hand."""

from dataclasses import replace
from typing import Any

import pytest

from nautilus_exec.core.events import Event
from nautilus_exec.core.intent import Intent, PriceRule, Quote, Trigger
from nautilus_exec.core.spec import EndBehavior
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.sniper import Sniper
from nautilus_exec.units import SECOND, Side
from tests.builders import HERE, T0, fill, ledger, market, prepared, sent, venue
from tests.contract import PolicyContract


class TestSniper(PolicyContract):
    @pytest.fixture
    def policy(self) -> type[Policy]:
        return Sniper

    @pytest.fixture
    def given(self) -> dict[str, str]:
        return {"limit_price": "100.20"}

    @pytest.fixture(params=EndBehavior)
    def mode(self, request: pytest.FixtureRequest) -> dict[str, str]:
        return {"style": "aggressive", "end_behavior": str(request.param)}

    @pytest.fixture
    def side(self) -> Side:
        """The limit is a buyer's."""
        return Side.BUY

    @pytest.fixture
    def scheduled(self) -> bool:
        return False


class TestWithACoolDown(TestSniper):
    @pytest.fixture
    def given(self) -> dict[str, str]:
        fires = {"min_size": "200", "max_take_fraction": "0.3", "cooldown": "3s"}
        return {"limit_price": "100.20"} | fires


def at(seconds: float) -> int:
    return T0 + int(seconds * SECOND)


def aimed(
    params: dict[str, str], *events: Event, seconds: float = 0, quote: Any = None, **over: Any
) -> Intent:
    """What is wanted after these events, at a quote of 99.90 to 100.10, 500 each side, unless told otherwise."""
    made = prepared(Sniper, {"limit_price": "100.10"} | params, **over)
    view = market(at(seconds), XNYS=quote or {})
    return Sniper.decide(made, ledger(*events), view, at(seconds))


def took(lots: int = 500, seconds: float = 0) -> tuple[Event, Event]:
    """A take from the quote of that second that was filled whole."""
    stamp = at(seconds)
    return sent(lots=lots, take=True, key=f"q{stamp}", ts=stamp), fill(lots=lots, ts=stamp)


def test_what_is_shown_within_the_limit_is_taken_at_once_under_the_quotes_own_key():
    made = aimed({})
    assert made.quotes == (Quote(f"q{T0}", 500, PriceRule.CROSS, take=True),)
    assert (made.wake_ns, made.retry_ns) == (at(300), at(1))


def test_a_part_of_what_is_shown_rounded_down_and_never_more_than_is_left():
    assert aimed({"max_take_fraction": "0.3"}).quotes[0].lots == 150
    assert aimed({"max_take_fraction": "0.3"}, quote={"ask_lots": 333}).quotes[0].lots == 99
    assert aimed({}, *took(900), seconds=5).quotes[0].lots == 100


def test_a_quote_is_taken_once_and_the_next_one_again():
    standing = aimed({}, *took(), seconds=2, quote={"ts": T0})
    assert (standing.quotes, standing.reason) == ((), "no_target")
    assert aimed({}, *took(), seconds=2).quotes[0].key == f"q{at(2)}"


@pytest.mark.parametrize(
    ("side", "limit", "watched"),
    [
        (Side.BUY, "100.05", Trigger(HERE, False, max_ticks=10_005, min_lots=200)),
        (Side.SELL, "99.95", Trigger(HERE, True, min_ticks=9_995, min_lots=200)),
    ],
)
def test_beyond_the_limit_it_waits_for_a_quote_within_it(side: Side, limit: str, watched: Trigger):
    made = aimed({"limit_price": limit, "min_size": "200"}, side=side)
    assert (made.quotes, made.triggers, made.wake_ns) == ((), (watched,), at(300))


def test_a_seller_takes_the_bid():
    made = aimed({"limit_price": "99.90"}, side=Side.SELL, quote={"bid_lots": 70})
    assert made.quotes[0].lots == 70


def test_less_than_the_least_size_shows_no_target():
    assert aimed({"min_size": "500"}).quotes
    assert not aimed({"min_size": "501"}).quotes


def test_the_part_to_take_is_never_less_than_the_smallest_child():
    # Of 333 three tenths are 99.9: with round lots of 100 that takes 334.
    round_lots = {"venues": (venue(lot=100, min_lots=100),)}
    assert aimed({"max_take_fraction": "0.3"}, **round_lots).triggers[0].min_lots == 334
    assert aimed({"min_child": "50"}).triggers[0].min_lots == 50
    # The last lots may be fewer than the parent's own minimum.
    assert aimed({"min_child": "50"}, *took(970), seconds=1).triggers[0].min_lots == 30


def test_between_two_orders_it_cools_down_and_watches_nothing():
    cool = aimed({"cooldown": "5s"}, *took(), seconds=3)
    assert (cool.quotes, cool.triggers, cool.reason, cool.wake_ns) == ((), (), "cooldown", at(5))
    assert aimed({"cooldown": "5s"}, *took(), seconds=5).quotes
    fires = aimed({"cooldown": "5s"})
    assert (len(fires.quotes), fires.triggers, fires.wake_ns) == (1, (), at(5))
    assert aimed({"cooldown": "10m"}, *took(), seconds=3).wake_ns == at(300)


def test_a_quote_must_have_stood_for_its_age():
    young = aimed({"quote_age": "2s"}, seconds=1, quote={"ts": T0})
    assert (young.quotes, young.reason, young.wake_ns) == ((), "quote_age", at(2))
    assert len(young.triggers) == 1
    assert aimed({"quote_age": "2s"}, seconds=2, quote={"ts": T0}).quotes


def test_while_an_order_is_out_nothing_else_leaves():
    made = aimed({}, sent(lots=500, take=True, key="q1"), seconds=1)
    assert (made.quotes, made.reason, made.wake_ns) == ((), "take_waits", at(1.1))


def test_a_quote_that_is_not_sound_is_no_target_but_the_next_one_may_be():
    for quote in ({"bid": 10_010}, {"bid_lots": 0}, {"ts": at(-3_600)}):
        made = aimed({}, quote=quote)
        assert (made.quotes, made.reason) == ((), "no_sound_quote")
        assert len(made.triggers) == 1


def test_with_nothing_left_or_no_limit_any_more_there_is_nothing_to_do():
    assert aimed({}, *took(1_000), seconds=1).reason == "nothing_to_do"
    made = replace(prepared(Sniper, {"limit_price": "100.10"}), limit_ticks=None)
    assert Sniper.decide(made, ledger(), market(), T0).reason == "nothing_to_do"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "limit_price: None; expected a limit price, the order's own or this"),
        ({"limit_price": "100", "levels": "2"}, "levels: 2; expected 1, as only the top of the book is seen"),
        ({"limit_price": "100", "style": "passive_only"}, "style: 'passive_only'; expected aggressive"),
        ({"limit_price": "100", "randomize_time": "0.5"}, "randomize_time: '0.5'; expected cooldown"),
        ({"limit_price": "100", "max_take_fraction": "0"}, "max_take_fraction: '0'"),
        ({"limit_price": "100", "cooldown": "0s"}, "cooldown: '0s'; expected a duration above zero"),
    ],
)
def test_what_does_not_fit_together_is_refused(params: dict[str, str], expected: str):
    with pytest.raises(InvalidInput) as refused:
        prepared(Sniper, params)
    assert str(refused.value).startswith(expected)
