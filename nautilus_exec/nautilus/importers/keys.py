"""Rows to instruments: integer ticks and lots per instrument id, complete stamps only, order checked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.importers.encode import Ints
from nautilus_exec.nautilus.importers.spec import Source
from nautilus_exec.nautilus.instruments import Instrument, Instruments

TOLERANCE = 1e-4
"""Of a tick or lot: float64 prices are this near to their decimal text up to 10^11 ticks; chosen by us."""

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one instrument at one venue, in the file's order."""

    instrument: Instrument
    venue: str
    rows: pl.DataFrame

    @property
    def id(self) -> str:
        """The platform's instrument id."""
        return self.instrument.id(self.venue)

    def ints(self, name: str) -> Ints:
        """Return an integer column."""
        return self.rows[name].to_numpy().astype(np.int64)

    def floats(self, name: str) -> Floats:
        """Return a number column; a null is 0."""
        return self.rows[name].fill_null(0.0).to_numpy()


def whole_stamps(frames: Iterable[pl.DataFrame], width_ns: int = 1) -> Iterator[pl.DataFrame]:
    """Regroup batches so that rows of one stamp, or of one stretch of ``width_ns``, are never split.

    Raises ``InvalidInput`` where stamps go back.
    """
    held: pl.DataFrame | None = None
    for fresh in frames:
        frame = fresh if held is None else pl.concat([held, fresh])
        stamps = frame["ts_event"].to_numpy()
        back = np.flatnonzero(np.diff(stamps) < 0)
        if len(back):
            raise InvalidInput(
                "ts_event", int(stamps[back[0] + 1]), f"rows in time order, after {stamps[back[0]]}"
            )
        cut = int(np.searchsorted(stamps, stamps[-1] // width_ns * width_ns, side="left"))
        held = frame[cut:]
        if cut:
            yield frame[:cut]
    if held is not None:
        yield held


def groups(frame: pl.DataFrame, source: Source, instruments: Instruments) -> Iterator[Group]:
    """Split rows by instrument id; raises ``InvalidInput`` for an unknown one or a sequence that falls in a stamp."""
    only = source.symbol or instruments.instrument[0].symbol
    if "symbol" not in frame.columns:
        frame = frame.with_columns(pl.lit(only).alias("symbol"))
    if "venue" not in frame.columns:
        frame = frame.with_columns(pl.lit(source.venue).alias("venue"))
    for (symbol, venue), rows in frame.partition_by("symbol", "venue", as_dict=True).items():
        instrument = instruments.symbol(str(symbol))
        if venue not in instrument.venues:
            raise InvalidInput("venue", venue, f"a venue of {symbol}: {', '.join(instrument.venues)}")
        _check_sequence(rows)
        yield Group(instrument, str(venue), rows)


def _check_sequence(rows: pl.DataFrame) -> None:
    if "sequence" not in rows.columns:
        return
    falls = (rows["ts_event"].diff() == 0) & (rows["sequence"].diff() < 0)
    if falls.any():
        wrong = rows.filter(falls.fill_null(False)).row(0, named=True)
        raise InvalidInput("sequence", wrong["sequence"], f"rising within the stamp {wrong['ts_event']}")


def counts(values: Floats, step: float, field: str, place: Group) -> Ints:
    """Return how many ticks or lots each value is; raises ``InvalidInput`` for one that is off the grid."""
    exact = values / step
    whole = np.rint(exact)
    wrong = ~(np.abs(exact - whole) <= TOLERANCE) | (whole < 0)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        where = f"a non-negative multiple of {step:g} for {place.id} at {place.rows['ts_event'][at]}"
        raise InvalidInput(field, float(values[at]), where)
    return whole.astype(np.int64)
