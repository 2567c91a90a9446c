"""Trade rows into trades that can fill orders and prints that cannot."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.importers import classify as c
from nautilus_exec.nautilus.importers import layout
from nautilus_exec.nautilus.importers.encode import Ints, batch, decimals, labels, scale, times
from nautilus_exec.nautilus.importers.keys import TOLERANCE, Floats, Group, counts
from nautilus_exec.nautilus.importers.report import CLOSES, PRINTS, TRADES, Report
from nautilus_exec.nautilus.importers.spec import PRICE_UNITS, Source
from nautilus_exec.nautilus.importers.standing import StandingQuotes, aggressor
from nautilus_exec.nautilus.importers.writers import Writers
from nautilus_exec.nautilus.instruments import Instrument, precision
from nautilus_exec.nautilus.prints import FIELDS, Print, data_type_json
from nautilus_exec.units import DAY

type Codes = NDArray[np.int8]
_CODE = {name: code for code, name in enumerate(c.CLASSES)}
CONTINUOUS, SUB_TICK, BLOCK, AUCTION = (
    _CODE[name] for name in (c.CONTINUOUS, c.SUB_TICK, c.BLOCK, c.AUCTION)
)


@dataclass(slots=True)
class Tape:
    """Prints of one instrument: stamps, prices in currency, sizes in lots, class codes, conditions, sequences."""

    ts: Ints
    price: Floats
    lots: Ints
    code: Codes
    condition: NDArray[np.object_]
    sequence: Ints | None

    def take(self, rows: NDArray[np.bool_]) -> "Tape":
        """Return some of the rows."""
        sequence = None if self.sequence is None else self.sequence[rows]
        return Tape(
            self.ts[rows], self.price[rows], self.lots[rows], self.code[rows], self.condition[rows], sequence
        )


def read_tape(group: Group, source: Source) -> Tape:
    """Turn rows into prints with their class.

    Raises ``InvalidInput`` for a size off the lot, and a price that is off the tick and off the sub-tick.
    """
    lots = counts(group.floats("size"), float(group.instrument.lot), "size", group)
    price = group.floats("price") * PRICE_UNITS[source.price_unit]
    if not ((lots > 0) & (price > 0)).all():
        at = int(np.flatnonzero((lots <= 0) | (price <= 0))[0])
        raise InvalidInput(
            "trade", f"{lots[at]} lots at {price[at]}", f"a price and a size above 0 for {group.id}"
        )
    condition = _conditions(group)
    ts = group.ints("ts_event")
    code = _codes(group, condition)
    if source.closing_print == "last_of_day":
        code[np.append(ts[1:] // DAY != ts[:-1] // DAY, True)] = AUCTION
    price, code = _on_grid(price, code, group)
    if group.instrument.block is not None:
        large = lots * float(group.instrument.lot) >= float(group.instrument.block)
        code[large & ((code == CONTINUOUS) | (code == SUB_TICK))] = BLOCK
    sequence = group.ints("sequence") if "sequence" in group.rows.columns else None
    return Tape(ts, price, lots, code, condition, sequence)


def _conditions(group: Group) -> NDArray[np.object_]:
    if "condition" not in group.rows.columns:
        return np.full(group.rows.height, "", np.object_)
    return group.rows["condition"].fill_null("").to_numpy().astype(np.object_)


def _codes(group: Group, condition: NDArray[np.object_]) -> Codes:
    off = group.instrument.venues[group.venue].off_exchange
    known = {text: _CODE[c.classify(text, off)] for text in set(condition)}
    return np.array([known[text] for text in condition], np.int8)


def _on_grid(price: Floats, code: Codes, group: Group) -> tuple[Floats, Codes]:
    tick, fine = group.instrument.tick, group.instrument.sub_tick
    exact = price / float(tick)
    off = np.abs(exact - np.rint(exact)) > TOLERANCE
    step = tick if fine is None else fine
    counts(price, float(step), "price", group)
    code = np.where(off & (code == CONTINUOUS), SUB_TICK, code).astype(np.int8)
    return np.round(price, precision(step)), code


class TradeWriter:
    """Writes the trades, prints and closes of one instrument, batch after batch."""

    def __init__(
        self, instrument: Instrument, venue: str, writers: Writers, standing: StandingQuotes | None
    ) -> None:
        self._id, self._writers, self._standing = instrument.id(venue), writers, standing
        self._instrument, self._listed = instrument, venue == instrument.listing
        self._decimals = precision(instrument.tick), precision(instrument.lot)
        self._highest = np.int64(-1)
        self._unnumbered = 0

    def write(self, tape: Tape, report: Report) -> None:
        """Append the prints to where their class belongs."""
        lot = float(self._instrument.lot)
        for name, code in _CODE.items():
            rows = tape.code == code
            report.print_rows[name] += int(rows.sum())
            volume = float(tape.lots[rows].sum()) * lot
            report.print_volume[name] = report.print_volume.get(name, 0.0) + volume
        trades, prints = tape.take(tape.code == CONTINUOUS), tape.take(tape.code != CONTINUOUS)
        closes = prints.take(self._closing(prints))
        report.written[TRADES] += len(trades.ts)
        report.written[PRINTS] += len(prints.ts)
        report.written[CLOSES] += len(closes.ts)
        self._writers.write(layout.TRADES, self._id, self._trades(trades))
        self._writers.write(layout.PRINTS, self._id, self._prints(prints, lot))
        self._writers.write(layout.CLOSES, self._id, self._closes(closes))

    def _closing(self, prints: Tape) -> NDArray[np.bool_]:
        closing = np.array([c.CLOSING in text or not text for text in prints.condition], np.bool_)
        return np.asarray(closing & (prints.code == (AUCTION if self._listed else -1)), np.bool_)

    def _ticks(self, tape: Tape) -> Ints:
        return np.rint(tape.price / float(self._instrument.tick)).astype(np.int64)

    def _trades(self, tape: Tape) -> pa.RecordBatch:
        ticks = self._ticks(tape)
        side = np.zeros(len(ticks), np.int8)
        if self._standing is not None:
            side = aggressor(ticks, *self._standing.before(tape.ts))
        return batch(
            layout.schema(layout.TRADES, self._id, *self._decimals),
            tape.ts,
            decimals(ticks, scale(self._instrument.tick)),
            decimals(tape.lots, scale(self._instrument.lot)),
            labels(side, layout.AGGRESSORS),
            self._trade_ids(tape),
        )

    def _trade_ids(self, tape: Tape) -> pa.Array:
        # The venue's sequence while it rises; else the stamp and a running number, which no sequence can equal.
        if tape.sequence is not None and len(tape.ts):
            before = np.maximum.accumulate(np.append(self._highest, tape.sequence))
            if (tape.sequence > before[:-1]).all():
                self._highest = before[-1]
                return pa.array(tape.sequence).cast(pa.string())
        first = self._unnumbered
        self._unnumbered += len(tape.ts)
        return pa.array([f"{ts}-{n}" for n, ts in enumerate(tape.ts, first)], pa.string())

    def _prints(self, tape: Tape, lot: float) -> pa.RecordBatch:
        rows = len(tape.ts)
        names = [c.CLASSES[code] for code in tape.code]
        columns = {
            "instrument_id": pa.array([self._id] * rows, pa.string()),
            "price": pa.array(tape.price),
            "size": pa.array(tape.lots * lot),
            "print_class": pa.array(names, pa.string()),
            "condition": pa.array(tape.condition, pa.string()),
            "ts_event": times(tape.ts),
            "ts_init": times(tape.ts),
        }
        stored = FIELDS.append(pa.field("data_type", pa.string(), nullable=False))
        stored = stored.with_metadata({"type_name": Print.__name__, "instrument_id": self._id})
        kind = pa.array([data_type_json(self._id)] * rows, pa.string())
        return pa.RecordBatch.from_arrays([*(columns[name] for name in FIELDS.names), kind], schema=stored)

    def _closes(self, tape: Tape) -> pa.RecordBatch:
        kind = labels(np.zeros(len(tape.ts), np.int8), layout.CLOSE_TYPES)
        price = decimals(self._ticks(tape), scale(self._instrument.tick))
        return batch(layout.schema(layout.CLOSES, self._id, *self._decimals), tape.ts, price, kind)
