"""Implementation shortfall: the schedule of Almgren and Chriss, made again from what is really left."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from math import floor
from typing import Annotated, ClassVar, cast

import msgspec

from nautilus_exec.core.intent import Intent
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Spec
from nautilus_exec.core.transitions import State
from nautilus_exec.costs.estimate import (
    Estimate,
    Urgency,
    efficient_frontier,
    estimate,
    estimate_coefficients,
)
from nautilus_exec.curves.trajectory import (
    MAX_KAPPA_TAU,
    Coefficients,
    decay,
    kappa_of,
    remaining,
    risk_aversion_of,
)
from nautilus_exec.curves.whole_lots import constrained_lots
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.meaning import means
from nautilus_exec.policies.params import CommonParams, Duration, OrderFacts, resolve
from nautilus_exec.policies.schedule import Now, build, standing, work
from nautilus_exec.policies.slices import Sliced, SliceParams, edges, with_schedule
from nautilus_exec.policies.text import parse_duration
from nautilus_exec.units import DAY, MINUTE, SECOND, Lots, Nanos

DEFAULT_INTERVAL_NS = MINUTE
DEFAULT_URGENCY = Urgency.MEDIUM
MAX_CAPPED_SLICES = 2_000
"""The exact solution under caps takes a tenth of a second for so many; chosen by us."""

type Positive = Annotated[float, msgspec.Meta(gt=0.0, lt=1e300)]
type NotNegative = Annotated[float, msgspec.Meta(ge=0.0, lt=1e300)]


class ShortfallParams(SliceParams, frozen=True, kw_only=True):
    """Parameters of IS: those of all algorithms, the slices, how averse to risk, and what trading costs.

    The horizon is ``duration`` or ``end_time``; without either it is the rest of the session, of which the order uses
    as much as its urgency wants.
    """

    when_absent: ClassVar[Mapping[str, str]] = {"interval": f"{DEFAULT_INTERVAL_NS // SECOND}s"}

    risk_aversion: Annotated[
        NotNegative | None,
        means("Lambda, the weight of variance against cost; 0 is even slices.", unit="1/currency"),
    ] = None
    urgency: Annotated[
        Urgency | None,
        means(
            f"kappa T of {', '.join(f'{one.kappa_t:g} ({one})' for one in Urgency)}.",
            absent=f"{DEFAULT_URGENCY}, where risk_aversion is not given",
            instead_of="risk_aversion",
        ),
    ] = None
    sigma: Annotated[
        Positive | None,
        means(
            "Volatility.", unit="currency per unit, per square root of a day", absent="volatility times price"
        ),
    ] = None
    eta: Annotated[
        Positive | None,
        means(
            "Temporary impact.", unit="currency per unit, for each unit a day", absent="spread / (0.01 adv)"
        ),
    ] = None
    gamma: Annotated[
        NotNegative | None,
        means(
            "Permanent impact.", unit="currency per unit, for each unit traded", absent="spread / (0.1 adv)"
        ),
    ] = None
    epsilon: Annotated[
        NotNegative | None, means("Fixed cost.", unit="currency per unit", absent="spread / 2")
    ] = None
    adv: Annotated[
        Positive | None,
        means(
            "Average daily volume; with max_participation it caps each slice of the plan.", unit="units a day"
        ),
    ] = None
    volatility: Annotated[
        Positive | None,
        means(
            "Daily volatility as a part of the price: annual / sqrt(250).", unit="per square root of a day"
        ),
    ] = None
    spread: Annotated[Positive | None, means("Bid-ask spread.", unit="currency per unit")] = None
    price: Annotated[
        Positive | None,
        means(
            "Reference price.", unit="currency per unit", absent="the mid at receipt, or else the limit price"
        ),
    ] = None
    day_length: Annotated[
        Duration | None,
        means(
            "Length of the trading day of adv, volatility and the coefficients.",
            absent="the session's, or 24 hours",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Planned(Sliced):
    """The plan, and what the estimate needs beside it."""

    shares: tuple[float, ...] = ()
    """Part of what is left that the closed form trades in each slice; 1 in the last."""
    kappa: float = 0.0
    """Per day."""
    days: tuple[float, ...] = ()
    """Length of each slice in trading days."""
    coefficients: Coefficients | None = None
    unit: float = 1.0
    """Units of the instrument in a lot."""
    price: float | None = None
    beyond: Lots = 0
    """Lots that do not fit under the cap at the expected volume; the plan spreads them like the rest."""


class Shortfall:
    """Work a parent along the schedule with the least expected cost plus lambda times its variance.

    Formula: x(t) = X sinh(kappa (T - t)) / sinh(kappa T), see ``curves.trajectory``; kappa from risk_aversion, or
    kappa T from urgency. With max_participation c and adv no slice is planned beyond c/(1 - c) of the volume expected
    in it, and the plan is the exact optimum in whole lots (``curves.whole_lots``), for slices of equal length.
    Each slice plans again from the lots left at its start: the closed form is linear in them, so a slice trades its
    part of the first plan and its share of what the order is behind or ahead. On schedule, that is the first plan
    itself. Where a cap is still to bind, the new plan is that of an order without it, cut by the cap when it is sent.
    Invariant: from the last slice on everything is due.
    Source: Almgren and Chriss (2000), Optimal Execution of Portfolio Transactions, J. Risk 3(2), 5-39.
    """

    id: ClassVar[str] = "IS"
    Params: ClassVar[type[CommonParams]] = ShortfallParams

    @staticmethod
    def prepare(params: CommonParams, facts: OrderFacts) -> Spec:
        """Resolve the parameters, estimate what is not given and solve for the plan."""
        given = cast(ShortfallParams, params)
        if given.risk_aversion is not None and given.urgency is not None:
            raise InvalidInput("urgency", given.urgency.value, "no urgency where risk_aversion is given")
        spec = resolve(given, facts)
        cuts = edges(given, spec.start_ns, spec.end_ns, DEFAULT_INTERVAL_NS, by_interval=True)
        day_ns = _day_ns(given, facts)
        price = _price(given, spec, facts)
        times = [(cut - cuts[0]) / day_ns for cut in cuts]
        coefficients = _coefficients(given, price)
        kappa = _kappa(given, coefficients, times)
        caps = _caps(given, spec, times, float(facts.lot))
        plan = Planned(
            given,
            build(spec, cuts, _weights(spec, kappa, times, caps)),
            shares=tuple(1 - decay(kappa, times[-1] - a, times[-1] - b) for a, b in pairwise(times)),
            kappa=kappa,
            days=tuple(b - a for a, b in pairwise(times)),
            coefficients=coefficients,
            unit=float(facts.lot),
            price=price,
            beyond=max(0, spec.quantity - sum(caps)) if caps else 0,
        )
        return with_schedule(spec, plan)

    @staticmethod
    def decide(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
        """Plan again from what was left when this slice began, and follow that by the parent's style."""
        plan = cast(Planned, spec.params)
        at = standing(plan.schedule, spec, now_ns)
        if at is not None:
            at = at._replace(due=_due(plan, spec.primary.lot, ledger, at))
        return work(spec, ledger, market, now_ns, at, plan.schedule.release[0])


