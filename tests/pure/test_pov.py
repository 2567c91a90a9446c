"""POV: the contract in three ways, and its formula by hand."""

from typing import Any

import pytest

from nautilus_exec.core.intent import Intent, PriceRule, Quote
from nautilus_exec.core.tape import PrintClass, Tape
from nautilus_exec.decode import decode
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.pov import Pov, PovParams
from nautilus_exec.policies.twap import TwapParams
from nautilus_exec.policies.vwap import VwapParams
from nautilus_exec.units import SECOND, Side
from tests.builders import HERE, T0, fill, ledger, market, prepared, sent, tape_of, venue
from tests.contract import PolicyContract


class TestPov(PolicyContract):
    """A tenth of all: of the 12,000 that others trade, 1,333 are due."""

    @pytest.fixture
    def policy(self) -> type[Policy]:
        return Pov

    @pytest.fixture
    def given(self) -> dict[str, str]:
        # Longer than the default of 5 s: a whole life in few steps.
        return {"target_participation": "0.1", "interval": "60s"}

    @pytest.fixture
    def prints(self) -> int:
        return 400


class TestWithJitter(TestPov):
    @pytest.fixture
    def given(self) -> dict[str, str]:
        jitter = {"randomize_size": "0.5", "randomize_time": "0.5"}
        return {"target_participation": "0.1", "interval": "60s", "min_child": "5"} | jitter


class TestWithAFloor(TestPov):
    @pytest.fixture
    def given(self) -> dict[str, str]:
        floor = {"min_participation": "0.08", "catch_up_limit": "true"}
        return {"target_participation": "0.1", "interval": "60s"} | floor

    @pytest.fixture
    def monotone(self) -> bool:
        return False


AGGRESSIVE = {"target_participation": "0.2"}
"""A fifth of all is a quarter of what others trade."""


def after(
    params: dict[str, str], seconds: float, *prints: tuple[float, int], done: int = 0, **over: Any
) -> Intent:
    """What is wanted at so many seconds, after others' prints (seconds, lots) and so many own lots at once."""
    made = prepared(Pov, params, **over)
    tape = tape_of(*((at(second), lots) for second, lots in prints))
    events = (sent(lots=done), fill(lots=done)) if done else ()
    book = ledger(*events, quantity=made.quantity)
    return Pov.decide(made, book, market(at(seconds), tape=tape), at(seconds))


def at(seconds: float) -> int:
    return T0 + int(seconds * SECOND)


def test_own_lots_are_the_target_of_all_that_trades_and_not_of_what_others_trade():
    # 400 of others: with 100 own, 100 of 500 are a fifth. The target times the others' volume would be 80.
    assert after(AGGRESSIVE, 5, (1, 400)).quotes == (Quote("t1.0", 100, PriceRule.CROSS, take=True),)


def test_a_decimal_share_is_exact():
    # 0.1/0.9 x 90 is 10; in floating point 0.1/0.9 x 9e17 is not.
    assert after({"target_participation": "0.1"}, 5, (1, 90)).planned == 10
    huge = after({"target_participation": "0.3"}, 5, (1, 7 * 10**17), quantity=10**18)
    assert huge.planned == 3 * 10**17


def test_volume_is_looked_at_once_an_interval_and_what_prints_now_counts_next_time():
    assert after(AGGRESSIVE, 4.9, (1, 400)).planned == 0
    assert after(AGGRESSIVE, 5, (1, 400), (5, 400)).planned == 100
    assert after(AGGRESSIVE, 9.9, (1, 400), (5, 400)).planned == 100
    made = after(AGGRESSIVE | {"interval": "20s"}, 13, (1, 400))
    assert (made.planned, made.wake_ns) == (0, at(20))


def test_auctions_and_blocks_are_no_volume():
    tape = Tape()
    for number, kind in enumerate(PrintClass):
        tape.fold(HERE, 4 * 10**number, at(1), str(number), kind)
    made = prepared(Pov, AGGRESSIVE, quantity=10**6)
    # 4 continuous and 400 off-exchange: a quarter of 404.
    assert Pov.decide(made, ledger(quantity=10**6), market(at(5), tape=tape), at(5)).planned == 101


def test_without_a_tape_nothing_is_due():
    made = prepared(Pov, AGGRESSIVE)
    assert Pov.decide(made, ledger(), market(at(50)), at(50)).quotes == ()


def test_less_than_the_smallest_child_is_not_yet_due_and_the_last_may_be_smaller():
    given = AGGRESSIVE | {"min_child": "30"}
    assert after(given, 5, (1, 400)).planned == 90
    assert after(given, 5, (1, 9_000), done=990).quotes[0].lots == 10
    # A venue in round lots: of 110 due one lot of 100.
    assert after(AGGRESSIVE, 5, (1, 440), venues=(venue(lot=100, min_lots=100),)).planned == 100


def test_the_floor_is_of_the_window_whatever_was_done_before_it():
    # 300 at once for a target of 100 after 400; then 1,900 more in the window of 30 s: a twentieth of all is 100 more.
    given = {"target_participation": "0.05", "min_participation": "0.05", "participation_window": "30s"}
    assert after(given, 60, (1, 400), (40, 1_900), done=300).planned == 400
    without = {"target_participation": "0.05"}
    assert after(without, 60, (1, 400), (40, 1_900), done=300).planned == 121


