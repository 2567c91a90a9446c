"""Rows of Parquet and CSV files in batches of bounded size, with one set of column names and integer stamps."""

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.importers.spec import OPTIONAL, TIME_UNITS, Source

BATCH = 131_072
"""Rows in flight; chosen by us: some tens of megabytes with everything that is made of them."""
PAGE_BUFFER = 1 << 20
CSV_BLOCK = 8 << 20

OLDEST_NS = 315_532_800_000_000_000
"""1980-01-01: an older stamp is not nanoseconds."""
NEWEST_NS = 4_102_444_800_000_000_000
"""2100-01-01."""

NUMBERS = frozenset({"bid", "bid_size", "ask", "ask_size", "price", "size"})
INTEGERS = frozenset({"sequence", "correction"})


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one source, in name order."""

    source: Source
    paths: tuple[Path, ...]

    def rows(self) -> int | None:
        """Return how many rows there are, where the format says it."""
        if any(path.suffix != ".parquet" for path in self.paths):
            return None
        return sum(int(_open(path).metadata.num_rows) for path in self.paths)


def find(folder: Path, source: Source) -> Files:
    """Find the files of a source in name order; ``folder`` may be one file. There may be none."""
    everything = [folder] if folder.is_file() else sorted(folder.iterdir())
    data = [path for path in everything if path.suffix in {".parquet", ".csv"}]
    paths = [path for path in data if fnmatch.fnmatch(path.name, source.pattern())]
    return Files(source, tuple(paths))


def _open(path: Path) -> pq.ParquetFile:
    try:
        # Reading ahead keeps the whole file in memory, reading without a buffer a whole row group.
        return pq.ParquetFile(path, buffer_size=PAGE_BUFFER, pre_buffer=False)
    except pa.ArrowInvalid as error:
        raise InvalidInput("file", str(path), "a whole Parquet file") from error


def batches(files: Files) -> Iterator[pl.DataFrame]:
    """Yield the rows with the documented names; stamps as UTC nanoseconds, prices and sizes as float64.

    Raises ``InvalidInput`` for a missing column, a column of the wrong type and stamps that are not in their unit.
    """
    for path in files.paths:
        raw = _parquet(path, files.source) if path.suffix == ".parquet" else _csv(path, files.source)
        for batch in raw:
            if batch.num_rows:
                yield _normal(batch, path, files.source)


def _parquet(path: Path, source: Source) -> Iterator[pa.RecordBatch]:
    file = _open(path)
    names = _columns(path, source, file.schema_arrow.names)
    try:
        yield from file.iter_batches(BATCH, columns=names)
    except (pa.ArrowInvalid, OSError) as error:
        raise InvalidInput("file", str(path), f"a whole Parquet file ({error})") from error


def _csv(path: Path, source: Source) -> Iterator[pa.RecordBatch]:
    try:
        with path.open(encoding="utf-8") as text:
            header = next(iter(text), "").strip().split(",")
        names = _columns(path, source, [name.strip('"') for name in header])
        kinds = {source.columns.get(n, n): pa.float64() for n in NUMBERS}
        kinds |= {source.columns.get(n, n): pa.string() for n in ("venue", "symbol", "condition")}
        convert = pa_csv.ConvertOptions(include_columns=names, column_types=kinds, strings_can_be_null=False)
        reader = pa_csv.open_csv(path, pa_csv.ReadOptions(block_size=CSV_BLOCK), convert_options=convert)
        for block in reader:
            yield from (block.slice(start, BATCH) for start in range(0, block.num_rows, BATCH))
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise InvalidInput("file", str(path), f"readable CSV ({error})") from error


def _columns(path: Path, source: Source, found: list[str]) -> list[str]:
    wanted = [*source.wanted, *(["symbol"] if "symbol" in source.columns else [])]
    names = []
    for name in wanted:
        theirs = source.columns.get(name, name)
        if theirs in found:
            names.append(theirs)
        elif name not in OPTIONAL or name in source.columns:
            raise InvalidInput("column", theirs, f"in {path.name} for {name}; it has {', '.join(found)}")
    return names


def _normal(batch: pa.RecordBatch, path: Path, source: Source) -> pl.DataFrame:
    theirs = {source.columns.get(name, name): name for name in (*source.wanted, "symbol")}
    table = pa.Table.from_batches([batch]).rename_columns([theirs[name] for name in batch.schema.names])
    frame = pl.DataFrame(pl.from_arrow(table))
    try:
        frame = frame.with_columns(pl.col(name).cast(pl.Float64) for name in NUMBERS & set(frame.columns))
        frame = frame.with_columns(pl.col(name).cast(pl.Int64) for name in INTEGERS & set(frame.columns))
        frame = frame.with_columns(_stamps(frame, path, source))
    except pl.exceptions.PolarsError as error:
        reason = str(error).partition("\n")[0]
        raise InvalidInput("column", path.name, f"numbers where numbers belong ({reason})") from error
    _check_stamps(frame["ts_event"], path)
    return frame


def _stamps(frame: pl.DataFrame, path: Path, source: Source) -> pl.Expr:
    kind, stamp = frame.schema["ts_event"], pl.col("ts_event")
    if kind.is_temporal():
        return stamp.dt.epoch("ns")
    if not kind.is_integer():
        raise InvalidInput("ts_event", str(kind), f"whole UTC nanoseconds or timestamps in {path.name}")
    return stamp.cast(pl.Int64) * TIME_UNITS[source.time_unit]


def _check_stamps(stamps: pl.Series, path: Path) -> None:
    right = stamps.is_between(OLDEST_NS, NEWEST_NS).fill_null(False)
    if not right.all():
        expected = f"UTC nanoseconds between 1980 and 2100 in {path.name}; say time_unit for another unit"
        raise InvalidInput("ts_event", stamps.filter(~right)[0], expected)
