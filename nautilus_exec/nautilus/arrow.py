"""Records as Arrow columns in the layout of the platform's Parquet catalog, without platform objects on the way.

Layout (what ``ParquetDataCatalog`` writes for custom data, and all that its reader asks for):
``<run_dir>/data/custom/<RecordName>/<identifier>/<first ts_init>_<last ts_init>.parquet``, Zstandard, schema metadata
``type_name``, and the columns ``ts_event`` and ``ts_init`` as ``timestamp[ns, UTC]``. The identifier is a running
number: the platform names a file by its range alone, so two flushes within one stamp would be one file in
one folder. A record without stamps of its own is stamped with the instant at which it was final.
"""

import datetime
import gc
import os
import types
import typing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nautilus_exec.errors import BrokenInvariant
from nautilus_exec.tca.records import ChildRecord, DecisionRecord, ParentRecord
from nautilus_exec.units import SECOND

STAMP = pa.timestamp("ns", tz="UTC")
SLICE = 4096
"""Records turned into columns at a time; chosen by us (2,048 to 8,192 measured alike)."""

_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_FINAL_AT = {ParentRecord: "ended_ns", ChildRecord: "ended_ns", DecisionRecord: "ts"}
_STAMPS = ("ts_event", "ts_init")

type Record = type[msgspec.Struct]


def schema(record_type: Record) -> pa.Schema:
    """Return the Arrow schema of a record: its own fields in order, then the platform's two stamps.

    ``ts_event`` and ``ts_init`` are always ``timestamp[ns, UTC]``; every other instant is ``int64`` nanoseconds.
    Only fields that may be ``None`` are nullable.
    """
    fields = [_field(f.name, f.type) for f in msgspec.structs.fields(record_type) if f.name not in _STAMPS]
    fields += [pa.field(name, STAMP, nullable=False) for name in _STAMPS]
    return pa.schema(fields, metadata={"type_name": record_type.__name__})


def to_batch(record_type: Record, records: Sequence[msgspec.Struct]) -> pa.RecordBatch:
    """Return the records as one Arrow batch, column by column.

    Raises ``pyarrow.ArrowInvalid`` or ``ArrowTypeError`` if a field holds a value of another type than its annotation.
    """
    if not records:
        return pa.RecordBatch.from_pylist([], schema=schema(record_type))
    return pa.concat_batches(_batches(record_type, records))


def write_records(run_dir: Path, record_type: Record, records: Sequence[msgspec.Struct]) -> Path:
    """Write one Parquet file of records into a run's catalog and return its path.

    The file appears whole or not at all. An earlier flush is never overwritten, whatever its stamps. Raises
    ``ValueError`` for no records: a file without rows has no range to be named by.
    """
    if not records:
        raise ValueError("records: none given")
    table = pa.Table.from_batches(_batches(record_type, records))
    path = _next_folder(records_dir(run_dir, record_type)) / _file_name(table)
    _write(path, table)
    return path


def records_dir(run_dir: Path, record_type: Record) -> Path:
    """Return the folder of one kind of record within a run's catalog."""
    return run_dir / "data" / "custom" / record_type.__name__


def count_records(run_dir: Path, record_type: Record) -> int:
    """Return how many rows of one kind lie in a run's catalog, from the files' footers."""
    files = records_dir(run_dir, record_type).glob("*/*.parquet")
    return sum(pq.read_metadata(f).num_rows for f in files)


def write_json(path: Path, facts: dict[str, object]) -> Path:
    """Write facts as indented JSON, whole or not at all, and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(facts), indent=2) + b"\n")
    os.replace(part, path)
    return path


def write_run_json(run_dir: Path, facts: dict[str, object]) -> Path:
    """Write ``run.json``: what ran, versions, seeds and assumptions of a run. Atomic."""
    return write_json(run_dir / "run.json", facts)


def _field(name: str, annotation: typing.Any) -> pa.Field:
    options = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    concrete = [o for o in options if o is not types.NoneType]
    if len(concrete) != 1 or concrete[0] not in _ARROW:
        raise BrokenInvariant(name, annotation, "str, int, float or bool, alone or with None")
    return pa.field(name, _ARROW[concrete[0]], nullable=len(options) > 1)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause Python's cycle collector: a tuple per record, all without cycles, costs it a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_collector_paused()
def _batches(record_type: Record, records: Sequence[msgspec.Struct]) -> list[pa.RecordBatch]:
    # In slices: the structs of a slice stay in the processor's cache while they are turned into columns.
    target = schema(record_type)
    names = [f.name for f in msgspec.structs.fields(record_type)]
    final_at = _FINAL_AT.get(record_type)
    out = []
    for at in range(0, len(records), SLICE):
        rows = map(msgspec.structs.astuple, records[at : at + SLICE])
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        if final_at:
            columns |= dict.fromkeys(_STAMPS, columns[final_at])
        out.append(pa.RecordBatch.from_arrays([_array(columns[f.name], f) for f in target], schema=target))
    return out


def _array(values: Sequence[object], field: pa.Field) -> pa.Array:
    plain = pa.int64() if field.type == STAMP else field.type
    first = values[0]
    if first is values[-1] and values.count(first) == len(values):
        # Half of a record's columns (run, instrument, tick …) stay the same for thousands of rows.
        column = pa.repeat(pa.scalar(first, plain), len(values))
    else:
        column = pa.array(values, plain)
    return column.cast(field.type)


def _file_name(table: pa.Table) -> str:
    bounds = pc.min_max(table.column("ts_init").cast(pa.int64())).as_py()
    return f"{_stamp(bounds['min'])}_{_stamp(bounds['max'])}.parquet"


def _next_folder(parent: Path) -> Path:
    """Make the folder of the next running number; two writers never get the same one."""
    parent.mkdir(parents=True, exist_ok=True)
    number = sum(1 for _ in parent.iterdir())
    while True:
        folder = parent / f"{number:06d}"
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def _write(path: Path, table: pa.Table) -> None:
    part = path.with_suffix(".part")
    try:
        pq.write_table(table, part, compression="zstd", compression_level=1)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _stamp(ns: int) -> str:
    """Nanoseconds as the platform's file names have them: ``2018-01-02T15-00-00-000000000Z``."""
    moment = datetime.datetime.fromtimestamp(ns // SECOND, datetime.UTC)
    return f"{moment:%Y-%m-%dT%H-%M-%S}-{ns % SECOND:09d}Z"
