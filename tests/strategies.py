"""Hypothesis strategies: parents of both policies in every mode, and markets in every condition."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from nautilus_exec.core.limits import Limits
from nautilus_exec.core.spec import EndBehavior, PayUp, Spec, Style, VolumeScope
from nautilus_exec.curves.volume_profile import VolumeProfile, normalised
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.twap import Twap
from nautilus_exec.policies.vwap import Vwap
from nautilus_exec.units import DAY, HOUR, SECOND, Side
from tests.adversary import World
from tests.builders import HERE, THERE, prepared, venue

SOUND = ("normal", "better", "worse", "odd", "thin")
CONDITIONS = (*SOUND * 4, "one_sided", "crossed", "locked", "stale", "halted", "missing")
"""Most often a market in which something can be done."""


def maybe[T](*values: T) -> tuple[T | None, ...]:
    """Most often nothing, so that what a limit would hold back gets to live."""
    return (*(None,) * (3 * len(values)), *values)


PROFILE = VolumeProfile(
    edges_ns=tuple(hour * HOUR for hour in range(0, 25, 2)),
    fractions=normalised([1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1]),
    name="hours",
    source="made by hand",
    timezone="UTC",
    day_volume=2_000_000.0 * DAY / HOUR,
)


def params(dice: Random, policy: type[Policy]) -> dict[str, str]:
    """Text parameters of one policy; every mode with about the same weight."""
    given: dict[str, Any] = {
        "duration": dice.choice(("300s", "60s")),
        "style": dice.choice(list(Style)),
        "pay_up": dice.choice(list(PayUp)),
        "end_behavior": dice.choice(list(EndBehavior)),
        "min_child": dice.choice((1, 1, 1, 7, 50)),
        "max_child": dice.choice(maybe(100, 400)),
        "max_participation": dice.choice(maybe(0.1, 0.5)),
        "participation_window": dice.choice(("30s", "5m")),
        "volume_scope": dice.choice(list(VolumeScope)),
        "limit_price": dice.choice(maybe("99.95", "100.00", "100.10")),
        "randomize_size": dice.choice((0.0, 0.5)),
        "randomize_time": dice.choice((0.0, 0.0, 0.0, 0.0, 0.0, 1.0)),
        "pay_up_ratio": dice.choice((0.1, 0.5, 3.0)),
        "slices": dice.choice((1, 3, 6)),
    }
    if policy is Vwap:
        given["volume_curve"] = dice.choice(("history", "dynamic"))
        given["band_behind"] = dice.choice((0.0, 0.02, 0.2))
        given["band_ahead"] = dice.choice((0.0, 0.02, 0.2))
    return {name: str(value) for name, value in given.items() if value is not None}


def parent(dice: Random) -> tuple[type[Policy], Spec]:
    """A policy and a parent of it on two venues, the first one in units, the second in round lots."""
    policy = dice.choice((Twap, Vwap))
    here = venue(
        HERE,
        lot=dice.choice((1, 10)),
        tick=dice.choice((1, 5)),
        min_lots=dice.choice((1, 1, 20)),
        max_lots=dice.choice(maybe(300)),
        can_amend=dice.random() < 0.5,
    )
    made = prepared(
        policy,
        params(dice, policy),
        side=dice.choice(list(Side)),
        quantity=dice.choice((1_000, 1_003, 400, 60)),
        venues=(here, venue(THERE, lot=100, tick=5, min_lots=100, can_amend=dice.random() < 0.5)),
        profile=PROFILE if policy is Vwap else None,
    )
    return policy, made


def limits(dice: Random) -> Limits:
    """Limits that bite now and then: few messages, few cancels, few rejects."""
    return Limits(
        max_messages=dice.choice((90, 90, 2, 1)),
        max_rejects=dice.choice((10, 10, 3)),
        max_cancels=dice.choice((5, 5, 5, 1, 0)),
        ack_timeout_ns=dice.choice((2 * SECOND, 5 * SECOND)),
    )


def worlds() -> st.SearchStrategy[tuple[World, Random]]:
    """A world at its beginning, and the dice that go on to throw what happens in it."""
    return st.randoms(use_true_random=True).map(_world)


def _world(dice: Random) -> tuple[World, Random]:
    policy, made = parent(dice)
    return World(policy, made, limits(dice), second=dice.random() < 0.15), dice
