"""``exec-nt catalog demo`` and ``show``: the same bytes for the same seed, and what a user sees."""

import json

import pytest
from nautilus_trader.persistence import ParquetDataCatalog
from typer.testing import CliRunner

from nautilus_exec.commands.catalog import app
from nautilus_exec.nautilus.catalog import Catalog
from nautilus_exec.nautilus.importers import demo
from nautilus_exec.nautilus.instruments import load_instruments
from tests.fixtures.excerpt import write


def invoke(*args: object) -> str:
    result = CliRunner().invoke(app, [str(a) for a in args], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def tree(root):
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def two_days(tmp_path_factory):
    into = tmp_path_factory.mktemp("demo") / "c"
    invoke("demo", "--into", into, "--days", "2")
    return into


def test_the_same_seed_gives_byte_identical_files(two_days, tmp_path):
    invoke("demo", "--into", tmp_path / "again", "--seed", "7", "--days", "2")
    assert tree(tmp_path / "again") == tree(two_days)
    invoke("demo", "--into", tmp_path / "other", "--seed", "8", "--days", "2")
    assert tree(tmp_path / "other") != tree(two_days)


def test_a_day_is_the_same_whatever_other_days_are_asked_for(two_days, tmp_path):
    invoke("demo", "--into", tmp_path / "one", "--until", "2025-06-13")
    alone, both = Catalog(tmp_path / "one"), Catalog(two_days)
    quotes = alone.quotes("DEMO.NYSE").collect()
    assert both.quotes("DEMO.NYSE").collect().tail(len(quotes)).equals(quotes)


def test_the_days_are_consecutive_sessions_of_new_york():
    """Juneteenth 2025 is a Thursday without a session; the day before, the close is at 16:00 daylight time."""
    from datetime import date

    days = [str(day) for day, _, _ in demo.sessions(4, date(2025, 6, 21))]
    assert days == ["2025-06-16", "2025-06-17", "2025-06-18", "2025-06-20"]
    (_, open_ns, close_ns), *_ = demo.sessions(1, date(2025, 6, 18))
    assert (open_ns, close_ns) == (1_750_253_400 * 10**9, 1_750_276_800 * 10**9)


def test_the_instruments_file_beside_the_run_files_says_the_same(pytestconfig):
    assert load_instruments(pytestconfig.rootpath / "catalogs" / "demo-equity.toml") == demo.instruments()


def test_the_demo_has_five_venues_two_auctions_a_day_and_no_odd_book(two_days):
    catalog = Catalog(two_days)
    assert catalog.instruments.ids == ("DEMO.NYSE", "DEMO.NASDAQ", "DEMO.BATS", "DEMO.IEX", "DEMO.ARCA")
    summary = {one.instrument: one for one in catalog.summary()}
    assert summary["DEMO.NYSE"].prints == {"auction": 4}
    assert summary["DEMO.NYSE"].closes == 2
    assert {one.days for one in summary.values()} == {2}
    assert all(one.deltas >= 3 * one.quotes for one in summary.values())
    assert len(ParquetDataCatalog(str(two_days)).instruments()) == 5


def test_show_prints_tables_and_json(two_days):
    shown = invoke("show", two_days)
    assert "DEMO.NASDAQ" in shown
    assert "Other prints" in shown
    (first, *_) = json.loads(invoke("show", two_days, "--json"))
    assert first["instrument"] == "DEMO.NYSE"
    assert first["prints"] == {"auction": 4}


def test_import_prints_what_it_read_wrote_and_left_out(tmp_path):
    src = write(tmp_path / "src")
    args = ["import", src, "--instruments", src / "instruments.toml", "--into"]
    shown = invoke(*args, tmp_path / "a")
    for text in ("quotes", "trades: corrected or cancelled", "off exchange", "quotes without an ask"):
        assert text in shown
    counts = json.loads(invoke(*args, tmp_path / "b", "--json"))
    assert counts["read"] == {"quotes": 15, "trades": 18}
    assert counts["left_out"] == {"trades: corrected or cancelled": 1}
