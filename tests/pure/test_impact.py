"""Impact models: published numbers lie in tests/answers, the rest is by hand."""

import tomllib
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nautilus_exec.costs import impact
from nautilus_exec.errors import InvalidInput

CASES = tomllib.loads((Path(__file__).parent.parent / "answers" / "impact.toml").read_text())["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_published_numbers_come_out_to_the_printed_digits(case: dict[str, Any]):
    made = getattr(impact, case["function"])(**case["given"])._asdict()
    for name, value in case["result"].items():
        assert float(made[name]) == pytest.approx(value, abs=5e-5 if value > 1 else 1e-12)


def test_a_tenth_of_the_day_costs_a_tenth_of_sigma_or_its_root():
    # 200 bps a day, alpha .5: .5 x 200 x .04 = 4, and .5 x 200 x .2 = 20.
    assert impact.linear(40_000, 1_000_000, 200.0, alpha=0.5) == pytest.approx(4.0)
    assert impact.linear_root(40_000, 1_000_000, 200.0, alpha=0.5) == pytest.approx(20.0)
    assert impact.square_root(40_000, 1_000_000, 200.0, y=0.5) == pytest.approx(20.0)


def test_the_average_over_an_even_order_is_two_thirds_of_the_impact_at_its_end():
    assert impact.average_of(30.0) == pytest.approx(20.0)
    assert impact.average_of([30.0, 60.0], delta=1.0) == pytest.approx([15.0, 30.0])


def test_the_exponent_of_the_square_root_law_is_free():
    # (1/16)^(3/4) = 1/8.
    assert impact.square_root(1, 16, 80.0, delta=0.75) == pytest.approx(10.0)


def test_temporary_impact_has_a_fixed_part_with_the_sign_of_the_trade():
    # 100,000 a day at 2.5e-6 is .25, the spread .0625 on top; at rest nothing.
    made = impact.temporary([100_000, 0, -100_000], eta=2.5e-6, epsilon=0.0625)
    assert made == pytest.approx([0.3125, 0.0, -0.3125])


def test_permanent_impact_is_linear_in_the_rate():
    assert impact.permanent([200_000, -200_000], gamma=2.5e-7) == pytest.approx([0.05, -0.05])


def test_temporary_impact_of_2005_falls_with_the_three_fifths_power_of_time():
    fast, slow = (impact.almgren_2005(1e5, 1e6, 100.0, t, 1e8).temporary for t in (0.1, 3.2))
    assert fast / slow == pytest.approx(8.0)  # 32^(3/5)


def test_trading_with_all_the_volume_has_no_timing_risk_and_the_whole_instantaneous_impact():
    made = impact.i_star(1e5, 1e6, 0.25, 1.0)
    assert made.timing_risk == 0
    assert made.cost == pytest.approx(made.instantaneous)


def test_arrays_broadcast():
    made = impact.square_root([[1e4], [4e4]], [1e6, 4e6], 100.0)
    assert made == pytest.approx(np.array([[10.0, 5.0], [20.0, 10.0]]))


@pytest.mark.parametrize(
    ("function", "given", "field"),
    [
        ("linear", (-1, 10, 1.0), "quantity"),
        ("linear", (1, 0, 1.0), "volume"),
        ("linear", (1, 10, -1.0), "sigma"),
        ("linear", (1, 10, 1.0, -2.0), "alpha"),
        ("linear_root", (nan, 10, 1.0), "quantity"),
        ("linear_root", (1, [10, 0], 1.0), "volume"),
        ("square_root", (1, inf, 1.0), "volume"),
        ("square_root", (1, "many", 1.0), "volume"),
        ("square_root", (1, 10, 1.0, -1.0), "y"),
        ("permanent", (1, -1e-7), "gamma"),
        ("temporary", (1, -1e-7, 0.1), "eta"),
        ("temporary", (1, 1e-7, -0.1), "epsilon"),
        ("coefficients_2000", (0, 0.1), "volume"),
        ("coefficients_2000", (1, -0.1), "spread"),
        ("almgren_2005", (1, 10, 1.0, 0, 100), "horizon"),
        ("almgren_2005", (1, 10, 1.0, 1, 0), "outstanding"),
        ("i_star", (1, 10, 1.0, 0), "participation"),
        ("i_star", (1, 10, 1.0, 1.1), "participation"),
        ("i_star", (1, 10, 1.0, 0.5, (1, 1, 1, 1), 1.1), "b1"),
    ],
)
def test_what_no_market_has_is_refused_by_name(function: str, given: tuple[Any, ...], field: str):
    with pytest.raises(InvalidInput) as error:
        getattr(impact, function)(*given)
    assert error.value.field == field
