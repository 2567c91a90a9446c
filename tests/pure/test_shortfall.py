"""The IS algorithm: the contract of every policy, and the plan by hand."""

from itertools import pairwise
from math import acosh, cosh, sinh, sqrt
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.spec import Spec
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.params import Session
from nautilus_exec.policies.shortfall import Planned, Shortfall, ShortfallParams, pretrade
from nautilus_exec.units import DAY, HOUR, SECOND
from tests.builders import T0, fill, ledger, market, prepared, says, sent, tells, venue
from tests.contract import PolicyContract

PAPER = {
    "duration": "120h",
    "slices": "5",
    "sigma": "0.95",
    "eta": "2.5e-6",
    "gamma": "2.5e-7",
    "epsilon": "0.0625",
    "price": "50",
}
"""The example of Almgren and Chriss: five days of 24 hours."""
MILLION = 1_000_000


class TestContract(PolicyContract):
    @pytest.fixture
    def policy(self) -> type[Policy]:
        return Shortfall

    @pytest.fixture
    def given(self) -> dict[str, str]:
        return {"slices": "3", "urgency": "high"}


def paper(risk_aversion: str = "1e-6", **over: Any) -> Spec:
    params = PAPER | {"risk_aversion": risk_aversion} | over.pop("params", {})
    return prepared(Shortfall, params, quantity=over.pop("quantity", MILLION), **over)


def plan(made: Spec) -> Planned:
    assert isinstance(made.params, Planned)
    return made.params


def lots(made: Spec) -> list[int]:
    return [b - a for a, b in pairwise((0, *plan(made).schedule.due))]


def planned(made: Spec, book: Ledger, day: float) -> int | None:
    now = T0 + int(day * DAY)
    return Shortfall.decide(made, book, market(now), now).planned


def done(*parts: tuple[float, int], quantity: int = MILLION, extra: tuple[Event, ...] = ()) -> Ledger:
    """A ledger after fills of (day, lots)."""
    events: list[Event] = []
    for number, (day, size) in enumerate(parts):
        stamp, name = T0 + int(day * DAY), f"C{number}"
        events += [sent(name, size, stamp), fill(name, size, f"T{number}", stamp)]
    return ledger(*events, *extra, quantity=quantity)


# --- the plan ---


def test_the_plan_is_the_papers():
    assert lots(paper("0")) == [200_000] * 5
    assert lots(paper("1e-7")) == [242_117, 213_318, 192_625, 179_251, 172_689]
    assert lots(paper("1e-6")) == [458_044, 252_101, 141_957, 85_756, 62_142]


def test_the_plan_is_in_whole_lots_of_the_venue():
    made = paper(venues=(venue(lot=100_000, min_lots=100_000),), quantity=MILLION + 7)
    # Quotas 4.58 2.52 1.42 .86 .62: the units go to .86, .62 and .58; the odd 7 with the last.
    assert lots(made) == [500_000, 200_000, 100_000, 100_000, 100_007]


def test_an_urgency_needs_no_coefficients():
    # kappa T = 3 over three slices: shares sinh(3), sinh(2), sinh(1), 0.
    made = prepared(Shortfall, {"slices": "3", "urgency": "high"})
    left = [sinh(3 - k) / sinh(3) for k in range(4)]
    assert lots(made) == [round(1000 * (a - b)) for a, b in pairwise(left)] == [638, 245, 117]


def test_medium_urgency_over_minutes_is_the_default():
    made = prepared(Shortfall)
    assert len(lots(made)) == 5
    assert plan(made).kappa * 300 / 86_400 == pytest.approx(1.5)


def test_the_day_is_the_sessions_or_what_is_said():
    session = Session(T0 - HOUR, T0 + 7 * HOUR)
    assert sum(plan(prepared(Shortfall, {"duration": "2h"}, session=session)).days) == pytest.approx(0.25)
    told = {"duration": "2h", "day_length": "4h"}
    assert sum(plan(prepared(Shortfall, told, session=session)).days) == pytest.approx(0.5)
    assert sum(plan(prepared(Shortfall, {"duration": "2h"})).days) == pytest.approx(1 / 12)


