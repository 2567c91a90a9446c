"""The real sets: the counts that their page states, found again in the imported catalog."""

import os
from pathlib import Path

import polars as pl
import pytest

from nautilus_exec.nautilus.catalog import Catalog, CatalogMarket
from nautilus_exec.nautilus.importers.run import import_files

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("EXEC_NT_DATA") or ROOT.parent / "shared" / "data")
TEN, HALF_PAST_THREE = 1_514_905_200 * 10**9, 1_514_925_000 * 10**9
"""10:00 and 15:30 New York on 2 January 2018."""

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no market data: set EXEC_NT_DATA ({DATA} is not there)"),
]


@pytest.fixture(scope="module")
def us12(tmp_path_factory):
    into = tmp_path_factory.mktemp("us12") / "c"
    report = import_files(
        DATA / "us-equity-12-venues-2018-01-02", into, ROOT / "catalogs" / "us-equity-12-venues.toml"
    )
    return Catalog(into), report


def window(frame: pl.LazyFrame) -> pl.DataFrame:
    return frame.filter(pl.col("ts").is_between(TEN, HALF_PAST_THREE, closed="left")).collect()


def test_every_row_of_the_twelve_venue_day_is_there(us12):
    _, report = us12
    assert report.read == {"quotes": 220_557, "trades": 39_470}
    assert report.written["book snapshots"] == 220_557
    assert report.written["trades"] + report.written["prints"] == 39_470
    assert not +report.left_out


def test_continuous_lit_and_off_exchange_volumes_are_the_stated_ones(us12):
    catalog, _ = us12
    market = CatalogMarket(catalog)
    volumes = {one: window(market.trades(one))["size"].sum() for one in market.instruments()}
    assert volumes["XYZ.XNYS"] == 414_410
    assert sum(volumes.values()) == 1_597_033
    assert window(catalog.prints("XYZ.FINR"))["size"].sum() == 1_341_588


def test_the_closing_cross_is_there_once(us12):
    catalog, report = us12
    crosses = catalog.prints("XYZ").filter(pl.col("print_class") == "auction").collect()
    assert crosses.filter(pl.col("condition") == "6").select("size", "price").rows() == [(443_901, 157.04)]
    assert catalog.closes("XYZ.XNYS").collect()["price"].to_list() == [157.04]
    assert report.print_volume["auction"] == 443_901 + 103_504


def test_the_consolidated_book_is_never_crossed_and_hardly_ever_locked(us12):
    """With absent sides honoured; were those rows dropped, the book would be crossed 69 % of the time."""
    catalog, _ = us12
    bid, ask = consolidated(catalog)
    held = np_diff(bid["ts"])
    crossed = held.filter((bid["best"] > ask["best"])[:-1]).sum() / held.sum()
    locked = held.filter((bid["best"] == ask["best"])[:-1]).sum() / held.sum()
    assert crossed == 0.0
    assert 100 * locked == pytest.approx(0.0014, abs=0.0001)


def np_diff(stamps: pl.Series) -> pl.Series:
    return stamps.diff()[1:]


def consolidated(catalog: Catalog) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the best bid and ask over the venues at every stamp of the window."""
    ids = CatalogMarket(catalog).instruments()
    quotes = {one: catalog.quotes(one).collect() for one in ids}
    stamps = pl.concat(
        [q.select("ts") for q in quotes.values()] + [pl.DataFrame({"ts": [TEN, HALF_PAST_THREE]})]
    )
    grid = stamps.unique().sort("ts").filter(pl.col("ts").is_between(TEN, HALF_PAST_THREE))
    sides = []
    for side, best in (("bid", pl.max_horizontal), ("ask", pl.min_horizontal)):
        each = grid
        for one, quote in quotes.items():
            each = each.join_asof(quote.select("ts", pl.col(side).alias(one)), on="ts")
        sides.append(each.select("ts", best(ids).alias("best")))
    return sides[0], sides[1]


def test_fifteen_days_in_cents_without_venue_or_condition(tmp_path):
    """The last print of each day is its closing auction, a fifth of the volume."""
    report = import_files(
        DATA / "equity-15-days-2019", tmp_path / "c", ROOT / "catalogs" / "equity-15-days.toml"
    )
    assert report.read["trades"] == 107_266
    assert report.print_rows["auction"] == 15
    assert report.print_rows["continuous"] == 107_266 - 15
    share = report.print_volume["auction"] / sum(report.print_volume.values())
    assert share == pytest.approx(0.2, abs=0.05)
    catalog = Catalog(tmp_path / "c")
    assert catalog.trades("EQ15.XOFF").collect()["price"].max() == 50.70


def test_two_providers_of_a_currency_pair_without_sizes(tmp_path):
    report = import_files(
        DATA / "fx-eurusd-2-providers-2014-05", tmp_path / "c", ROOT / "catalogs" / "eurusd-2-providers.toml"
    )
    assert report.read["quotes"] == 359_652 + 174_064
    quotes = Catalog(tmp_path / "c").quotes("EUR/USD.FXCM").collect()
    assert quotes.select("bid", "bid_size").row(0) == (1.38833, 1_000_000.0)
