"""Where the volumes of a profile come from: a file of trades or a file of volumes per bin.

Each becomes rows of ``day`` (local date), ``tod_ns`` (wall clock) and ``volume``, the auctions apart.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

import polars as pl

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.profile_days import parse_clock
from nautilus_exec.units import SECOND

_YEAR_2000_NS = 946_684_800 * SECOND
_YEAR_2100_NS = 4_102_444_800 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """The volumes of a source in local time.

    ``continuous`` has a row for each second or bin with volume, ``auctions`` for each auction print; it is
    ``None`` where the source does not tell them apart (``opening`` is false where it tells only the closing
    one). ``bins`` are a source's own bin starts, ``None`` for trades.
    """

    continuous: pl.DataFrame
    auctions: pl.DataFrame | None
    opening: bool = True
    bins: tuple[int, ...] | None = None
    notes: list[str] = field(default_factory=list)


class Source(Protocol):
    """What a profile can be made from."""

    what: str

    def span(self) -> tuple[date, date]:
        """Return the first and the last date, give or take a day for the zone."""
        ...

    def volumes(self, timezone: str) -> Volumes:
        """Return the volumes in the wall clock of ``timezone``."""
        ...


class VolumeFile:
    """A file of volumes per bin: columns ``date``, ``bin_start``, ``volume``, and ``symbol`` if it has several.

    ``date`` is a date or YYYY-MM-DD, ``bin_start`` the local time as 09:30 AM or 09:30.
    """

    def __init__(self, path: Path, symbol: str | None = None) -> None:
        frame = scan(path)
        names = frame.collect_schema().names()
        require(names, ["date", "bin_start", "volume"])
        if "symbol" in names:
            symbol = _pick_symbol(frame, symbol)
            frame = frame.filter(pl.col("symbol") == symbol)
        elif symbol is not None:
            raise InvalidInput("symbol", symbol, "no symbol: the file has no such column")
        self.what = f"{symbol} of {path.name}" if symbol else path.name
        rows = frame.select("date", "bin_start", "volume").collect()
        starts = {text: parse_clock("bin_start", str(text)) for text in rows["bin_start"].unique()}
        self._bins = tuple(sorted(starts.values()))
        self._table = rows.select(
            day=_dates(rows["date"]),
            tod_ns=pl.col("bin_start").replace_strict(starts, return_dtype=pl.Int64),
            volume=_numbers(rows["volume"], "volume"),
        )
        if self._table.select("day", "tod_ns").is_duplicated().any():
            raise InvalidInput("src", str(path), "one row for each date and bin_start (and symbol)")

    def span(self) -> tuple[date, date]:
        """Return the first and the last date."""
        days = self._table["day"].unique().sort().to_list()
        return days[0], days[-1]

    def volumes(self, timezone: str) -> Volumes:
        """Return the rows as they are: their times are local already."""
        note = "auctions: not told apart by this source; they are inside its first and last bin"
        return Volumes(continuous=self._table, auctions=None, bins=self._bins, notes=[note])


class Trades:
    """Continuous trades ``ts`` (UTC ns) and ``size``, and the auction prints in the same columns if known.

    ``closing_print`` takes the last trade of each local day for its closing auction.
    """

    def __init__(
        self, what: str, trades: pl.LazyFrame, auctions: pl.LazyFrame | None, *, closing_print: bool = False
    ) -> None:
        self.what = what
        self._trades, self._auctions, self._closing_print = trades, auctions, closing_print
        self._first, self._last = _check_trades(trades, ordered=closing_print)

    def span(self) -> tuple[date, date]:
        """Return the UTC dates of the first and the last trade."""
        return _utc_date(self._first), _utc_date(self._last)

    def volumes(self, timezone: str) -> Volumes:
        """Return the volumes by local day and second."""
        trades = _localised(self._trades, timezone)
        auctions = None if self._auctions is None else _by_second(_localised(self._auctions, timezone))
        notes: list[str] = []
        if self._closing_print:
            indexed = trades.with_row_index()
            last = pl.col("index") == pl.col("index").max().over("day")
            trades, auctions = indexed.filter(~last), _by_second(indexed.filter(last))
            notes.append("auctions: the last print of each day is taken for its closing auction")
        elif auctions is None:
            notes.append("auctions: not told apart by this source; every print in the session is counted")
        opening = self._auctions is not None
        return Volumes(continuous=_by_second(trades), auctions=auctions, opening=opening, notes=notes)


def trades_file(path: Path, ts_column: str, size_column: str, *, closing_print: bool = False) -> Trades:
    """Return a Parquet or CSV file of trades: a column of UTC ns (or of timestamps) and one of sizes.

    A file with condition codes is refused: its prints need their class first, which an import gives them.
    """
    frame = scan(path)
    schema = frame.collect_schema()
    require(schema.names(), [ts_column, size_column])
    if "condition" in schema.names():
        raise InvalidInput("src", str(path), "trades without condition codes (catalog import classes prints)")
    instants = pl.col(ts_column)
    if isinstance(schema[ts_column], pl.Datetime):
        instants = instants.dt.epoch("ns")
    elif not schema[ts_column].is_integer():
        raise InvalidInput(ts_column, str(schema[ts_column]), "UTC nanoseconds as integers, or timestamps")
    trades = frame.select(ts=instants.cast(pl.Int64), size=pl.col(size_column))
    return Trades(path.name, trades, None, closing_print=closing_print)


def scan(path: Path) -> pl.LazyFrame:
    """Return a Parquet or CSV file as a lazy table; ``InvalidInput`` if it is missing or neither."""
    if not path.is_file() or path.suffix not in (".parquet", ".csv"):
        raise InvalidInput("src", str(path), "a catalog folder, or a .parquet or .csv file")
    try:
        frame = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path)
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInput("src", str(path), f"a readable {path.suffix} file ({error})") from error
    return frame


def require(names: list[str], wanted: list[str]) -> None:
    """Raise ``InvalidInput`` naming the first of ``wanted`` that is not among ``names``."""
    for name in wanted:
        if name not in names:
            raise InvalidInput("column", name, f"one of the file's columns: {', '.join(names)}")


def _pick_symbol(frame: pl.LazyFrame, symbol: str | None) -> str:
    there = frame.select(pl.col("symbol").unique().sort()).collect()["symbol"].to_list()
    if symbol is None and len(there) == 1:
        return str(there[0])
    if symbol is None or symbol not in there:
        raise InvalidInput("symbol", symbol, f"one of {', '.join(map(str, there))}")
    return symbol


def _dates(column: pl.Series) -> pl.Series:
    try:
        return column if column.dtype == pl.Date else column.cast(pl.String).str.to_date("%Y-%m-%d")
    except pl.exceptions.PolarsError as error:
        raise InvalidInput("date", str(column.dtype), "dates as YYYY-MM-DD") from error


def _numbers(column: pl.Series, name: str) -> pl.Series:
    """Return the column as floats of at least 0, none of them missing."""
    if not column.dtype.is_numeric():
        raise InvalidInput(name, str(column.dtype), "a column of numbers")
    numbers = column.cast(pl.Float64)
    if numbers.has_nulls() or not numbers.is_finite().all() or (numbers < 0).any():
        raise InvalidInput(name, "missing, negative or not finite", "a number of at least 0 in each row")
    return numbers


def _check_trades(trades: pl.LazyFrame, *, ordered: bool) -> tuple[int, int]:
    """Return the first and the last instant, or raise ``InvalidInput``."""
    ts, size = pl.col("ts"), pl.col("size")
    if not trades.collect_schema()["size"].is_numeric():
        raise InvalidInput("size", str(trades.collect_schema()["size"]), "a column of numbers")
    backward = (ts.diff() < 0).sum() if ordered else pl.lit(0)
    bad = (ts.is_null() | size.is_null() | (size <= 0)).sum()
    seen = trades.select(
        ts.min().alias("first"), ts.max().alias("last"), bad.alias("bad"), backward.alias("back")
    )
    first, last, bad_rows, backwards = seen.collect().row(0)
    if first is None:
        raise InvalidInput("src", "no trades", "at least one trade")
    if not _YEAR_2000_NS <= first <= last < _YEAR_2100_NS:
        raise InvalidInput("ts", f"{first}..{last}", "UTC nanoseconds since 1970")
    if bad_rows:
        raise InvalidInput(
            "size", f"{bad_rows} rows of size 0, below 0 or missing", "a size above 0 in each row"
        )
    if backwards:
        raise InvalidInput("ts", f"{backwards} rows earlier than the row before", "rows in the order of time")
    return first, last


def _localised(trades: pl.LazyFrame, timezone: str) -> pl.LazyFrame:
    """Return ``day``, ``tod_ns`` (whole seconds of the wall clock) and ``volume`` of UTC trades."""
    utc = pl.from_epoch(pl.col("ts"), time_unit="ns").dt.replace_time_zone("UTC")
    local = utc.dt.convert_time_zone(timezone)
    second = local.dt.time().cast(pl.Int64) // SECOND * SECOND
    return trades.select(day=local.dt.date(), tod_ns=second, volume=pl.col("size").cast(pl.Float64))


def _by_second(trades: pl.LazyFrame) -> pl.DataFrame:
    return trades.group_by("day", "tod_ns").agg(pl.col("volume").sum()).sort("day", "tod_ns").collect()


def _utc_date(ts_ns: int) -> date:
    return datetime.fromtimestamp(ts_ns // SECOND, tz=UTC).date()