def test_lambda_and_estimated_coefficients_make_kappa():
    # The paper's rule at its example: sigma .9487, gamma 2.5e-7, eta 2.5e-6; eta~ = 2.375e-6.
    known = {"duration": "120h", "slices": "5", "adv": "5e6", "spread": "0.125", "risk_aversion": "1e-6"}
    known |= {"volatility": str(0.30 / sqrt(250))}
    made = prepared(Shortfall, known | {"price": "50"}, quantity=MILLION)
    assert plan(made).kappa == pytest.approx(acosh(1 + 0.9 / (2 * 2.375)))
    # The mid stands in for the price, and the limit for both.
    by_mid = prepared(Shortfall, known, quantity=MILLION, mid=50.0)
    by_limit = prepared(Shortfall, known | {"limit_price": "50.00"}, quantity=MILLION)
    assert lots(by_mid) == lots(by_limit) == lots(made)
    with pytest.raises(InvalidInput, match="price"):
        prepared(Shortfall, known, quantity=MILLION)


def test_a_cap_and_the_daily_volume_bound_each_slice():
    # c/(1 - c) = .25 of 1.2 million a day: 300,000; the hand-made answer in lots of 1,000.
    capped = {"max_participation": "0.2", "adv": "1.2e6"}
    made = paper(params=capped, venues=(venue(lot=1_000, min_lots=1_000),))
    assert lots(made) == [300_000, 300_000, 196_000, 118_000, 86_000]
    assert plan(made).beyond == 0


def test_an_order_too_large_for_its_cap_is_spread_evenly_and_says_so():
    # c/(1 - c) = .25 of 600,000 a day: 750,000 of the million in five days.
    made = paper(params={"max_participation": "0.2", "adv": "6e5"})
    assert lots(made) == [200_000] * 5
    assert plan(made).beyond == 250_000
    tiny = paper(params={"max_participation": "0.2", "adv": "6e5"}, venues=(venue(lot=100),), quantity=60)
    assert sum(lots(tiny)) == 60


def test_a_cap_without_a_daily_volume_is_left_to_the_moment_of_sending():
    assert lots(paper(params={"max_participation": "0.2"})) == lots(paper())


