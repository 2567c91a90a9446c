"""Where the books of auctions stand among a venue's own."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from nautilus_trader.persistence import ParquetDataCatalog

from nautilus_exec.nautilus.importers.auctions import HOLD_NS, Auctions, Merger, auctions_of
from nautilus_exec.nautilus.importers.quotes import Book
from nautilus_exec.nautilus.importers.report import AUCTION_BOOKS, Report
from nautilus_exec.nautilus.importers.run import import_files
from nautilus_exec.nautilus.importers.trades import AUCTION, CONTINUOUS, Tape
from nautilus_exec.nautilus.instruments import load_instruments
from nautilus_exec.units import SECOND
from tests.fixtures.excerpt import INSTRUMENTS, frame, ns, write

LOCKED = (1_004, 9_000, 1_004, 9_000)


def book(*seconds: float) -> Book:
    """10.00 / 10.02 with as many lots as the second."""
    ts = np.array([round(s * SECOND) for s in seconds], np.int64)
    lots = np.array([int(s) for s in seconds], np.int64)
    return Book(ts, np.full(len(ts), 1_000), lots, np.full(len(ts), 1_002), lots)


def auctions(*seconds: float) -> Merger:
    ts = np.array([round(s * SECOND) for s in seconds], np.int64)
    return Merger(Auctions(ts, np.full(len(ts), 1_004), np.full(len(ts), 9_000)))


def rows(*books: Book) -> list[tuple[float, tuple[int, ...]]]:
    """(second, sides) of every row of an auction."""
    out = []
    for each in books:
        marks = each.auction if each.auction is not None else np.zeros(len(each.ts), bool)
        sides = zip(*(side.tolist() for side in each.sides), strict=True)
        out += [(t / SECOND, s) for t, s, m in zip(each.ts.tolist(), sides, marks, strict=True) if m]
    return out


def merged(merger: Merger, *books: Book) -> list[tuple[float, tuple[int, ...]]]:
    report = Report()
    found = rows(*(merger.merge(each, report) for each in books), merger.rest(report))
    assert report.written == Counter({AUCTION_BOOKS: len(found)})
    return found


def test_the_book_of_before_comes_back_after_the_hold():
    assert HOLD_NS == SECOND
    assert merged(auctions(3), book(1, 2, 9)) == [(3.0, LOCKED), (4.0, (1_000, 2, 1_002, 2))]


def test_the_venues_own_next_quote_ends_it_sooner():
    assert merged(auctions(3), book(1, 2, 3.5, 9)) == [(3.0, LOCKED)]
    assert merged(auctions(3), book(1, 2, 4, 9)) == [(3.0, LOCKED)]


def test_own_rows_of_the_same_stamp_come_first():
    report = Report()
    found = auctions(3).merge(book(2, 3, 9), report)
    assert found.ask.tolist() == [1_002, 1_002, 1_004, 1_002, 1_002]
    assert found.auction is not None
    assert found.auction.tolist() == [False, False, True, True, False]
    assert found.own().ts.tolist() == [2 * SECOND, 3 * SECOND, 9 * SECOND]


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
def test_batches_change_nothing(cut):
    seconds = (1, 2, 3, 3.2, 9)
    whole = merged(auctions(2.5, 8, 12), book(*seconds))
    assert merged(auctions(2.5, 8, 12), book(*seconds[:cut]), book(*seconds[cut:])) == whole
    assert [t for t, _ in whole] == [2.5, 8.0, 12.0, 13.0]


def test_before_any_quote_there_is_nothing_to_come_back_to():
    assert merged(auctions(3)) == [(3.0, LOCKED), (4.0, (0, 0, 0, 0))]
    assert merged(auctions(3), book(3.5)) == [(3.0, LOCKED)]


def test_a_second_auction_within_the_hold_takes_the_place_of_the_first():
    assert merged(auctions(3, 3.5), book(1)) == [
        (3.0, LOCKED),
        (3.5, LOCKED),
        (4.5, (1_000, 1, 1_002, 1)),
    ]


def test_parts_of_one_print_are_one_and_what_is_no_auction_or_off_the_tick_is_none(tmp_path):
    path = tmp_path / "i.toml"
    path.write_text(INSTRUMENTS)
    ts = np.array([1, 1, 1, 2, 3], np.int64)
    code = np.array([AUCTION, AUCTION, AUCTION, CONTINUOUS, AUCTION], np.int8)
    price, lots = np.array([10.01, 10.01, 10.02, 10.0, 10.005]), np.array([300, 200, 100, 7, 9], np.int64)
    tape = Tape(ts, price, lots, code, np.full(5, "6", np.object_), None)
    found = auctions_of(load_instruments(path).instrument[0], [tape])
    assert [each.tolist() for each in (found.ts, found.ticks, found.lots)] == [[1], [1_001], [500]]


def test_the_deltas_of_an_auction_can_be_told_from_the_venues_own(tmp_path):
    src = write(tmp_path / "src")
    import_files(src, tmp_path / "c", src / "instruments.toml")
    deltas = ParquetDataCatalog(str(tmp_path / "c")).query_order_book_deltas(["ABC.XNYS"])
    stamps = Counter(d.ts_event for d in deltas if d.order.order_id == 1)
    assert stamps == {ns(0.3): 3, ns(6.5 * 3600 + 7): 3, ns(6.5 * 3600 + 8): 3}


def test_trades_that_come_after_their_quotes_were_imported_leave_the_books_alone(tmp_path):
    src = write(tmp_path / "src")
    (src / "trades.parquet").unlink()
    import_files(src, tmp_path / "c", src / "instruments.toml")
    (src / "quotes.parquet").unlink()
    frame("trades").write_parquet(src / "trades.parquet")
    report = import_files(src, tmp_path / "c", src / "instruments.toml")
    assert report.written[AUCTION_BOOKS] == 0
    assert report.noted["instruments whose auctions came without their quotes"] == 1


def test_an_instrument_without_quotes_has_its_auctions(tmp_path):
    src = write(tmp_path / "src")
    (src / "quotes.parquet").unlink()
    report = import_files(src, tmp_path / "c", src / "instruments.toml")
    assert report.written[AUCTION_BOOKS] == 4
    assert report.written["quote ticks"] == 4


def test_a_venue_without_orders_has_none(tmp_path):
    src = write(tmp_path / "src")
    path = src / "instruments.toml"
    path.write_text(
        INSTRUMENTS.replace("[instrument.venues.XNYS]", "[instrument.venues.XNYS]\nroutable = false", 1)
    )
    assert pl.read_parquet(src / "trades.parquet").height
    assert import_files(src, tmp_path / "c", path).written[AUCTION_BOOKS] == 0
