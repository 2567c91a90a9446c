"""What it costs to keep a million fills, against pyarrow alone with the same columns in the same run."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nautilus_exec.nautilus.arrow import schema, to_batch, write_records
from nautilus_exec.tca.records import FillRecord

N = 1_000_000
ROUNDS = 3


def fill(i: int) -> FillRecord:
    return FillRecord(
        run_id="run-1",
        parent_id=f"P{i // 20}",
        child_id=f"P{i // 20}-{i % 20}",
        seq=i % 20,
        trade_id=f"T-{i}",
        instrument="ABC.XNYS",
        venue="XNYS",
        side=1,
        lots=100 + i % 7,
        lot=1.0,
        price_ticks=10_000 + i % 13,
        tick=0.01,
        currency="USD",
        fee=0.3,
        fee_currency="USD",
        liquidity="TAKER",
        sent_ns=10**18 + i * 1000,
        ts_event=10**18 + i * 1000 + 5,
        ts_init=10**18 + i * 1000 + 5,
        bid=100.0 + i % 5 * 0.01,
        ask=100.02,
        late=False,
    )


def median_seconds(call: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


@pytest.mark.slow
def test_a_million_fills_to_disk_against_bare_pyarrow(tmp_path: Path) -> None:
    """Three yardsticks: pyarrow given an Arrow table, pyarrow given Python lists, and Polars reading pyarrow's file."""
    fills = [fill(i) for i in range(N)]
    table = pa.Table.from_batches([to_batch(FillRecord, fills)])
    lists = {
        f.name: (table.column(f.name).cast(_plain(f.type)).to_pylist(), _plain(f.type))
        for f in schema(FillRecord)
    }
    bare = tmp_path / "bare.parquet"

    def write(given: pa.Table) -> None:
        pq.write_table(given, bare, compression="zstd", compression_level=1)

    from_arrow = median_seconds(lambda: write(table))
    from_lists = median_seconds(lambda: write(pa.table({n: pa.array(v, t) for n, (v, t) in lists.items()})))
    ours = median_seconds(lambda: write_records(tmp_path, FillRecord, fills))
    path = write_records(tmp_path, FillRecord, fills)
    scan = median_seconds(lambda: pl.scan_parquet(path).collect())
    bare_scan = median_seconds(lambda: pl.scan_parquet(bare).collect())
    print(
        f"\n1 M fills: structs to disk {ours:.2f} s; bare pyarrow from Python lists {from_lists:.2f} s (ratio "
        f"{ours / from_lists:.2f}), from a finished Arrow table {from_arrow:.2f} s (ratio {ours / from_arrow:.2f}); "
        f"Polars scan {scan:.2f} s, of the bare file {bare_scan:.2f} s"
    )
    assert pq.read_metadata(path).num_rows == N


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_timestamp(kind) else kind
