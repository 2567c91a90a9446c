"""What a run of an algorithm is held to, from its fills and the market alone: nothing here asks the policy."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

POINTS = 0.005
"""Half a point of volume."""


class Pace(NamedTuple):
    """How closely a participation was kept. ``shares``, ``points`` and ``ratio`` are each its own largest."""

    realised: float
    """Own shares of all shares at the end."""
    shares: float
    """Largest |own - target x volume|."""
    points: float
    """The largest deviation where more than one child was off, as a fraction of the volume; 0 where none was."""
    ratio: float
    """The largest deviation as a part of what is allowed at its instant: at most 1 meets the goal."""
    inside: float
    """Part of the time within what is allowed."""
    short: float
    """Part of the time outside in which the last order sent had come back with less than it asked for; 1 if none."""


def pace(
    fills: pl.DataFrame,
    children: pl.DataFrame,
    prints: pl.DataFrame,
    rate: float,
    span: tuple[int, int],
    interval_ns: int,
) -> Pace:
    """Hold own fills against a part of all volume at every instant from the end of the first interval on.

    Formula: d(t) = own - r (own + others), counted from the start; allowed is the larger of half a point of own +
    others and one child, r times what others traded since the running interval began, plus a share of rounding.
    An instant is after everything of its stamp. ``fills`` has ts_event, units, ``children`` sent_ns, lots, filled,
    ``prints`` of others ts, size; ``span`` is the order's start and end in UTC nanoseconds.
    """
    start, end = span
    here = prints.filter(pl.col("ts").is_between(start, end)).sort("ts")
    mine = fills.sort("ts_event")
    at_print, at_fill = here["ts"].to_numpy(), mine["ts_event"].to_numpy()
    edges = np.arange(start + interval_ns, end + 1, interval_ns)
    at = np.unique(np.concatenate([edges, at_print, at_fill]))
    at = at[(at >= edges[0]) & (at <= end)]
    opening = start + (at - start) // interval_ns * interval_ns
    others, size = _until(at_print, here["size"], at, "right"), _until(at_fill, mine["units"], at, "right")
    child = rate * (others - _until(at_print, here["size"], opening, "left")) + 1
    volume = others + size
    off = np.abs(size - rate * volume)
    share = off / np.maximum(np.maximum(POINTS * volume, child), 1)
    lasts = np.diff(np.append(at, end))
    beyond = np.where(off > child, off / np.maximum(volume, 1), 0)
    outside = lasts[share > 1].sum()
    unmet = lasts[(share > 1) & _short(children, at)].sum()
    return Pace(
        size[-1] / volume[-1],
        off.max(),
        beyond.max(),
        share.max(),
        float(1 - outside / lasts.sum()),
        float(unmet / outside) if outside else 1.0,
    )


def _short(children: pl.DataFrame, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the last order sent by each instant got less than it asked for."""
    sent = children.sort("sent_ns")
    behind = np.concatenate([[False], (sent["filled"] < sent["lots"]).to_numpy()])
    return np.asarray(behind[np.searchsorted(sent["sent_ns"].to_numpy(), at, side="right")])


def _until(
    stamps: NDArray[np.int64], sizes: pl.Series, at: NDArray[np.int64], side: str
) -> NDArray[np.float64]:
    """Sum of the sizes until each instant: with it for side "right", without it for "left"."""
    total = np.concatenate([[0.0], np.cumsum(sizes.to_numpy())])
    return total[np.searchsorted(stamps, at, side="right" if side == "right" else "left")]


def largest_tip(children: pl.DataFrame, fills: pl.DataFrame) -> float:
    """The most lots that rested at any instant.

    ``children`` has child_id, lots, filled, take, sent_ns, ended_ns, ``fills`` child_id, lots, ts_event. At equal
    stamps what ends goes before what is sent, since the one is what lets the other go.
    """
    rests = children.filter(~pl.col("take"))
    own = fills.join(rests, on="child_id", how="semi")
    steps = pl.concat(
        [
            rests.select(ts="sent_ns", lots="lots"),
            own.select(ts="ts_event", lots=-pl.col("lots")),
            rests.select(ts="ended_ns", lots=pl.col("filled") - pl.col("lots")),
        ]
    ).sort("ts", "lots")
    return float(steps["lots"].cum_sum().max() or 0)


def optimal(quantity: float, kappa_t: float, slices: int) -> NDArray[np.float64]:
    """Shares done at the end of each slice of the closed form: X (1 - sinh(kappa (T - t)) / sinh(kappa T))."""
    left = kappa_t * (1 - np.arange(1, slices + 1) / slices)
    return np.asarray(quantity * (1 - np.sinh(left) / np.sinh(kappa_t)))


def schedule_gap(
    fills: pl.DataFrame, quantity: float, kappa_t: float, slices: int, start_ns: int, slice_ns: int
) -> float:
    """Largest |filled - planned| at a slice's end, as a part of the order; a fill at an edge is the next slice's."""
    mine = fills.sort("ts_event")
    edges = start_ns + slice_ns * np.arange(1, slices + 1)
    edges[-1] += 1
    done = _until(mine["ts_event"].to_numpy(), mine["units"], edges, "left")
    return float(np.abs(done - optimal(quantity, kappa_t, slices)).max() / quantity)


class Split(NamedTuple):
    """A cost against arrival in two, in bps of the notional at arrival: positive is a cost."""

    spread: float
    timing: float


def split(fills: pl.DataFrame, mids: pl.DataFrame, arrival_ns: int) -> Split:
    """Price against the mid when its child was sent, and that mid against the one of arrival."""
    first = float(mids.filter(pl.col("ts") <= arrival_ns)["mid"][-1])
    rows = fills.sort("sent_ns").join_asof(mids, left_on="sent_ns", right_on="ts")
    signed = rows["side"] * rows["units"]
    notional = float(rows["units"].sum()) * first
    spread = float((signed * (rows["price"] - rows["mid"])).sum())
    timing = float((signed * (rows["mid"] - first)).sum())
    return Split(spread / notional * 1e4, timing / notional * 1e4)


def worst_against_quote(fills: pl.DataFrame, quotes: pl.DataFrame, tick: float) -> float:
    """Largest D (price - far touch), in ticks, the touch that stood when the order was sent; above 0 is worse."""
    rows = fills.sort("sent_ns").join_asof(quotes, left_on="sent_ns", right_on="ts")
    touch = pl.when(pl.col("side") > 0).then("ask").otherwise("bid")
    return float(rows.select((pl.col("side") * (pl.col("price") - touch)).max()).item()) / tick
