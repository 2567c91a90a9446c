"""What an order is expected to cost before it trades, and how sure that is.

The model is Almgren and Chriss (2000), see ``curves.trajectory``. Costs are positive, in currency and in bps of the
order's notional at a reference price. Timing has an expectation of zero: it is the standard deviation alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, sqrt

from nautilus_exec.costs.impact import coefficients_2000
from nautilus_exec.curves.trajectory import Coefficients, evaluate, frontier, risk_aversion_of, slice_length
from nautilus_exec.errors import InvalidInput
from nautilus_exec.units import BPS

FRONTIER_KAPPA_T = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)
"""Urgencies kappa T at which a frontier is drawn, from an even schedule to nearly all at once; chosen by us."""


class Urgency(StrEnum):
    """How fast an order works: kappa T, the horizon in units of the time in which a long order falls to 1/e.

    low .5, medium 1.5, high 3, chosen by us: in many slices the first half of the horizon does 52, 61 and 79 per cent.
    """

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def kappa_t(self) -> float:
        """Kappa times the horizon, dimensionless."""
        return {Urgency.LOW: 0.5, Urgency.MEDIUM: 1.5, Urgency.HIGH: 3.0}[self]


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the efficient frontier: lambda in 1/currency, kappa per day, E and sd in currency and in bps.

    The values in bps are None where there is no price.
    """

    risk_aversion: float
    kappa: float
    expected: float
    sd: float
    expected_bps: float | None
    sd_bps: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """The expected cost of one schedule, in currency.

    ``expected`` = ``spread`` + ``permanent`` + ``temporary``; ``timing_sd`` is the standard deviation around it.
    ``notional`` is quantity times reference price, None without a price. ``trades`` are the units of each slice.
    """

    expected: float
    timing_sd: float
    spread: float
    permanent: float
    temporary: float
    notional: float | None
    trades: tuple[float, ...]
    kappa: float | None = None
    """Per day; None for a schedule that is nobody's closed form."""
    risk_aversion: float | None = None
    """Lambda, 1/currency."""
    frontier: tuple[Point, ...] = ()

    @property
    def impact(self) -> float:
        """Permanent and temporary impact together."""
        return self.permanent + self.temporary

    def bps(self, part: str = "expected") -> float | None:
        """Return one of the fields in currency, or ``impact``, in bps of the notional; None without a price."""
        value: float = getattr(self, part)
        return None if self.notional is None else value / self.notional * BPS


def estimate_coefficients(
    adv: float | None = None,
    volatility: float | None = None,
    spread: float | None = None,
    price: float | None = None,
    **given: float | None,
) -> Coefficients:
    """Estimate the coefficients from what is known of any instrument, but for those that are given.

    Formula: sigma = volatility x price; gamma, eta and epsilon by the paper's rule, see ``impact.coefficients_2000``.
    Units: ``adv`` in units a day; ``volatility`` a fraction of the price, daily (annual / sqrt(250)); ``spread`` and
    ``price`` in currency per unit; ``given`` are fields of ``trajectory.Coefficients`` in its units. Raises
    ``InvalidInput`` naming what is missing, and for a value that is not above zero.
    """
    known = {"adv": adv, "volatility": volatility, "spread": spread, "price": price}
    values = {}
    for name, (sources, rule) in _RULES.items():
        own = given.get(name)
        values[name] = rule(*(_known(known, source, name) for source in sources)) if own is None else own
    return Coefficients(**values)


_RULES: dict[str, tuple[tuple[str, ...], Callable[..., float]]] = {
    "sigma": (("volatility", "price"), lambda volatility, price: volatility * price),
    "eta": (("adv", "spread"), lambda adv, spread: coefficients_2000(adv, spread).eta),
    "gamma": (("adv", "spread"), lambda adv, spread: coefficients_2000(adv, spread).gamma),
    "epsilon": (("spread",), lambda spread: spread / 2),
}
"""What each coefficient is estimated from, and how."""


def _known(known: dict[str, float | None], source: str, wanted: str) -> float:
    value = known[source]
    if value is None:
        raise InvalidInput(source, None, f"a number to estimate {wanted} from, or {wanted} itself")
    if not 0 < value < inf:
        raise InvalidInput(source, value, "a finite number above zero")
    return value


def estimate(
    trades: Sequence[float], taus: Sequence[float], coefficients: Coefficients, price: float | None = None
) -> Estimate:
    """Estimate what a schedule costs.

    Formula: see ``trajectory.evaluate``; timing sd = sqrt(V). The same for a buy and a sell.
    Units: ``trades`` in units per slice, unsigned; ``taus`` the slices' lengths in days; ``price`` in currency per
    unit. Raises ``InvalidInput`` for a price that is not above zero, and where eta <= gamma tau / 2.
    """
    if price is not None and not price > 0:
        raise InvalidInput("price", price, "a price above zero, or none")
    made = evaluate(trades, taus, coefficients)
    notional = None if price is None else price * sum(trades)
    parts = (made.spread, made.permanent, made.temporary)
    return Estimate(made.expected, sqrt(made.variance), *parts, notional, tuple(trades))


def urgency_risk_aversion(urgency: Urgency, horizon: float, slices: int, coefficients: Coefficients) -> float:
    """Return the lambda (1/currency) of an urgency: the one for which kappa T is the urgency's number.

    ``horizon`` in days. Raises ``InvalidInput`` where eta <= gamma tau / 2.
    """
    tau = slice_length(horizon, slices)
    return risk_aversion_of(coefficients, tau, urgency.kappa_t / horizon)


def efficient_frontier(
    quantity: float,
    horizon: float,
    slices: int,
    coefficients: Coefficients,
    price: float | None = None,
    kappa_t: Iterable[float] = FRONTIER_KAPPA_T,
) -> list[Point]:
    """Return the least expected cost for each level of risk, as points from patient to urgent.

    Formula: for each kappa T its lambda, and E and sd of the closed form: along the list E never falls and sd never
    rises.
    Units: ``quantity`` in units, ``horizon`` in days, ``price`` in currency per unit. Raises ``InvalidInput`` as
    ``trajectory.solve`` does.
    """
    tau = slice_length(horizon, slices)
    levels = [risk_aversion_of(coefficients, tau, each / horizon) for each in kappa_t]
    scale = None if price is None else BPS / (quantity * price)
    points = []
    for made in frontier(quantity, horizon, slices, coefficients, levels):
        expected, sd = made.moments.expected, sqrt(made.moments.variance)
        in_bps = (None, None) if scale is None else (expected * scale, sd * scale)
        points.append(Point(made.risk_aversion, made.kappa, expected, sd, *in_bps))
    return points