def priced(*prints: tuple[int, int]) -> Tape:
    """Prints (price, lots), a second apart."""
    tape = Tape()
    for number, (price, lots) in enumerate(prints):
        tape.fold(HERE, lots, at(number), str(number), price_ticks=price)
    return tape


@pytest.mark.parametrize(
    ("side", "limit", "given", "due"),
    [
        (Side.BUY, "100.00", {}, 100),  # 400 at 99.90 and 100.00 of 800
        (Side.SELL, "100.00", {}, 150),  # 600 at 100.00 and 100.10 of 800
        (Side.BUY, "100.00", {"catch_up_limit": "true"}, 200),
        (Side.BUY, None, {}, 200),
    ],
)
def test_volume_beyond_the_limit_leaves_the_denominator_unless_it_is_to_be_caught_up(
    side: Side, limit: str | None, given: dict[str, str], due: int
):
    tape = priced((9_990, 200), (10_000, 200), (10_010, 400))
    made = prepared(Pov, AGGRESSIVE | given | ({"limit_price": limit} if limit else {}), side=side)
    assert Pov.decide(made, ledger(), market(at(5), tape=tape), at(5)).planned == due


def test_an_amended_limit_counts_the_volume_anew():
    tape = priced((9_990, 200), (10_000, 200), (10_010, 400))
    for limit, due in (("99.95", 50), ("100.00", 100), ("100.10", 200)):
        made = prepared(Pov, AGGRESSIVE | {"limit_price": limit})
        assert Pov.decide(made, ledger(), market(at(5), tape=tape), at(5)).planned == due


PASSIVE = {"target_participation": "0.1", "style": "passive_then_cross"}


def test_inside_the_tolerance_it_rests_and_behind_it_crosses_back_to_the_edge():
    # 9,000 of others and 1,000 own are 10,000: half a point are 50.
    near = after(PASSIVE, 5, (1, 9_000), done=950, quantity=5_000)
    assert near.quotes == (Quote("r", 100, PriceRule.JOIN),)
    far = after(PASSIVE, 5, (1, 9_000), done=930, quantity=5_000)
    assert far.quotes == (Quote("x1.0", 20, PriceRule.CROSS, take=True),)
    ahead = after(PASSIVE, 5, (1, 9_000), done=1_050, quantity=5_000)
    assert (ahead.quotes, ahead.reason) == ((), "ahead")


def test_less_than_a_child_behind_is_not_crossed_for():
    given = PASSIVE | {"min_child": "20", "tolerance": "0"}
    assert after(given, 5, (1, 180)).quotes == (Quote("r", 20, PriceRule.JOIN),)
    assert after(given, 5, (1, 360)).quotes[0].take


def test_behind_beyond_the_reach_of_its_limit_it_rests():
    made = after(PASSIVE | {"limit_price": "100.00"}, 5, (1, 9_000))
    assert [(quote.key, quote.take) for quote in made.quotes] == [("r", False)]


def test_with_jitter_of_times_each_look_is_late_by_its_seed_and_strictly_later():
    made = prepared(Pov, AGGRESSIVE | {"randomize_time": "1", "interval": "10s"})
    first = Pov.decide(made, ledger(), market(), T0)
    assert (first.reason, first.planned) == ("before_first_slice", 0)
    looks, now = [], T0
    while now < made.end_ns:
        now = Pov.decide(made, ledger(), market(now), now).wake_ns or 0
        looks.append((now - T0) / SECOND)
    assert all(10 * k <= look < 10 * (k + 1) for k, look in enumerate(looks[:-1]))
    assert looks[-1] == 300


def test_with_jitter_of_sizes_a_part_of_what_an_interval_adds_waits_for_the_next():
    given = AGGRESSIVE | {"randomize_size": "1", "interval": "10s"}
    prints = [(second, 40) for second in range(0, 300, 10)]
    due = [after(given, second, *prints).planned or 0 for second in range(10, 300, 10)]
    full = [10 * k for k in range(1, 30)]
    assert all(0 <= whole - part <= 10 for whole, part in zip(full, due, strict=True))
    assert due == sorted(due) != full


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "target_participation: None; expected a value"),
        ({"target_participation": "1"}, "target_participation: '1'"),
        (
            AGGRESSIVE | {"max_participation": "0.1"},
            "max_participation: 0.1; expected at least target_participation",
        ),
        (
            AGGRESSIVE | {"min_participation": "0.3"},
            "min_participation: 0.3; expected at most target_participation",
        ),
        (AGGRESSIVE | {"interval": "5"}, "interval: '5'"),
    ],
)
def test_what_does_not_fit_together_is_refused(params: dict[str, str], expected: str):
    with pytest.raises(InvalidInput) as refused:
        prepared(Pov, params)
    assert str(refused.value).startswith(expected)


def test_volume_is_needed_whatever_else_is_given():
    assert decode(PovParams, AGGRESSIVE).needs_volume
    assert not decode(TwapParams, {}).needs_volume
    assert decode(TwapParams, {"max_participation": "0.1"}).needs_volume
    assert decode(VwapParams, {"volume_curve": "dynamic"}).needs_volume
    assert not decode(VwapParams, {}).needs_volume
