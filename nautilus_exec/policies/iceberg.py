"""Iceberg: one small order shown at a time."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate
from typing import Annotated, ClassVar, cast

from nautilus_exec.core.intent import Intent, PriceRule, Quote
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.market import MarketView, Top
from nautilus_exec.core.spec import Spec, Style
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.meaning import means
from nautilus_exec.policies.params import CommonParams, Duration, Natural, OrderFacts, refuse_given, resolve
from nautilus_exec.policies.schedule import chase_cap, framed, left_behind, uniform
from nautilus_exec.policies.text import parse_duration
from nautilus_exec.units import SECOND, Lots, Nanos, Ticks

MAX_TIPS = 1_000
"""Random tips after which their sizes begin again; chosen by us."""
RETRY_NS = 5 * SECOND
"""A tip that a limit held back is asked for again so much later; chosen by us."""


MEANINGLESS = {
    "style": "passive_only: an iceberg rests until its end",
    "randomize_size": "display_min and display_max for tips of a random size",
    "randomize_time": "refill_delay and refill_delay_max for refills at random times",
}


class Peg(StrEnum):
    """Where the tip rests."""

    LIMIT = "limit"
    JOIN = "join"


class IcebergParams(CommonParams, frozen=True, kw_only=True):
    """Parameters of ICEBERG: those of all algorithms, the tip, when it is refilled and where it rests."""

    display_size: Annotated[Natural | None, means("Size of every tip.", unit="lots")] = None
    display_min: Annotated[
        Natural | None,
        means("Smallest tip of a random size, with display_max.", unit="lots", instead_of="display_size"),
    ] = None
    display_max: Annotated[
        Natural | None,
        means("Largest tip of a random size, with display_min.", unit="lots", instead_of="display_size"),
    ] = None
    refill_delay: Annotated[
        Duration | None,
        means("How long after a tip was filled the next is shown, at least.", absent="at once"),
    ] = None
    refill_delay_max: Annotated[
        Duration | None,
        means("The same at most: each delay is random between the two.", absent="always refill_delay"),
    ] = None
    peg: Annotated[
        Peg | None,
        means(
            "Where the tip rests. limit: at the limit price; join: at the near touch, and follows it.",
            absent="limit where there is a limit price, else join",
        ),
    ] = None
    offset: Annotated[
        int,
        means("Distance from the near touch with peg = join; positive is more aggressive.", unit="ticks"),
    ] = 0
    style: Annotated[Style, means("An iceberg rests: passive_only.")] = Style.PASSIVE_ONLY


@dataclass(frozen=True, slots=True)
class Tips:
    """What ICEBERG derives from its parameters once, when the parent is received."""

    given: IcebergParams
    ends: tuple[Lots, ...]
    """Lots filled at which each tip is; after the last the sizes begin again."""
    rule: PriceRule
    delay_ns: Nanos
    spread_ns: Nanos
    """By how much longer than ``delay_ns`` a refill may wait."""

    def tip(self, lots: Lots) -> tuple[int, Lots, Lots]:
        """The tip in which this many lots fall: its number, and the lots filled at its beginning and its end."""
        rounds, within = divmod(lots, self.ends[-1])
        k = bisect_right(self.ends, within)
        begin = self.ends[k - 1] if k else 0
        before = rounds * self.ends[-1]
        return rounds * len(self.ends) + k, before + begin, before + self.ends[k]


class Iceberg:
    """Show one tip of a parent at a time, and the next when it is filled.

    Formula: with tips of s_0, s_1, ... lots and B_k their running sums, what rests is B_k - f for filled lots f in
    [B_(k-1), B_k): nothing is topped up before the tip is filled, and the last tip is the rest. s_k is fixed, or
    uniform on [display_min, display_max] by seed and k; the tip after B_k waits for the delay, uniform between its
    bounds by seed and k, from the instant at which B_k was filled. What is left of a tip and is less than the smallest
    child counts as filled. Invariant: never more than a tip rests, those of a silent venue aside.
    The iceberg is synthetic: every tip queues anew. A venue's own display quantity is not used; the simulated venue
    ignores it.
    """

    id: ClassVar[str] = "ICEBERG"
    Params: ClassVar[type[CommonParams]] = IcebergParams

    @staticmethod
    def prepare(params: CommonParams, facts: OrderFacts) -> Spec:
        """Resolve the parameters and draw the tips."""
        given = cast(IcebergParams, params)
        refuse_given(given, MEANINGLESS)
        spec = resolve(given, facts)
        shortest, longest = _delays(given)
        tips = Tips(given, _ends(given, spec), _rule(given, spec), shortest, longest - shortest)
        return replace(spec, params=tips)

    @staticmethod
    def decide(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
        """Show what is left of the tip."""
        return framed(spec, ledger, market, now_ns, _show(spec, ledger, market, now_ns))


def _show(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
    tips = cast(Tips, spec.params)
    done = ledger.progress
    k, begin, end = tips.tip(done + _least(spec) - 1)
    begun_ns = ledger.filled_at(begin)
    ready_ns = begun_ns + _delay(tips, spec.seed, k) if begun_ns else spec.start_ns
    if now_ns < ready_ns:
        return Intent(wake_ns=min(ready_ns, spec.end_ns), reason="refill_waits")
    shown = min(end - done, end - begin, ledger.quantity - done - ledger.auction_out)
    if shown <= 0:
        return Intent(wake_ns=spec.end_ns, reason="nothing_left")
    retry = now_ns + RETRY_NS
    if market.trouble(spec.primary.venue, now_ns):
        quote = Quote("r", shown, tips.rule, offset=tips.given.offset)
        return Intent((quote,), min(retry, spec.end_ns), reason="tip", retry_ns=retry)
    # What ended when this tip began was the tip before.
    cap = chase_cap(spec, ledger, begun_ns + 1 if begun_ns else spec.start_ns)
    quote = _priced(spec, ledger, tips, market.tops[spec.primary.venue], shown, cap)
    follows = tips.rule is PriceRule.JOIN
    triggers = left_behind(spec, ledger, cap, max(0, -tips.given.offset)) if follows else ()
    return Intent((quote,), spec.end_ns, triggers, "tip", retry_ns=retry)


def _priced(spec: Spec, ledger: Ledger, tips: Tips, top: Top, shown: Lots, cap: Ticks | None) -> Quote:
    """The tip at its peg; inside the spread it never meets the far touch, nor follows a touch that is its own."""
    offset, chase = tips.given.offset, True
    if offset > 0:
        inside = spec.side * top.far(spec.side) - spec.primary.tick
        cap = spec.side * (inside if cap is None else min(inside, spec.side * cap))
        chase = all(child.price_ticks != top.price(spec.side) for child in ledger.open.values())
    return Quote("r", shown, tips.rule, offset=offset, cap_ticks=cap, chase=chase)


def _least(spec: Spec) -> Lots:
    """The smallest child that may leave."""
    return max(spec.primary.lot, spec.primary.min_lots, spec.min_child)


def _delay(tips: Tips, seed: int, k: int) -> Nanos:
    """How long the tip of this number waits after the one before it was filled."""
    return (
        tips.delay_ns + int(tips.spread_ns * uniform(seed, f"delay{k}")) if tips.spread_ns else tips.delay_ns
    )


def _delays(given: IcebergParams) -> tuple[Nanos, Nanos]:
    shortest = 0 if given.refill_delay is None else parse_duration("refill_delay", given.refill_delay)
    if given.refill_delay_max is None:
        return shortest, shortest
    longest = parse_duration("refill_delay_max", given.refill_delay_max)
    if longest < shortest:
        raise InvalidInput("refill_delay_max", given.refill_delay_max, f"at least {given.refill_delay}")
    return shortest, longest


def _rule(given: IcebergParams, spec: Spec) -> PriceRule:
    peg = given.peg or (Peg.JOIN if spec.limit_ticks is None else Peg.LIMIT)
    if peg is Peg.JOIN:
        return PriceRule.JOIN
    if spec.limit_ticks is None:
        raise InvalidInput("peg", peg.value, "join, or a limit price with it")
    if given.offset:
        raise InvalidInput("offset", given.offset, "0 with peg = limit")
    return PriceRule.LIMIT


def _ends(given: IcebergParams, spec: Spec) -> tuple[Lots, ...]:
    """Running sums of the tips: one where they are all alike, else as many as the parent may need."""
    lot, least = spec.primary.lot, _least(spec)
    if given.display_size is not None:
        for field, value in (("display_min", given.display_min), ("display_max", given.display_max)):
            if value is not None:
                raise InvalidInput(field, value, f"no {field} where display_size is given")
        if given.display_size < least or given.display_size % lot:
            expected = f"a multiple of {lot} lots, at least the smallest child, {least}"
            raise InvalidInput("display_size", given.display_size, expected)
        return (given.display_size,)
    if given.display_min is None or given.display_max is None:
        raise InvalidInput("display_size", None, "a size, or display_min and display_max")
    if given.display_min < least:
        raise InvalidInput("display_min", given.display_min, f"at least the smallest child, {least}")
    low, high = -(-given.display_min // lot), given.display_max // lot
    if high < low:
        raise InvalidInput("display_max", given.display_max, f"at least display_min, {low * lot}")
    count = min(MAX_TIPS, -(-spec.quantity // (low * lot)))
    sizes = (low + int((high - low + 1) * uniform(spec.seed, f"tip{k}")) for k in range(count))
    return tuple(accumulate(size * lot for size in sizes))
