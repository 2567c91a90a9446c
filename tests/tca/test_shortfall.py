"""The shortfall cases of the literature, bought and sold, and the identities on random parents."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nautilus_exec.errors import IdentityViolated
from nautilus_exec.tca.analysis import Analysis, analyse
from nautilus_exec.tca.attribution import check_filled, check_identities
from nautilus_exec.tca.market import no_market
from nautilus_exec.tca.records import FillRecord, ParentRecord
from nautilus_exec.tca.summary import check_venues
from nautilus_exec.units import SECOND
from tests.runs import T0, fill, market_of, parent, run_of


def mirrored(price: float, about: float, side: int) -> float:
    """A sale's price as far on the other side of ``about``: what costs a buyer costs the seller as much."""
    return about + side * (price - about)


def analysed(parents: list[ParentRecord], fills: list[FillRecord]) -> Analysis:
    return analyse(run_of(parents, fills), no_market())


@pytest.mark.parametrize("side", [1, -1])
def test_a_partly_filled_order_splits_into_delay_trading_opportunity_and_explicit(side: int) -> None:
    # 2,000 at 50.25 and 5,000 at 50.26 average 50.2571428571; commission 70 on the first fill, fees 5 on the second.
    px = {name: mirrored(value, 50.0, side) for name, value in (("arrival_px", 50.10), ("end_px", 50.50))}
    order = parent(side=side, quantity=10_000, filled=7_000, remainder=3_000, decision_px=50.0, **px)
    fills = [
        fill("P-1", 0, 2_000, mirrored(50.25, 50.0, side), side=side, fee=70.0),
        fill("P-1", 1, 5_000, mirrored(50.26, 50.0, side), side=side, fee=5.0),
    ]
    row = analysed([order], fills).parents.row(0, named=True)
    money = {"delay": 1_000, "trading": 1_100, "opportunity": 1_200, "explicit": 75, "shortfall": 3_375}
    assert {name: row[name] for name in money} == pytest.approx(money)
    bps = {"delay": 20, "trading": 22, "opportunity": 24, "explicit": 1.5, "shortfall": 67.5}
    assert {name: row[f"{name}_bps"] for name in bps} == pytest.approx(bps)


@pytest.mark.parametrize("side", [1, -1])
def test_perolds_paper_portfolio_loses_3080(side: int) -> None:
    end = mirrored(11.0, 10.0, side)
    order = parent(side=side, quantity=5_000, filled=4_000, remainder=1_000, end_px=end)
    row = analysed(
        [order], [fill("P-1", 0, 4_000, mirrored(10.5, 10.0, side), side=side, fee=80.0)]
    ).parents.row(0, named=True)
    assert (row["trading"], row["opportunity"], row["explicit"]) == pytest.approx((2_000, 1_000, 80))
    assert row["shortfall"] == pytest.approx(3_080)


@pytest.mark.parametrize("side", [1, -1])
def test_ten_fills_at_two_prices_with_a_fee_each_cost_2600(side: int) -> None:
    order = parent(side=side, quantity=5_000, filled=5_000, end_px=mirrored(11.0, 10.0, side))
    fills = [fill("P-1", n, 500, mirrored(10.0 + n % 2, 10.0, side), side=side, fee=10.0) for n in range(10)]
    row = analysed([order], fills).parents.row(0, named=True)
    assert (row["trading"], row["opportunity"], row["explicit"]) == pytest.approx((2_500, 0, 100))
    assert row["shortfall"] == pytest.approx(2_600)


@pytest.mark.parametrize("side", [1, -1])
def test_effective_spread_is_realised_spread_and_impact(side: int) -> None:
    later = mirrored(100.02, 100.0, side)
    market = market_of(quotes=[(0, 99.99, 100.01), (2, later - 0.01, later + 0.01), (400, 99.0, 101.0)])
    order = parent(side=side, decision_px=100.0, arrival_px=100.0)
    traded = fill("P-1", 1, 100, mirrored(100.05, 100.0, side), side=side, bid=99.99, ask=100.01)
    row = analyse(run_of([order], [traded]), market).fills.row(0, named=True)
    assert row["effective_spread_bps"] == pytest.approx(10)
    assert row["realised_spread_1s_bps"] == pytest.approx(6)
    assert row["price_impact_1s_bps"] == pytest.approx(4)


def test_spread_and_drift_add_up_to_trading() -> None:
    # Mids before the fills: 10.00 and 10.20. Spread = 60 x .02 + 40 x (-.01) = .8; drift = 40 x .2 = 8.
    market = market_of(quotes=[(0, 9.98, 10.02), (5, 10.18, 10.22), (400, 10.0, 10.1)])
    fills = [fill("P-1", 1, 60, 10.02), fill("P-1", 9, 40, 10.19, liquidity="MAKER")]
    row = analyse(run_of([parent()], fills), market).parents.row(0, named=True)
    assert (row["spread"], row["drift"], row["trading"]) == pytest.approx((0.8, 8.0, 8.8))


def test_the_mid_of_a_fill_is_the_one_strictly_before_it() -> None:
    # A quote at the fill's own instant may be its consequence: with it, the spread paid would be 0.02 x 100 less.
    market = market_of(quotes=[(0, 9.99, 10.01), (1, 10.01, 10.03), (400, 10.0, 10.1)])
    row = analyse(run_of([parent()], [fill("P-1", 1, 100, 10.02)]), market).parents.row(0, named=True)
    assert row["spread"] == pytest.approx(2.0)