def pretrade(spec: Spec) -> Estimate:
    """Return what the plan of an IS parent is expected to cost, with the efficient frontier around it.

    The plan is the first one, in whole lots and under its caps; the frontier is that of the closed form over as many
    equal slices. Currency, and bps where a price is known. Raises ``InvalidInput`` where the parent carries no
    coefficients and nothing to estimate them from.
    """
    plan = cast(Planned, spec.params)
    known = plan.coefficients
    if known is None:
        raise InvalidInput("volatility", None, "adv, volatility and spread, or sigma, eta, gamma and epsilon")
    due = (0, *plan.schedule.due)
    made = estimate([(b - a) * plan.unit for a, b in pairwise(due)], plan.days, known, plan.price)
    points = efficient_frontier(spec.quantity * plan.unit, sum(plan.days), len(plan.days), known, plan.price)
    lambda_ = risk_aversion_of(known, plan.days[0], plan.kappa)
    return replace(made, kappa=plan.kappa, risk_aversion=lambda_, frontier=tuple(points))


def _due(plan: Planned, lot: Lots, ledger: Ledger, at: Now) -> Lots:
    """Lots due in this slice, from what was done when it began: later fills change nothing until the next.

    What a silent venue held even then counts as done.
    """
    due = plan.schedule.due
    pinned = sum(
        child.open
        for child in ledger.open.values()
        if child.state is State.UNKNOWN and child.sent_ns < at.release_ns
    )
    done = ledger.filled - ledger.filled_since(at.release_ns) + pinned
    before = due[at.k - 1] if at.k else 0
    left, expected = ledger.quantity - done, due[-1] - before
    catch_up = floor((left - expected) * plan.shares[at.k] / lot + 0.5) * lot
    whole = left if at.k == len(due) - 1 else due[at.k] - before + catch_up
    return done + max(0, min(left, whole))


