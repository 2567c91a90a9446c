"""Largest remainder: expected parts by hand; the properties are checked against exact fractions."""

from fractions import Fraction
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_exec.curves.apportion import apportion, cumulative, equal_slices
from nautilus_exec.errors import InvalidInput

WEIGHTS = st.lists(st.floats(0, 1e12, allow_subnormal=True), min_size=1, max_size=60).filter(any)


def test_a_thousand_over_three_is_334_333_333():
    assert equal_slices(1000, 3) == [334, 333, 333]
    assert apportion(1000, [1, 1, 1]) == [334, 333, 333]


def test_103_over_five_sums_to_103():
    assert equal_slices(103, 5) == [21, 21, 21, 20, 20]
    assert apportion(103, [0.2] * 5) == [21, 21, 21, 20, 20]


def test_the_largest_remainder_gets_the_unit_wherever_it_stands():
    # Quotas by 1:2:4: of 10 they are 1.43, 2.86, 5.71; of 11: 1.57, 3.14, 6.29; of 12: 1.71, 3.43, 6.86.
    # Giving the units to the first parts, instead of the largest remainders, makes 2, 3, 5 of 10.
    assert apportion(10, [1, 2, 4]) == [1, 3, 6]
    assert apportion(11, [1, 2, 4]) == [2, 3, 6]
    assert apportion(12, [1, 2, 4]) == [2, 3, 7]


def test_rounding_each_part_by_itself_would_lose_a_unit_here():
    # Quotas 3.4, 3.4, 3.2 of 10: rounded they sum to 9.
    assert apportion(10, [0.34, 0.34, 0.32]) == [4, 3, 3]


def test_a_tie_goes_to_the_earlier_index_although_decimals_are_not_exact():
    # Quotas 0.5, 1.5, 0.5, 2.5: two units for four equal remainders. In binary .3 is a hair less.
    assert apportion(5, [0.1, 0.3, 0.1, 0.5]) == [1, 2, 0, 2]


def test_a_weight_of_zero_gets_nothing():
    assert apportion(7, [0, 1, 0, 1, 0]) == [0, 4, 0, 3, 0]
    assert apportion(0, [1, 2]) == [0, 0]


def test_totals_beyond_the_floats_stay_exact():
    total = 3 * 10**30 + 1
    assert apportion(total, [1.0, 1.0, 1.0]) == [10**30 + 1, 10**30, 10**30]


def test_numpy_numbers_are_numbers():
    assert apportion(np.int64(10), np.array([1.0, 3.0])) == [3, 7]


def test_parts_are_whole_lots_and_the_rest_goes_with_the_last():
    # 1,050 is 10 lots of 100 and 50: 4, 3, 3 lots.
    assert equal_slices(1050, 3, lot=100) == [400, 300, 350]
    assert apportion(1050, [1, 1, 1], lot=100) == [400, 300, 350]


def test_the_rest_below_a_lot_does_not_go_where_the_weight_is_zero():
    assert apportion(1050, [1, 1, 0], lot=100) == [500, 550, 0]
    assert apportion(50, [2, 1], lot=100) == [0, 50]


def test_more_slices_than_units_leave_zeros_at_the_end():
    assert equal_slices(2, 4) == [1, 1, 0, 0]
    assert equal_slices(0, 2) == [0, 0]


def test_cumulative_is_what_is_done_by_the_end_of_each_slice():
    assert cumulative([334, 333, 333]) == [334, 667, 1000]
    assert cumulative([]) == []


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: apportion(-1, [1]), "total"),
        (lambda: apportion(1.5, [1]), "total"),
        (lambda: apportion(1, [1], lot=0), "lot"),
        (lambda: apportion(1, []), "weights"),
        (lambda: apportion(1, [0.0, 0.0]), "weights"),
        (lambda: apportion(1, [1.0, -0.5]), "weights[1]"),
        (lambda: apportion(1, [nan]), "weights[0]"),
        (lambda: apportion(1, [inf]), "weights[0]"),
        (lambda: equal_slices(1, 0), "n"),
        (lambda: equal_slices(-1, 1), "total"),
        (lambda: equal_slices(1, 1, lot=-1), "lot"),
    ],
)
def test_a_bad_request_names_its_field(call, field):
    with pytest.raises(InvalidInput) as error:
        call()
    assert error.value.field == field


@given(st.integers(0, 10**15), WEIGHTS)
def test_parts_sum_exactly_and_stand_within_one_of_their_quota(total, weights):
    parts = apportion(total, weights)
    mass = sum(map(Fraction, weights))
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * Fraction(weight) / mass) < 1


@given(st.integers(0, 10**9), WEIGHTS, st.integers(1, 1000))
def test_with_a_lot_only_the_last_weighted_part_is_no_multiple(total, weights, lot):
    parts = apportion(total, weights, lot)
    last = max(i for i, weight in enumerate(weights) if weight)
    assert sum(parts) == total
    assert all(part % lot == 0 for i, part in enumerate(parts) if i != last)
    assert parts[last] % lot == total % lot
    mass = sum(map(Fraction, weights))
    for i, (part, weight) in enumerate(zip(parts, weights, strict=True)):
        quota = (total - total % lot) * Fraction(weight) / mass
        assert abs(part - (total % lot if i == last else 0) - quota) < lot


@given(st.integers(0, 10**9), st.integers(1, 200), st.integers(1, 100))
def test_equal_slices_are_equal_weights(total, n, lot):
    assert equal_slices(total, n, lot) == apportion(total, [1.0] * n, lot)
