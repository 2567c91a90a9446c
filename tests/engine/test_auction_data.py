"""Market on close on the closing auctions of the real sets: price, cut-off, share and limit, exactly."""

import os
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import pytest

from nautilus_exec.nautilus.backtest import Outcome, run_backtest
from nautilus_exec.nautilus.catalog import Catalog
from nautilus_exec.nautilus.importers.run import import_files
from nautilus_exec.tca.load import load_run
from nautilus_exec.units import MINUTE, SECOND

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("EXEC_NT_DATA") or ROOT.parent / "shared" / "data")

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no market data: set EXEC_NT_DATA ({DATA} is not there)"),
]


@pytest.fixture(scope="module")
def fifteen(tmp_path_factory) -> Path:
    """The fifteen days as if their venue took orders; the auctions print within two minutes after 17:00."""
    folder = tmp_path_factory.mktemp("eq15")
    text = (ROOT / "catalogs" / "equity-15-days.toml").read_text()
    text = text.replace("routable = false", "routable = true").replace("09:00-17:30", "09:00-17:00")
    (folder / "i.toml").write_text(text)
    report = import_files(DATA / "equity-15-days-2019", folder / "c", folder / "i.toml")
    assert report.written["auction books"] == 30
    return folder / "c"


def auctions(catalog: Path, symbol: str) -> list[tuple[int, float, int]]:
    """Stamp, official price and volume of every closing auction."""
    prints = Catalog(catalog).prints(symbol).filter(pl.col("print_class") == "auction").sort("ts").collect()
    rows = prints.filter(pl.col("condition") != "O").select("ts", "price", "size").rows()
    return [(ts, price, round(size)) for ts, price, size in rows]


