"""The cost of crossing the spread, by hand."""

import pytest

from nautilus_exec.costs.spread import half_spread_bps, spread_cross
from nautilus_exec.errors import InvalidInput


def test_crossing_costs_half_the_spread_on_every_unit():
    # .04 wide: .02 x 500 = 10; the whole spread would be 20.
    assert spread_cross(99.98, 100.02, 500) == pytest.approx(10.0)
    assert half_spread_bps(99.98, 100.02) == pytest.approx(2.0)


def test_a_locked_quote_costs_nothing():
    assert spread_cross(100.0, 100.0, 500) == 0
    assert half_spread_bps(100.0, 100.0) == 0


def test_arrays_broadcast():
    assert spread_cross([99.0, 98.0], [101.0, 102.0], 10) == pytest.approx([10.0, 20.0])
    assert half_spread_bps([99.0, 98.0], [101.0, 102.0]) == pytest.approx([100.0, 200.0])


def test_a_crossed_quote_and_a_negative_quantity_are_refused():
    with pytest.raises(InvalidInput, match="ask"):
        spread_cross(100.02, 99.98, 1)
    with pytest.raises(InvalidInput, match="quantity"):
        spread_cross(99.98, 100.02, -1)
    with pytest.raises(InvalidInput, match="ask"):
        half_spread_bps(100.02, 99.98)
    with pytest.raises(InvalidInput, match="mid"):
        half_spread_bps(-1.0, 1.0)
