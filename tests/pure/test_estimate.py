"""The estimate before trading, by hand and against the example of Almgren and Chriss."""

from math import inf, sqrt
from typing import Any

import pytest

from nautilus_exec.costs.estimate import (
    Urgency,
    efficient_frontier,
    estimate,
    estimate_coefficients,
    urgency_risk_aversion,
)
from nautilus_exec.curves.trajectory import Coefficients, kappa_of
from nautilus_exec.errors import InvalidInput

PAPER = Coefficients(sigma=0.95, eta=2.5e-6, gamma=2.5e-7, epsilon=0.0625)


def test_the_papers_coefficients_follow_from_volume_volatility_and_spread():
    # 50 dollars, 30 % a year: .3 / sqrt(250) x 50 = .9487; 5 million shares a day, an eighth of spread.
    made = estimate_coefficients(5e6, 0.30 / sqrt(250), 0.125, 50.0)
    assert made.sigma == pytest.approx(0.948683, abs=5e-7)
    assert (made.eta, made.gamma, made.epsilon) == pytest.approx((2.5e-6, 2.5e-7, 0.0625))


def test_what_is_given_is_not_estimated():
    made = estimate_coefficients(spread=0.125, sigma=0.95, eta=1e-6, gamma=0.0)
    assert made == Coefficients(0.95, 1e-6, 0.0, 0.0625)


@pytest.mark.parametrize(
    ("known", "field"),
    [
        ({"sigma": 1.0}, "adv"),
        ({"sigma": 1.0, "adv": 1e6}, "spread"),
        ({"adv": 1e6, "spread": 0.1}, "volatility"),
        ({"adv": 1e6, "spread": 0.1, "volatility": 0.02}, "price"),
        ({"adv": 0.0, "spread": 0.1, "sigma": 1.0}, "adv"),
        ({"adv": 1e6, "spread": inf, "sigma": 1.0}, "spread"),
        ({"adv": 1e6, "spread": 0.1, "sigma": -1.0}, "sigma"),
    ],
)
def test_what_is_missing_or_impossible_is_named(known: dict[str, float], field: str):
    with pytest.raises(InvalidInput) as error:
        estimate_coefficients(**known)
    assert error.value.field == field


def test_an_even_schedule_of_the_papers_order_in_currency_and_bps():
    # E 662,500 on 50 million is 132.5 bps; sd 1,040,673 is 208.1346.
    made = estimate([200_000] * 5, [1.0] * 5, PAPER, price=50.0)
    assert made.expected == pytest.approx(662_500)
    assert made.bps() == pytest.approx(132.5)
    assert made.bps("timing_sd") == pytest.approx(208.1346, abs=5e-5)
    # spread .0625 a share; the rest is impact.
    assert made.spread == pytest.approx(62_500)
    assert made.impact == pytest.approx(600_000)
    assert made.bps("impact") == pytest.approx(120.0)


def test_without_a_price_there_are_no_bps():
    made = estimate([100.0], [1.0], PAPER)
    assert made.notional is None
    assert made.bps() is None
    (point,) = efficient_frontier(100.0, 1.0, 4, PAPER, kappa_t=[1.0])
    assert point.expected_bps is point.sd_bps is None


def test_a_price_of_nothing_is_refused():
    with pytest.raises(InvalidInput, match="price"):
        estimate([100.0], [1.0], PAPER, price=0.0)


@pytest.mark.parametrize(("urgency", "kappa_t"), [("low", 0.5), ("medium", 1.5), ("high", 3.0)])
def test_an_urgency_is_a_number_and_its_lambda_follows(urgency: str, kappa_t: float):
    risk_aversion = urgency_risk_aversion(Urgency(urgency), 5.0, 5, PAPER)
    assert kappa_of(PAPER, 1.0, risk_aversion) * 5.0 == pytest.approx(kappa_t)


def test_the_frontier_starts_at_the_cheapest_and_ends_at_the_surest():
    points = efficient_frontier(1e6, 5.0, 5, PAPER, 50.0)
    assert points[0].expected == pytest.approx(662_500)
    assert points[0].expected_bps == pytest.approx(132.5)
    assert points[0].sd_bps == pytest.approx(208.1346, abs=5e-5)
    assert points[0].risk_aversion == points[0].kappa == 0
    costs, risks = [p.expected for p in points], [p.sd for p in points]
    assert costs == sorted(costs)
    assert risks == sorted(risks, reverse=True)


@pytest.mark.parametrize(("horizon", "slices", "field"), [(0.0, 5, "horizon"), (1.0, 0, "slices")])
def test_no_horizon_and_no_slices_are_refused(horizon: float, slices: int, field: str):
    calls: list[Any] = [
        lambda: efficient_frontier(1e6, horizon, slices, PAPER),
        lambda: urgency_risk_aversion(Urgency.LOW, horizon, slices, PAPER),
    ]
    for call in calls:
        with pytest.raises(InvalidInput) as error:
            call()
        assert error.value.field == field
