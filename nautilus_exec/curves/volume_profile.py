"""How a day's volume is spread over the day: fractions per bin, and the curve through them.

Times are nanoseconds of the wall clock since local midnight; bins are half-open, [edge_i, edge_i+1).
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate, pairwise
from math import fsum, isclose, isfinite
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nautilus_exec.errors import InvalidInput
from nautilus_exec.units import DAY, HOUR, MINUTE

_HALF_HOURS = (0.130, 0.090, 0.075, 0.070, 0.065, 0.060, 0.055, 0.055, 0.060, 0.065, 0.075, 0.090, 0.110)
"""The default shape of a US equity day, 09:30-16:00 in half hours: stylised, chosen by us."""


@dataclass(frozen=True, slots=True)
class CumulativeCurve:
    """A rising piecewise linear curve from 0 at the first knot to 1 at the last.

    ``knots_ns`` rise strictly; ``shares`` never fall. Built by :class:`VolumeProfile` and :func:`window`.
    """

    knots_ns: tuple[int, ...]
    shares: tuple[float, ...]

    def at(self, tod_ns: int) -> float:
        """Return the share done by ``tod_ns``: interpolated between the knots, 0 before them, 1 after."""
        knots = self.knots_ns
        if tod_ns <= knots[0]:
            return 0.0
        if tod_ns >= knots[-1]:
            return 1.0
        i = bisect_right(knots, tod_ns)
        left, low = knots[i - 1], self.shares[i - 1]
        return low + (self.shares[i] - low) * (tod_ns - left) / (knots[i] - left)

    def at_many(self, tod_ns: ArrayLike) -> NDArray[np.float64]:
        """Return :meth:`at` of an array of instants of any shape, as float64 of the same shape."""
        instants = np.asarray(tod_ns, dtype=np.float64)
        return np.asarray(np.interp(instants, self.knots_ns, self.shares), dtype=np.float64)

    def between(self, start_ns: int, end_ns: int) -> float:
        """Return the share that falls into [start_ns, end_ns); negative if they are in the wrong order."""
        return self.at(end_ns) - self.at(start_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeProfile:
    """The fractions of a day's continuous volume in each bin of the day.

    Parameters
    ----------
    edges_ns : tuple of int
        n + 1 bin edges, strictly rising, within [0, 24 h] of the local day; widths are free.
    fractions : tuple of float
        n fractions of the continuous volume, each at least 0, summing to 1 within 1e-9 (:func:`normalised`
        makes them so).
    name, source : str
        What it is called, and in words what it was made from.
    timezone : str
        Zone of the wall clock, IANA name; empty if not known.
    day_volume : float, optional
        The continuous volume of a day, in the unit of the volumes given; ``None`` if not known.
    opening_share, closing_share : float, optional
        The auctions' shares of the whole day (continuous and auctions); ``None`` if the source does not tell
        them apart. They are outside ``fractions``.
    last_day : str, optional
        ISO date of the newest day used; ``None`` for a static shape.
    days : int
        How many days were used.
    foreign : bool
        True if it was made from another instrument, or from days that are later: not
        checked by :func:`check_before`.

    Raises ``InvalidInput`` naming the field that does not hold.
    """

    edges_ns: tuple[int, ...]
    fractions: tuple[float, ...]
    name: str
    source: str
    timezone: str = ""
    day_volume: float | None = None
    opening_share: float | None = None
    closing_share: float | None = None
    last_day: str | None = None
    days: int = 0
    foreign: bool = False
    curve: CumulativeCurve = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_edges(self.edges_ns)
        _check_fractions(self.fractions, len(self.edges_ns) - 1)
        _check_scalars(self)
        shares = [0.0, *(min(share, 1.0) for share in accumulate(self.fractions))]
        shares[-1] = 1.0
        object.__setattr__(self, "curve", CumulativeCurve(tuple(self.edges_ns), tuple(shares)))


def static_us_equity() -> VolumeProfile:
    """Return the default U-shape of a US equity day: 13 half hours, 09:30 to 16:00 New York, no auctions."""
    opens = 9 * HOUR + 30 * MINUTE
    return VolumeProfile(
        edges_ns=tuple(opens + 30 * MINUTE * i for i in range(14)),
        fractions=normalised(_HALF_HOURS),
        name="static_us_equity",
        source="stylised U-shape of a US equity day",
        timezone="America/New_York",
    )


@overload
def cumulative(profile: VolumeProfile, tod_ns: int) -> float: ...
@overload
def cumulative(
    profile: VolumeProfile, tod_ns: NDArray[np.generic] | Sequence[int]
) -> NDArray[np.float64]: ...
def cumulative(
    profile: VolumeProfile, tod_ns: int | NDArray[np.generic] | Sequence[int]
) -> float | NDArray[np.float64]:
    """Return the fraction of the day's continuous volume before ``tod_ns``, linear inside each bin.

    One instant gives a float, an array gives an array of its shape; 0 before the first edge, 1 after the
    last.
    """
    if isinstance(tod_ns, int | np.integer):
        return profile.curve.at(int(tod_ns))
    return profile.curve.at_many(tod_ns)


def fraction_between(profile: VolumeProfile, start_ns: int, end_ns: int) -> float:
    """Return the fraction of the day's volume in [start_ns, end_ns); ``InvalidInput`` if end < start."""
    if end_ns < start_ns:
        raise InvalidInput("end_ns", end_ns, f"at least start_ns {start_ns}")
    return profile.curve.between(start_ns, end_ns)


