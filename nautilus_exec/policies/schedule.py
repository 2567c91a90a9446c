"""A schedule of cumulative lots over time, and the one way in which schedule algorithms are worked."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from nautilus_exec.core.ids import digest
from nautilus_exec.core.intent import Intent, PriceRule, Quote, Trigger
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import EndBehavior, PayUp, Spec, Style
from nautilus_exec.core.transitions import State
from nautilus_exec.curves.apportion import apportion
from nautilus_exec.units import SECOND, Lots, Nanos, Side, Ticks

RETRIES = 10
"""A take that found less than it asked for is tried again at most this often in a slice, or once for each
largest child."""
LEAST_RETRY_NS = SECOND
"""Takes of one parent are at least this far apart within a slice; chosen by us."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Slices: ``edges`` has one instant more than there are slices; ``due[k]`` lots are due from ``release[k]`` on."""

    edges: tuple[Nanos, ...]
    release: tuple[Nanos, ...]
    due: tuple[Lots, ...]

    def slice(self, now_ns: Nanos) -> int:
        """The slice that was last released, -1 before the first."""
        return bisect_right(self.release, now_ns) - 1


class Now(NamedTuple):
    """Where a schedule stands: the slice, its release and end, the next release, the lots due and the band."""

    k: int
    release_ns: Nanos
    end_ns: Nanos
    next_ns: Nanos
    due: Lots
    ahead: Lots = 0
    """Lots that may be filled passively ahead of the schedule."""
    behind: Lots = 0
    """Lots behind the schedule up to which nothing crosses, and back to which a cross goes."""
    cross_ns: Nanos | None = None
    """From when on what is behind the band crosses; None is shortly before the slice's end."""


def build(spec: Spec, edges: Sequence[Nanos], weights: Sequence[float]) -> Schedule:
    """Apportion the quantity over slices, with the seeded jitter of sizes and times; sums stay exact.

    Sizes are weighted by 1 + r(2u - 1), releases moved later by s u of their slice, u uniform on [0, 1) by seed and
    slice.
    """
    release = list(edges[:-1])
    if spec.randomize_size:
        weights = [
            weight * (1 + spec.randomize_size * (2 * uniform(spec.seed, f"size{k}") - 1))
            for k, weight in enumerate(weights)
        ]
    if spec.randomize_time:
        delay = [spec.randomize_time * uniform(spec.seed, f"time{k}") for k in range(len(weights))]
        release = [edges[k] + int(d * (edges[k + 1] - edges[k])) for k, d in enumerate(delay)]
    lots = apportion(spec.quantity, weights, lot=spec.primary.lot)
    due, total = [], 0
    for part in lots:
        total += part
        due.append(total)
    return Schedule(tuple(edges), tuple(release), tuple(due))


def uniform(seed: int, what: str) -> float:
    """A number in [0, 1) that is a function of its arguments."""
    return digest(f"{seed}:{what}", 53) / 2**53


def standing(schedule: Schedule, spec: Spec, now_ns: Nanos) -> Now | None:
    """Where the schedule stands; None before the first release."""
    k = schedule.slice(now_ns)
    if k < 0:
        return None
    following = schedule.release[k + 1] if k + 1 < len(schedule.release) else spec.end_ns
    return Now(k, schedule.release[k], schedule.edges[k + 1], following, schedule.due[k])


def work(
    spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos, at: Now | None, first_ns: Nanos
) -> Intent:
    """What should be working to follow a schedule, by the parent's style; the end's sweep comes first."""
    if at is None:
        made = Intent(wake_ns=first_ns, reason="before_first_slice", planned=0)
    elif spec.style is Style.AGGRESSIVE:
        made = _take(spec, ledger, now_ns, at, f"t{at.k}", at.release_ns, at.due - ledger.progress)
    else:
        made = _passive(spec, ledger, market, now_ns, at)
    return framed(spec, ledger, market, now_ns, made)


