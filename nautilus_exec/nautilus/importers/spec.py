"""What the source files look like: the ``[[source]]`` tables of an instruments file."""

from decimal import Decimal
from pathlib import Path
from typing import Literal

import msgspec

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.instruments import Instruments, convert, load_instruments, read_toml

PRICE_UNITS = {"currency": 1.0, "cents": 0.01}
TIME_UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}

COLUMNS = {
    "quotes": ("ts_event", "venue", "bid", "bid_size", "ask", "ask_size", "sequence"),
    "trades": ("ts_event", "venue", "price", "size", "condition", "correction", "sequence"),
}
OPTIONAL = frozenset({"condition", "correction", "sequence"})
"""Columns that may be absent: no condition, no corrections, and the file's own order."""

type Kind = Literal["quotes", "trades"]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of rows, in one file or in files that continue each other in name order."""

    kind: Kind
    files: str | None = None
    """Name pattern inside the source folder; by default every file that has the kind in its name."""
    columns: dict[str, str] = {}
    """Our column name to the file's."""
    symbol: str | None = None
    """The symbol of every row, where the file has no symbol column; by default the only instrument."""
    venue: str | None = None
    """The venue of every row, where the file has no venue column."""
    size: Decimal | None = None
    """The size of every quote side, where the file has none."""
    price_unit: Literal["currency", "cents"] = "currency"
    time_unit: Literal["ns", "us", "ms", "s"] = "ns"
    closing_print: Literal["by_condition", "last_of_day"] = "by_condition"
    """``last_of_day``: the last print of each UTC day is its closing auction."""

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns that the file must have."""
        given = {"venue"} if self.venue else set()
        if self.size is not None:
            given |= {"bid_size", "ask_size"}
        return tuple(name for name in COLUMNS[self.kind] if name not in given)

    def pattern(self) -> str:
        """Return the name pattern of the files."""
        return self.files or f"*{self.kind}*"


class ImportSpec(msgspec.Struct, frozen=True):
    """The instruments and the sources of one file."""

    instruments: Instruments
    sources: tuple[Source, ...]


def load_spec(path: str | Path) -> ImportSpec:
    """Read an instruments file with its sources; without any, quotes and trades as documented.

    Raises ``InvalidInput`` for unknown keys, columns and venues.
    """
    instruments = load_instruments(path)
    tables = read_toml(path).get("source", [{"kind": "quotes"}, {"kind": "trades"}])
    sources = convert(tables, tuple[Source, ...], path)
    for source in sources:
        _check(source, instruments)
    return ImportSpec(instruments, sources)


def _check(source: Source, instruments: Instruments) -> None:
    known = (*COLUMNS[source.kind], "symbol")
    for name in source.columns:
        if name not in known:
            raise InvalidInput("source.columns", name, f"one of {', '.join(known)}")
    if source.size is not None and source.kind == "trades":
        raise InvalidInput("source.size", str(source.size), "a size for quotes only: a trade has its own")
    if source.size is not None and source.size <= 0:
        raise InvalidInput("source.size", str(source.size), "a size above 0")
    if source.symbol is None and "symbol" not in source.columns and len(instruments.instrument) != 1:
        raise InvalidInput(
            "source.symbol", None, "a symbol or a symbol column: the file has several instruments"
        )
    if source.symbol is not None:
        instruments.symbol(source.symbol)
    if source.venue is not None and not any(source.venue in i.venues for i in instruments.instrument):
        raise InvalidInput("source.venue", source.venue, "a venue of the instrument")