def window(profile: VolumeProfile, start_ns: int, end_ns: int) -> CumulativeCurve:
    """Return the curve of the volume inside [start_ns, end_ns), from 0 at its start to 1 at its end.

    Formula: (C(t) - C(start)) / (C(end) - C(start)). Times outside the profile's bins have no volume.
    Raises ``InvalidInput`` when the window is empty or no volume is in it.
    """
    if end_ns <= start_ns:
        raise InvalidInput("end_ns", end_ns, f"later than start_ns {start_ns}")
    curve = profile.curve
    low = curve.at(start_ns)
    mass = curve.at(end_ns) - low
    if mass <= 0:
        raise InvalidInput(
            "window", f"{start_ns}..{end_ns} ns", f"a window with volume in profile {profile.name}"
        )
    knots = (start_ns, *(edge for edge in profile.edges_ns if start_ns < edge < end_ns), end_ns)
    shares = (0.0, *(min((curve.at(knot) - low) / mass, 1.0) for knot in knots[1:-1]), 1.0)
    return CumulativeCurve(knots, shares)


def check_before(profile: VolumeProfile, day: date) -> None:
    """Raise ``InvalidInput`` if ``profile`` used ``day`` or a later one; a static or foreign one passes.

    A profile that has seen the order's own day knows its volume: a backtest with it is no test.
    """
    if profile.last_day is not None and not profile.foreign and profile.last_day >= day.isoformat():
        raise InvalidInput(
            "profile",
            profile.name,
            f"days before {day} only, not up to {profile.last_day} (or made with --foreign)",
        )


def normalised(weights: Sequence[float]) -> tuple[float, ...]:
    """Return ``weights`` over their sum; ``InvalidInput`` if one is negative or not finite, or all are 0."""
    if not all(isfinite(weight) and weight >= 0 for weight in weights) or not any(weights):
        raise InvalidInput("fractions", list(weights), "finite numbers of at least 0, not all of them 0")
    total = fsum(weights)
    return tuple(weight / total for weight in weights)


def check_edges(edges_ns: Sequence[int]) -> None:
    """Raise ``InvalidInput`` unless there are two edges or more, strictly rising, within the day."""
    rising = all(left < right for left, right in pairwise(edges_ns))
    if len(edges_ns) < 2 or not rising or edges_ns[0] < 0 or edges_ns[-1] > DAY:
        raise InvalidInput("edges_ns", list(edges_ns), f"two or more strictly rising edges in 0..{DAY}")


def _check_fractions(fractions: Sequence[float], bins: int) -> None:
    if len(fractions) != bins:
        raise InvalidInput("fractions", len(fractions), f"{bins} fractions, one for each bin")
    if not all(isfinite(fraction) and fraction >= 0 for fraction in fractions):
        raise InvalidInput("fractions", list(fractions), "finite fractions of at least 0")
    if not isclose(fsum(fractions), 1.0, abs_tol=1e-9):
        raise InvalidInput("fractions", fsum(fractions), "fractions that sum to 1")


def _check_scalars(profile: VolumeProfile) -> None:
    for name in ("opening_share", "closing_share"):
        share: float | None = getattr(profile, name)
        if share is not None and not 0 <= share <= 1:
            raise InvalidInput(name, share, "a share between 0 and 1")
    volume = profile.day_volume
    if volume is not None and not (isfinite(volume) and volume > 0):
        raise InvalidInput("day_volume", volume, "a volume above 0")
    if profile.last_day is None:
        return
    try:
        date.fromisoformat(profile.last_day)
    except ValueError:
        raise InvalidInput("last_day", profile.last_day, "a date as YYYY-MM-DD") from None