def framed(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos, made: Intent) -> Intent:
    """What every algorithm does around its own wish: the end's sweep, and taking at once what is cheap enough."""
    sweep_ns = spec.end_ns - spec.sweep_ns
    sweeps = spec.end_behavior is not EndBehavior.CANCEL
    if sweeps and now_ns >= sweep_ns:
        return sweep(spec, ledger, now_ns, sweep_ns)
    if spec.iwould_ticks is not None:
        made = _seize(spec, ledger, market, now_ns, made, spec.iwould_ticks)
    if sweeps and made.wake_ns is not None and made.wake_ns > sweep_ns:
        return made._replace(wake_ns=sweep_ns)
    return made


def _seize(
    spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos, made: Intent, price: Ticks
) -> Intent:
    """At this price or better take what is shown, once for each quote, and let nothing rest meanwhile."""
    venue, side = spec.primary, spec.side
    least = max(venue.lot, venue.min_lots)
    watch = reaches(venue.venue, side, price, least)
    left = ledger.quantity - ledger.progress - ledger.auction_out
    if market.trouble(venue.venue, now_ns):
        return made._replace(triggers=(*made.triggers, watch))
    top = market.tops[venue.venue]
    shown = min(top.far_lots(side), left)
    if side * (top.far(side) - price) > 0 or shown < least:
        return made._replace(triggers=(*made.triggers, watch))
    key, again = f"w{top.ts}", now_ns + LEAST_RETRY_NS
    wake = again if made.wake_ns is None else min(made.wake_ns, again)
    if key in ledger.take_keys:
        takes = tuple(quote for quote in made.quotes if quote.take)
        return made._replace(quotes=takes, wake_ns=wake, triggers=(watch,))
    if ledger.take_out or ledger.resting_out:
        return Intent((), wake, (watch,), "iwould_waits", made.planned)
    take = Quote(key, shown, PriceRule.CROSS, take=True, cap_ticks=price)
    return Intent((take,), wake, (watch,), "iwould", made.planned, again)


def reaches(venue: str, side: Side, price: Ticks, least: Lots) -> Trigger:
    """Wakes when so many lots are offered to this side at this price or better."""
    if side is Side.BUY:
        return Trigger(venue, False, max_ticks=price, min_lots=least)
    return Trigger(venue, True, min_ticks=price, min_lots=least)


def sweep(spec: Spec, ledger: Ledger, now_ns: Nanos, sweep_ns: Nanos) -> Intent:
    """Cross for all that is left, up to the limit: rests are taken back first and their confirms awaited."""
    hard = spec.end_behavior is EndBehavior.COMPLETE_HARD
    left = ledger.quantity - ledger.progress - ledger.auction_out
    attempt = (now_ns - sweep_ns) // LEAST_RETRY_NS
    wake = sweep_ns + (attempt + 1) * LEAST_RETRY_NS
    if ledger.resting_out or ledger.take_out or left <= 0:
        return Intent(wake_ns=wake, reason="sweep_waits", planned=ledger.quantity)
    take = Quote(_key(spec, f"e{attempt}"), left, PriceRule.CROSS, take=True, over_cap=hard)
    return Intent((take,), wake, reason="sweep", planned=ledger.quantity)


def _key(spec: Spec, name: str) -> str:
    """The key of a take: an amend moves the instants that its attempts are counted from."""
    return f"{name}a{spec.amends}" if spec.amends else name


