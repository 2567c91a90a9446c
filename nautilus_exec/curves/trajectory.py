"""The optimal trajectory of Almgren and Chriss: how fast to trade when impact and risk pull in opposite directions.

Symbols of the paper: X units to trade in N slices of tau days; n_j traded in slice j; x_j left after it, x_0 = X and
x_N = 0. Times are in trading days, prices in currency per unit. Source throughout: Almgren and Chriss (2000), Optimal
Execution of Portfolio Transactions, J. Risk 3(2), 5-39.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from nautilus_exec.errors import InvalidInput

MAX_KAPPA_TAU = 50.0
"""Decay in one slice beyond which nothing changes: under 1e-21 of the order is left after the first. Chosen by us."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What a price does by itself and under trading.

    ``sigma``: currency per unit, per square root of a day. ``eta``: currency per unit, per unit a day. ``gamma``:
    currency per unit squared. ``epsilon``: currency per unit. Raises ``InvalidInput`` unless sigma and eta are above
    zero, gamma and epsilon at least zero, all finite.
    """

    sigma: float
    eta: float
    gamma: float = 0.0
    epsilon: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no market has."""
        for field, value in (("sigma", self.sigma), ("eta", self.eta)):
            _finite(field, value, value > 0, "above zero")
        for field, value in (("gamma", self.gamma), ("epsilon", self.epsilon)):
            _finite(field, value, value >= 0, "of at least zero")

    def eta_tilde(self, tau: float) -> float:
        """Return eta - gamma tau / 2; raises ``InvalidInput`` unless it is above zero: slices must be short enough."""
        reduced = self.eta - self.gamma * tau / 2
        if reduced <= 0:
            raise InvalidInput("eta", self.eta, f"more than gamma tau / 2 = {self.gamma * tau / 2:g}")
        return reduced


class Moments(NamedTuple):
    """Expected cost E in currency, its parts, and variance V in currency squared."""

    expected: float
    variance: float
    spread: float
    permanent: float
    temporary: float


class Trajectory(NamedTuple):
    """A plan: ``holdings`` x_0..x_N and ``trades`` n_1..n_N in units, kappa per day, and what it should cost."""

    holdings: tuple[float, ...]
    trades: tuple[float, ...]
    kappa: float
    risk_aversion: float
    moments: Moments


def solve(
    quantity: float, horizon: float, slices: int, coefficients: Coefficients, risk_aversion: float
) -> Trajectory:
    """Return the trajectory with the least E + lambda V, in closed form.

    Formula: x_j = X sinh(kappa (T - t_j)) / sinh(kappa T), kappa as in :func:`kappa_of`; lambda <= 0 gives even slices.
    Units: ``quantity`` in units, ``horizon`` in days, ``risk_aversion`` lambda in 1/currency. Raises ``InvalidInput``
    for a quantity, horizon or number of slices that is not above zero, and where eta <= gamma tau / 2.
    Source: equations 16 to 20.
    """
    _finite("quantity", quantity, quantity > 0, "above zero")
    tau = slice_length(horizon, slices)
    kappa = kappa_of(coefficients, tau, risk_aversion)
    left = remaining(kappa, [tau * j for j in range(slices + 1)])
    holdings = tuple(quantity * share for share in left)
    trades = tuple(a - b for a, b in pairwise(holdings))
    moments = evaluate(trades, [tau] * slices, coefficients)
    return Trajectory(holdings, trades, kappa, max(risk_aversion, 0.0), moments)


def kappa_of(coefficients: Coefficients, tau: float, risk_aversion: float) -> float:
    """Return kappa, the rate at which the optimal trajectory decays, per day; 0 for lambda <= 0.

    Formula: cosh(kappa tau) = 1 + lambda sigma^2 tau^2 / (2 eta~), eta~ = eta - gamma tau / 2; solved as
    kappa tau = 2 asinh(sqrt(lambda sigma^2 tau^2 / (4 eta~))), which keeps its digits when lambda is small, and
    bounded at 50 a slice.
    Raises ``InvalidInput`` where eta <= gamma tau / 2, and for a lambda that is not finite.
    """
    _finite("risk_aversion", risk_aversion, True, "per unit of currency")
    reduced = coefficients.eta_tilde(tau)
    move = coefficients.sigma * tau
    ratio = max(risk_aversion, 0.0) * move * move / reduced
    return min(2 * math.asinh(math.sqrt(ratio) / 2), MAX_KAPPA_TAU) / tau