def test_units_of_a_lot_count_in_volume_and_cost():
    # Lots of a hundred units: a hundredth of the lots is the same order.
    made = paper(quantity=10_000, lot=100)
    assert lots(made) == [4_580, 2_521, 1_420, 858, 621]
    assert pretrade(made).expected == pytest.approx(911_227, abs=100)
    capped = paper(params={"max_participation": "0.2", "adv": "1.2e6"}, quantity=10_000, lot=100)
    assert max(lots(capped)) == 3_000


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"risk_aversion": "1e-6", "urgency": "low"}, "urgency"),
        ({"risk_aversion": "1e-6"}, "volatility"),
        ({"sigma": "0.95"}, "adv"),
        ({"volatility": "0.02"}, "price"),
        ({"risk_aversion": "1e-6", "sigma": "1", "eta": "1e-6", "gamma": "1"}, "spread"),
        ({"sigma": "1", "eta": "1e-9", "gamma": "1", "epsilon": "0"}, "eta"),
        ({"risk_aversion": "-1"}, "risk_aversion"),
        ({"sigma": "inf"}, "sigma"),
        ({"urgency": "frantic"}, "urgency"),
        ({"adv": "0"}, "adv"),
        ({"day_length": "a while"}, "day_length"),
        ({"duration": "10h", "interval": "10s", "adv": "1e6", "max_participation": "0.1"}, "slices"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(params: dict[str, str], field: str):
    with pytest.raises(InvalidInput) as error:
        prepared(Shortfall, params)
    assert error.value.field == field


def test_parameters_survive_the_text_of_an_order():
    given = ShortfallParams(
        duration="120h", slices=5, risk_aversion=1e-6, sigma=0.95, eta=2.5e-6, gamma=2.5e-7
    )
    made = prepared(Shortfall, given.params() | {"epsilon": "0.0625"}, quantity=MILLION)
    assert lots(made) == lots(paper())


# --- planning again ---


def test_on_schedule_the_new_plan_is_the_old_one():
    made = paper()
    history: list[tuple[float, int]] = []
    for day, (size, due) in enumerate(zip(lots(made), plan(made).schedule.due, strict=True)):
        assert planned(made, done(*history), day) == due
        history.append((day + 0.5, size))
        assert planned(made, done(*history), day + 0.9) == due


def test_who_is_behind_plans_again_over_the_time_that_is_left():
    # After the first day nothing is done: a million over four days, 1 - sinh(3 kappa)/sinh(4 kappa) = .46517 of it.
    kappa = 0.6070761632470627
    assert 1 - sinh(3 * kappa) / sinh(4 * kappa) == pytest.approx(0.465170, abs=5e-7)
    assert planned(paper(), done(), 1) == pytest.approx(465_170, abs=1)
    assert planned(paper(), done(), 4) == MILLION


def test_who_is_ahead_slows_down_and_never_buys_back():
    # 700,000 done in the first day: .46517 of 300,000 on the second.
    assert planned(paper(), done((0.5, 700_000)), 1) == pytest.approx(839_551, abs=1)
    assert planned(paper(), done((0.5, MILLION)), 1) == MILLION


def test_fills_within_a_slice_change_nothing_until_the_next():
    made = paper()
    before = planned(made, done(), 1)
    assert planned(made, done((1.0, 100_000)), 1.5) == before
    assert planned(made, done((0.99, 100_000)), 1.5) != before


@drawn(st.integers(0, 4), st.integers(0, MILLION))
def test_a_plan_made_again_is_that_of_an_order_for_what_is_left(day: int, filled: int):
    # An order for the rest over the days that are left, with the same kappa.
    kappa = 0.6070761632470627
    share = 1 - sinh((4 - day) * kappa) / sinh((5 - day) * kappa)
    expected = filled + share * (MILLION - filled) if day else 458_044
    book = done((day - 0.5, filled)) if day and filled else done()
    expected = expected if filled or not day else share * MILLION
    assert planned(paper(), book, day) == pytest.approx(expected, abs=2)  # whole lots, twice


def test_an_amended_quantity_is_worked_over_the_rest():
    more = (tells(Kind.AMEND_PARENT, T0, lots=1_500_000),)
    made = paper("0")
    # 200,000 done, 1.3 million over four days.
    assert planned(made, done((0.5, 200_000), extra=more), 1) == 200_000 + 325_000
    assert planned(made, done((0.5, 200_000), extra=more), 4) == 1_500_000


def test_an_amend_below_what_is_done_wants_nothing_more():
    less = (tells(Kind.AMEND_PARENT, T0, lots=100_000),)
    assert planned(paper("0"), done((0.5, 200_000), extra=less), 1) == 200_000


def test_lots_of_a_silent_venue_count_as_done_from_the_next_slice():
    silent = (sent("S", 200_000, T0), says(Kind.SILENT, "S", T0 + 5 * SECOND))
    book = done(extra=silent)
    made = paper("0")
    assert planned(made, book, 0.5) == 200_000
    assert planned(made, book, 1) == 400_000
    late = done(extra=(sent("S", 100_000, T0 + DAY), says(Kind.SILENT, "S", T0 + DAY + 5 * SECOND)))
    assert planned(made, late, 1.5) == 250_000  # sent in this slice: the plan does not move


# --- before trading ---


def test_the_estimate_before_trading_is_the_papers():
    made = pretrade(paper())
    assert made.expected == pytest.approx(911_226.99, abs=2)  # whole shares
    assert made.timing_sd == pytest.approx(603_430.67, abs=2)
    assert made.bps() == pytest.approx(182.2454, abs=5e-4)
    assert made.risk_aversion == pytest.approx(1e-6)
    assert made.kappa == pytest.approx(0.6070762, abs=5e-8)
    assert made.trades == (458_044, 252_101, 141_957, 85_756, 62_142)
    assert made.frontier[0].expected == pytest.approx(662_500)


def test_the_estimate_is_that_of_the_capped_plan():
    capped = {"max_participation": "0.2", "adv": "1.2e6"}
    made = paper(params=capped, venues=(venue(lot=1_000, min_lots=1_000),))
    assert pretrade(made).expected == pytest.approx(756_873)


def test_the_lambda_of_an_urgency_follows_from_the_coefficients():
    # kappa tau = 3/5: lambda = 2 eta~ (cosh .6 - 1) / sigma^2.
    params = PAPER | {"urgency": "high"}
    made = pretrade(prepared(Shortfall, params, quantity=MILLION))
    assert made.kappa == pytest.approx(0.6)
    assert made.risk_aversion == pytest.approx(2 * 2.375e-6 * (cosh(0.6) - 1) / 0.9025)


def test_an_urgency_without_coefficients_has_no_estimate():
    with pytest.raises(InvalidInput, match="volatility"):
        pretrade(prepared(Shortfall))


def test_a_first_slice_that_is_drawn_late_waits():
    made = paper(params={"randomize_time": "1.0"})
    first = plan(made).schedule.release[0]
    assert first > T0
    intent = Shortfall.decide(made, done(), market(first - 1), first - 1)
    assert (intent.quotes, intent.planned, intent.wake_ns) == ((), 0, first)
