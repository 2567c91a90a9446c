"""What the pictures draw, thinned so that the page stays small."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from nautilus_exec.tca.load import PARENT_KEY, Run
from nautilus_exec.tca.market import Market

POINTS = 400
"""Points of a price path; chosen by us: more than the pixels of a phone, about a third of a wide screen's."""
MARKERS = 1_000
"""Fills drawn on a price path, the largest first; chosen by us."""


@dataclass(frozen=True, slots=True)
class Story:
    """One parent's life in frames: ``path [ts, bid, ask]``, ``fills [ts, price, qty, venue, liquidity]``,
    ``plan [ts, planned]`` and ``done [ts, filled]``, quantities in units, instants in UTC nanoseconds.
    """

    parent: dict[str, Any]
    path: pl.DataFrame
    fills: pl.DataFrame
    plan: pl.DataFrame
    done: pl.DataFrame


def stories(parents: pl.DataFrame, fills: pl.DataFrame, run: Run, market: Market) -> list[Story]:
    """Return the story of every row of ``parents``, all frames in one collection."""
    wanted = list(parents.iter_rows(named=True))
    lazy = [
        frame
        for parent in wanted
        for frame in (_path(parent, market), *_progress(parent, fills.lazy(), run.decisions))
    ]
    frames = iter(pl.collect_all(lazy))
    return [Story(parent, next(frames), next(frames), next(frames), next(frames)) for parent in wanted]


def _path(parent: dict[str, Any], market: Market) -> pl.LazyFrame:
    """Return the last two-sided quote of each of ``POINTS`` equal spans of the order's life and a little around it."""
    begin, end = parent["received_ns"], max(parent["ended_ns"], parent["last_fill_ns"] or 0)
    margin = max((end - begin) // 40, 1)
    begin, end = begin - margin, end + margin
    span = max((end - begin) // POINTS, 1)
    two_sided = (pl.col("bid_size") > 0) & (pl.col("ask_size") > 0) & (pl.col("bid") <= pl.col("ask"))
    inside = (pl.col("instrument") == parent["instrument"]) & pl.col("ts").is_between(begin, end)
    return (
        market.quotes.filter(inside & two_sided)
        .group_by(((pl.col("ts") - begin) // span).alias("bucket"))
        .agg(pl.col("ts", "bid", "ask").sort_by("ts", maintain_order=True).last())
        .sort("bucket")
        .select("ts", "bid", "ask")
    )


def _progress(
    parent: dict[str, Any], fills: pl.LazyFrame, decisions: pl.LazyFrame
) -> tuple[pl.LazyFrame, ...]:
    own = pl.all_horizontal(pl.col(name) == parent[name] for name in PARENT_KEY)
    mine = fills.filter(own).sort("ts", "seq")
    drawn = mine.top_k(MARKERS, by="qty").sort("ts").select("ts", "price", "qty", "venue", "liquidity")
    done = mine.select("ts", filled=pl.col("qty").cum_sum())
    scheduled = decisions.filter(own & (pl.col("planned") >= 0)).sort("ts", "seq")
    plan = scheduled.select("ts", planned=pl.col("planned") * parent["lot"])
    return drawn, plan, _thinned(done)


def _thinned(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Keep about ``MARKERS`` rows at even distances, the last one included."""
    every = (pl.len() // MARKERS).clip(lower_bound=1)
    row = pl.int_range(pl.len())
    return frame.filter((row % every == 0) | (row == pl.len() - 1))
