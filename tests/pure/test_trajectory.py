"""The trajectory of Almgren and Chriss: the paper's example lies in tests/answers; whole lots against enumeration."""

import tomllib
from fractions import Fraction
from itertools import pairwise, product
from math import cosh, e, inf, log, nan, sinh, sqrt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_exec.curves.trajectory import (
    Coefficients,
    characteristic_time,
    decay,
    evaluate,
    frontier,
    half_life,
    kappa_of,
    remaining,
    risk_aversion_of,
    solve,
)
from nautilus_exec.curves.whole_lots import closed_form_lots, constrained_lots
from nautilus_exec.errors import InvalidInput

PAPER = tomllib.loads((Path(__file__).parent.parent / "answers" / "trajectory.toml").read_text())
EXAMPLE = PAPER["given"]
MARKET = Coefficients(EXAMPLE["sigma"], EXAMPLE["eta"], EXAMPLE["gamma"], EXAMPLE["epsilon"])
DAYS = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def example(risk_aversion: float) -> Any:
    return solve(EXAMPLE["quantity"], EXAMPLE["horizon"], EXAMPLE["slices"], MARKET, risk_aversion)


@pytest.mark.parametrize("row", PAPER["row"], ids=lambda row: str(row["risk_aversion"]))
def test_the_papers_example_comes_out_to_the_printed_digits(row: dict[str, Any]):
    made = example(row["risk_aversion"])
    digits = row["digits"]
    assert round(made.kappa, digits["kappa"]) == row["kappa"]
    assert round(made.moments.expected, digits["expected"]) == row["expected"]
    assert round(sqrt(made.moments.variance), digits["sd"]) == row["sd"]
    assert closed_form_lots(EXAMPLE["quantity"], made.kappa, DAYS) == row["lots"]
    assert made.holdings[0] == EXAMPLE["quantity"]
    assert made.holdings[-1] == 0


def test_a_cap_in_round_lots_changes_the_rest_of_the_plan_too():
    case = PAPER["capped"]
    kappa = kappa_of(MARKET, 1.0, case["risk_aversion"])
    made = constrained_lots(EXAMPLE["quantity"], kappa, [case["cap"]] * 5, case["lot"])
    assert made == case["lots"]
    assert evaluate(made, [1.0] * 5, MARKET).expected == pytest.approx(case["expected"])


def test_kappa_solves_the_papers_equation():
    # cosh(kappa tau) = 1 + lambda sigma^2 tau^2 / (2 eta~), eta~ = 2.5e-6 - 2.5e-7 x .5 / 2
    kappa = kappa_of(MARKET, 0.5, 1e-6)
    assert cosh(kappa * 0.5) == pytest.approx(1 + 1e-6 * 0.9025 * 0.25 / (2 * 2.4375e-6))
    assert risk_aversion_of(MARKET, 0.5, kappa) == pytest.approx(1e-6)


def test_a_lambda_too_small_for_the_cosh_still_has_its_kappa():
    # kappa^2 = lambda sigma^2 / eta~ in the limit; 1 + u would lose all digits of u below 1e-16.
    assert kappa_of(MARKET, 1.0, 1e-26) == pytest.approx(sqrt(1e-26 * 0.9025 / 2.375e-6), rel=1e-12)


@pytest.mark.parametrize("risk_aversion", [0.0, -1e-6])
def test_who_does_not_mind_risk_trades_evenly(risk_aversion: float):
    assert example(risk_aversion).trades == pytest.approx([200_000.0] * 5)
    assert example(risk_aversion).risk_aversion == 0


def test_holdings_are_the_ratio_of_sinhs():
    left = remaining(0.6, DAYS)
    assert left == pytest.approx([sinh(0.6 * (5 - t)) / sinh(3.0) for t in DAYS])


@pytest.mark.parametrize("kappa", [1e-300, 1e-9, 1.0, 1e3, 1e6, 1e308])
def test_no_kappa_overflows(kappa: float):
    left = remaining(kappa, DAYS)
    assert (left[0], left[-1]) == (1.0, 0.0)
    assert left == sorted(left, reverse=True)
    assert sum(closed_form_lots(1_000, kappa, DAYS)) == 1_000


