"""The parameters that every algorithm shares, decoded from an order's text and resolved into a spec."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

import msgspec

from nautilus_exec.core.ids import digest
from nautilus_exec.core.spec import EndBehavior, PayUp, Spec, Style, VenueSpec, VolumeScope
from nautilus_exec.curves.volume_profile import VolumeProfile
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.meaning import kind, means
from nautilus_exec.policies.text import parse_duration, parse_price, parse_time
from nautilus_exec.units import MINUTE, Lots, Nanos, Side, Ticks

type Time = Annotated[str, kind("time")]
type Duration = Annotated[str, kind("duration")]
type Price = Annotated[str, kind("price")]
type Name = Annotated[str, kind("name")]
type Fraction = Annotated[float, msgspec.Meta(ge=0.0, le=1.0), kind("fraction")]
type Rate = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0), kind("fraction")]
type Natural = Annotated[int, msgspec.Meta(ge=1)]

SWEEP_LIMIT_NS = MINUTE
SWEEP_SHARE = 0.05
"""The final sweep lasts min(60 s, 5 % of the horizon)."""


class CommonParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every algorithm understands; durations, times and prices as text (see ``policies.text``)."""

    when_absent: ClassVar[Mapping[str, str]] = {}
    """What an algorithm does where a parameter of a struct that it shares is not given, by the parameter's name."""

    start_time: Annotated[
        Time | None, means("When to begin: nothing is sent before. In the past it is now.", absent="now")
    ] = None
    end_time: Annotated[
        Time | None,
        means(
            "When to end; clipped to the session's end.",
            absent="the order's own expiry, or else the session's end",
            amendable=True,
        ),
    ] = None
    duration: Annotated[
        Duration | None,
        means(
            "Length of the order from its start; clipped to the session's end.",
            instead_of="end_time",
            amendable=True,
        ),
    ] = None
    limit_price: Annotated[
        Price | None,
        means(
            "Hard cap of every child, the final sweep's too.",
            unit="currency per unit",
            absent="the order's own limit price, or none",
            amendable=True,
        ),
    ] = None
    end_behavior: Annotated[
        EndBehavior,
        means(
            "What becomes of the remainder near the end. cancel: nothing more is done for it; complete_hard: it "
            "crosses in the final sweep, the last 5 % of the horizon and at most 60 s, the one thing that may exceed "
            "the participation cap, and the record says by how much; complete_soft: it crosses inside the cap only."
        ),
    ] = EndBehavior.CANCEL
    max_participation: Annotated[
        Rate | None,
        means(
            "Largest share of total volume, own included, over participation_window; the cap beats catch-up.",
            absent="no cap",
            amendable=True,
        ),
    ] = None
    participation_window: Annotated[Duration, means("The time over which participation is measured.")] = "5m"
    volume_scope: Annotated[
        VolumeScope,
        means(
            "Whose prints count as the market's volume: all venues' and off-exchange reports, all lit venues', or the "
            "order's own venue's."
        ),
    ] = VolumeScope.CONSOLIDATED
    iwould_price: Annotated[
        Price | None,
        means(
            "At this price or better the displayed size is taken, as far as the participation cap allows; the schedule "
            "waits. It lies within limit_price.",
            unit="currency per unit",
            absent="no such price",
        ),
    ] = None
    min_child: Annotated[
        Natural,
        means(
            "Smallest child: less is carried into the next slice, never dropped or rounded up.", unit="lots"
        ),
    ] = 1
    max_child: Annotated[Natural | None, means("Largest child.", unit="lots", absent="the venue's own")] = (
        None
    )
    randomize_size: Annotated[
        Fraction,
        means(
            "Each slice's size is moved at random by at most this fraction of it. Sums stay exact, and the seed "
            "derives from the parent's id."
        ),
    ] = 0.0
    randomize_time: Annotated[
        Fraction, means("Each slice begins later at random, by at most this fraction of its length.")
    ] = 0.0
    style: Annotated[
        Style,
        means(
            "How what is due is placed. aggressive: it takes; passive_only: it rests at the near touch; "
            "passive_then_cross: it rests, and takes when pay_up says so."
        ),
    ] = Style.AGGRESSIVE
    pay_up: Annotated[
        PayUp,
        means(
            "When a resting child of passive_then_cross crosses: never, at the slice's end, or when the opposite size "
            "falls below pay_up_ratio."
        ),
    ] = PayUp.SLICE_END
    pay_up_ratio: Annotated[
        float,
        msgspec.Meta(gt=0.0, le=1000.0),
        means(
            "Cross when the opposite size falls below this multiple of what is still to do (pay_up = ratio)."
        ),
    ] = 0.5

    max_chase_ticks: Annotated[
        Annotated[int, msgspec.Meta(ge=0)] | None,
        means(
            "How far a resting child follows the touch: so many ticks of the venue from the first price of its slice.",
            unit="ticks",
            absent="as far as the limit price",
        ),
    ] = None

    @property
    def needs_volume(self) -> bool:
        """Whether the market's volume is counted for an order with these parameters."""
        return self.max_participation is not None

    def params(self) -> dict[str, str]:
        """Return what an order carries as ``exec_algorithm_params``: the fields that differ from their default."""
        fields = msgspec.structs.fields(self)
        given = {field.name: getattr(self, field.name) for field in fields}
        return {field.name: str(given[field.name]) for field in fields if given[field.name] != field.default}


