"""Volume profiles: every expected number here is worked out by hand."""

from datetime import date
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_exec.curves.volume_history import bin_volumes, from_days
from nautilus_exec.curves.volume_profile import (
    CumulativeCurve,
    VolumeProfile,
    check_before,
    cumulative,
    fraction_between,
    normalised,
    static_us_equity,
    window,
)
from nautilus_exec.errors import InvalidInput
from nautilus_exec.units import DAY, HOUR, MINUTE

EDGES = (10 * HOUR, 11 * HOUR, 13 * HOUR, 14 * HOUR)
"""Three bins, the second twice as wide."""

MONDAY, TUESDAY, WEDNESDAY = date(2024, 3, 4), date(2024, 3, 5), date(2024, 3, 6)


def profile(**changes):
    given = {"edges_ns": EDGES, "fractions": (0.5, 0.2, 0.3), "name": "by_hand", "source": "this test"}
    return VolumeProfile(**(given | changes))


# Making one from days


def test_the_mean_is_of_day_fractions_and_not_of_volumes():
    # Fractions (.6 .3 .1) and (.2 .3 .5): mean (.4 .3 .3). Pooled volumes would give (2060 3030 5010)/10100.
    made = from_days({MONDAY: [60, 30, 10], TUESDAY: [2000, 3000, 5000]}, EDGES, "mean")
    assert made.fractions == pytest.approx((0.4, 0.3, 0.3), abs=1e-15)


def test_the_median_of_fractions_is_renormalised():
    # Fractions by day: (.6 .3 .1), (.2 .3 .5), (.5 .1 .4); medians .5 .3 .4 sum to 1.2.
    days = {MONDAY: [6, 3, 1], TUESDAY: [2, 3, 5], WEDNESDAY: [5, 1, 4]}
    made = from_days(days, EDGES, "median")
    assert made.fractions == pytest.approx((5 / 12, 3 / 12, 4 / 12), abs=1e-15)


def test_the_median_of_an_even_number_of_days_is_the_middle_of_two():
    # Fractions (.6 .3 .1), (.2 .3 .5): medians (.4, .3, .3), the mean of two.
    made = from_days({MONDAY: [6, 3, 1], TUESDAY: [2, 3, 5]}, EDGES)
    assert made.fractions == pytest.approx((0.4, 0.3, 0.3), abs=1e-15)


def test_one_odd_day_does_not_own_the_median():
    # Two days of (.5 .3 .2) and one, a hundred times as large, that trades all its volume in the last bin:
    # the median stays (.5 .3 .2); the mean is (1/3, .2, 7/15); pooled volumes would give .99 to the last bin.
    days = {MONDAY: [50, 30, 20], TUESDAY: [50, 30, 20], WEDNESDAY: [0, 0, 10_000]}
    assert from_days(days, EDGES, "median").fractions == pytest.approx((0.5, 0.3, 0.2), abs=1e-15)
    assert from_days(days, EDGES, "mean").fractions == pytest.approx((1 / 3, 0.2, 7 / 15), abs=1e-15)


def test_day_volume_last_day_and_count_come_from_the_days():
    days = {WEDNESDAY: [0, 0, 10_000], MONDAY: [50, 30, 20], TUESDAY: [100, 60, 40]}
    made = from_days(days, EDGES, name="n", source="s", timezone="Europe/Paris", foreign=True)
    assert (made.day_volume, made.last_day, made.days) == (200.0, "2024-03-06", 3)
    assert (made.name, made.source, made.timezone, made.foreign) == ("n", "s", "Europe/Paris", True)
    assert (made.opening_share, made.closing_share) == (None, None)
    assert from_days(days, EDGES, "mean").day_volume == pytest.approx(10_300 / 3)


def test_auctions_are_shares_of_the_whole_day_and_outside_the_fractions():
    # Monday 100 continuous, 20 + 80 in auctions: shares .1 and .4. Tuesday 100 and none. Means .05 and .2.
    days = {MONDAY: [50, 30, 20], TUESDAY: [50, 30, 20]}
    made = from_days(days, EDGES, "mean", auctions={MONDAY: (20, 80)})
    assert (made.opening_share, made.closing_share) == pytest.approx((0.05, 0.2))
    assert made.fractions == pytest.approx((0.5, 0.3, 0.2), abs=1e-15)
    assert made.day_volume == 100


