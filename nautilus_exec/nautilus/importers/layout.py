"""The platform's Parquet layout, written without its objects: schemas, folders and file names.

Found by writing one row of each with the platform (2.0.0rc7) and reading the file; the contract tests read ours back
through the platform.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from nautilus_exec.units import SECOND

DECIMALS = 16
"""Prices and sizes are decimal128(38, 16)."""
DECIMAL = pa.decimal128(38, DECIMALS)
TIME = pa.timestamp("ns", tz="UTC")
LABEL = pa.dictionary(pa.int8(), pa.string())

QUOTES, DELTAS, TRADES, CLOSES = "quotes", "order_book_deltas", "trades", "instrument_closes"
PRINTS = "custom/Print"

ACTIONS = ("ADD", "CLEAR")
SIDES = ("NO_ORDER_SIDE", "BUY", "SELL")
AGGRESSORS = ("NO_AGGRESSOR", "BUY", "SELL")
CLOSE_TYPES = ("END_OF_SESSION",)

F_LAST = 128
F_SNAPSHOT = 32
AUCTION_ID = 1
"""Order id of the deltas of an auction's books; a book by price does not look at it, and all others have 0."""

_STAMPS = [pa.field("ts_event", TIME, nullable=False), pa.field("ts_init", TIME, nullable=False)]


def _required(*fields: tuple[str, pa.DataType]) -> list[pa.Field]:
    return [pa.field(name, kind, nullable=False) for name, kind in fields]


COLUMNS: dict[str, tuple[str, list[pa.Field]]] = {
    QUOTES: (
        "QuoteTick",
        _required(
            ("bid_price", DECIMAL), ("ask_price", DECIMAL), ("bid_size", DECIMAL), ("ask_size", DECIMAL)
        ),
    ),
    DELTAS: (
        "OrderBookDelta",
        [
            *_required(("action", LABEL), ("side", LABEL)),
            pa.field("price", DECIMAL),
            pa.field("size", DECIMAL),
            *_required(("order_id", pa.uint64()), ("flags", pa.uint8()), ("sequence", pa.uint64())),
        ],
    ),
    TRADES: (
        "TradeTick",
        _required(
            ("price", DECIMAL), ("size", DECIMAL), ("aggressor_side", LABEL), ("trade_id", pa.string())
        ),
    ),
    CLOSES: ("InstrumentClose", [pa.field("close_price", DECIMAL), *_required(("close_type", LABEL))]),
}


def schema(kind: str, instrument_id: str, price_precision: int, size_precision: int) -> pa.Schema:
    """Return the Arrow schema of one kind of data with the metadata the platform looks for."""
    type_name, fields = COLUMNS[kind]
    metadata = {
        "instrument_id": instrument_id,
        "price_precision": str(price_precision),
        "type_name": type_name,
    }
    if kind != CLOSES:
        metadata["size_precision"] = str(size_precision)
    return pa.schema([*fields, *_STAMPS], metadata=metadata)


def folder(kind: str, instrument_id: str) -> Path:
    """Return the folder of one instrument's data, relative to the catalog; a slash in a symbol is dropped."""
    return Path("data") / kind / instrument_id.replace("/", "")


def file_name(first_ns: int, last_ns: int) -> str:
    """Name a file after its first and last stamp, as the platform does."""
    return f"{_iso(first_ns)}_{_iso(last_ns)}.parquet"


def stamps(name: str) -> tuple[int, int]:
    """Read the first and last stamp of a file name, UTC nanoseconds; raises ``ValueError`` for another name."""
    found = _NAME.fullmatch(name)
    if not found:
        raise ValueError(name)
    return _nanos(found[1], found[2]), _nanos(found[3], found[4])


_NAME = re.compile(r"(\S{10}T\d\d-\d\d-\d\d)-(\d{9})Z_(\S{10}T\d\d-\d\d-\d\d)-(\d{9})Z\.parquet")


def _iso(stamp_ns: int) -> str:
    seconds, nanos = divmod(stamp_ns, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H-%M-%S}-{nanos:09d}Z"


def _nanos(seconds: str, nanos: str) -> int:
    moment = datetime.strptime(seconds, "%Y-%m-%dT%H-%M-%S").replace(tzinfo=UTC)
    return int(moment.timestamp()) * SECOND + int(nanos)