def risk_aversion_of(coefficients: Coefficients, tau: float, kappa: float) -> float:
    """Return the lambda (1/currency) for which the optimal trajectory decays with kappa per day.

    Formula: lambda = 4 eta~ sinh(kappa tau / 2)^2 / (sigma tau)^2, the inverse of :func:`kappa_of`.
    Raises ``InvalidInput`` where eta <= gamma tau / 2, and for a kappa that is negative or more than 50 per slice.
    """
    good = 0 <= kappa * tau <= MAX_KAPPA_TAU
    _finite("kappa", kappa, good, f"per day from 0 to {MAX_KAPPA_TAU:g} a slice")
    root = 2 * math.sinh(kappa * tau / 2) / (coefficients.sigma * tau)
    return coefficients.eta_tilde(tau) * root**2


def remaining(kappa: float, edges: Sequence[float]) -> list[float]:
    """Return the share of the order that is left at each edge, 1 at the first and 0 at the last.

    Formula: sinh(kappa (T - t)) / sinh(kappa T), T the last edge, t and T from the first; 1 - t/T for kappa = 0. The
    optimum where the edges are evenly spaced and kappa is that of :func:`kappa_of`; between those edges, and for slices
    of unequal length, the same curve, which is close to the optimum but not it.
    Does not overflow for any kappa. ``edges`` and 1/``kappa`` in any one unit of time.
    """
    whole = edges[-1] - edges[0]
    return [decay(kappa, whole, edges[-1] - edge) for edge in edges]


def decay(kappa: float, from_time: float, to_time: float) -> float:
    """Return what is left ``to_time`` before the end as a share of what was left ``from_time`` before it.

    Formula: sinh(kappa to) / sinh(kappa from), as exp(kappa (to - from)) (1 - exp(-2 kappa to)) /
    (1 - exp(-2 kappa from)); 0 <= to <= from, from > 0; to / from for kappa = 0.
    The trajectory is consistent in time: a plan made anew from what is left is the rest of the old plan.
    """
    if kappa * from_time == 0:
        return to_time / from_time
    ratio = math.expm1(-2 * (kappa * to_time)) / math.expm1(-2 * (kappa * from_time))
    return math.exp(kappa * (to_time - from_time)) * ratio


def evaluate(trades: Sequence[float], taus: Sequence[float], coefficients: Coefficients) -> Moments:
    """Return expected cost and variance of any schedule.

    Formula: E = epsilon X + gamma (X^2 - sum n_j^2) / 2 + eta sum n_j^2 / tau_j; for equal slices this is
    gamma X^2 / 2 + epsilon X + (eta~ / tau) sum n_j^2. V = sigma^2 sum tau_j x_j^2, j = 1..N: what is traded in a
    slice bears no risk in it. The three terms of E are the parts spread, permanent and temporary.
    Units: ``trades`` n_j in units, at least 0; ``taus`` in days. Raises ``InvalidInput`` where
    eta <= gamma tau / 2 in any slice.
    Source: equations 5 and 8.
    """
    for tau in set(taus):
        coefficients.eta_tilde(tau)
    total = math.fsum(trades)
    spread = coefficients.epsilon * total
    permanent = coefficients.gamma * (total**2 - math.fsum(n * n for n in trades)) / 2
    temporary = coefficients.eta * math.fsum(n * n / tau for n, tau in zip(trades, taus, strict=True))
    left, exposure = total, 0.0
    for n, tau in zip(trades, taus, strict=True):
        left -= n
        exposure += tau * left * left
    variance = coefficients.sigma**2 * exposure
    return Moments(spread + permanent + temporary, variance, spread, permanent, temporary)


def frontier(
    quantity: float,
    horizon: float,
    slices: int,
    coefficients: Coefficients,
    risk_aversions: Iterable[float],
) -> list[Trajectory]:
    """Return the optimal trajectory for each lambda: cost falls and risk rises as lambda goes to 0.

    Units and errors are those of :func:`solve`.
    """
    return [solve(quantity, horizon, slices, coefficients, each) for each in risk_aversions]


def characteristic_time(kappa: float) -> float:
    """Return 1 / kappa, the time in which the order falls to 1/e if the horizon is long; inf for kappa = 0.

    The paper calls it theta, and "half-life", which it is not: see :func:`half_life`.
    """
    return math.inf if kappa == 0 else 1 / kappa


def half_life(kappa: float) -> float:
    """Return ln 2 / kappa, the time in which half the order is done if the horizon is long; inf for kappa = 0."""
    return math.log(2) * characteristic_time(kappa)


def slice_length(horizon: float, slices: int) -> float:
    """Return tau, the length of one of equal slices; raises ``InvalidInput`` for no horizon, or no slices."""
    _finite("horizon", horizon, horizon > 0, "of days above zero")
    if slices < 1:
        raise InvalidInput("slices", slices, "at least 1")
    return horizon / slices


def _finite(field: str, value: float, good: bool, expected: str) -> None:
    if not (good and math.isfinite(value)):
        raise InvalidInput(field, value, f"a finite number {expected}")
