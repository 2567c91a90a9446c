"""The importer on a hand-written excerpt: what every row becomes."""

from itertools import pairwise

import polars as pl
import pytest
from nautilus_trader.model import NautilusDataType
from nautilus_trader.persistence import ParquetDataCatalog

from nautilus_exec.nautilus.catalog import Catalog, CatalogMarket
from nautilus_exec.nautilus.importers import keys, sources
from nautilus_exec.nautilus.importers.run import Options, import_files
from tests.fixtures.excerpt import INSTRUMENTS, QUOTES, TRADES, frame, ns, write

F_LAST, F_SNAPSHOT = 128, 32


@pytest.fixture
def src(tmp_path):
    return write(tmp_path / "src")


@pytest.fixture
def imported(src, tmp_path):
    into = tmp_path / "catalog"
    report = import_files(src, into, src / "instruments.toml")
    return into, report


def test_every_row_is_written_or_left_out_with_a_reason(imported):
    _, report = imported
    assert report.read == {"quotes": len(QUOTES), "trades": len(TRADES)}
    assert dict(+report.left_out) == {"trades: corrected or cancelled": 1}
    assert dict(+report.print_rows) == {
        "continuous": 7,
        "sub_tick": 1,
        "auction": 2,
        "off_exchange": 1,
        "excluded": 4,
        "official": 2,
    }
    assert report.print_volume["continuous"] == 100 + 100 + 200 + 50 + 70 + 100 + 200
    assert report.print_volume["auction"] == 13_000
    assert report.written["book snapshots"] == 15
    # Two auctions: the first is ended by the next quote, after the second nothing quotes and the book comes back.
    assert report.written["auction books"] == 3
    assert report.written["quote ticks"] == 13 + 3


def test_each_snapshot_ends_with_the_last_flag_and_sequences_rise(imported):
    deltas = ParquetDataCatalog(str(imported[0])).query_order_book_deltas(["ABC.XNYS"])
    shown = [(d.ts_event, d.action.name, d.order.side and d.order.side.name, d.flags) for d in deltas]
    both = [("CLEAR", None, 32), ("ADD", "BUY", 32), ("ADD", "SELL", 160)]
    one_sided = [("CLEAR", None, 32), ("ADD", "BUY", 160)]
    assert [row[1:] for row in shown if row[0] == ns(0.5)] == both
    assert [row[1:] for row in shown if row[0] == ns(1.0)] == both * 3
    assert [row[1:] for row in shown if row[0] == ns(2.0)] == one_sided
    assert [row[1:] for row in shown if row[0] == ns(3.0)] == [("CLEAR", None, F_SNAPSHOT | F_LAST)]
    assert [row[1:] for row in shown if row[0] == ns(4.0)] == [both[0], ("ADD", "SELL", F_SNAPSHOT | F_LAST)]
    sequences = [d.sequence for d in deltas]
    assert all(a < b for a, b in pairwise(sequences))


def test_an_absent_side_has_size_0_and_the_price_of_the_side_that_stands(imported):
    quotes = {q.ts_event: q for q in ParquetDataCatalog(str(imported[0])).query_quote_ticks(["ABC.XNYS"])}
    one = [str(x) for x in _sides(quotes[ns(2.0)])]
    none = [str(x) for x in _sides(quotes[ns(3.0)])]
    other = [str(x) for x in _sides(quotes[ns(4.0)])]
    assert one == ["9.99", "500", "9.99", "0"]
    assert none == ["9.99", "0", "9.99", "0"]
    assert other == ["10.03", "0", "10.03", "400"]


def _sides(quote):
    return quote.bid_price, quote.bid_size, quote.ask_price, quote.ask_size


def test_rows_of_one_stamp_give_all_their_books_and_one_quote_the_last(imported):
    quotes = ParquetDataCatalog(str(imported[0])).query_quote_ticks(["ABC.XNYS"])
    assert [str(q.bid_price) for q in quotes if q.ts_event == ns(1.0)] == ["9.99"]


def test_the_side_of_a_trade_comes_from_the_quote_strictly_before_it(imported):
    """Against the quote of its own stamp the first two would be above the bid of 9.99: no sellers."""
    trades = ParquetDataCatalog(str(imported[0])).query_trade_ticks(["ABC.XNYS"])
    sides = [(t.ts_event, t.aggressor_side.name) for t in trades]
    assert sides == [
        (ns(1.0), "SELL"),
        (ns(1.0), "SELL"),
        (ns(2.0), "BUY"),
        (ns(2.5), "NO_AGGRESSOR"),
        (ns(5.5), "NO_AGGRESSOR"),
    ]


def test_without_the_quote_rule_no_trade_has_a_side(src, tmp_path):
    import_files(src, tmp_path / "c", src / "instruments.toml", Options(aggressor="none"))
    trades = ParquetDataCatalog(str(tmp_path / "c")).query_trade_ticks()
    assert {t.aggressor_side.name for t in trades} == {"NO_AGGRESSOR"}


def test_trade_ids_are_the_venues_sequence_and_unique(imported):
    trades = ParquetDataCatalog(str(imported[0])).query_trade_ticks(["ABC.ARCX"])
    assert [str(t.trade_id) for t in trades] == ["1012", "1013"]


def test_a_sequence_that_starts_again_does_not_repeat_a_trade_id(src, tmp_path):
    frame("trades").with_columns(pl.lit(7).alias("sequence")).write_parquet(src / "trades.parquet")
    import_files(src, tmp_path / "c", src / "instruments.toml")
    ids = [str(t.trade_id) for t in ParquetDataCatalog(str(tmp_path / "c")).query_trade_ticks(["ABC.XNYS"])]
    assert len(set(ids)) == len(ids) == 5


