"""Auctions as books: at the print's instant bid = ask = official price for the auction's volume, then the book before.

The simulated venue has no auctions and refuses orders for one. A locked book gives the same: an immediate-or-cancel
order at the official price fills at it, up to the print's volume and never beyond; a resting order at the price or
better joins, one beyond it is left alone. The quote of the stamp is locked too, so nobody prices from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from nautilus_exec.nautilus.importers.encode import Ints
from nautilus_exec.nautilus.importers.quotes import Book
from nautilus_exec.nautilus.importers.report import AUCTION_BOOKS, Report
from nautilus_exec.nautilus.importers.trades import AUCTION, Tape
from nautilus_exec.nautilus.instruments import Instrument
from nautilus_exec.units import SECOND

HOLD_NS = SECOND
"""How long the locked book stands unless the venue quotes before; chosen by us.

An order sent at the print must arrive while it stands, so this is above any latency that one would simulate. Nobody
is in its way: its quote is locked, and closing auctions have no trading after them.
"""
type Row = tuple[int, ...]

NO_BOOK: Row = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Auctions:
    """Official prints of one instrument: rising stamps, prices in ticks, volumes in lots."""

    ts: Ints
    ticks: Ints
    lots: Ints


def auctions_of(instrument: Instrument, tapes: Iterable[Tape]) -> Auctions:
    """Collect the auction prints of an instrument's listing venue.

    Parts of one print at one price are summed; of several prices at one stamp the one with most volume stands. A price
    off the tick cannot be a book, and is left out.
    """
    rows = [_rows(tape.take(tape.code == AUCTION), float(instrument.tick)) for tape in tapes]
    found = pl.concat([pl.DataFrame(schema={"ts": pl.Int64, "ticks": pl.Int64, "lots": pl.Int64}), *rows])
    summed = found.group_by("ts", "ticks").agg(pl.col("lots").sum())
    one = summed.sort("ts", "lots", "ticks").unique("ts", keep="last", maintain_order=True)
    return Auctions(*(one[name].to_numpy().astype(np.int64) for name in ("ts", "ticks", "lots")))


def _rows(tape: Tape, tick: float) -> pl.DataFrame:
    exact = tape.price / tick
    ticks = np.rint(exact).astype(np.int64)
    on_tick = np.abs(exact - ticks) < 1e-4
    return pl.DataFrame({"ts": tape.ts, "ticks": ticks, "lots": tape.lots}).filter(pl.Series(on_tick))


class Merger:
    """Puts the books of an instrument's auctions among its own, batch after batch."""

    def __init__(self, auctions: Auctions) -> None:
        self._auctions = auctions
        self._at = 0
        self._standing = NO_BOOK
        self._back: tuple[int, Row] | None = None
        """The book that stood before an auction and when it comes back, if no own one comes first."""

    def merge(self, own: Book, report: Report) -> Book:
        """Return the rows of a batch with those of the auctions up to its last stamp; own rows first at a stamp."""
        added: list[Row] = []
        first, last = int(own.ts[0]), int(own.ts[-1])
        if self._back is not None and self._back[0] < first:
            added.append((self._back[0], *self._back[1]))
        self._back = None
        for at in range(self._at, int(np.searchsorted(self._auctions.ts, last, side="right"))):
            row = int(np.searchsorted(own.ts, self._auctions.ts[at], side="right")) - 1
            standing = _row(own, row) if row >= 0 else self._standing
            following = int(own.ts[row + 1]) if row + 1 < len(own.ts) else None
            added += self._lock(at, standing, following)
        self._standing = _row(own, len(own.ts) - 1)
        return _joined(own, added, report)

    def rest(self, report: Report) -> Book:
        """Return the rows that are left when there are no more own ones."""
        added: list[Row] = []
        if self._back is not None:
            added.append((self._back[0], *self._back[1]))
            self._back = None
        for at in range(self._at, len(self._auctions.ts)):
            added += self._lock(at, self._standing, None)
            if self._back is not None:
                added.append((self._back[0], *self._back[1]))
                self._back = None
        empty = np.zeros(0, np.int64)
        return _joined(Book(empty, empty, empty, empty, empty), added, report)

    def _lock(self, at: int, standing: Row, following: int | None) -> list[Row]:
        """The locked book of one auction, and the book after it where nothing else ends it first."""
        self._at = at + 1
        ts, ticks, lots = (
            int(column[at]) for column in (self._auctions.ts, self._auctions.ticks, self._auctions.lots)
        )
        back = ts + HOLD_NS
        ends = [following] if following is not None else []
        if at + 1 < len(self._auctions.ts):
            ends.append(int(self._auctions.ts[at + 1]))
        rows: list[Row] = [(ts, ticks, lots, ticks, lots)]
        if any(end <= back for end in ends):
            return rows
        if following is None:
            self._back = (back, standing)
            return rows
        return [*rows, (back, *standing)]


def _row(book: Book, at: int) -> Row:
    return tuple(int(side[at]) for side in (book.bid, book.bid_size, book.ask, book.ask_size))


def _joined(own: Book, added: list[Row], report: Report) -> Book:
    if not added:
        return own
    report.written[AUCTION_BOOKS] += len(added)
    more = np.array(added, np.int64).T
    pairs = zip((own.ts, *own.sides), more, strict=True)
    ts, bid, bid_size, ask, ask_size = (np.concatenate(pair) for pair in pairs)
    order = np.argsort(ts, kind="stable")
    mark = np.repeat(np.array([False, True]), [len(own.ts), len(added)])
    return Book(ts, bid, bid_size, ask, ask_size, mark).take(order)
