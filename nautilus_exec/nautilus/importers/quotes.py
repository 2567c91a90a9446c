"""Quote rows into one-level book snapshots and quote ticks.

Per row a snapshot: CLEAR, ADD bid, ADD ask; an absent side is not added. The last delta carries F_LAST, also when it is
the CLEAR or the bid, or the engine would apply a one-sided book late. Sequences are the stamp in nanoseconds,
pushed up where they would not rise. Rows that share a stamp keep all their snapshots and give one quote tick, the last.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nautilus_exec.nautilus.importers import layout
from nautilus_exec.nautilus.importers.encode import Ints, batch, decimals, labels, scale
from nautilus_exec.nautilus.importers.keys import Group, counts
from nautilus_exec.nautilus.importers.report import DELTAS, QUOTE_TICKS, SNAPSHOTS, Report
from nautilus_exec.nautilus.importers.spec import PRICE_UNITS, Source
from nautilus_exec.nautilus.importers.standing import NO_ASK, NO_BID, StandingQuotes
from nautilus_exec.nautilus.importers.writers import Writers
from nautilus_exec.nautilus.instruments import Instrument, precision


@dataclass(slots=True)
class Book:
    """One-level books in ticks and lots; size 0 is an absent side, and its price is 0."""

    ts: Ints
    bid: Ints
    bid_size: Ints
    ask: Ints
    ask_size: Ints
    auction: NDArray[np.bool_] | None = None
    """Rows that are an auction's book, or the one after it; None where there are none."""

    @property
    def sides(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return bid, bid size, ask and ask size."""
        return self.bid, self.bid_size, self.ask, self.ask_size

    def take(self, rows: NDArray[np.bool_] | Ints) -> "Book":
        """Return some of the rows, or all in another order."""
        auction = None if self.auction is None else self.auction[rows]
        bid, bid_size, ask, ask_size = (side[rows] for side in self.sides)
        return Book(self.ts[rows], bid, bid_size, ask, ask_size, auction)

    def own(self) -> "Book":
        """Return the rows that the venue itself quoted."""
        return self if self.auction is None else self.take(~self.auction)

    def last_of_stamp(self) -> "Book":
        """Return the last row of each stamp."""
        return self.take(np.append(self.ts[1:] != self.ts[:-1], True)[: len(self.ts)])


class QuoteWriter:
    """Writes the quotes of one instrument, batch after batch."""

    def __init__(self, instrument: Instrument, venue: str, writers: Writers, scratch: Path) -> None:
        self._id = instrument.id(venue)
        self._tick, self._lot = scale(instrument.tick), scale(instrument.lot)
        self._decimals = precision(instrument.tick), precision(instrument.lot)
        self._writers = writers
        self._sequence = 0
        self._price = np.int64(0)
        self.standing = StandingQuotes(scratch / f"{len(list(scratch.iterdir()))}.quotes")

    def write(self, book: Book, report: Report) -> None:
        """Append snapshots and quote ticks; what an auction adds is no quote to match trades with."""
        deltas, ticks = self._deltas(book), book.last_of_stamp()
        self._writers.write(layout.DELTAS, self._id, deltas)
        self._writers.write(layout.QUOTES, self._id, self._quotes(ticks))
        own = book.own()
        quoted = own.last_of_stamp()
        bid = np.where(quoted.bid_size > 0, quoted.bid, NO_BID)
        self.standing.append(quoted.ts, bid, np.where(quoted.ask_size > 0, quoted.ask, NO_ASK))
        report.written[SNAPSHOTS] += len(own.ts)
        report.written[DELTAS] += deltas.num_rows
        report.written[QUOTE_TICKS] += len(ticks.ts)

    def _schema(self, kind: str) -> pa.Schema:
        return layout.schema(kind, self._id, *self._decimals)

    def _quotes(self, ticks: Book) -> pa.RecordBatch:
        bid, ask = self._shown(ticks)
        prices = [decimals(side, self._tick) for side in (bid, ask)]
        sizes = [decimals(side, self._lot) for side in (ticks.bid_size, ticks.ask_size)]
        return batch(self._schema(layout.QUOTES), ticks.ts, *prices, *sizes)

    def _shown(self, ticks: Book) -> tuple[Ints, Ints]:
        # An absent side has size 0 and takes the price of the side that stands, two absent ones the last price: at 0
        # the platform's cache would give half a price as the mid and mark positions at nothing.
        one = np.where(ticks.bid_size > 0, ticks.bid, ticks.ask)
        known = np.append(self._price, one)
        at = np.maximum.accumulate(np.where(known > 0, np.arange(len(known)), 0))
        last = known[at][1:]
        self._price = last[-1]
        return np.where(ticks.bid_size > 0, ticks.bid, last), np.where(ticks.ask_size > 0, ticks.ask, last)

    def _deltas(self, book: Book) -> pa.RecordBatch:
        has_bid, has_ask = book.bid_size > 0, book.ask_size > 0
        length = 1 + has_bid + has_ask
        end = np.cumsum(length)
        start, total = end - length, int(end[-1])
        side = np.zeros(total, np.int8)
        price, size = np.zeros(total, np.int64), np.zeros(total, np.int64)
        bid_at, ask_at = (start + 1)[has_bid], (end - 1)[has_ask]
        side[bid_at], side[ask_at] = 1, 2
        price[bid_at], price[ask_at] = book.bid[has_bid], book.ask[has_ask]
        size[bid_at], size[ask_at] = book.bid_size[has_bid], book.ask_size[has_ask]
        flags = np.full(total, layout.F_SNAPSHOT, np.uint8)
        flags[end - 1] |= layout.F_LAST
        stamps = np.repeat(book.ts, length)
        mark = np.zeros(len(length), np.uint64) if book.auction is None else book.auction.astype(np.uint64)
        return batch(
            self._schema(layout.DELTAS),
            stamps,
            labels((side == 0).astype(np.int8), layout.ACTIONS),
            labels(side, layout.SIDES),
            decimals(price, self._tick),
            decimals(size, self._lot),
            pa.array(np.repeat(mark * np.uint64(layout.AUCTION_ID), length)),
            pa.array(flags),
            pa.array(self._sequences(stamps)),
        )

    def _sequences(self, stamps: Ints) -> NDArray[np.uint64]:
        steps = np.arange(len(stamps))
        floor = stamps - steps
        floor[0] = max(floor[0], self._sequence + 1)
        rising = np.maximum.accumulate(floor) + steps
        self._sequence = int(rising[-1])
        return rising.astype(np.uint64)


def read_book(group: Group, source: Source, report: Report) -> Book:
    """Turn rows into ticks and lots; a price or size of 0, or none, is an absent side.

    Raises ``InvalidInput`` for a price off the tick and a size off the lot.
    """
    bid, bid_size = _side(group, "bid", source)
    ask, ask_size = _side(group, "ask", source)
    both = (bid_size > 0) & (ask_size > 0)
    report.noted["quotes without a bid"] += int((bid_size == 0).sum())
    report.noted["quotes without an ask"] += int((ask_size == 0).sum())
    report.noted["quotes crossed on their own venue"] += int((both & (bid > ask)).sum())
    report.noted["quotes locked on their own venue"] += int((both & (bid == ask)).sum())
    return Book(group.ints("ts_event"), bid, bid_size, ask, ask_size)


def _side(group: Group, name: str, source: Source) -> tuple[Ints, Ints]:
    price = group.floats(name) * PRICE_UNITS[source.price_unit]
    ticks = counts(price, float(group.instrument.tick), name, group)
    size = group.floats(f"{name}_size") if source.size is None else np.full(len(ticks), float(source.size))
    lots = counts(size, float(group.instrument.lot), f"{name}_size", group)
    there = (ticks > 0) & (lots > 0)
    return np.where(there, ticks, 0), np.where(there, lots, 0)