def test_an_arrival_without_a_quote_leaves_the_parts_undefined_and_says_so() -> None:
    done = analysed([parent(arrival_px=None)], [fill("P-1", 0, 100, 10.1)])
    row = done.parents.row(0, named=True)
    assert row["delay"] is None
    assert row["arrival_slippage_bps"] is None
    assert row["shortfall"] == pytest.approx(10.0)
    assert done.totals.row(0, named=True)["n_shortfall"] == 0
    assert "Parents without a decision, arrival or end mid: shortfall undefined: 1." in done.notes


def test_mids_that_the_record_lacks_are_taken_from_the_market() -> None:
    market = market_of(quotes=[(-10, 9.9, 10.1), (0, 10.1, 10.3), (60, 10.9, 11.1)])
    order = parent(
        decision_px=None, arrival_px=None, end_px=None, received_ns=T0 - 5 * SECOND, ended_ns=T0 + 60 * SECOND
    )
    row = analyse(run_of([order], [fill("P-1", 1, 100, 10.2)]), market).parents.row(0, named=True)
    assert (row["decision_mid"], row["arrival_mid"], row["end_mid"]) == pytest.approx((10.0, 10.2, 11.0))


def test_a_fee_in_another_currency_is_never_added() -> None:
    done = analysed([parent()], [fill("P-1", 0, 100, 10.1, fee=1.0, fee_currency="BNB")])
    assert done.parents["fees"].to_list() == [None]
    assert any("another currency" in note for note in done.notes)


def test_a_denied_parent_has_no_cost_and_is_counted() -> None:
    denied = parent("P-2", status="DENIED", filled=0, remainder=100, reason="duration: 'x'; expected 90s")
    done = analysed([parent(), denied], [fill("P-1", 0, 100, 10.1)])
    total = done.totals.row(0, named=True)
    assert (total["parents"], total["denied"], total["n_shortfall"]) == (2, 1, 1)
    assert total["completion"] == pytest.approx(1.0)


def test_a_record_that_disagrees_with_its_fills_is_refused() -> None:
    with pytest.raises(IdentityViolated, match="filled of P-1"):
        analysed([parent(filled=100)], [fill("P-1", 0, 90, 10.0)])


def test_parts_that_do_not_add_up_are_refused() -> None:
    done = analysed([parent()], [fill("P-1", 0, 100, 10.1)]).parents
    check_identities(done)
    check_filled(done)
    with pytest.raises(IdentityViolated, match="shortfall of P-1"):
        check_identities(done.with_columns(delay=pl.col("delay") + 1e-6))


def test_venues_that_do_not_add_up_are_refused() -> None:
    done = analysed([parent()], [fill("P-1", 0, 100, 10.1)])
    with pytest.raises(IdentityViolated, match="shortfall by venue"):
        check_venues(done.venues.with_columns(cost=pl.col("cost") + 1e-6), done.parents)


def test_fills_of_an_open_parent_are_left_out_and_said() -> None:
    done = analysed([parent()], [fill("P-1", 0, 100, 10.1), fill("P-9", 1, 50, 10.1)])
    assert done.fills.height == 1
    assert any(note.startswith("Fills left out") and note.endswith(": 1.") for note in done.notes)


money = st.integers(900, 1_100)


@st.composite
def orders(draw: st.DrawFn) -> tuple[ParentRecord, list[FillRecord]]:
    """A buy or sell at some prices, whole, partial or not at all, with fees and rebates, at two venues."""
    side, name = draw(st.sampled_from([1, -1])), f"P-{draw(st.integers(0, 10**6))}"
    lots = draw(st.lists(st.integers(1, 500), max_size=6))
    quantity = sum(lots) + draw(st.integers(0, 300)) + (not lots)
    prices = {f"{kind}_px": draw(money) / 100 for kind in ("decision", "arrival", "end")}
    fills = [
        fill(
            name,
            seq,
            size,
            draw(money) / 100,
            side=side,
            fee=draw(st.integers(-500, 500)) / 100,
            venue=draw(st.sampled_from(["XNYS", "BATS"])),
            liquidity=draw(st.sampled_from(["MAKER", "TAKER"])),
        )
        for seq, size in enumerate(lots)
    ]
    return parent(name, side=side, quantity=quantity, filled=sum(lots), **prices), fills


@settings(max_examples=10, deadline=None)
@given(st.lists(orders(), min_size=1, max_size=4, unique_by=lambda o: o[0].parent_id))
def test_parts_add_up_to_the_paper_portfolios_loss(made: list[tuple[ParentRecord, list[FillRecord]]]) -> None:
    market = market_of(quotes=[(0, 9.99, 10.01), (2, 10.03, 10.06), (400, 9.5, 9.6)])
    done = analyse(run_of([p for p, _ in made], [f for _, fs in made for f in fs]), market)
    for order, fills in made:
        row = done.parents.row(by_predicate=pl.col("parent_id") == order.parent_id, named=True)
        spent = sum(f.lots * f.price_ticks / 100 for f in fills)
        left = order.quantity - order.filled
        portfolio = order.side * (spent + left * order.end_px - order.quantity * order.decision_px)
        assert row["shortfall"] == pytest.approx(portfolio + sum(f.fee for f in fills), abs=1e-6)
        parts = ("delay", "trading", "opportunity", "explicit")
        assert sum(row[part] for part in parts) == pytest.approx(row["shortfall"], abs=1e-6)
    table = done.venues.select("trading", "explicit", "delay", "opportunity").sum().row(0)
    assert sum(x or 0.0 for x in table) == pytest.approx(done.parents["shortfall"].sum(), abs=1e-6)
