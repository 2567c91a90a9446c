"""Percentage of volume: a share of what trades, as it trades."""

from dataclasses import dataclass, replace
from fractions import Fraction as Exact
from typing import Annotated, ClassVar, NamedTuple, cast

from nautilus_exec.core.intent import Intent
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Spec
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.meaning import means
from nautilus_exec.policies.params import CommonParams, Duration, Fraction, OrderFacts, Rate, resolve
from nautilus_exec.policies.schedule import Now, uniform, work
from nautilus_exec.policies.text import parse_duration
from nautilus_exec.units import Lots, Nanos


class PovParams(CommonParams, frozen=True, kw_only=True):
    """Parameters of POV: those of all algorithms, the participation and how closely it is followed."""

    target_participation: Annotated[
        Rate, means("Share of total volume since the start, own included.", amendable=True)
    ]
    min_participation: Annotated[
        Rate | None,
        means(
            "Least share of total volume over participation_window: what was done ahead of the target before that "
            "window does not excuse less.",
            absent="none",
            amendable=True,
        ),
    ] = None
    interval: Annotated[Duration, means("How often the volume is looked at.")] = "5s"
    tolerance: Annotated[
        Fraction,
        means(
            "Part of total volume by which passive orders may be ahead or behind; further behind, and by more than one "
            "smallest child, it crosses back to that edge."
        ),
    ] = 0.005
    catch_up_limit: Annotated[
        bool,
        means(
            "Whether volume that traded beyond the limit price counts: it is then caught up with once the price "
            "returns."
        ),
    ] = False

    @property
    def needs_volume(self) -> bool:
        """Whether the market's volume is counted: always."""
        return True


class Share(NamedTuple):
    """An exact number of own lots for each lot of others."""

    num: int
    den: int

    def of(self, lots: Lots) -> Lots:
        """The share of so many lots, in whole lots."""
        return lots * self.num // self.den


@dataclass(frozen=True, slots=True)
class Paced:
    """What POV derives from its parameters once, when the parent is received."""

    given: PovParams
    interval_ns: Nanos
    target: Share
    """Own lots at the target: r/(1 - r)."""
    floor: Share
    """The same of the least participation; 0 without one."""
    band: Share
    """The tolerance of all lots: tolerance/(1 - r)."""
    child: Lots
    """The smallest child: less is not yet due."""
    needs_tape: bool = True


class Pov:
    """Work a parent in proportion to the volume that others trade.

    Formula: due(t) = r/(1 - r) V_o(t), V_o the others' volume from the start to the beginning of the interval in which
    t lies, so that own lots are the part r of all. With min_participation m, due is at least what had been filled when
    the window opened plus m/(1 - m) of the volume in the window. Due is counted in whole smallest children. What cannot
    be reached within the limit price leaves V_o, unless catch_up_limit. The tape holds the prints of others only, and
    auctions, blocks and excluded prints are no volume. max_participation caps what is sent over the same window.
    Invariant: after the first interval own lots lie within one child, that is what an interval makes due, of the
    target, as far as the displayed size, the limit and the cap allow; passively within the tolerance besides.
    """

    id: ClassVar[str] = "POV"
    Params: ClassVar[type[CommonParams]] = PovParams

    @staticmethod
    def prepare(params: CommonParams, facts: OrderFacts) -> Spec:
        """Resolve the parameters; the least, the target and the largest participation must rise."""
        given = cast(PovParams, params)
        spec = resolve(given, facts)
        target, least, most = given.target_participation, given.min_participation, given.max_participation
        if most is not None and most < target:
            raise InvalidInput("max_participation", most, f"at least target_participation, {target}")
        if least is not None and least > target:
            raise InvalidInput("min_participation", least, f"at most target_participation, {target}")
        interval_ns = parse_duration("interval", given.interval)
        at = spec.primary
        child = -(-max(at.min_lots, spec.min_child) // at.lot) * at.lot
        shares = _share(target, target), _share(least or 0.0, least or 0.0), _share(given.tolerance, target)
        return replace(spec, params=Paced(given, interval_ns, *shares, child))

    @staticmethod
    def decide(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
        """Follow the volume by the parent's style."""
        paced = cast(Paced, spec.params)
        at = _standing(spec, paced, now_ns)
        if at is not None:
            others = _others(spec, paced, market, spec.start_ns, at.release_ns)
            band = paced.band.of(others)
            due = _due(spec, paced, ledger, market, at, paced.target.of(others))
            at = at._replace(due=due, ahead=band, behind=max(paced.child, band), cross_ns=at.release_ns)
        return work(spec, ledger, market, now_ns, at, _release(spec, paced, 0))


def _share(part: float, rate: float) -> Share:
    """So large a part of all, where own lots are the rate of all: part/(1 - rate) of the others'."""
    exact = Exact(str(part)) / (1 - Exact(str(rate)))
    return Share(exact.numerator, exact.denominator)


def _release(spec: Spec, paced: Paced, k: int) -> Nanos:
    """When the interval of that number is looked at, with the seeded jitter of times."""
    delay = spec.randomize_time * uniform(spec.seed, f"time{k}") if spec.randomize_time else 0.0
    return spec.start_ns + int((k + delay) * paced.interval_ns)


def _standing(spec: Spec, paced: Paced, now_ns: Nanos) -> Now | None:
    """The interval in which this instant lies; None before the first is looked at."""
    k = (now_ns - spec.start_ns) // paced.interval_ns
    if now_ns < _release(spec, paced, k):
        k -= 1
    if k < 0:
        return None
    end = spec.start_ns + (k + 1) * paced.interval_ns
    return Now(k, _release(spec, paced, k), end, min(_release(spec, paced, k + 1), spec.end_ns), 0)


def _others(spec: Spec, paced: Paced, market: MarketView, since_ns: Nanos, until_ns: Nanos) -> Lots:
    """What others traded in [since, until), as far as it counts; nothing without a tape."""
    tape, scope, venue = market.tape, spec.volume_scope, spec.primary.venue
    if tape is None:
        return 0
    if spec.limit_ticks is None or paced.given.catch_up_limit:
        return tape.volume(scope, venue, since_ns, until_ns)
    return tape.reachable(scope, venue, since_ns, until_ns, spec.side, spec.limit_ticks)


def _due(spec: Spec, paced: Paced, ledger: Ledger, market: MarketView, at: Now, due: Lots) -> Lots:
    """Lots due from the beginning of this interval on, in whole children, the last of them what is left."""
    if paced.floor.num:
        since = max(spec.start_ns, at.release_ns - spec.participation_window_ns)
        before = ledger.filled - ledger.filled_since(since)
        due = max(due, before + paced.floor.of(_others(spec, paced, market, since, at.release_ns)))
    due -= _kept_back(spec, paced, market, at)
    return ledger.quantity if due >= ledger.quantity else due // paced.child * paced.child


def _kept_back(spec: Spec, paced: Paced, market: MarketView, at: Now) -> Lots:
    """The seeded jitter of sizes: a part of what this interval made due is left to the next."""
    if not spec.randomize_size or at.k == 0:
        return 0
    added = _others(spec, paced, market, _release(spec, paced, at.k - 1), at.release_ns)
    return int(spec.randomize_size * uniform(spec.seed, f"size{at.k}") * paced.target.of(added))
