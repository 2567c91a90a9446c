"""The statistics of the real-day study, by hand."""

import sys
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "backtests"))
from blocks import against_opening_mid, interval, paired, ratio_bps

S = 1_000_000_000
MINUTE = 60 * S
MIDS = pl.DataFrame({"ts": [0, 59 * S, 61 * S], "mid": [100.0, 101.0, 102.0]})


def fills(*rows: tuple[int, int, float, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["ts_event", "side", "units", "price"], orient="row")


def test_a_fill_is_held_against_the_mid_at_its_slices_opening() -> None:
    # The second slice opens at 60 s, when the quote of 59 s stands: 101, not the 102 of its own instant.
    blocks = against_opening_mid(fills((30 * S, 1, 10, 100.5), (90 * S, 1, 10, 101.5)), MIDS, 0)
    assert blocks.rows() == [(0, 10 * 0.5 + 10 * 0.5, 10 * 100.0 + 10 * 101.0)]


def test_a_sell_below_the_mid_is_a_cost() -> None:
    assert against_opening_mid(fills((0, -1, 10, 99.0)), MIDS, 0)["cost"].item() == 10.0


def test_blocks_are_half_open_half_hours() -> None:
    blocks = against_opening_mid(fills((30 * MINUTE - 1, 1, 1, 102), (30 * MINUTE, 1, 1, 103)), MIDS, 0)
    assert blocks["block"].to_list() == [0, 1]
    assert blocks["cost"].to_list() == [0.0, 1.0]


def test_a_pair_is_a_ratio_of_sums() -> None:
    one = pl.DataFrame({"block": [0, 1], "cost": [1.0, 3.0], "notional": [1e4, 1e4]})
    other = pl.DataFrame({"block": [0, 1], "cost": [0.0, 0.0], "notional": [1e4, 1e4]})
    both = paired(one, other)
    assert both["notional"].to_list() == [2e4, 2e4]
    assert ratio_bps(both) == pytest.approx(1.0)


def test_equal_blocks_have_no_spread_and_a_ratio_of_arms_shares_its_draws() -> None:
    flat = pl.DataFrame({"block": range(4), "cost": [1.0] * 4, "notional": [1e4] * 4})
    assert interval(flat) == pytest.approx((1.0, 1.0))
    uneven = pl.DataFrame({"block": range(4), "cost": [1.0, 2.0, 3.0, 4.0], "notional": [1e4] * 4})
    doubled = uneven.with_columns(pl.col("cost") * 2)
    assert interval(doubled, uneven) == pytest.approx((2.0, 2.0))
