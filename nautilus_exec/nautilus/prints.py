"""Prints that no order may fill against: auctions, off-exchange reports, corrections of volume, hidden midpoints.

The platform's trade has no condition and its matching engine fills resting orders against every trade it sees, so a
print that is not continuous trading on its own venue's book is kept as this record instead.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from nautilus_trader import model

TIME = pa.timestamp("ns", tz="UTC")
FIELDS = pa.schema(
    [
        ("instrument_id", pa.string()),
        ("price", pa.float64()),
        ("size", pa.float64()),
        ("print_class", pa.string()),
        ("condition", pa.string()),
        ("ts_event", TIME),
        ("ts_init", TIME),
    ]
)


class Print:
    """One report of a trade that does not match orders.

    Parameters
    ----------
    instrument_id : str
        Symbol and venue of the report.
    price, size : float
        In quote currency per unit, and units.
    print_class : str
        auction, off_exchange, block, sub_tick, excluded or official.
    condition : str
        The venue's sale condition, as delivered.
    ts_event, ts_init : int
        UTC nanoseconds.
    """

    __slots__ = ("condition", "instrument_id", "price", "print_class", "size", "ts_event", "ts_init")

    def __init__(
        self,
        instrument_id: str,
        price: float,
        size: float,
        print_class: str,
        condition: str,
        ts_event: int,
        ts_init: int,
    ) -> None:
        self.instrument_id = instrument_id
        self.price = price
        self.size = size
        self.print_class = print_class
        self.condition = condition
        self.ts_event = ts_event
        self.ts_init = ts_init

    @classmethod
    def type_name_static(cls) -> str:
        """Name the type as the platform's registry does."""
        return cls.__name__

    @classmethod
    def arrow_schema_py(cls) -> pa.Schema:
        """Return the columns of the stored record."""
        return FIELDS

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {name: getattr(self, name) for name in FIELDS.names}

    def to_json(self) -> str:
        """Return the fields as JSON text."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, data: bytes | str | Mapping[str, Any]) -> "Print":
        """Read the fields from JSON text or a mapping."""
        return cls(**(json.loads(data) if isinstance(data, bytes | str) else data))

    def encode_record_batch_py(self, items: Sequence["Print"]) -> pa.RecordBatch:
        """Encode records by column."""
        columns = [pa.array([getattr(item, field.name) for item in items], _plain(field)) for field in FIELDS]
        return pa.RecordBatch.from_arrays(
            [c.cast(f.type) for c, f in zip(columns, FIELDS, strict=True)], schema=FIELDS
        )

    @classmethod
    def decode_record_batch_py(cls, _metadata: Mapping[str, str], batch: pa.RecordBatch) -> list["Print"]:
        """Decode records by column."""
        columns = [batch.column(field.name).cast(_plain(field)).to_pylist() for field in FIELDS]
        return [cls(*row) for row in zip(*columns, strict=True)]


def _plain(field: pa.Field) -> pa.DataType:
    return pa.int64() if field.type == TIME else field.type


def data_type(instrument_id: str) -> model.DataType:
    """Return the platform's data type of one instrument's prints: what to subscribe to."""
    return model.DataType(Print.__name__, {"instrument_id": instrument_id}, instrument_id)


def data_type_json(instrument_id: str) -> str:
    """Return the same as the text that the platform stores with each record."""
    values = {
        "type_name": Print.__name__,
        "metadata": {"instrument_id": instrument_id},
        "identifier": instrument_id,
    }
    return json.dumps(values, separators=(",", ":"))


model.register_custom_data_class(Print)
