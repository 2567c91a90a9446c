"""A parent order as the core sees it: integers only, every parameter resolved, never changed in place."""

from dataclasses import dataclass
from enum import StrEnum

from nautilus_exec.units import MINUTE, SECOND, Lots, Nanos, Side, Ticks


class Style(StrEnum):
    """How a schedule is placed: always taking, only resting, or resting and then taking what is left."""

    AGGRESSIVE = "aggressive"
    PASSIVE_ONLY = "passive_only"
    PASSIVE_THEN_CROSS = "passive_then_cross"


class PayUp(StrEnum):
    """When a resting child gives up waiting and crosses."""

    NEVER = "never"
    SLICE_END = "slice_end"
    RATIO = "ratio"


class EndBehavior(StrEnum):
    """What becomes of the remainder near the end."""

    CANCEL = "cancel"
    COMPLETE_HARD = "complete_hard"
    COMPLETE_SOFT = "complete_soft"


class VolumeScope(StrEnum):
    """Whose prints count as the market's volume."""

    CONSOLIDATED = "consolidated"
    LIT = "lit"
    VENUE = "venue"


@dataclass(frozen=True, slots=True)
class VenueSpec:
    """One place where the parent's thing trades.

    ``lot``, ``min_lots`` and ``max_lots`` are in base lots, ``tick`` in base ticks. ``can_amend`` says whether the
    venue changes an order in place; where it cannot, a change is a cancel, its confirm, and a new child.
    """

    venue: str
    instrument: str
    lot: Lots = 1
    tick: Ticks = 1
    min_lots: Lots = 1
    max_lots: Lots | None = None
    can_amend: bool = False


@dataclass(frozen=True, slots=True)
class Auction:
    """The auction that a parent takes part in.

    From ``cutoff_ns`` on nothing may be entered into it, cancelled or amended; what is in it lives until the official
    print, or until ``until_ns`` when none comes. ``max_lots`` is the most that may be out for it, ``max_share`` the
    largest part of the print.
    """

    cutoff_ns: Nanos
    until_ns: Nanos
    max_lots: Lots
    max_share: float = 1.0
    opening: bool = False

    def binds(self, now_ns: Nanos) -> bool:
        """Whether what is in the auction can no longer be taken back."""
        return self.cutoff_ns <= now_ns < self.until_ns


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """What was asked, in base lots, base ticks and nanoseconds.

    Compared by identity: an amend makes a new one, and what a policy derives from a spec is remembered per spec.
    ``venues[0]`` is the primary venue. ``params`` is the policy's own frozen struct.
    """

    parent_id: str
    algorithm: str
    side: Side
    quantity: Lots
    venues: tuple[VenueSpec, ...]
    received_ns: Nanos
    start_ns: Nanos
    end_ns: Nanos
    params: object = None
    limit_ticks: Ticks | None = None
    iwould_ticks: Ticks | None = None
    """At this price or better the displayed size is taken, whatever the schedule says."""
    max_chase_ticks: Ticks | None = None
    """How far a resting child follows the touch from the first price of its slice."""
    style: Style = Style.AGGRESSIVE
    pay_up: PayUp = PayUp.SLICE_END
    pay_up_ratio: float = 0.5
    end_behavior: EndBehavior = EndBehavior.CANCEL
    sweep_ns: Nanos = MINUTE
    """Length of the final sweep, counted back from the end."""
    cancel_allowance_ns: Nanos = 2 * SECOND
    """How long before a cross the resting children are cancelled, so that the confirm is in."""
    min_child: Lots = 1
    max_child: Lots | None = None
    max_participation: float | None = None
    """Share of total volume, own included: q / (q + V_o)."""
    participation_window_ns: Nanos = 5 * MINUTE
    volume_scope: VolumeScope = VolumeScope.CONSOLIDATED
    randomize_size: float = 0.0
    randomize_time: float = 0.0
    seed: int = 0
    auction: Auction | None = None
    amends: int = 0
    """How often the parent was amended; part of every take's key, since a new schedule counts its slices anew."""

    @property
    def primary(self) -> VenueSpec:
        """The venue that takes what no router places."""
        return self.venues[0]

    def at(self, venue: str) -> VenueSpec | None:
        """The venue of that name, or None when it is not in the routing set."""
        for candidate in self.venues:
            if candidate.venue == venue:
                return candidate
        return None