def _take(
    spec: Spec, ledger: Ledger, now_ns: Nanos, at: Now, name: str, from_ns: Nanos, lots: Lots
) -> Intent:
    """Take what is due, and try again within the slice for what was not there."""
    children = ceil(spec.quantity / spec.max_child) if spec.max_child else 0
    retry = max(LEAST_RETRY_NS, (at.end_ns - from_ns) // max(RETRIES, children))
    attempt = (now_ns - from_ns) // retry
    again = min(from_ns + (attempt + 1) * retry, at.next_ns)
    if lots <= 0:
        return Intent(wake_ns=at.next_ns, reason="on_schedule", planned=at.due)
    key = _key(spec, f"{name}.{attempt}")
    if ledger.take_out or ledger.resting_out or key in ledger.take_keys:
        return Intent(wake_ns=again, reason="take_waits", planned=at.due)
    quote = Quote(key, lots, PriceRule.CROSS, take=True)
    return Intent((quote,), at.next_ns, reason="take", planned=at.due, retry_ns=again)


def _passive(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos, at: Now) -> Intent:
    """Rest what is due at the near touch; cross what is left when the parent pays up."""
    allowance = min(spec.cancel_allowance_ns, (at.end_ns - at.release_ns) // 4)
    cross_ns = at.end_ns - allowance if at.cross_ns is None else at.cross_ns
    lots = at.due - ledger.progress
    late = spec.pay_up is PayUp.SLICE_END and now_ns >= cross_ns
    crosses = late or _thin(spec, market, lots, now_ns)
    # What rests is not given up for a cross that the limit forbids.
    if lots > at.behind and crosses and not _beyond_reach(spec, market, now_ns):
        from_ns = cross_ns if late else at.release_ns
        return _take(spec, ledger, now_ns, at, f"x{at.k}", from_ns, lots - at.behind)
    wake = cross_ns if spec.pay_up is PayUp.SLICE_END and not late else at.next_ns
    rest = min(lots + at.ahead, ledger.quantity - ledger.progress - ledger.auction_out)
    if rest <= 0:
        return Intent(wake_ns=wake, reason="ahead", planned=at.due)
    retry = now_ns + max(LEAST_RETRY_NS, (at.end_ns - at.release_ns) // RETRIES)
    blind = market.trouble(spec.primary.venue, now_ns)
    # A quote that cannot be priced from would fire the same trigger again and again.
    cap = chase_cap(spec, ledger, at.release_ns)
    triggers = () if blind else left_behind(spec, ledger, cap) + _thinned(spec, lots)
    quote = Quote("r", rest, PriceRule.JOIN, cap_ticks=cap)
    return Intent((quote,), min(wake, retry) if blind else wake, triggers, "rest", at.due, retry)


def _beyond_reach(spec: Spec, market: MarketView, now_ns: Nanos) -> bool:
    """Whether the far touch is known to lie past the limit."""
    venue, limit = spec.primary.venue, spec.limit_ticks
    if limit is None or market.trouble(venue, now_ns):
        return False
    return spec.side * (market.tops[venue].far(spec.side) - limit) > 0


def _thin(spec: Spec, market: MarketView, lots: Lots, now_ns: Nanos) -> bool:
    """Whether the opposite side has become too small to wait for (``pay_up = ratio``)."""
    venue = spec.primary.venue
    if spec.pay_up is not PayUp.RATIO or lots <= 0 or market.trouble(venue, now_ns):
        return False
    return market.tops[venue].far_lots(spec.side) < spec.pay_up_ratio * lots


def chase_cap(spec: Spec, ledger: Ledger, since_ns: Nanos) -> Ticks | None:
    """How far what rests may follow the touch: from the first price that rested since then; None without a bound."""
    if spec.max_chase_ticks is None:
        return None
    first = None
    for child in reversed(ledger.children.values()):
        if not child.take and (child.ended_ns is None or child.ended_ns >= since_ns):
            first = child.first_ticks
        if child.sent_ns < since_ns:
            break
    return None if first is None else first + spec.side * spec.max_chase_ticks * spec.primary.tick


def left_behind(spec: Spec, ledger: Ledger, cap_ticks: Ticks | None, gap: Ticks = 0) -> tuple[Trigger, ...]:
    """Wake when the touch leaves a resting child further behind than the gap that it keeps."""
    buys = spec.side is Side.BUY
    triggers = []
    for child in ledger.open.values():
        # A child at the limit cannot follow, however far the touch moves away.
        if child.state is State.WORKING and child.price_ticks not in (spec.limit_ticks, cap_ticks):
            away = child.price_ticks + spec.side * (gap + 1)
            bounds = {"min_ticks": away} if buys else {"max_ticks": away}
            triggers.append(Trigger(spec.primary.venue, buys, min_lots=1, **bounds))
    return tuple(triggers)


def _thinned(spec: Spec, lots: Lots) -> tuple[Trigger, ...]:
    """Wake when the far side thins out, where that is what the parent crosses for."""
    if spec.pay_up is not PayUp.RATIO or lots <= 0:
        return ()
    below = ceil(spec.pay_up_ratio * lots)
    return (Trigger(spec.primary.venue, spec.side is Side.SELL, min_lots=1, below_lots=below),)
