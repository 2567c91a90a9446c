"""Sniper: wait unseen, and take when enough is shown at a good price."""

from dataclasses import dataclass, replace
from fractions import Fraction as Exact
from math import ceil
from typing import Annotated, ClassVar, cast

import msgspec

from nautilus_exec.core.intent import Intent, PriceRule, Quote, Trigger
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Spec
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.meaning import kind, means
from nautilus_exec.policies.params import (
    CommonParams,
    Duration,
    Natural,
    OrderFacts,
    refuse_given,
    resolve,
)
from nautilus_exec.policies.schedule import LEAST_RETRY_NS, framed, reaches
from nautilus_exec.policies.text import parse_duration
from nautilus_exec.units import MS, Lots, Nanos

IN_FLIGHT_NS = 100 * MS
"""While a take is out, its end is looked for so often: a quote may have come meanwhile. Chosen by us."""
MEANINGLESS = {
    "style": "aggressive: a sniper only takes",
    "randomize_size": "max_take_fraction, as a sniper takes what is shown",
    "randomize_time": "cooldown, as a sniper waits for quotes and not for times",
}


class SniperParams(CommonParams, frozen=True, kw_only=True):
    """Parameters of SNIPER: those of all algorithms, with a limit price in any case, and when it fires."""

    min_size: Annotated[
        Natural, means("Least size shown at the limit price or better before it fires.", unit="lots")
    ] = 1
    max_take_fraction: Annotated[
        Annotated[float, msgspec.Meta(gt=0.0, le=1.0), kind("fraction")],
        means("Largest part of the shown size that one order takes."),
    ] = 1.0
    levels: Annotated[
        Natural, means("Levels of the book that one order may reach; 1, as the top is all that is seen.")
    ] = 1
    cooldown: Annotated[
        Duration | None, means("Time between two orders, at least.", absent="a quote is enough")
    ] = None
    quote_age: Annotated[
        Duration | None,
        means("How long a quote must have stood before it is taken.", absent="it is taken at once"),
    ] = None


@dataclass(frozen=True, slots=True)
class Aim:
    """What SNIPER derives from its parameters once, when the parent is received."""

    given: SniperParams
    fraction: Exact
    cooldown_ns: Nanos
    quote_age_ns: Nanos


class Sniper:
    """Take from a quote at the limit price or better, once for each quote; nothing rests and nothing shows.

    Formula: lots = min(what is left, max_take_fraction of the shown size), where at least min_size is shown; an
    immediate-or-cancel limit order at the touch of that quote. A quote is as old as its last change. Every quote of the
    instrument is compared with the limit where it arrives, and only one that qualifies wakes the parent; beside that
    it wakes for the cool-down, a quote's age and the end.
    Invariant: no price is worse than that of the quote that stood before.
    """

    id: ClassVar[str] = "SNIPER"
    Params: ClassVar[type[CommonParams]] = SniperParams

    @staticmethod
    def prepare(params: CommonParams, facts: OrderFacts) -> Spec:
        """Resolve the parameters; without a limit price there is nothing to wait for."""
        given = cast(SniperParams, params)
        refuse_given(given, MEANINGLESS)
        spec = resolve(given, facts)
        if spec.limit_ticks is None:
            raise InvalidInput("limit_price", None, "a limit price, the order's own or this")
        if given.levels > 1:
            raise InvalidInput("levels", given.levels, "1, as only the top of the book is seen")
        fraction = Exact(str(given.max_take_fraction))
        waits = _duration("cooldown", given.cooldown), _duration("quote_age", given.quote_age)
        return replace(spec, params=Aim(given, fraction, *waits))

    @staticmethod
    def decide(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
        """Fire when a quote qualifies, and wait for the next otherwise."""
        return framed(spec, ledger, market, now_ns, _aim(spec, ledger, market, now_ns))


def _duration(field: str, text: str | None) -> Nanos:
    return 0 if text is None else parse_duration(field, text)


def _aim(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
    aim = cast(Aim, spec.params)
    left = ledger.quantity - ledger.progress - ledger.auction_out
    if left <= 0 or spec.limit_ticks is None:
        return _wait(spec, spec.end_ns, "nothing_to_do")
    cool_ns = _last_ns(ledger) + aim.cooldown_ns
    if now_ns < cool_ns:
        return _wait(spec, cool_ns, "cooldown")
    target = reaches(spec.primary.venue, spec.side, spec.limit_ticks, _least(spec, aim, left))
    if ledger.take_out:
        return _wait(spec, now_ns + IN_FLIGHT_NS, "take_waits", target)
    return _look(spec, ledger, market, now_ns, left, target)


def _look(
    spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos, left: Lots, target: Trigger
) -> Intent:
    """Fire at the quote that stands, if it is what was waited for, old enough and not taken from before."""
    aim, venue = cast(Aim, spec.params), spec.primary.venue
    if market.trouble(venue, now_ns):
        return _wait(spec, spec.end_ns, "no_sound_quote", target)
    top = market.tops[venue]
    shown, key = top.far_lots(spec.side), f"q{top.ts}"
    if key in ledger.take_keys or not target.fires(top.far(spec.side), shown):
        return _wait(spec, spec.end_ns, "no_target", target)
    if now_ns < top.ts + aim.quote_age_ns:
        return _wait(spec, top.ts + aim.quote_age_ns, "quote_age", target)
    take = Quote(key, min(left, int(aim.fraction * shown)), PriceRule.CROSS, take=True)
    made = Intent((take,), spec.end_ns, (target,), "fire", retry_ns=now_ns + LEAST_RETRY_NS)
    if aim.cooldown_ns:
        return made._replace(wake_ns=min(now_ns + aim.cooldown_ns, spec.end_ns), triggers=())
    return made


def _wait(spec: Spec, until_ns: Nanos, why: str, *triggers: Trigger) -> Intent:
    return Intent(wake_ns=min(until_ns, spec.end_ns), triggers=triggers, reason=why)


def _least(spec: Spec, aim: Aim, left: Lots) -> Lots:
    """Size shown from which an order may leave: of which the part to take is no less than the smallest child."""
    smallest = max(spec.primary.lot, spec.primary.min_lots, min(spec.min_child, left))
    return max(aim.given.min_size, ceil(smallest / aim.fraction))


def _last_ns(ledger: Ledger) -> Nanos:
    """When the last order was sent; 0 before the first."""
    last = next(reversed(ledger.children.values()), None)
    return 0 if last is None else last.sent_ns