def _day_ns(given: ShortfallParams, facts: OrderFacts) -> Nanos:
    if given.day_length is not None:
        return parse_duration("day_length", given.day_length)
    return facts.session.close_ns - facts.session.open_ns if facts.session else DAY


def _price(given: ShortfallParams, spec: Spec, facts: OrderFacts) -> float | None:
    if given.price is not None or facts.mid is not None:
        return given.price or facts.mid
    return None if spec.limit_ticks is None else float(spec.limit_ticks * Decimal(facts.tick))


def _coefficients(given: ShortfallParams, price: float | None) -> Coefficients | None:
    """The coefficients; None where nothing asks for them, as an urgency needs none."""
    own = {name: getattr(given, name) for name in ("sigma", "eta", "gamma", "epsilon")}
    told = (*own.values(), given.volatility, given.spread, given.risk_aversion)
    if all(value is None for value in told):
        return None
    return estimate_coefficients(given.adv, given.volatility, given.spread, price, **own)


def _kappa(given: ShortfallParams, known: Coefficients | None, times: list[float]) -> float:
    """Decay of the plan per day; also the check that slices are short enough for the coefficients."""
    tau = times[1]
    if known is not None:
        known.eta_tilde(tau)
        if given.risk_aversion is not None:
            return kappa_of(known, tau, given.risk_aversion)
    return (given.urgency or DEFAULT_URGENCY).kappa_t / times[-1]


def _caps(given: ShortfallParams, spec: Spec, times: list[float], unit: float) -> list[Lots]:
    """Whole lots that the cap allows in each slice at the expected volume; empty where either is not known."""
    cap, lot = spec.max_participation, spec.primary.lot
    if cap is None or given.adv is None:
        return []
    if len(times) - 1 > MAX_CAPPED_SLICES:
        raise InvalidInput("slices", len(times) - 1, f"at most {MAX_CAPPED_SLICES} slices under a cap")
    a_day = cap / (1 - cap) * given.adv / unit
    return [int(a_day * (b - a)) // lot * lot for a, b in pairwise(times)]


def _weights(spec: Spec, kappa: float, times: list[float], caps: list[Lots]) -> list[float]:
    """What each slice trades, up to a factor; at the cap throughout where the order is too large for it."""
    if not caps:
        return [a - b for a, b in pairwise(remaining(kappa, times))]
    whole = spec.quantity - spec.quantity % spec.primary.lot
    if whole == 0 or sum(caps) < whole:
        return [b - a for a, b in pairwise(times)]
    kappa_tau = min(kappa * times[1], MAX_KAPPA_TAU)
    return [float(n) for n in constrained_lots(whole, kappa_tau, caps, spec.primary.lot)]