@pytest.mark.parametrize(
    ("days", "statistic", "field"),
    [
        ({}, "mean", "days"),
        ({MONDAY: [1, 2]}, "mean", "days[2024-03-04]"),
        ({MONDAY: [0, 0, 0]}, "mean", "days[2024-03-04]"),
        ({MONDAY: [1, -1, 1]}, "mean", "days[2024-03-04]"),
        ({MONDAY: [1, nan, 1]}, "mean", "days[2024-03-04]"),
        ({MONDAY: [1, 1, 1]}, "mode", "statistic"),
        ({MONDAY: [1, 0, 0], TUESDAY: [0, 1, 0], WEDNESDAY: [0, 0, 1]}, "median", "fractions"),
    ],
)
def test_days_that_make_no_profile_are_refused(days, statistic, field):
    with pytest.raises(InvalidInput) as error:
        from_days(days, EDGES, statistic)
    assert error.value.field == field


def test_bins_are_half_open():
    # The first edge is in the first bin, an inner edge in the bin it begins, the last edge in none.
    instants = [EDGES[0] - 1, EDGES[0], EDGES[1] - 1, EDGES[1], EDGES[3] - 1, EDGES[3]]
    assert bin_volumes(instants, [1, 2, 4, 8, 16, 32], EDGES).tolist() == [6, 8, 16]


def test_no_trades_are_no_volume_in_every_bin():
    assert bin_volumes([], [], EDGES).tolist() == [0, 0, 0]


# The static shape


def test_the_static_day_is_thirteen_half_hours_that_sum_to_one():
    static = static_us_equity()
    assert len(static.fractions) == 13
    assert sum(static.fractions) == pytest.approx(1.0, abs=1e-12)
    assert static.edges_ns[0] == 34_200 * 10**9  # 09:30
    assert static.edges_ns[-1] == 57_600 * 10**9  # 16:00
    assert static.last_day is None
    # .130 + .090 by 10:30, and half of the third half hour's .075 by 10:45.
    assert cumulative(static, 10 * HOUR + 30 * MINUTE) == pytest.approx(0.22, abs=1e-12)
    assert cumulative(static, 10 * HOUR + 45 * MINUTE) == pytest.approx(0.2575, abs=1e-12)


def test_the_static_day_can_be_asked_for_the_main_window():
    # 10:00-15:30 is 1 - .130 - .110 = .76; 10:00-10:30 has .090 of it.
    curve = window(static_us_equity(), 10 * HOUR, 15 * HOUR + 30 * MINUTE)
    assert curve.at(10 * HOUR + 30 * MINUTE) == pytest.approx(0.09 / 0.76, abs=1e-12)


# The cumulative curve


@pytest.mark.parametrize(
    ("tod_ns", "share"),
    [
        (0, 0.0),
        (EDGES[0], 0.0),
        (10 * HOUR + 30 * MINUTE, 0.25),
        (EDGES[1], 0.5),
        (12 * HOUR, 0.6),
        (EDGES[2], 0.7),
        (13 * HOUR + 20 * MINUTE, 0.8),
        (EDGES[3], 1.0),
        (DAY, 1.0),
    ],
)
def test_the_curve_is_linear_inside_bins_and_flat_outside(tod_ns, share):
    assert cumulative(profile(), tod_ns) == pytest.approx(share, abs=1e-15)
    assert cumulative(profile(), np.int64(tod_ns)) == pytest.approx(share, abs=1e-15)
    assert cumulative(profile(), np.array([[tod_ns]])) == pytest.approx(np.array([[share]]), abs=1e-15)


def test_an_array_of_instants_keeps_its_shape():
    instants = np.array([[0, EDGES[1]], [12 * HOUR, DAY]])
    assert cumulative(profile(), instants) == pytest.approx(np.array([[0, 0.5], [0.6, 1]]))


@given(st.lists(st.integers(0, DAY), min_size=1, max_size=20))
def test_scalar_and_vector_agree_and_the_curve_never_falls(instants):
    shape = profile(fractions=(0.1, 0.0, 0.9))
    one_by_one = [cumulative(shape, instant) for instant in sorted(instants)]
    assert one_by_one == sorted(one_by_one)
    assert cumulative(shape, np.array(sorted(instants))) == pytest.approx(np.array(one_by_one), abs=1e-12)


