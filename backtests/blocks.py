"""Statistics of one stock's one day: cost against the slice's opening mid, and a bootstrap over half-hour blocks."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

RESAMPLES = 10_000
BLOCK_NS = 30 * 60 * 1_000_000_000
SLICE_NS = 60 * 1_000_000_000


def against_opening_mid(
    fills: pl.DataFrame, mids: pl.DataFrame, start_ns: int, slice_ns: int = SLICE_NS
) -> pl.DataFrame:
    """Cost and notional of each half-hour block, every fill against the mid at the opening of its slice.

    ``fills`` has ts_event, side, units, price; ``mids`` has ts, mid, sorted. The mid is the last at or before the
    opening. Returns block, cost = sum D q (p - m), notional = sum q m, both in currency; clean-up fills count in their
    own slice.
    """
    opening = start_ns + (pl.col("ts_event") - start_ns) // slice_ns * slice_ns
    rows = fills.with_columns(opening=opening, block=(pl.col("ts_event") - start_ns) // BLOCK_NS).sort(
        "opening"
    )
    rows = rows.join_asof(mids.sort("ts"), left_on="opening", right_on="ts", strategy="backward")
    return (
        rows.with_columns(
            cost=pl.col("side") * pl.col("units") * (pl.col("price") - pl.col("mid")),
            notional=pl.col("units") * pl.col("mid"),
        )
        .group_by("block")
        .agg(pl.col("cost", "notional").sum())
        .sort("block")
    )


def ratio_bps(blocks: pl.DataFrame) -> float:
    """Ratio of sums, in bps."""
    return float(blocks["cost"].sum() / blocks["notional"].sum() * 1e4)


def interval(blocks: pl.DataFrame, other: pl.DataFrame | None = None, seed: int = 7) -> tuple[float, float]:
    """95 % bootstrap interval over blocks of the ratio of sums in bps; with ``other``, of ratio(blocks)/ratio(other).

    Blocks are drawn with replacement, the same draw for both arms (they share the day). Percentile interval.
    """
    draws = np.random.default_rng(seed).integers(0, blocks.height, (RESAMPLES, blocks.height))
    values = _resampled(blocks, draws)
    if other is not None:
        values = values / _resampled(other, draws)
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _resampled(blocks: pl.DataFrame, draws: NDArray[np.int64]) -> NDArray[np.float64]:
    cost, notional = blocks["cost"].to_numpy(), blocks["notional"].to_numpy()
    return np.asarray(cost[draws].sum(axis=1) / notional[draws].sum(axis=1) * 1e4)


def paired(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """A buy and a sell of the same size and instants as one: sums by block."""
    both = pl.concat([first, second])
    return both.group_by("block").agg(pl.col("cost", "notional").sum()).sort("block")
