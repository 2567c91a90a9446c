"""Hypothesis strategies: parents of both policies in every mode, and markets in every condition."""

from typing import Any

from hypothesis import strategies as st

from nautilus_exec.core.limits import Limits
from nautilus_exec.core.spec import EndBehavior, PayUp, Spec, Style, VolumeScope
from nautilus_exec.curves.volume_profile import VolumeProfile, normalised
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.twap import Twap
from nautilus_exec.policies.vwap import Vwap
from nautilus_exec.units import DAY, HOUR, SECOND, Side
from tests.builders import HERE, THERE, prepared, venue

CONDITIONS = ("normal", "thin", "one_sided", "crossed", "locked", "stale", "halted", "missing")


def maybe[T](values: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """A value, or that it is not given."""
    return st.none() | values


PROFILE = VolumeProfile(
    edges_ns=tuple(hour * HOUR for hour in range(0, 25, 2)),
    fractions=normalised([1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1]),
    name="hours",
    source="made by hand",
    timezone="UTC",
    day_volume=2_000_000.0 * DAY / HOUR,
)


@st.composite
def params(draw: st.DrawFn, policy: type[Policy]) -> dict[str, str]:
    """Text parameters of one policy; every mode with about the same weight."""
    given: dict[str, Any] = {
        "duration": draw(st.sampled_from(("60s", "300s"))),
        "style": draw(st.sampled_from(Style)),
        "pay_up": draw(st.sampled_from(PayUp)),
        "end_behavior": draw(st.sampled_from(EndBehavior)),
        "min_child": draw(st.sampled_from((1, 1, 7, 50))),
        "max_child": draw(maybe(st.sampled_from((100, 400)))),
        "max_participation": draw(maybe(st.sampled_from((0.05, 0.1, 0.3)))),
        "participation_window": draw(st.sampled_from(("30s", "5m"))),
        "volume_scope": draw(st.sampled_from(VolumeScope)),
        "limit_price": draw(maybe(st.sampled_from(("99.95", "100.00", "100.05", "100.10", "100.25")))),
        "randomize_size": draw(st.sampled_from((0.0, 0.5))),
        "randomize_time": draw(st.sampled_from((0.0, 1.0))),
        "pay_up_ratio": draw(st.sampled_from((0.1, 0.5, 3.0))),
        "slices": draw(st.sampled_from((1, 3, 6))),
    }
    if policy is Vwap:
        given["volume_curve"] = draw(st.sampled_from(("history", "dynamic")))
        given["band_behind"] = draw(st.sampled_from((0.0, 0.02, 0.2)))
        given["band_ahead"] = draw(st.sampled_from((0.0, 0.02, 0.2)))
    return {name: str(value) for name, value in given.items() if value is not None}


@st.composite
def parents(draw: st.DrawFn) -> tuple[type[Policy], Spec]:
    """A policy and a parent of it on two venues, the first one in units, the second in round lots."""
    policy = draw(st.sampled_from((Twap, Vwap)))
    here = venue(
        HERE,
        lot=draw(st.sampled_from((1, 10))),
        tick=draw(st.sampled_from((1, 5))),
        min_lots=draw(st.sampled_from((1, 20))),
        max_lots=draw(maybe(st.just(300))),
        can_amend=draw(st.booleans()),
    )
    made = prepared(
        policy,
        draw(params(policy)),
        side=draw(st.sampled_from(Side)),
        quantity=draw(st.sampled_from((30, 400, 1_000, 1_003))),
        venues=(here, venue(THERE, lot=100, tick=5, min_lots=100, can_amend=draw(st.booleans()))),
        profile=PROFILE if policy is Vwap else None,
    )
    return policy, made


def limits() -> st.SearchStrategy[Limits]:
    """Limits that bite: few messages, few cancels, few rejects."""
    return st.builds(
        Limits,
        max_messages=st.sampled_from((1, 2, 90)),
        max_rejects=st.sampled_from((3, 10)),
        max_cancels=st.sampled_from((0, 1, 5)),
        ack_timeout_ns=st.sampled_from((2 * SECOND, 5 * SECOND)),
    )
