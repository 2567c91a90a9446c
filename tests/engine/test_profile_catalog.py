"""``exec-nt profile build`` on a catalog made by hand: which volume counts, and what is refused."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest

from nautilus_exec.nautilus.profiles import find
from nautilus_exec.units import MINUTE
from tests.engine.test_profile_command import build, refused

INSTRUMENTS = """
[[instrument]]
symbol = "ONE"
class = "equity"
tick = "0.01"
lot = "1"
currency = "USD"
calendar = "XNYS"
timezone = "America/New_York"
listing = "NYSE"
[instrument.venues.NYSE]
[instrument.venues.BATS]
[instrument.venues.TRF]
routable = false
off_exchange = true
"""


@pytest.fixture
def catalog(tmp_path):
    """Return a catalog of one day on two lit venues and one off-exchange facility, 09:30 New York on 5 July 2018."""
    opens = int(datetime(2018, 7, 5, 13, 30, tzinfo=UTC).timestamp()) * 10**9
    minute, root = MINUTE, tmp_path / "market"

    def write(kind, venue, rows, classes=None):
        frame = pl.DataFrame({"size": [float(size) for _, size in rows], "ts_init": [t for t, _ in rows]})
        frame = frame.with_columns(
            pl.lit(10.0).alias("price"),
            *(pl.lit(text).alias(name) for name, text in (("aggressor_side", "BUYER"), ("condition", ""))),
            pl.lit(f"ONE.{venue}").alias("instrument_id"),
            pl.Series("print_class", classes or [""] * len(rows)),
        )
        stamps = [datetime.fromtimestamp(t // 10**9, UTC).strftime("%Y-%m-%dT%H-%M-%S") for t, _ in rows]
        folder = root / "data" / kind / f"ONE.{venue}"
        folder.mkdir(parents=True)
        frame.write_parquet(folder / f"{stamps[0]}-000000000Z_{stamps[-1]}-000000000Z.parquet")

    write("trades", "NYSE", [(opens, 60), (opens + 200 * minute, 20)])
    write("trades", "BATS", [(opens + 10 * minute, 100)])
    marks = [(opens, 50), (opens + minute, 20), (opens + 2 * minute, 7000), (opens + 391 * minute, 150)]
    write("custom/Print", "NYSE", marks, ["auction", "sub_tick", "block", "auction"])
    write("custom/Print", "TRF", [(opens, 9000)], ["off_exchange"])
    (root / "instruments.toml").write_text(INSTRUMENTS)
    return root


def test_a_catalog_gives_its_calendar_its_eligible_volume_and_its_auctions(catalog):
    out = catalog / "profiles" / "nyse.json"
    options = [
        "--instrument",
        "ONE.NYSE",
        "--days",
        1,
        "--until",
        "2018-07-06",
        "--bins",
        "195m",
        "--out",
        out,
    ]
    seen = json.loads(build(catalog, *options, "--json"))
    # 60 and the 20 between the ticks, then 20; auctions 50 and 150 of 300; blocks and off-exchange prints are out.
    assert seen["fractions"] == pytest.approx([0.8, 0.2])
    assert seen["opening_share"] == pytest.approx(1 / 6)
    assert seen["closing_share"] == pytest.approx(1 / 2)
    assert seen["source"] == "median of 2018-07-05, ONE.NYSE of market, hours of XNYS"
    assert find("nyse", catalog).day_volume == 100


def test_a_symbol_is_its_lit_venues_together(catalog):
    options = [
        "--days",
        1,
        "--until",
        "2018-07-06",
        "--bins",
        "195m",
        "--out",
        catalog / "lit.json",
        "--json",
    ]
    for choice in ([], ["--instrument", "ONE"], ["--instrument", "ONE.NYSE", "--instrument", "ONE.BATS"]):
        seen = json.loads(build(catalog, *choice, *options))
        assert seen["fractions"] == pytest.approx([0.9, 0.1])
        assert seen["day_volume"] == 200


def test_a_catalog_refuses_what_it_does_not_have(catalog, tmp_path):
    options = ["--days", 1, "--until", "2018-07-06", "--out", tmp_path / "x.json"]
    assert refused(catalog, "--instrument", "ONE.MARS", *options).field == "instrument"
    assert refused(catalog, "--symbol", "ONE", *options).field == "symbol"
    assert refused(catalog, "--closing-print", *options).field == "closing-print"
    assert refused(catalog, "--instrument", "ONE.TRF", *options).field == "src"
    assert refused(tmp_path, *options).field == "catalog"
