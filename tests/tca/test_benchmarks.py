"""VWAP, TWAP, participation and mids on tapes small enough to do by hand."""

import polars as pl
import pytest

from nautilus_exec.tca.analysis import Analysis, analyse
from nautilus_exec.tca.load import in_units
from nautilus_exec.tca.market import Market, Scope, market_of
from nautilus_exec.tca.records import FillRecord
from nautilus_exec.units import SECOND
from tests.runs import IBM, T0, decision, fill, parent, run_of
from tests.runs import market_of as market_from

TAPE = [(0, 10.0, 100), (30, 11.0, 200), (30, 11.0, 100), (60, 99.0, 1_000), (900, 10.0, 1)]


def of(
    fills: list[FillRecord], market: Market, end: float = 60.0, ended: float | None = None, **over: object
) -> dict[str, object]:
    done = sum(f.lots for f in fills)
    ended_ns = T0 + round((end if ended is None else ended) * SECOND)
    order = parent(
        filled=done, quantity=done or 100, end_ns=T0 + round(end * SECOND), ended_ns=ended_ns, **over
    )
    return analyse(run_of([order], fills), market).parents.row(0, named=True)


def test_horizon_vwap_has_its_start_and_not_its_end_and_own_volume_once() -> None:
    # Others 100 x 10 + 300 x 11 = 4,300 over 400; own 100 at 10.50: (4,300 + 1,050) / 500 = 10.70.
    row = of([fill("P-1", 10, 100, 10.5)], market_from(trades=TAPE))
    assert row["vwap_horizon"] == pytest.approx(10.70)
    assert row["vwap_horizon_slippage_bps"] == pytest.approx(-186.9159, abs=1e-4)


def test_a_sale_below_vwap_is_a_cost() -> None:
    row = of([fill("P-1", 10, 100, 10.5, side=-1)], market_from(trades=TAPE), side=-1)
    assert row["vwap_horizon_slippage_bps"] == pytest.approx(186.9159, abs=1e-4)


def test_a_live_tape_holds_our_prints_and_gives_the_same_vwap() -> None:
    tape = sorted([*TAPE, (10, 10.5, 100)])
    row = of([fill("P-1", 10, 100, 10.5)], market_from(trades=tape), ended=59, mode="live")
    assert row["vwap_horizon"] == pytest.approx(10.70)
    assert row["participation"] == pytest.approx(100 / 500)


def test_a_live_fill_elsewhere_is_not_on_the_listing_tape() -> None:
    # Had it been taken off the tape, the others' 400 would shrink to 300.
    row = of(
        [fill("P-1", 10, 100, 10.5, instrument="IBM.BATS", venue="BATS")],
        market_from(trades=TAPE),
        ended=59,
        mode="live",
    )
    assert row["participation"] == pytest.approx(100 / 500)


def test_vwap_without_own_volume_is_what_the_others_paid() -> None:
    # 2,800 of 10,000 at 100.30, market VWAP 100.10: ex own 100.022222, and .20 = .72 x .277778.
    tape = [(1, 100.30, 2_800), (2, 100.0, 5_600), (3, 100.10, 1_600), (900, 1.0, 1)]
    row = of([fill("P-1", 1, 2_800, 100.30)], market_from(trades=tape), mode="live")
    assert row["vwap_horizon"] == pytest.approx(100.10)
    assert row["participation"] == pytest.approx(0.28)
    assert row["vwap_ex_own"] == pytest.approx(100.022222, abs=1e-6)
    gap = row["avg_px"] - row["vwap_horizon"], row["avg_px"] - row["vwap_ex_own"]
    assert gap == pytest.approx((0.20, 0.277778), abs=1e-6)
    assert gap[0] == pytest.approx((1 - row["participation"]) * gap[1])


def test_interval_vwap_ends_with_the_last_fills_instant() -> None:
    # The print of the fill's instant counts, one a nanosecond later does not: (1,000 + 2,200 + 100 x 10.5) / 400.
    tape = [(0, 10.0, 100), (10, 11.0, 200), (10 + 1e-9, 50.0, 500), (900, 10.0, 1)]
    row = of([fill("P-1", 10, 100, 10.5)], market_from(trades=tape))
    assert row["vwap_interval"] == pytest.approx(10.625)


def test_without_volume_there_is_no_vwap_and_no_participation() -> None:
    quotes = [(0, 9.9, 10.1), (900, 9.9, 10.1)]
    row = of([fill("P-1", 10, 100, 10.5)], market_from(quotes, [(900, 10.0, 1)]))
    assert (row["vwap_horizon"], row["vwap_interval"], row["participation"]) == (None, None, None)
    assert row["twap"] == pytest.approx(10.0)


def test_a_live_tape_of_our_prints_alone_has_no_vwap() -> None:
    tape = [(10, 10.3, 100), (900, 10.0, 1)]
    row = of([fill("P-1", 10, 100, 10.3)], market_from(trades=tape), mode="live")
    assert row["vwap_horizon"] is None