@dataclass(frozen=True, slots=True)
class Session:
    """The trading session that a parent falls in."""

    open_ns: Nanos
    close_ns: Nanos


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the platform's order and the instrument say, in the core's units."""

    parent_id: str
    algorithm: str
    side: Side
    quantity: Lots
    venues: tuple[VenueSpec, ...]
    received_ns: Nanos
    tick: Decimal
    lot: Decimal = Decimal(1)
    zone: str = "UTC"
    session: Session | None = None
    limit_ticks: Ticks | None = None
    expire_ns: Nanos | None = None
    profile: VolumeProfile | None = None
    mid: float | None = None
    """Mid price at receipt, in currency per unit; None where there is none to trust."""


def resolve(params: CommonParams, facts: OrderFacts) -> Spec:
    """Make the spec of a parent; raises ``InvalidInput`` for what does not fit together."""
    start, end = _window(params, facts)
    limit = _limit(params, facts)
    return Spec(
        parent_id=facts.parent_id,
        algorithm=facts.algorithm,
        side=facts.side,
        quantity=facts.quantity,
        venues=facts.venues,
        received_ns=facts.received_ns,
        start_ns=start,
        end_ns=end,
        params=params,
        limit_ticks=limit,
        iwould_ticks=_iwould(params, facts, limit),
        max_chase_ticks=params.max_chase_ticks,
        style=params.style,
        pay_up=_pay_up(params),
        pay_up_ratio=params.pay_up_ratio,
        end_behavior=params.end_behavior,
        sweep_ns=min(SWEEP_LIMIT_NS, int((end - start) * SWEEP_SHARE)),
        min_child=params.min_child,
        max_child=_largest(params, facts),
        max_participation=params.max_participation,
        participation_window_ns=parse_duration("participation_window", params.participation_window),
        volume_scope=params.volume_scope,
        randomize_size=params.randomize_size,
        randomize_time=params.randomize_time,
        seed=digest(facts.parent_id, 63),
    )


def _window(params: CommonParams, facts: OrderFacts) -> tuple[Nanos, Nanos]:
    now, zone, session = facts.received_ns, facts.zone, facts.session
    start = now if params.start_time is None else parse_time("start_time", params.start_time, now, zone)
    start = max(start, now, session.open_ns if session else now)
    field, end = _end(params, facts, start)
    if session:
        end = min(end, session.close_ns)
    if end <= start:
        given = getattr(params, field) or facts.expire_ns or "the session's end"
        raise InvalidInput(field, given, f"an instant after the start, {start} ns")
    return start, end


def _end(params: CommonParams, facts: OrderFacts, start: Nanos) -> tuple[str, Nanos]:
    if params.end_time is not None and params.duration is not None:
        raise InvalidInput("duration", params.duration, "no duration where end_time is given, or no end_time")
    if facts.expire_ns is not None and (params.end_time is not None or params.duration is not None):
        raise InvalidInput(
            "end_time", params.end_time or params.duration, "the order's own expiry or this, not both"
        )
    if params.end_time is not None:
        return "end_time", parse_time("end_time", params.end_time, facts.received_ns, facts.zone)
    if params.duration is not None:
        return "duration", start + parse_duration("duration", params.duration)
    if facts.expire_ns is not None:
        return "end_time", facts.expire_ns
    if facts.session is None:
        raise InvalidInput("end_time", None, "end_time or duration, as the instrument has no calendar")
    return "end_time", facts.session.close_ns


def _limit(params: CommonParams, facts: OrderFacts) -> Ticks | None:
    if params.limit_price is None:
        return facts.limit_ticks
    limit = parse_price("limit_price", params.limit_price, facts.tick)
    if facts.limit_ticks is not None and facts.limit_ticks != limit:
        given = facts.limit_ticks * facts.tick
        raise InvalidInput("limit_price", params.limit_price, f"the order's own limit price {given}, or none")
    return limit


def _iwould(params: CommonParams, facts: OrderFacts, limit: Ticks | None) -> Ticks | None:
    if params.iwould_price is None:
        return None
    price = parse_price("iwould_price", params.iwould_price, facts.tick)
    if limit is not None and facts.side * (price - limit) > 0:
        raise InvalidInput(
            "iwould_price", params.iwould_price, f"a price within the limit price {limit * facts.tick}"
        )
    return price


def _pay_up(params: CommonParams) -> PayUp:
    if params.style is not Style.PASSIVE_ONLY:
        return params.pay_up
    return PayUp.NEVER


def _largest(params: CommonParams, facts: OrderFacts) -> Lots | None:
    """The largest child; a size that no venue would take is refused, since the parent could never send."""
    largest = params.max_child
    if largest is not None and largest < params.min_child:
        raise InvalidInput("max_child", largest, f"at least min_child, {params.min_child}")
    least = min(max(venue.lot, venue.min_lots) for venue in facts.venues)
    if largest is not None and largest < least:
        raise InvalidInput("max_child", largest, f"at least the venue's smallest order, {least}")
    most = [venue.max_lots for venue in facts.venues if venue.max_lots is not None]
    if len(most) == len(facts.venues) and params.min_child > max(most):
        raise InvalidInput("min_child", params.min_child, f"at most the venue's largest order, {max(most)}")
    return largest


def refuse_given(params: CommonParams, meaningless: Mapping[str, str]) -> None:
    """Refuse a parameter that says nothing to an algorithm; ``meaningless`` has what was expected in its place."""
    for field in msgspec.structs.fields(params):
        value = getattr(params, field.name)
        if field.name in meaningless and value != field.default:
            raise InvalidInput(field.name, str(value), meaningless[field.name])