def test_a_lambda_without_end_trades_all_at_once():
    assert example(1e300).trades == pytest.approx([1e6, 0, 0, 0, 0])


def test_one_slice_trades_everything():
    assert solve(100.0, 1.0, 1, MARKET, 1e-6).trades == (100.0,)


@given(st.floats(0, 20), st.integers(2, 40), st.data())
def test_a_plan_made_anew_is_the_rest_of_the_old_one(kappa: float, slices: int, data: st.DataObject):
    times = [k / slices for k in range(slices + 1)]
    k = data.draw(st.integers(0, slices - 1))
    whole, rest = remaining(kappa, times), remaining(kappa, times[k:])
    assert [whole[k] * share for share in rest] == pytest.approx(whole[k:], rel=1e-6, abs=1e-12)
    assert decay(kappa, 1 - times[k], 1 - times[k + 1]) == pytest.approx(rest[1], rel=1e-6, abs=1e-12)


@given(st.floats(1e-9, 1e-5), st.lists(st.floats(-1.0, 1.0), min_size=4, max_size=4))
def test_no_other_schedule_is_better(risk_aversion: float, shift: list[float]):
    best = example(risk_aversion)
    moved = [x + 1e4 * d for x, d in zip(best.holdings[1:-1], shift, strict=True)]
    trades = [a - b for a, b in pairwise([best.holdings[0], *moved, 0.0])]
    other = evaluate(trades, [1.0] * 5, MARKET)
    assert _utility(best.moments, risk_aversion) <= _utility(other, risk_aversion) * (1 + 1e-12)


def _utility(made: Any, risk_aversion: float) -> float:
    return float(made.expected + risk_aversion * made.variance)


def test_the_parts_of_the_expected_cost_by_hand():
    # Two slices of a half day, 30 and 10 units; sigma 2, eta 3, gamma 1, epsilon .5.
    made = evaluate([30.0, 10.0], [0.5, 0.5], Coefficients(2.0, 3.0, 1.0, 0.5))
    assert made.spread == 20.0
    assert made.permanent == (1600 - 1000) / 2
    assert made.temporary == 3 * (900 + 100) / 0.5
    assert made.expected == 20 + 300 + 6000
    assert made.expected == 1600 / 2 + 20 + (3 - 0.25) / 0.5 * 1000  # the paper's form, with eta~
    assert made.variance == 4 * 0.5 * 100  # 10 left through the second slice


def test_the_frontier_buys_certainty_with_cost():
    points = frontier(1e6, 5.0, 5, MARKET, [0.0, 1e-7, 1e-6])
    assert [p.risk_aversion for p in points] == [0.0, 1e-7, 1e-6]
    costs, risks = [p.moments.expected for p in points], [p.moments.variance for p in points]
    assert costs == sorted(costs)
    assert risks == sorted(risks, reverse=True)


def test_one_over_kappa_is_not_the_half_life():
    assert characteristic_time(0.5) == 2.0
    assert half_life(0.5) == pytest.approx(2 * log(2))
    assert remaining(0.5, [0.0, characteristic_time(0.5), 100.0])[1] == pytest.approx(1 / e)
    assert remaining(0.5, [0.0, half_life(0.5), 100.0])[1] == pytest.approx(0.5)
    assert characteristic_time(0.0) == half_life(0.0) == inf


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: Coefficients(0.0, 1.0), "sigma"),
        (lambda: Coefficients(1.0, nan), "eta"),
        (lambda: Coefficients(1.0, 1.0, -1.0), "gamma"),
        (lambda: Coefficients(1.0, 1.0, 0.0, inf), "epsilon"),
        (lambda: solve(0.0, 1.0, 1, MARKET, 0.0), "quantity"),
        (lambda: solve(1.0, 0.0, 1, MARKET, 0.0), "horizon"),
        (lambda: solve(1.0, 1.0, 0, MARKET, 0.0), "slices"),
        (lambda: solve(1.0, 1.0, 1, MARKET, nan), "risk_aversion"),
        (lambda: solve(1.0, 20.1, 1, MARKET, 0.0), "eta"),  # gamma tau / 2 = eta at 20
        (lambda: evaluate([1.0, 1.0], [1.0, 20.1], MARKET), "eta"),
        (lambda: risk_aversion_of(MARKET, 1.0, -0.1), "kappa"),
        (lambda: risk_aversion_of(MARKET, 1.0, 51.0), "kappa"),
    ],
)
def test_what_no_market_has_is_refused_by_name(call: Any, field: str):
    with pytest.raises(InvalidInput) as error:
        call()
    assert error.value.field == field