def parent(name: str, instrument: str, at_ns: int, side: str, size: int, **more: Any) -> str:
    when = datetime.fromtimestamp(at_ns // SECOND, UTC).isoformat()
    limit = f'limit_price = "{more.pop("limit"):.2f}"' if "limit" in more else ""
    given = "\n".join(f'{key} = "{value}"' for key, value in more.items())
    return f"""
[[parents]]
id = "{name}"
instrument = "{instrument}"
side = "{side}"
quantity = {size}
arrival = "{when}"
algorithm = "MOC"
{limit}
[parents.params]
{given}
"""


def run(
    tmp_path: Path, catalog: Path, parents: list[str], latency: str = "0s"
) -> tuple[Outcome, pl.DataFrame]:
    """Work the parents; the outcome, and their fills with price, units and stamp."""
    path = tmp_path / "moc.toml"
    head = f'id = "moc"\ncatalog = "{catalog}"\n'
    path.write_text(head + "".join(parents) + f'\n[defaults]\nlatency = "{latency}"\n')
    outcome = run_backtest(path, tmp_path / "out")
    fills = load_run(tmp_path / "out" / "moc").fills.select(
        "parent_id",
        ts=pl.col("ts_event").cast(pl.Int64),
        price=(pl.col("price_ticks") * pl.col("tick")).round(4),
        lots=pl.col("lots"),
    )
    return outcome, fills.collect()


def test_every_close_of_fifteen_days_fills_at_the_official_price_within_both_shares(fifteen, tmp_path):
    """The forecast is the median of the days before; what fills is a tenth of it or of the print, the smaller."""
    days = auctions(fifteen, "EQ15")
    assert len(days) == 15
    parents, wanted = [], {}
    for n, (ts, price, volume) in enumerate(days[1:], start=1):
        forecast = int(median(v for _, _, v in days[:n]))
        side = "BUY" if n % 2 else "SELL"
        wanted[f"D{n}"] = (ts, price, min(forecast // 10, volume // 10))
        order = {"cutoff": "10m", "auction_volume": forecast}
        parents.append(parent(f"D{n}", "EQ15.XOFF", ts - 30 * MINUTE, side, 500_000, **order))
    outcome, fills = run(tmp_path, fifteen, parents)
    got = {
        row[0]: (row[1], row[2], row[3]) for row in fills.select("parent_id", "ts", "price", "lots").rows()
    }
    assert got == wanted
    assert len(fills) == 14
    assert {record.status for record in outcome.parents} == {"EXPIRED"}
    assert all(r.filled + r.remainder == 500_000 for r in outcome.parents)


def test_a_limit_a_cent_short_of_the_official_price_fills_nothing_and_one_at_it_all(fifteen, tmp_path):
    parents = []
    for n, (ts, price, _) in enumerate(auctions(fifteen, "EQ15")):
        for name, side, limit in (
            ("BUY-SHORT", "BUY", price - 0.01),
            ("SELL-SHORT", "SELL", price + 0.01),
            ("BUY-AT", "BUY", price),
        ):
            order = {"cutoff": "10m", "auction_volume": 1_000_000, "limit": limit}
            parents.append(parent(f"{name}-{n}", "EQ15.XOFF", ts - 30 * MINUTE, side, 100, **order))
    outcome, fills = run(tmp_path, fifteen, parents)
    assert {name.rpartition("-")[0] for name in fills["parent_id"]} == {"BUY-AT"}
    assert [r.filled for r in outcome.parents if r.parent_id.startswith("BUY-AT")] == [100] * 15


def test_from_ten_and_a_half_minutes_before_the_close_every_order_is_refused(fifteen, tmp_path):
    """17:00 at UTC+2: our cut-off is 16:49:30."""
    parents = []
    for n, (ts, _, _) in enumerate(auctions(fifteen, "EQ15")):
        close = ts // MINUTE * MINUTE // (60 * MINUTE) * 60 * MINUTE
        cutoff = close - 10 * MINUTE - 30 * SECOND
        for name, at in (("LAST", cutoff - SECOND), ("LATE", cutoff)):
            order = {"cutoff": "10m", "auction_volume": 1_000_000}
            parents.append(parent(f"{name}-{n}", "EQ15.XOFF", at, "BUY", 100, **order))
    outcome, _ = run(tmp_path, fifteen, parents)
    status = {(r.parent_id.partition("-")[0], r.status) for r in outcome.parents}
    assert status == {("LAST", "DONE"), ("LATE", "DENIED")}


def test_the_median_of_earlier_days_forecasts_the_auction(fifteen, capsys):
    volumes = [volume for _, _, volume in auctions(fifteen, "EQ15")]
    errors = [abs(median(volumes[:n]) / volumes[n] - 1) for n in range(1, len(volumes))]
    with capsys.disabled():
        print(f"\nforecast of the closing auction, 14 days: median absolute error {median(errors):.1%}")
    assert 0.05 < median(errors) < 0.5


@pytest.fixture(scope="module")
def us12(tmp_path_factory) -> Path:
    into = tmp_path_factory.mktemp("us12") / "c"
    source = DATA / "us-equity-12-venues-2018-01-02"
    assert (
        import_files(source, into, ROOT / "catalogs" / "us-equity-12-venues.toml").written["auction books"]
        == 3
    )
    return into


@pytest.mark.parametrize("latency", ["0s", "5ms"])
def test_the_closing_cross_of_the_twelve_venue_day(us12, tmp_path, latency):
    """443,901 at 157.04, 7.44 s after the close; our cut-off is 15:44:30. 44,390 is a tenth."""
    close = 1_514_926_800 * SECOND
    order = {"auction_volume": 500_000}
    parents = [
        parent("WHOLE", "XYZ.XNYS", close - 60 * MINUTE, "BUY", 40_000, **order),
        parent("LARGE", "XYZ.XNYS", close - 60 * MINUTE, "SELL", 100_000, **order),
        parent("LIMIT", "XYZ.XNYS", close - 60 * MINUTE, "BUY", 100, limit=157.03, **order),
        parent("LATE", "XYZ.XNYS", close - 15 * MINUTE - 30 * SECOND, "BUY", 100, **order),
    ]
    outcome, fills = run(tmp_path, us12, parents, latency)
    at = close + 7_440_000_000 + (5_000_000 if latency == "5ms" else 0)
    rows = sorted(fills.select("parent_id", "ts", "price", "lots").rows())
    assert rows == [("LARGE", at, 157.04, 44_390), ("WHOLE", at, 157.04, 40_000)]
    assert [(r.parent_id, r.status) for r in outcome.parents] == [
        ("WHOLE", "DONE"),
        ("LARGE", "EXPIRED"),
        ("LIMIT", "EXPIRED"),
        ("LATE", "DENIED"),
    ]


def test_target_close_works_before_and_leaves_the_rest_to_the_cross(us12, tmp_path):
    """Of 60,000 half an hour works 10,000 beyond the auction's share; an illustration of one day."""
    close = 1_514_926_800 * SECOND
    order = {"auction_volume": 500_000, "mode": "target_close", "style": "passive_then_cross"}
    outcome, fills = run(
        tmp_path, us12, [parent("P", "XYZ.XNYS", close - 60 * MINUTE, "BUY", 60_000, **order)]
    )
    worked = fills.filter(pl.col("ts") < close)["lots"].sum()
    crossed = fills.filter(pl.col("ts") > close)
    assert crossed.rows() == [("P", close + 7_440_000_000, 157.04, 44_390)]
    assert worked == 10_000
    assert outcome.parents[0].filled == worked + 44_390