def test_a_window_past_the_data_is_unobserved() -> None:
    quotes, tape = [(0, 9.9, 10.1), (50, 9.9, 10.1)], [(5, 10.0, 100)]
    row = of([fill("P-1", 10, 100, 10.5)], market_from(quotes, tape))
    assert (row["vwap_horizon"], row["twap"]) == (None, None)
    assert row["vwap_interval"] is not None


def test_twap_weighs_mids_by_how_long_they_stood() -> None:
    # 10 for 10 s and 11 for 50 s: 10.8333; three ticks of 11 would say 10.75. The last quote is past the window.
    quotes = [
        (-5, 9.9, 10.1),
        (10, 10.9, 11.1),
        (20, 10.8, 11.2),
        (30, 10.9, 11.1),
        (60, 20, 20),
        (900, 1, 1),
    ]
    row = of([fill("P-1", 10, 100, 11.0)], market_from(quotes))
    assert row["twap"] == pytest.approx(650 / 60)
    assert row["twap_slippage_bps"] == pytest.approx((11 - 650 / 60) / (650 / 60) * 1e4)


def test_twap_starts_with_the_first_quote() -> None:
    quotes = [(20, 9.9, 10.1), (40, 11.9, 12.1), (900, 1, 1)]
    row = of([fill("P-1", 30, 100, 11.0)], market_from(quotes))
    assert row["twap"] == pytest.approx(11.0)


def test_a_one_sided_or_crossed_quote_leaves_the_last_good_mid() -> None:
    quotes = [(0, 9.9, 10.1), (10, 0, 12.0), (20, 13.0, 12.0), (900, 1, 1)]
    row = of([fill("P-1", 30, 100, 10.0)], market_from(quotes))
    assert row["twap"] == pytest.approx(10.0)
    assert row["spread"] == pytest.approx(0.0)


def test_of_two_quotes_in_one_instant_the_later_counts() -> None:
    quotes = [(5, 9.9, 10.1), (5, 10.4, 10.6), (900, 1, 1)]
    row = of([fill("P-1", 6, 100, 10.5)], market_from(quotes))
    assert row["spread"] == pytest.approx(0.0)


def test_markouts_past_the_data_are_counted_and_left_out() -> None:
    quotes = [(0, 9.99, 10.01), (12, 10.09, 10.11), (40, 10.09, 10.11)]
    fills = [fill("P-1", 10, 100, 10.0), fill("P-1", 38, 300, 10.0)]
    row = of(fills, market_from(quotes))
    # After 5 s only the first is seen, at 10.10: 100 bps gained; after 1 s 100 at 10.00 and 300 at 10.10: 75.
    assert (row["markout_5s_bps"], row["unobserved_5s"]) == (pytest.approx(100.0), 1)
    assert (row["markout_1s_bps"], row["unobserved_1s"]) == (pytest.approx(75.0), 0)
    assert (row["markout_5m_bps"], row["unobserved_5m"]) == (None, 2)


def test_a_passive_fills_markout_cost_is_adverse_selection_less_the_spread_it_earned() -> None:
    quotes = [(0, 9.98, 10.02), (11, 9.94, 9.98), (900, 1, 1)]
    row = of([fill("P-1", 10, 100, 9.98, liquidity="MAKER")], market_from(quotes))
    # Mid 10.00 before, 9.96 after: 40 bps lost to selection, 20 earned; the net cost of 22a is 20 bps of the mid.
    assert row["adverse_selection_1s_bps"] == pytest.approx(40.0)
    assert row["markout_1s_bps"] * 9.98 / 10.0 == pytest.approx(-20.0)
    assert row["e_over_q"] is None


def test_e_over_q_and_improvement_are_share_weighted_and_skip_locked_quotes() -> None:
    touch = {"bid": 10.00, "ask": 10.04}
    fills = [
        fill("P-1", 1, 100, 10.04, **touch),
        fill("P-1", 2, 300, 10.03, **touch),
        fill("P-1", 3, 100, 10.03, bid=10.03, ask=10.03),
    ]
    row = of(fills, market_from(quotes=[(0, 10.0, 10.04), (900, 1, 1)]))
    # Paid 2 x (.02 x 100 + .01 x 300) = 10 over .04 x 400 = 16; .01 x 300 better than the touch over 500 units.
    assert row["e_over_q"] == pytest.approx(0.625)
    assert row["price_improvement"] == pytest.approx(0.006)
    assert row["share_improved"] == pytest.approx(0.6)


def test_two_floats_that_mean_one_price_are_no_improvement() -> None:
    # 1.1 + 2.2 is 3.3000000000000003: the touch seen beside the same price in ticks.
    row = of([fill("P-1", 1, 100, 3.3, bid=3.29, ask=1.1 + 2.2)], market_from([(0, 3.29, 3.3), (900, 1, 1)]))
    assert row["share_improved"] == 0.0