# --- whole lots ---


def cost(parts: tuple[int, ...] | list[int], kappa_tau: float) -> Fraction:
    """E + lambda V in exact fractions, up to a factor."""
    risk, left, total = Fraction(4 * sinh(kappa_tau / 2) ** 2), sum(parts), Fraction(0)
    for part in parts:
        left -= part
        total += part * part + risk * left * left
    return total


def enumerate_best(total: int, kappa_tau: float, caps: list[int], lot: int) -> Fraction:
    plans = product(*(range(0, min(cap, total) + 1, lot) for cap in caps))
    return min(cost(plan, kappa_tau) for plan in plans if sum(plan) == total)


@given(
    st.integers(0, 9),
    st.sampled_from((0.0, 1e-6, 0.05, 0.4, 1.0, 3.0, 60.0)),
    st.lists(st.integers(0, 20), min_size=1, max_size=5),
    st.sampled_from((1, 2, 3)),
)
def test_the_capped_plan_equals_exhaustive_enumeration(
    whole: int, kappa_tau: float, caps: list[int], lot: int
):
    total = whole * lot
    if sum(cap // lot for cap in caps) < whole:
        with pytest.raises(InvalidInput, match="caps"):
            constrained_lots(total, kappa_tau, caps, lot)
        return
    made = constrained_lots(total, kappa_tau, caps, lot)
    assert sum(made) == total
    assert all(0 <= part <= cap and part % lot == 0 for part, cap in zip(made, caps, strict=True))
    bounded = min(kappa_tau, 50.0)
    assert cost(made, bounded) == enumerate_best(total, bounded, caps, lot)


@given(st.integers(0, 10**12), st.floats(0, 5), st.integers(1, 60))
def test_without_a_cap_the_optimum_is_near_the_closed_form(total: int, kappa_tau: float, slices: int):
    made = constrained_lots(total, kappa_tau, [total] * slices)
    smooth = closed_form_lots(total, kappa_tau, [float(k) for k in range(slices + 1)])
    assert sum(made) == sum(smooth) == total
    assert cost(made, kappa_tau) <= cost(smooth, kappa_tau)
    assert max(abs(a - b) for a, b in zip(made, smooth, strict=True)) <= 1 + total * 1e-12


def test_a_cap_that_opens_late_is_planned_for_from_the_start():
    # Even slices of 8 are 2 2 2 2; where the last two hold 1 each, the first two take 3.
    assert constrained_lots(8, 0.0, [8, 8, 1, 1]) == [3, 3, 1, 1]
    assert constrained_lots(8, 0.0, [0, 8, 0, 8]) == [0, 4, 0, 4]


def test_what_makes_no_whole_lot_goes_with_the_last_slice_that_has_room():
    assert constrained_lots(25, 0.0, [20, 20], 10) == [10, 15]
    assert constrained_lots(25, 0.0, [20, 10], 10) == [15, 10]
    assert constrained_lots(25, 9.0, [20, 14], 10) == [20, 5]
    assert constrained_lots(5, 0.0, [4, 9, 4], 10) == [0, 5, 0]
    with pytest.raises(InvalidInput, match="rest of 5"):
        constrained_lots(25, 0.0, [14, 14], 10)


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ((-1, 0.0, [1]), "total"),
        ((1, 0.0, [1], 0), "lot"),
        ((1, -1.0, [1]), "kappa_tau"),
        ((1, nan, [1]), "kappa_tau"),
        ((1, 0.0, []), "caps"),
        ((1, 0.0, [-1, 5]), "caps"),
        ((3, 0.0, [1, 1]), "caps"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_name(given_: tuple[Any, ...], field: str):
    with pytest.raises(InvalidInput) as error:
        constrained_lots(*given_)
    assert error.value.field == field
