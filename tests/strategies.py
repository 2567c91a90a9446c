"""Hypothesis strategies: parents of the policies in every mode, and markets in every condition."""

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from nautilus_exec.core.limits import Limits
from nautilus_exec.core.spec import EndBehavior, PayUp, Spec, Style, VolumeScope
from nautilus_exec.curves.volume_profile import VolumeProfile, normalised
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.close import Moc
from nautilus_exec.policies.iceberg import Iceberg
from nautilus_exec.policies.params import Session
from nautilus_exec.policies.pov import Pov
from nautilus_exec.policies.sniper import Sniper
from nautilus_exec.policies.twap import Twap
from nautilus_exec.policies.vwap import Vwap
from nautilus_exec.units import DAY, HOUR, SECOND, Side
from tests.adversary import World
from tests.builders import HERE, T0, THERE, prepared, venue

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
        "iwould_price": dice.choice(maybe("99.90", "100.00", "100.10")),
        "max_chase_ticks": dice.choice(maybe(0, 5, 10)),
    } | OWN[policy](dice)
    if given["limit_price"] is not None:  # which side of it would be the better one depends on the parent's
        given["iwould_price"] = None
    return {name: str(value) for name, value in given.items() if value is not None}


def twap(dice: Random) -> dict[str, Any]:
    return {"slices": dice.choice((1, 3, 6))}


def vwap(dice: Random) -> dict[str, Any]:
    return twap(dice) | {
        "volume_curve": dice.choice(("history", "dynamic")),
        "band_behind": dice.choice((0.0, 0.02, 0.2)),
        "band_ahead": dice.choice((0.0, 0.02, 0.2)),
    }


def pov(dice: Random) -> dict[str, Any]:
    """The largest participation is never below the target."""
    return {
        "target_participation": dice.choice((0.02, 0.1)),
        "min_participation": dice.choice(maybe(0.01, 0.02)),
        "interval": dice.choice(("1s", "5s", "30s")),
        "tolerance": dice.choice((0.0, 0.005, 0.1)),
        "catch_up_limit": dice.choice((True, False)),
    }


def iceberg(dice: Random) -> dict[str, Any]:
    """Pegged to the touch, since not every parent has a limit."""
    tip = dice.choice(({"display_size": 100}, {"display_min": 50, "display_max": 250}))
    delay = dice.choice(({}, {"refill_delay": "2s"}, {"refill_delay_max": "20s"}))
    plain = {"style": None, "pay_up": None, "randomize_size": None, "randomize_time": None}
    return tip | delay | plain | {"peg": "join", "offset": dice.choice((-3, 0, 0, 5, 100))}


def sniper(dice: Random) -> dict[str, Any]:
    return {
        "style": None,
        "randomize_size": None,
        "randomize_time": None,
        "limit_price": dice.choice(("99.95", "100.00", "100.10", "100.20")),
        "min_size": dice.choice((1, 20, 400)),
        "max_take_fraction": dice.choice((1.0, 0.3)),
        "cooldown": dice.choice(maybe("2s")),
        "quote_age": dice.choice(maybe("500ms")),
    }


def moc(dice: Random) -> dict[str, Any]:
    """The parent's end is the close: our cut-off lies 40 s or 210 s before it."""
    mode = dice.choice(({"mode": "auction_only", "end_behavior": "cancel"}, {"mode": "target_close"}))
    forecast = dice.choice(({"auction_volume": 3_000}, {"auction_volume": 90_000}, {"max_auction_share": 1}))
    times = {"slices": dice.choice((1, 3)), "cutoff": dice.choice(("10s", "180s")), "duration": "300s"}
    return times | forecast | mode


OWN: dict[type[Policy], Callable[[Random], dict[str, Any]]] = {
    Twap: twap,
    Vwap: vwap,
    Pov: pov,
    Iceberg: iceberg,
    Sniper: sniper,
    Moc: moc,
}


def parent(dice: Random) -> tuple[type[Policy], Spec]:
    """A policy and a parent of it on two venues, the first one in units, the second in round lots."""
    policy = dice.choice(list(OWN))
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
        session=Session(T0, T0 + 300 * SECOND) if policy is Moc else None,
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
