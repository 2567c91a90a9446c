"""``exec-nt tca`` as its user meets it: records as the recorder writes them, a market catalog as the importer does."""

import json
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
import typer
from typer.testing import CliRunner, Result

from nautilus_exec.commands.tca import tca
from nautilus_exec.nautilus.arrow import write_records, write_run_json
from nautilus_exec.nautilus.importers.run import Options, import_files
from nautilus_exec.tca.records import FillRecord, ParentRecord
from nautilus_exec.units import SECOND
from tests.runs import T0, fill, parent

INSTRUMENTS = """
[[instrument]]
symbol = "IBM"
class = "equity"
tick = "0.01"
lot = "1"
currency = "USD"
timezone = "America/New_York"
session = "09:30-16:00"
listing = "XNYS"
[instrument.venues.XNYS]
[instrument.venues.BATS]
"""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mid 10.00 for 10 s, then 10.20; 400 traded on the listing venue and 100 elsewhere within the minute."""
    src = tmp_path_factory.mktemp("src")
    quotes = [(0, "XNYS", 9.99, 10.01), (10, "XNYS", 10.19, 10.21), (900, "XNYS", 10.19, 10.21)]
    rows = [(T0 + t * SECOND, v, b, 500.0, a, 500.0, n) for n, (t, v, b, a) in enumerate(quotes)]
    names = ["ts_event", "venue", "bid", "bid_size", "ask", "ask_size", "sequence"]
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(src / "quotes.parquet")
    trades = [
        (5, "XNYS", 10.0, 300.0),
        (6, "BATS", 10.0, 100.0),
        (20, "XNYS", 10.2, 100.0),
        (900, "XNYS", 10.2, 1.0),
    ]
    rows = [(T0 + t * SECOND, v, p, s, "", 0, n) for n, (t, v, p, s) in enumerate(trades)]
    names = ["ts_event", "venue", "price", "size", "condition", "correction", "sequence"]
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(src / "trades.parquet")
    (src / "instruments.toml").write_text(INSTRUMENTS)
    into = tmp_path_factory.mktemp("market") / "catalog"
    import_files(src, into, src / "instruments.toml", Options.parse("all", "quote"), lambda _rows: None)
    return into


def written(folder: Path, market: Path | None = None, **over: Any) -> Path:
    order = parent(end_ns=T0 + 60 * SECOND, ended_ns=T0 + 59 * SECOND, **over)
    write_records(folder, ParentRecord, [order])
    write_records(folder, FillRecord, [fill("P-1", 12, 100, 10.21, bid=10.19, ask=10.21, fee=1.0)])
    named = {"catalog": str(market)} if market else {}
    write_run_json(folder, {"run_id": "R-1", "mode": "backtest", **named})
    return folder


def run(*args: object) -> Result:
    app = typer.Typer()
    app.command()(tca)
    return CliRunner().invoke(app, [str(a) for a in args])


def test_a_run_is_measured_against_the_market_it_names(tmp_path: Path, market: Path) -> None:
    result = run(written(tmp_path / "R-1", market), "--json")
    row = json.loads(result.stdout)["parents"][0]
    # Others (300 x 10 + 100 x 10.2) and own 100 x 10.21: 5,041 / 500 = 10.082; mids 10 x 10 s + 10.2 x 50 s.
    assert row["vwap_horizon"] == pytest.approx(10.082)
    assert row["twap"] == pytest.approx(610 / 60)
    assert row["participation"] == pytest.approx(0.2)
    assert (row["spread"], row["drift"]) == pytest.approx((1.0, 20.0))
    assert row["shortfall"] == pytest.approx(22.0)


def test_lit_volume_counts_the_other_venue(tmp_path: Path, market: Path) -> None:
    result = run(written(tmp_path / "R-1", market), "--json", "--volume", "lit")
    decoded = json.loads(result.stdout)
    assert decoded["scope"] == "lit"
    assert decoded["parents"][0]["market_volume"] == pytest.approx(600)


def test_the_market_can_be_given(tmp_path: Path, market: Path) -> None:
    result = run(written(tmp_path / "R-1"), "--json", "--market", market)
    assert json.loads(result.stdout)["parents"][0]["twap"] is not None


def test_without_a_market_the_tables_show_dashes_and_say_why(tmp_path: Path) -> None:
    result = run(written(tmp_path / "R-1"))
    assert result.exit_code == 0
    assert "no market data" in result.stdout
    assert "nan" not in result.stdout.lower()


def test_the_page_is_written_whole_and_json_stays_clean(tmp_path: Path, market: Path) -> None:
    page = tmp_path / "cost.html"
    result = run(written(tmp_path / "R-1", market), "--json", "--html", page)
    json.loads(result.stdout)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [f.name for f in tmp_path.glob("*.part")] == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--market", "nowhere"), "catalog: 'nowhere'"),
        (("--html", "no/such/folder/x.html"), "html: 'no/such/folder/x.html'"),
    ],
)
def test_a_bad_option_is_one_line(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    result = run(written(tmp_path / "R-1"), *args)
    assert result.exit_code != 0
    assert str(result.exception).startswith(said)
    assert "\n" not in str(result.exception)


def test_a_market_without_the_orders_instrument_is_refused(tmp_path: Path, market: Path) -> None:
    folder = written(tmp_path / "R-1", market, instrument="GE.XNYS")
    assert "a catalog with GE.XNYS" in str(run(folder).exception)


def test_a_run_that_names_a_catalog_that_is_gone_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "R-1", tmp_path / "gone")
    assert "name it with --market" in str(run(folder).exception)


def test_runs_of_two_markets_are_refused_together(tmp_path: Path, market: Path) -> None:
    for name in ("R-1", "R-2"):
        written(tmp_path / name, run_id=name)
        (tmp_path / name / "other").mkdir()
        named = market if name == "R-1" else tmp_path / name / "other"
        (tmp_path / name / "run.json").write_bytes(
            msgspec.json.encode({"run_id": name, "catalog": str(named)})
        )
    assert "one market catalog for all runs" in str(run(tmp_path).exception)
