"""How fast quotes with books come in, against platform objects in the same run, and how much memory it takes."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from nautilus_trader.model import (
    BookAction,
    BookOrder,
    InstrumentId,
    OrderBookDelta,
    OrderSide,
    Price,
    Quantity,
    QuoteTick,
)
from nautilus_trader.persistence import ParquetDataCatalog

from nautilus_exec.nautilus.catalog import Catalog
from nautilus_exec.nautilus.importers.run import import_files
from tests.fixtures.excerpt import INSTRUMENTS, OPEN_NS

ROWS = 300_000
VENUES = ("XNYS", "XNAS", "ARCX")
MIB = 1 << 20

pytestmark = pytest.mark.slow


def chunk(start: int, rows: int) -> pl.DataFrame:
    """Return quote rows ``start`` .. ``start + rows`` of an endless stream, a millisecond apart."""
    i = np.arange(start, start + rows)
    rng = np.random.Generator(np.random.PCG64([start, rows]))
    bid = 1_000 + rng.integers(0, 50, rows)
    size = 100 * rng.integers(1, 20, (2, rows))
    columns = {"ts_event": OPEN_NS + i * 1_000_000, "venue": np.array(VENUES)[rng.integers(0, 3, rows)]}
    sides = {"bid": bid / 100, "bid_size": size[0], "ask": (bid + 1) / 100, "ask_size": size[1]}
    return pl.DataFrame(columns | sides | {"sequence": i})


def source(folder: Path, rows: int) -> Path:
    folder.mkdir()
    (folder / "instruments.toml").write_text(INSTRUMENTS)
    with pq.ParquetWriter(folder / "quotes.parquet", chunk(0, 1).to_arrow().schema) as writer:
        for start in range(0, rows, ROWS):
            writer.write_table(chunk(start, min(ROWS, rows - start)).to_arrow())
    return folder


def through_objects(src: Path, into: Path) -> None:
    """Import as one would with the platform alone: an object per quote and per book change."""
    into.mkdir()
    catalog = ParquetDataCatalog(str(into))
    rows = pl.read_parquet(src / "quotes.parquet")
    for (venue,), frame in rows.partition_by("venue", as_dict=True).items():
        iid = InstrumentId.from_str(f"ABC.{venue}")
        quotes, deltas = [], []
        for ts, _, bid, bid_size, ask, ask_size, seq in frame.iter_rows():
            prices, sizes = (Price(bid, 2), Price(ask, 2)), (Quantity(bid_size, 0), Quantity(ask_size, 0))
            quotes.append(QuoteTick(iid, *prices, *sizes, ts, ts))
            deltas.append(OrderBookDelta.clear(iid, seq, ts, ts))
            for side, price, size in zip((OrderSide.BUY, OrderSide.SELL), prices, sizes, strict=True):
                order = BookOrder(side, price, size, 0)
                deltas.append(OrderBookDelta(iid, BookAction.ADD, order, 160, seq, ts, ts))
        catalog.write_quote_ticks(quotes)
        catalog.write_order_book_deltas(deltas)


def test_import_with_books_against_platform_objects(tmp_path):
    src = source(tmp_path / "src", ROWS)
    start = time.perf_counter()
    import_files(src, tmp_path / "ours", src / "instruments.toml")
    ours = time.perf_counter() - start
    start = time.perf_counter()
    through_objects(src, tmp_path / "objects")
    objects = time.perf_counter() - start
    assert sum(one.quotes for one in Catalog(tmp_path / "ours").summary()) == ROWS
    print(
        f"\nimport with books: {ROWS / ours / 1e6:.2f} M quotes/s, through platform objects "
        f"{ROWS / objects / 1e6:.2f} M quotes/s, ratio {objects / ours:.1f}"
    )


MEASURE = """
import resource, sys
from pathlib import Path
from nautilus_exec.nautilus.importers.run import import_files

def most():
    # Linux hands a parent's maximum to its child's getrusage; the high-water mark of the process itself is exact.
    status = Path("/proc/self/status")
    if status.exists():
        return next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

src, into = map(Path, sys.argv[1:])
base = most()
import_files(src, into, src / "instruments.toml")
print(base, most())
"""


def peak(src: Path, into: Path) -> tuple[float, float]:
    """Return peak memory before and after an import in a process of its own, MiB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(src), str(into)], check=True, capture_output=True, text=True
    )
    base, most = (int(kib) * 1024 / MIB for kib in done.stdout.split())
    return base, most


def test_peak_memory_does_not_grow_with_the_file(tmp_path):
    sizes = (ROWS, 20 * ROWS)
    peaks = [peak(source(tmp_path / f"src-{n}", n), tmp_path / f"c-{n}") for n in sizes]
    text = ", ".join(
        f"{n / 1e6:.1f} M rows {most:.0f} MiB" for n, (_, most) in zip(sizes, peaks, strict=True)
    )
    print(f"\npeak memory of an import (packages loaded: {peaks[0][0]:.0f} MiB): {text}")
    assert max(most for _, most in peaks) < 1024
