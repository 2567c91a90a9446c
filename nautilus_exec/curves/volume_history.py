"""Make a volume profile from the days of a history."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nautilus_exec.curves.volume_profile import VolumeProfile, check_edges, normalised
from nautilus_exec.errors import InvalidInput

type Statistic = Literal["mean", "median"]


def from_days(
    days: Mapping[date, Sequence[float]],
    edges_ns: Sequence[int],
    statistic: Statistic = "median",
    *,
    auctions: Mapping[date, tuple[float, float]] | None = None,
    name: str = "history",
    source: str = "",
    timezone: str = "",
    foreign: bool = False,
) -> VolumeProfile:
    """Return the mean or median day of several, each divided by its own total first.

    Formula: f_i = statistic over days d of v_di / sum_j v_dj, then divided by sum_i f_i (medians need not sum
    to 1). So a day of ten times the volume counts no more, and under the median an odd shape not at all.

    ``days`` maps a day to its n bin volumes, ``auctions`` to the volumes of its opening and closing auction (a
    day that it lacks had none). ``day_volume`` is the statistic of the days' continuous totals, the auction
    shares that of auction / (continuous + both auctions). Raises ``InvalidInput`` for no days, a day that is not
    n volumes of at least 0 with one above, an unknown statistic, and when every bin's median is zero.
    """
    check_edges(edges_ns)
    middle = _middle(statistic)
    ordered = sorted(days)
    volumes = _day_matrix(ordered, days, len(edges_ns) - 1)
    totals = volumes.sum(axis=1)
    opening, closing = _auction_shares(ordered, totals, auctions, middle)
    return VolumeProfile(
        edges_ns=tuple(int(edge) for edge in edges_ns),
        fractions=normalised(middle(volumes / totals[:, None], axis=0).tolist()),
        name=name,
        source=source,
        timezone=timezone,
        day_volume=float(middle(totals)),
        opening_share=opening,
        closing_share=closing,
        last_day=ordered[-1].isoformat(),
        days=len(ordered),
        foreign=foreign,
    )


def bin_volumes(tod_ns: ArrayLike, volumes: ArrayLike, edges_ns: Sequence[int]) -> NDArray[np.float64]:
    """Return the volume in each half-open bin: shape (n,) for n + 1 edges; the rest is left out.

    An instant at an edge is in the bin that begins there, so the last edge itself is outside.
    """
    index = np.searchsorted(np.asarray(edges_ns), np.asarray(tod_ns), side="right") - 1
    bins = len(edges_ns) - 1
    inside = (index >= 0) & (index < bins)
    weights = np.asarray(volumes, dtype=np.float64)[inside]
    return np.bincount(index[inside], weights=weights, minlength=bins)


def _day_matrix(
    ordered: Sequence[date], days: Mapping[date, Sequence[float]], bins: int
) -> NDArray[np.float64]:
    """Return the volumes as (days, bins), each day checked."""
    if not ordered:
        raise InvalidInput("days", 0, "at least one day")
    for day in ordered:
        volumes = np.asarray(days[day], dtype=np.float64)
        if volumes.shape != (bins,):
            raise InvalidInput(f"days[{day}]", volumes.size, f"{bins} volumes, one for each bin")
        if not np.isfinite(volumes).all() or (volumes < 0).any() or not volumes.any():
            raise InvalidInput(
                f"days[{day}]", volumes.tolist(), "finite volumes of at least 0, not all of them 0"
            )
    return np.array([days[day] for day in ordered], dtype=np.float64)


def _middle(statistic: str) -> Callable[..., NDArray[np.float64]]:
    if statistic not in ("mean", "median"):
        raise InvalidInput("statistic", statistic, "mean or median")
    return np.mean if statistic == "mean" else np.median


def _auction_shares(
    ordered: Sequence[date],
    totals: NDArray[np.float64],
    auctions: Mapping[date, tuple[float, float]] | None,
    middle: Callable[..., NDArray[np.float64]],
) -> tuple[float | None, float | None]:
    if auctions is None:
        return None, None
    crosses = np.array([auctions.get(day, (0.0, 0.0)) for day in ordered], dtype=np.float64)
    opening, closing = middle(crosses / (totals + crosses.sum(axis=1))[:, None], axis=0)
    return float(opening), float(closing)
