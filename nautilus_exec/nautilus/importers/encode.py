"""Numpy columns of ticks and lots into Arrow batches of the platform's layout."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nautilus_exec.nautilus.importers import layout

type Ints = NDArray[np.int64]

_MASK = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def scale(step: Decimal) -> int:
    """Return a tick or lot as the integer the decimal column holds for it: step x 10^16."""
    return int(step.scaleb(layout.DECIMALS))


def decimals(counts: Ints, step: int) -> pa.Array:
    """Return counts x step as decimal128(38, 16); counts and step are non-negative, the product under 2^127."""
    low, high = _product(counts.astype(np.uint64), np.uint64(step))
    pairs = np.empty((len(counts), 2), np.uint64)
    pairs[:, 0], pairs[:, 1] = low, high
    return pa.Array.from_buffers(layout.DECIMAL, len(counts), [None, pa.py_buffer(pairs)])


def _product(a: NDArray[np.uint64], b: np.uint64) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    # Schoolbook product of two 64-bit numbers in 32-bit halves: a price of 1,000 already passes 2^63 at 16 decimals.
    a1, a0, b1, b0 = a >> _HALF, a & _MASK, b >> _HALF, b & _MASK
    mid = ((a0 * b0) >> _HALF) + ((a0 * b1) & _MASK) + ((a1 * b0) & _MASK)
    high = a1 * b1 + ((a0 * b1) >> _HALF) + ((a1 * b0) >> _HALF) + (mid >> _HALF)
    return a * b, high


def labels(codes: NDArray[np.int8], names: tuple[str, ...]) -> pa.Array:
    """Return a dictionary column of the named values."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(names, pa.string()))


def times(stamps_ns: Ints) -> pa.Array:
    """Return UTC nanoseconds as an Arrow time column."""
    return pa.array(stamps_ns, pa.int64()).view(layout.TIME)


def batch(schema: pa.Schema, stamps_ns: Ints, *columns: pa.Array) -> pa.RecordBatch:
    """Join columns with the stamp as both event and init time."""
    when = times(stamps_ns)
    return pa.RecordBatch.from_arrays([*columns, when, when], schema=schema)
