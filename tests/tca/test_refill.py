"""The share of taker lots at a price just taken from, by hand."""

import polars as pl

from nautilus_exec.tca.refill import refill_share

S = 1_000_000_000


def fills(*rows: tuple[str, int, int, int, str]) -> pl.LazyFrame:
    columns = ("child_id", "ts_event", "price_ticks", "lots", "liquidity")
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(run_id=pl.lit("r"), instrument=pl.lit("X.Y"), side=pl.lit(1)).lazy()


def share(*rows: tuple[str, int, int, int, str]) -> float | None:
    return refill_share(fills(*rows)).collect().item()


def test_a_second_child_at_the_price_within_a_second_is_a_refill() -> None:
    rows = [("a", 0, 100, 300, "TAKER"), ("b", S // 2, 100, 100, "TAKER")]
    assert share(*rows) == 0.25


def test_a_second_later_or_a_tick_away_is_none() -> None:
    assert share(("a", 0, 100, 300, "TAKER"), ("b", S, 100, 100, "TAKER")) == 0.0
    assert share(("a", 0, 100, 300, "TAKER"), ("b", 1, 101, 100, "TAKER")) == 0.0


def test_two_fills_of_one_child_are_one_take() -> None:
    assert share(("a", 0, 100, 300, "TAKER"), ("a", 1, 100, 100, "TAKER")) == 0.0


def test_makers_do_not_count_and_nobody_is_null() -> None:
    assert share(("a", 0, 100, 300, "MAKER")) is None
