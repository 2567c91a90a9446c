"""A catalog read without the platform: what is in it, and lazy frames for the analysis."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.importers import layout, staging
from nautilus_exec.nautilus.importers.classify import OFF_EXCHANGE, SUB_TICK
from nautilus_exec.nautilus.instruments import FILE_NAME, Instruments, load_instruments

_QUOTES = {
    "bid_price": pl.Float64,
    "ask_price": pl.Float64,
    "bid_size": pl.Float64,
    "ask_size": pl.Float64,
    "ts_init": pl.Int64,
}
_TRADES = {"price": pl.Float64, "size": pl.Float64, "aggressor_side": pl.String, "ts_init": pl.Int64}
_PRINTS = {
    "instrument_id": pl.String,
    "price": pl.Float64,
    "size": pl.Float64,
    "print_class": pl.String,
    "condition": pl.String,
    "ts_init": pl.Int64,
}
_COUNTED = {
    layout.QUOTES: "quotes",
    layout.TRADES: "trades",
    layout.DELTAS: "deltas",
    layout.CLOSES: "closes",
}


@dataclass(slots=True)
class Contents:
    """What a catalog has of one instrument: rows by kind, prints by class, stamps in UTC nanoseconds."""

    instrument: str
    quotes: int = 0
    trades: int = 0
    deltas: int = 0
    closes: int = 0
    prints: dict[str, int] = field(default_factory=dict)
    first_ns: int | None = None
    last_ns: int | None = None
    days: int = 0
    """Days, in the instrument's time zone, with quotes or trades."""