def test_the_fraction_between_two_instants_is_what_trades_in_them():
    # Half of .5 and half of .2 (the second bin is two hours wide).
    assert fraction_between(profile(), 10 * HOUR + 30 * MINUTE, 12 * HOUR) == pytest.approx(0.35)
    assert fraction_between(profile(), 0, DAY) == 1.0
    with pytest.raises(InvalidInput, match="end_ns"):
        fraction_between(profile(), 12 * HOUR, 11 * HOUR)


# The window of an order


def test_a_window_runs_from_zero_to_one_over_its_own_volume():
    # 10:30-12:00 holds .25 + .1 = .35; by 11:00 .25/.35; by 11:30 .30/.35.
    start, end = 10 * HOUR + 30 * MINUTE, 12 * HOUR
    curve = window(profile(), start, end)
    assert curve.knots_ns == (start, EDGES[1], end)
    assert curve.at(start) == 0.0
    assert curve.at(EDGES[1]) == pytest.approx(25 / 35, abs=1e-15)
    assert curve.at(11 * HOUR + 30 * MINUTE) == pytest.approx(30 / 35, abs=1e-15)
    assert curve.at(end) == 1.0
    assert curve.between(EDGES[1], end) == pytest.approx(10 / 35, abs=1e-15)


def test_a_window_wider_than_the_session_is_flat_outside_it():
    curve = window(profile(), 9 * HOUR, 15 * HOUR)
    assert curve.at(10 * HOUR) == 0.0
    assert curve.at(11 * HOUR) == 0.5
    assert curve.at(14 * HOUR) == 1.0


def test_a_window_without_volume_is_refused_instead_of_made_even():
    hollow = profile(fractions=(0.5, 0.0, 0.5))
    for start, end in [(EDGES[1], EDGES[2]), (0, EDGES[0]), (EDGES[3], DAY)]:
        with pytest.raises(InvalidInput, match="window"):
            window(hollow, start, end)
    with pytest.raises(InvalidInput, match="end_ns"):
        window(hollow, EDGES[1], EDGES[1])


# No look-ahead


def test_a_profile_is_refused_on_its_last_day_and_before_it():
    seen = profile(last_day="2024-03-05")
    check_before(seen, WEDNESDAY)
    for day in (TUESDAY, MONDAY):
        with pytest.raises(InvalidInput, match="by_hand"):
            check_before(seen, day)


def test_a_static_or_a_foreign_profile_is_of_no_day():
    check_before(profile(), MONDAY)
    check_before(profile(last_day="2024-03-06", foreign=True), MONDAY)


# What a profile must be


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"edges_ns": (0,), "fractions": ()}, "edges_ns"),
        ({"edges_ns": (0, 2, 2, 3)}, "edges_ns"),
        ({"edges_ns": (-1, 2, 3, 4)}, "edges_ns"),
        ({"edges_ns": (0, 1, 2, DAY + 1)}, "edges_ns"),
        ({"fractions": (0.5, 0.5)}, "fractions"),
        ({"fractions": (0.5, 0.2, 0.2)}, "fractions"),
        ({"fractions": (0.5, -0.2, 0.7)}, "fractions"),
        ({"fractions": (0.5, nan, 0.5)}, "fractions"),
        ({"opening_share": 1.1}, "opening_share"),
        ({"closing_share": -0.1}, "closing_share"),
        ({"day_volume": 0.0}, "day_volume"),
        ({"day_volume": inf}, "day_volume"),
        ({"last_day": "4 March"}, "last_day"),
    ],
)
def test_a_profile_that_does_not_hold_names_its_field(changes, field):
    with pytest.raises(InvalidInput) as error:
        profile(**changes)
    assert error.value.field == field


def test_a_profile_with_all_its_facts_is_accepted():
    assert profile(opening_share=0.0, closing_share=1.0, day_volume=1.0, last_day="2024-03-04").curve == (
        CumulativeCurve(EDGES, (0.0, 0.5, 0.7, 1.0))
    )


def test_normalised_weights_keep_their_proportions():
    assert normalised([1, 3]) == (0.25, 0.75)
    for bad in ([], [0.0], [1.0, -1.0], [inf]):
        with pytest.raises(InvalidInput, match="fractions"):
            normalised(bad)
