"""How much of what was taken had been taken a moment before: where a simulated book may have been too kind."""

import polars as pl

from nautilus_exec.units import SECOND

_PLACE = ("run_id", "instrument", "side", "price_ticks")


def refill_share(fills: pl.LazyFrame) -> pl.LazyFrame:
    """Return the share of taker lots that filled at a price from which another child had taken within the last second.

    One row, column ``refill_share``: a fraction, null without taker fills. A simulated venue forgets what was taken as
    soon as the displayed size changes, a real one refills only when somebody comes.
    """
    children = (
        fills.filter(pl.col("liquidity") == "TAKER")
        .group_by(*_PLACE, "child_id")
        .agg(pl.col("lots").sum(), ts=pl.col("ts_event").cast(pl.Int64).min())
        .sort("ts", "child_id")
    )
    since = pl.col("ts") - pl.col("ts").shift(1).over(_PLACE)
    again = pl.col("lots").filter(since < SECOND).sum()
    total = pl.col("lots").sum()
    return children.select(refill_share=pl.when(total > 0).then(again / total))
