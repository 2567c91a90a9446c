"""How a horizon is cut into slices: by an interval or by a number, never both."""

from dataclasses import dataclass, replace
from typing import Annotated

from nautilus_exec.core.spec import Spec
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.meaning import means
from nautilus_exec.policies.params import CommonParams, Duration, Natural
from nautilus_exec.policies.schedule import Schedule
from nautilus_exec.policies.text import parse_duration
from nautilus_exec.units import SECOND, Lots, Nanos

MAX_SLICES = 100_000


class SliceParams(CommonParams, frozen=True, kw_only=True):
    """Parameters of algorithms that work in slices."""

    interval: Annotated[Duration | None, means("Length of a slice; the last may be shorter.")] = None
    slices: Annotated[
        Natural | None,
        means("Number of equal slices, of a second at least.", instead_of="interval"),
    ] = None


@dataclass(frozen=True, slots=True)
class Sliced:
    """What a slice policy derives from its parameters once, when the parent is received."""

    given: SliceParams
    schedule: Schedule
    curve: tuple[float, ...] = ()
    """Cumulative share of the window's volume at each edge; empty where there is no curve."""
    window_volume: float = 0.0
    """Lots expected to trade in the window, from history; 0 where it is not known."""
    band_behind: Lots = 0
    band_ahead: Lots = 0
    needs_tape: bool = False
    """Whether decisions depend on the market's volume."""


def with_schedule(spec: Spec, sliced: Sliced) -> Spec:
    """The spec with the derived schedule in place of the raw parameters."""
    return replace(spec, params=sliced)


def edges(
    params: SliceParams, start_ns: Nanos, end_ns: Nanos, default: int | Nanos, by_interval: bool
) -> list[Nanos]:
    """Slice edges from start to end, the last slice shorter where the interval does not divide the horizon.

    ``default`` is a number of slices, or an interval in ns where ``by_interval``. Raises ``InvalidInput`` when both
    interval and slices are given, or when there would be more than 100,000 slices.
    """
    if params.interval is not None and params.slices is not None:
        raise InvalidInput("slices", params.slices, "no slices where interval is given, or no interval")
    interval = None if params.interval is None else parse_duration("interval", params.interval)
    count = params.slices
    if count is not None and count > MAX_SLICES:
        raise InvalidInput("slices", count, f"at most {MAX_SLICES} slices")
    if interval is None and count is None:
        interval, count = (default, None) if by_interval else (None, default)
    horizon = end_ns - start_ns
    if interval is None:
        count = min(count or 1, max(1, horizon // SECOND))
        return [start_ns + horizon * k // count for k in range(count + 1)]
    if horizon // interval > MAX_SLICES:
        raise InvalidInput("interval", params.interval, f"at most {MAX_SLICES} slices in the horizon")
    cuts = list(range(start_ns, end_ns, interval))
    return [*cuts, end_ns]