class Catalog:
    """A folder of market data.

    Raises ``InvalidInput`` for a folder that is no catalog, and for one whose last import was cut off.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if staging.unfinished(self.path):
            raise InvalidInput(
                "catalog", str(path), "a whole one: an import was cut off, the next one undoes it"
            )
        if not (self.path / FILE_NAME).exists():
            raise InvalidInput("catalog", str(path), f"a folder with {FILE_NAME}")
        self.instruments: Instruments = load_instruments(self.path / FILE_NAME)

    def quotes(self, instrument_id: str) -> pl.LazyFrame:
        """Return ``[ts, bid, bid_size, ask, ask_size]`` in time order, the last quote of each stamp.

        ``ts`` is int64 UTC nanoseconds, the rest float64 in currency and units; an absent side has a null price and
        size 0.
        """
        raw = self._scan(layout.QUOTES, instrument_id, _QUOTES)
        bid, ask = (
            pl.when(pl.col(f"{s}_size") > 0).then(pl.col(f"{s}_price")).alias(s) for s in ("bid", "ask")
        )
        return raw.select(pl.col("ts_init").alias("ts"), bid, "bid_size", ask, "ask_size")

    def trades(self, instrument_id: str) -> pl.LazyFrame:
        """Return ``[ts, price, size, side]``, the prints that fill orders; ``side``: 1 buyer, -1 seller, 0 unknown."""
        side = pl.col("aggressor_side")
        sign = (side == "BUY").cast(pl.Int8) - (side == "SELL").cast(pl.Int8)
        raw = self._scan(layout.TRADES, instrument_id, _TRADES)
        return raw.select(pl.col("ts_init").alias("ts"), "price", "size", sign.alias("side"))

    def prints(self, name: str) -> pl.LazyFrame:
        """Return ``[ts, price, size, print_class, condition, instrument]`` of an instrument id or a whole symbol.

        The prints that no order can fill against; the continuous ones are ``trades``.
        """
        ids = [name] if name in self.instruments.ids else self.instruments.symbol(name).ids
        raw = pl.concat([self._scan(layout.PRINTS, one, _PRINTS) for one in ids])
        columns = ("price", "size", "print_class", "condition")
        return raw.select(
            pl.col("ts_init").alias("ts"), *columns, pl.col("instrument_id").alias("instrument")
        ).sort("ts", maintain_order=True)

    def continuous(self, instrument_id: str) -> pl.LazyFrame:
        """Return ``[ts, price, size]`` of all continuous volume: trades, and prints between the ticks."""
        between = self.prints(instrument_id).filter(pl.col("print_class") == SUB_TICK)
        frames = [frame.select("ts", "price", "size") for frame in (self.trades(instrument_id), between)]
        return pl.concat(frames).sort("ts", maintain_order=True)

    def off_exchange(self, instrument_id: str) -> pl.LazyFrame:
        """Return ``[ts, price, size]`` of the eligible off-exchange prints of the instrument's symbol."""
        symbol = self.instruments.at(instrument_id)[0].symbol
        found = self.prints(symbol).filter(pl.col("print_class") == OFF_EXCHANGE)
        return found.select("ts", "price", "size")

    def closes(self, instrument_id: str) -> pl.LazyFrame:
        """Return ``[ts, price]`` of the official closes."""
        raw = self._scan(layout.CLOSES, instrument_id, {"close_price": pl.Float64, "ts_init": pl.Int64})
        return raw.select(pl.col("ts_init").alias("ts"), pl.col("close_price").alias("price"))

    def summary(self) -> list[Contents]:
        """Count what there is, per instrument; raises ``InvalidInput`` for a file that is not whole."""
        return [self._contents(one) for one in self.instruments.ids]

    def _contents(self, instrument_id: str) -> Contents:
        found = Contents(instrument_id)
        for kind, name in _COUNTED.items():
            setattr(found, name, sum(_rows(path) for path in self._files(kind, instrument_id)))
        if self._files(layout.PRINTS, instrument_id):
            counted = self.prints(instrument_id).group_by("print_class").len().sort("print_class").collect()
            found.prints = dict(counted.iter_rows())
        kinds = (layout.QUOTES, layout.TRADES, layout.PRINTS)
        spans = [layout.stamps(path.name) for kind in kinds for path in self._files(kind, instrument_id)]
        if spans:
            found.first_ns, found.last_ns = min(s for s, _ in spans), max(e for _, e in spans)
        found.days = self._days(instrument_id)
        return found

    def _days(self, instrument_id: str) -> int:
        zone = self.instruments.at(instrument_id)[0].timezone
        local = pl.from_epoch("ts", "ns").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()
        stamps = [f.select("ts") for f in (self.quotes(instrument_id), self.trades(instrument_id))]
        return int(pl.concat(stamps).select(local.n_unique()).collect().item())

    def _files(self, kind: str, instrument_id: str) -> list[Path]:
        return sorted((self.path / layout.folder(kind, instrument_id)).glob("*.parquet"))

    def _scan(self, kind: str, instrument_id: str, columns: Mapping[str, type[pl.DataType]]) -> pl.LazyFrame:
        self.instruments.at(instrument_id)
        files = self._files(kind, instrument_id)
        if not files:
            return pl.LazyFrame(schema=columns)
        return pl.scan_parquet(files).select(pl.col(name).cast(kind) for name, kind in columns.items())


def _rows(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowInvalid, OSError) as error:
        raise InvalidInput("catalog file", str(path), "a whole Parquet file") from error


@dataclass(frozen=True, slots=True)
class CatalogMarket:
    """A catalog as the market source of the cost analysis: its trades are all continuous volume."""

    catalog: Catalog

    def instruments(self) -> list[str]:
        """Return the ids of the instruments with a book."""
        known = self.catalog.instruments
        return [one for one in known.ids if not known.at(one)[1].off_exchange]

    def quotes(self, instrument_id: str) -> pl.LazyFrame:
        """Return ``[ts, bid, bid_size, ask, ask_size]``."""
        return self.catalog.quotes(instrument_id)

    def trades(self, instrument_id: str) -> pl.LazyFrame:
        """Return ``[ts, price, size]`` of the continuous volume, prints between the ticks included."""
        return self.catalog.continuous(instrument_id)

    def off_exchange(self, instrument_id: str) -> pl.LazyFrame:
        """Return ``[ts, price, size]`` of the eligible off-exchange prints of the symbol."""
        return self.catalog.off_exchange(instrument_id)