def test_prints_that_fill_no_order_are_records_with_class_and_condition(imported):
    catalog = ParquetDataCatalog(str(imported[0]))
    records = catalog.query_custom_data(NautilusDataType.Custom("Print"))
    seen = [
        (r.data.instrument_id, r.data.print_class, r.data.condition, r.data.price, r.data.size)
        for r in records
    ]
    assert seen == [
        ("ABC.ARCX", "excluded", "FTI", 10.05, 20),
        ("ABC.XNYS", "auction", "O", 10.01, 5000),
        ("ABC.XNAS", "official", "Q", 10.00, 40),
        ("ABC.XNYS", "sub_tick", "I", 10.015, 30),
        ("ABC.FINR", "off_exchange", "", 10.0213, 600),
        ("ABC.FINR", "excluded", "4 B", 10.02, 900),
        ("ABC.XNAS", "excluded", "X", 10.02, 10),
        ("ABC.XNYS", "auction", "6", 10.02, 8000),
        ("ABC.XNYS", "official", "M", 10.02, 8000),
        ("ABC.FINR", "excluded", "T", 10.02, 100),
    ]
    assert [r.data.ts_init for r in records] == sorted(r.data.ts_init for r in records)


def test_an_off_exchange_venue_is_data_only(imported):
    ids = [str(each.id) for each in ParquetDataCatalog(str(imported[0])).instruments()]
    assert sorted(ids) == ["ABC.ARCX", "ABC.XNAS", "ABC.XNYS"]
    facts = Catalog(imported[0]).instruments
    assert facts.at("ABC.FINR")[1].routable is False
    assert facts.symbol("ABC").routable_ids == ("ABC.XNYS", "ABC.XNAS", "ABC.ARCX")


def test_the_official_close_of_the_listing_venue_is_an_instrument_close(imported):
    assert Catalog(imported[0]).closes("ABC.XNYS").collect().rows() == [(ns(6.5 * 3600 + 7), 10.02)]


def test_regular_hours_leave_out_the_rest_and_keep_the_auctions(src, tmp_path):
    report = import_files(src, tmp_path / "c", src / "instruments.toml", Options(session="regular"))
    assert dict(+report.left_out) == {
        "quotes: outside the session": 2,
        "trades: corrected or cancelled": 1,
        "trades: outside the session": 2,
    }
    assert report.print_rows["auction"] == 2
    assert report.print_rows["official"] == 2


def test_prints_of_the_stated_size_are_blocks_and_fill_no_order(src, tmp_path):
    path = src / "instruments.toml"
    path.write_text(INSTRUMENTS.replace('sub_tick = "0.0001"', 'sub_tick = "0.0001"\nblock = "200"'))
    report = import_files(src, tmp_path / "c", path)
    assert report.print_rows["block"] == 2
    assert report.print_rows["continuous"] == 5


def test_csv_gives_the_same_bytes_as_parquet(imported, tmp_path):
    src = write(tmp_path / "csv", "csv")
    import_files(src, tmp_path / "c", src / "instruments.toml")
    assert tree(tmp_path / "c") == tree(imported[0])


def tree(root):
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_size_of_the_batches_changes_nothing(src, imported, tmp_path, monkeypatch, size):
    """A stamp split over two batches would give two quotes, a carried price lost a wrong one."""
    monkeypatch.setattr(sources, "BATCH", size)
    import_files(src, tmp_path / "c", src / "instruments.toml")
    ours, whole = Catalog(tmp_path / "c"), Catalog(imported[0])
    for one in whole.instruments.ids:
        assert ours.quotes(one).collect().equals(whole.quotes(one).collect())
        assert ours.trades(one).collect().equals(whole.trades(one).collect())
        assert ours.prints(one).collect().equals(whole.prints(one).collect())


def test_two_days_follow_each_other_in_one_catalog(imported, tmp_path):
    later = write(tmp_path / "later")
    for kind in ("quotes", "trades"):
        moved = frame(kind).with_columns(pl.col("ts_event") + 86_400 * 10**9)
        moved.write_parquet(later / f"{kind}.parquet")
    import_files(later, imported[0], later / "instruments.toml")
    assert {c.days for c in Catalog(imported[0]).summary()} == {0, 2}
    deltas = ParquetDataCatalog(str(imported[0])).query_order_book_deltas(["ABC.XNYS"])
    assert len(deltas) == 2 * (3 + 9 + 2 + 1 + 2 + 3 + 3 * 3)  # three two-sided books of auctions a day
    assert all(a.sequence < b.sequence for a, b in pairwise(deltas))


def test_frames_of_the_analysis_show_an_absent_side_as_null(imported):
    quotes = Catalog(imported[0]).quotes("ABC.XNYS").collect()
    assert quotes.columns == ["ts", "bid", "bid_size", "ask", "ask_size"]
    # The opening auction's book comes first.
    assert quotes.row(3) == (ns(2.0), 9.99, 500.0, None, 0.0)
    assert quotes.row(4) == (ns(3.0), None, 0.0, None, 0.0)


def test_the_analysis_counts_hidden_midpoints_as_continuous_volume(imported):
    market = CatalogMarket(Catalog(imported[0]))
    assert market.instruments() == ["ABC.XNYS", "ABC.XNAS", "ABC.ARCX"]
    assert market.trades("ABC.XNYS").collect()["size"].sum() == 520 + 30
    assert market.off_exchange("ABC.XNYS").collect().rows() == [(ns(6.0), 10.0213, 600.0)]


def test_whole_stamps_are_never_split():
    rows = pl.DataFrame({"ts_event": [1, 1, 2, 3, 3, 3]})
    parts = [part["ts_event"].to_list() for part in keys.whole_stamps([rows[:1], rows[1:4], rows[4:]])]
    assert parts == [[1, 1, 2], [3, 3, 3]]