def test_ticks_become_the_decimal_price_exactly() -> None:
    steps = pl.DataFrame({"n": [15_777, 3, 7, 31], "step": [0.01, 0.25, 5.0, 0.03]})
    assert steps.select(in_units("n", "step")).to_series().to_list() == [157.77, 0.75, 35.0, 31 * 0.03]


def test_schedule_deviation_is_of_the_order_and_skips_steps_without_a_plan() -> None:
    steps = [decision("P-1", 0, 50, 40), decision("P-1", 1, 100, 70), decision("P-1", 2, -1, 0)]
    order = parent(quantity=200, filled=0, remainder=200)
    row = analyse(run_of([order], decisions=steps), market_from()).parents.row(0, named=True)
    assert (row["schedule_deviation_max"], row["schedule_deviation_mean"]) == pytest.approx((0.15, 0.10))


def test_the_largest_participation_is_of_five_minutes_that_end_with_a_fill() -> None:
    # Up to 350 s own 200 beside 301 of others, up to 400 s own 300 beside 300 = .5, up to 800 s own 100 beside 900. The
    # first fill's five minutes began before the order, so its 100 against nobody does not count.
    tape = [(90, 10.0, 201), (150, 10.0, 100), (390, 10.0, 200), (700, 10.0, 900), (2_000, 10.0, 1)]
    fills = [fill("P-1", 0, 100, 10.0), fill("P-1", 350, 200, 10.0), fill("P-1", 400, 100, 10.0)]
    fills += [fill("P-1", 800, 100, 10.0)]
    row = of(fills, market_from(trades=tape), end=1_000)
    assert row["participation_max_5m"] == pytest.approx(0.5)


def test_an_order_shorter_than_five_minutes_has_no_largest_window() -> None:
    row = of([fill("P-1", 10, 100, 10.5)], market_from(trades=TAPE))
    assert row["participation_max_5m"] is None


def test_the_same_parent_id_in_two_runs_is_two_parents() -> None:
    orders = [parent(run_id="R-1"), parent(run_id="R-2", side=-1)]
    fills = [fill("P-1", 0, 100, 10.1), fill("P-1", 0, 100, 10.1, run_id="R-2", side=-1)]
    rows = analyse(run_of(orders, fills), market_from()).parents
    assert dict(rows.select("run_id", "shortfall").iter_rows()) == pytest.approx({"R-1": 10.0, "R-2": -10.0})


def test_totals_are_ratios_of_sums() -> None:
    # 100 at +10 bps and 300 at -10 bps of the same arrival: -5 bps, where the mean of ratios is 0.
    orders = [parent("P-1", filled=100), parent("P-2", filled=300, quantity=300)]
    done = analyse(
        run_of(orders, [fill("P-1", 0, 100, 10.01), fill("P-2", 1, 300, 9.99)]), market_from()
    ).totals.row(0, named=True)
    assert done["arrival_slippage_bps"] == pytest.approx(-5.0)
    assert (done["n_arrival"], done["n_twap"]) == (2, 0)


def test_money_of_two_currencies_is_two_totals() -> None:
    orders = [parent("P-1"), parent("P-2", currency="EUR")]
    fills = [fill("P-1", 0, 100, 10.1), fill("P-2", 1, 100, 10.2, currency="EUR", fee_currency="EUR")]
    done: Analysis = analyse(run_of(orders, fills), market_from())
    assert dict(done.totals.select("currency", "shortfall").iter_rows()) == pytest.approx(
        {"EUR": 20.0, "USD": 10.0}
    )


class Source:
    """Two venues of one symbol, another symbol, and a print off exchange."""

    def instruments(self) -> list[str]:
        return [IBM, "IBM.BATS", "GE.XNYS"]

    def quotes(self, instrument_id: str) -> pl.LazyFrame:
        return market_from([(0, 9.9, 10.1)]).quotes.drop("instrument")

    def trades(self, instrument_id: str) -> pl.LazyFrame:
        size = {IBM: 100.0, "IBM.BATS": 20.0, "GE.XNYS": 7_000.0}[instrument_id]
        return market_from(trades=[(5, 10.0, size), (900, 10.0, 1)]).trades.drop("instrument")

    def off_exchange(self, instrument_id: str) -> pl.LazyFrame:
        return market_from(trades=[(5, 10.0, 3.0)]).trades.drop("instrument")


@pytest.mark.parametrize(
    ("scope", "others"), [(Scope.LISTING, 100), (Scope.LIT, 120), (Scope.CONSOLIDATED, 123)]
)
def test_each_scope_counts_its_venues(scope: Scope, others: float) -> None:
    row = of([fill("P-1", 10, 100, 10.0)], market_of(Source(), [IBM, "MSFT.XNAS"], scope))
    assert row["market_volume"] == pytest.approx(others + 100)
