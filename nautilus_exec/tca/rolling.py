"""The largest share of volume that an order took in any window of its life."""

import polars as pl

from nautilus_exec.tca.benchmarks import market_volume, volume_in
from nautilus_exec.tca.load import PARENT_KEY
from nautilus_exec.tca.market import Market
from nautilus_exec.units import MINUTE, Nanos

WINDOW: Nanos = 5 * MINUTE
"""Chosen by us: long enough that a single child is not the whole market of an ordinary stock."""

_KEY = list(PARENT_KEY)


def largest_participation(
    parents: pl.LazyFrame, fills: pl.LazyFrame, market: Market, window_ns: Nanos = WINDOW
) -> pl.LazyFrame:
    """Return the largest q / V (row 13) of the windows of ``window_ns`` that end with a fill, a fraction per parent.

    The share can only peak at an own fill. Windows lie within the order's life: an order shorter than one has none
    (null), and so has one whose windows held nobody else's volume. V counts own volume once.
    """
    arrived = fills.join(parents.select(*_KEY, "arrival_ns"), on=_KEY).sort("ts")
    ending = arrived.rolling("ts", period=f"{window_ns}i", group_by=_KEY).agg(
        q_own=pl.col("qty").sum(),
        q_tape=pl.col("qty").filter(pl.col("on_tape")).sum(),
        instrument=pl.col("instrument").last(),
        arrival_ns=pl.col("arrival_ns").last(),
    )
    # Fills of one instant end the same window: its sum is with each of them.
    windows = ending.unique([*_KEY, "ts"]).select(
        *_KEY,
        "instrument",
        "arrival_ns",
        "q_own",
        "q_tape",
        t0=pl.col("ts") + 1 - window_ns,
        t1=pl.col("ts") + 1,
    )
    inside = windows.filter(pl.col("t0") >= pl.col("arrival_ns"))
    measured = volume_in(inside, market).with_columns(share=pl.col("q_own") / market_volume())
    return measured.group_by(_KEY).agg(participation_max_5m=pl.col("share").max())
