"""One open Parquet file per instrument and kind of data, named by its stamps when it is closed."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.importers import layout

ROW_GROUP = 65_536
"""Rows a file holds back before it writes them as one group; chosen by us: some 5 MiB for each open file."""


class _File:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.rows = 0
        self.first_ns = self.last_ns = -1
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd", use_dictionary=_dictionaries(schema)
        )

    def write(self, batch: pa.RecordBatch, first_ns: int, last_ns: int) -> None:
        self.first_ns = self.first_ns if self.rows else first_ns
        self.last_ns = last_ns
        self.rows += batch.num_rows
        self._held.append(batch)
        self._held_rows += batch.num_rows
        if self._held_rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(pa.Table.from_batches(self._held), row_group_size=self._held_rows)
        self._held, self._held_rows = [], 0

    def close(self) -> None:
        self._flush()
        self._writer.close()


def _dictionaries(schema: pa.Schema) -> list[str]:
    # Names repeat, prices and stamps do not: a dictionary for those costs time and saves nothing.
    repeats = {"data_type", "instrument_id", "print_class", "condition"}
    return [field.name for field in schema if pa.types.is_dictionary(field.type) or field.name in repeats]


class Writers:
    """The open files of an import. Leaving the block closes them and gives them their final names.

    ``guard(kind, instrument_id, first_ns, last_ns)`` is asked with the first stamp of each file before it is opened,
    so that a range that is not wanted is refused at once.
    """

    def __init__(self, root: Path, guard: Callable[[str, str, int, int], None]) -> None:
        self._root, self._guard = root, guard
        self._files: dict[tuple[str, str], _File] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()
            if kind is None:
                file.path.rename(file.path.with_name(layout.file_name(file.first_ns, file.last_ns)))

    def write(self, kind: str, instrument_id: str, batch: pa.RecordBatch) -> None:
        """Append a batch; raises ``InvalidInput`` if it starts before the end of what is there."""
        if not batch.num_rows:
            return
        stamps = batch.column("ts_init")
        first, last = stamps[0].value, stamps[-1].value
        key = (kind, instrument_id)
        if key not in self._files:
            self._guard(kind, instrument_id, first, first)
            path = self._root / layout.folder(kind, instrument_id) / "open.parquet"
            self._files[key] = _File(path, batch.schema)
        file = self._files[key]
        if first < file.last_ns:
            raise InvalidInput(f"{instrument_id} {kind}", first, f"rows in time order, after {file.last_ns}")
        file.write(batch, first, last)

    def ranges(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Return first stamp, last stamp and rows per kind and instrument."""
        return {key: (file.first_ns, file.last_ns, file.rows) for key, file in self._files.items()}
