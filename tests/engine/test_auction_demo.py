"""Market on close on the simulated market, from its run file: both modes, and that its auctions are books."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from nautilus_exec.commands.profile import app as profile
from nautilus_exec.nautilus.backtest import run_backtest
from nautilus_exec.nautilus.catalog import Catalog
from nautilus_exec.nautilus.importers import demo
from nautilus_exec.tca.load import load_run

RUN_FILE = Path(__file__).parents[2] / "backtests" / "moc_auction.toml"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory) -> Path:
    into = tmp_path_factory.mktemp("demo") / "c"
    report = demo.import_demo(into, 7, 6, demo.UNTIL, lambda _rows: None)
    # Each day an opening auction that the first quote ends, a closing one and the book after it.
    assert report.written["auction books"] == 6 * 3
    out = into / "profiles" / "demo.json"
    built = CliRunner().invoke(
        profile, ["build", str(into), "--days", "5", "--until", "2025-06-13", "--out", str(out)]
    )
    assert built.exit_code == 0
    return into


def test_the_run_file_fills_both_parents_and_the_auctions_part_at_the_official_close(catalog, tmp_path):
    path = tmp_path / "moc.toml"
    path.write_text(RUN_FILE.read_text().replace("../OUT/demo-catalog", str(catalog)))
    outcome = run_backtest(path, tmp_path / "out")
    assert {record.status for record in outcome.parents} == {"DONE"}
    close = Catalog(catalog).closes("DEMO.NYSE").collect().row(-1, named=True)
    fills = load_run(tmp_path / "out" / outcome.run_id).fills.collect()
    auction = fills.filter(pl.col("ts_event").cast(pl.Int64) == close["ts"])
    paid = (auction["price_ticks"] * auction["tick"]).round(4).unique().to_list()
    assert paid == [close["price"]]
    lots = dict(auction.group_by("parent_id").agg(pl.col("lots").sum()).rows())
    assert lots["MOC-AUCTION"] == 10_000
    forecast_share = lots["MOC-TARGET"]
    assert 0 < forecast_share < 20_000
    worked = fills.filter(pl.col("ts_event").cast(pl.Int64) < close["ts"])
    assert set(worked["parent_id"]) == {"MOC-TARGET"}
    assert worked["lots"].sum() + forecast_share == 20_000
