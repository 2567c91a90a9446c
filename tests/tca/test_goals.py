"""What the study of the algorithms holds them to, by hand."""

import sys
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "backtests"))
from goals import largest_tip, optimal, pace, schedule_gap, split, worst_against_quote

S = 1_000_000_000
FILL = ["ts_event", "sent_ns", "side", "units", "price"]


def fills(*rows: tuple[int, int, int, float, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=FILL, orient="row")


def bought(*rows: tuple[int, float]) -> pl.DataFrame:
    return fills(*((ts, ts, 1, units, 100.0) for ts, units in rows))


def sent(*rows: tuple[int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={"sent_ns": pl.Int64, "lots": pl.Int64, "filled": pl.Int64}, orient="row"
    )


def prints(*rows: tuple[int, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["ts", "size"], orient="row", schema_overrides={"size": pl.Float64})


def test_what_the_running_interval_made_due_may_be_missing() -> None:
    # A fifth: 400 of others ask for 100 own. The 400 of 7 s are due at 10 s: 80 of all 500 may be missing until then.
    found = pace(
        bought((5 * S, 100), (10 * S, 100)),
        sent(),
        prints((1 * S, 400), (7 * S, 400)),
        0.2,
        (0, 15 * S),
        5 * S,
    )
    assert found.realised == pytest.approx(0.2)
    assert found.shares == pytest.approx(80)
    assert found.points == 0
    assert found.ratio == pytest.approx(80 / 81)
    assert found.inside == 1


def test_a_child_too_late_is_beyond_what_is_allowed_and_stays_so_without_an_event() -> None:
    # Nothing happens from 5 s to 10 s, yet 80 of 400 are missing from the edge on: half a point of 400 is 2.
    found = pace(
        bought((10 * S, 100)),
        sent((5 * S, 100, 0), (10 * S, 100, 100)),
        prints((1 * S, 400)),
        0.2,
        (0, 15 * S),
        5 * S,
    )
    assert found.ratio == pytest.approx(80 / 2)
    assert found.points == pytest.approx(0.2)
    assert found.inside == pytest.approx(0.5)
    # Of the five seconds outside, the order of 5 s had come back empty.
    assert found.short == 1


def test_time_outside_after_an_order_that_got_all_it_asked_for_is_not_for_want_of_size() -> None:
    # 80 of 400 are missing from 5 s on; the order of 5 s comes back short, that of 8 s does not: 3 s of 5.
    orders = sent((5 * S, 100, 0), (8 * S, 1, 1))
    mine = bought((8 * S, 1), (10 * S, 99))
    found = pace(mine, orders, prints((1 * S, 400)), 0.2, (0, 15 * S), 5 * S)
    assert found.short == pytest.approx(3 / 5)


def test_prints_before_the_order_and_before_the_first_edge_make_no_deviation() -> None:
    found = pace(bought((5 * S, 100)), sent(), prints((-S, 10_000), (S, 400)), 0.2, (0, 10 * S), 5 * S)
    assert (found.shares, found.ratio) == (0, 0)


def test_too_much_is_as_wrong_as_too_little() -> None:
    found = pace(bought((5 * S, 600)), sent(), prints((S, 400)), 0.2, (0, 10 * S), 5 * S)
    assert found.shares == pytest.approx(600 - 0.2 * 1000)


def test_tips_add_up_while_both_rest_and_a_refill_at_the_instant_of_its_fill_does_not() -> None:
    rows = [
        ("a", 200, 200, False, 0, 5),
        ("b", 200, 50, False, 5, 9),
        ("c", 100, 0, False, 8, 9),
        ("t", 900, 900, True, 1, 1),
    ]
    children = pl.DataFrame(
        rows, schema=["child_id", "lots", "filled", "take", "sent_ns", "ended_ns"], orient="row"
    )
    done = pl.DataFrame(
        [("a", 200, 5), ("b", 50, 7), ("t", 900, 1)], schema=["child_id", "lots", "ts_event"], orient="row"
    )
    assert largest_tip(children, done) == 250
    assert largest_tip(children.filter(pl.col("child_id") == "a"), done) == 200


def test_the_closed_form_of_two_slices() -> None:
    # kappa T = 2: left after the first is sinh 1 / sinh 2 = 1.1752 / 3.6269.
    assert optimal(1000, 2.0, 2) == pytest.approx([1000 * (1 - 1.175201194 / 3.626860408), 1000])


def test_the_gap_is_taken_at_slice_ends_and_a_fill_at_an_edge_is_the_next_slices() -> None:
    due = 1000 * (1 - 1.175201194 / 3.626860408)
    assert schedule_gap(bought((0, 1000)), 1000, 2.0, 2, 0, S) == pytest.approx((1000 - due) / 1000)
    assert schedule_gap(bought((S, 1000)), 1000, 2.0, 2, 0, S) == pytest.approx(due / 1000)
    exact = bought((0, due), (2 * S, 1000 - due))
    assert schedule_gap(exact, 1000, 2.0, 2, 0, S) == pytest.approx(0, abs=1e-9)


def test_spread_and_timing_add_up_to_the_cost_against_arrival() -> None:
    mids = pl.DataFrame({"ts": [0, 5], "mid": [100.0, 101.0]})
    assert split(fills((6, 5, 1, 10, 101.5)), mids, 1) == pytest.approx((50, 100))
    assert split(fills((6, 5, -1, 10, 101.5)), mids, 1) == pytest.approx((-50, -100))


def test_a_price_is_held_against_the_touch_that_stood_when_its_order_was_sent() -> None:
    quotes = pl.DataFrame({"ts": [0, 5, 6], "bid": [99.0, 98.0, 90.0], "ask": [101.0, 102.0, 110.0]})
    assert worst_against_quote(fills((6, 5, 1, 1, 102.0)), quotes, 0.01) == pytest.approx(0)
    assert worst_against_quote(fills((6, 5, -1, 1, 97.99)), quotes, 0.01) == pytest.approx(1)
