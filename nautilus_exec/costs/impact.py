"""Market impact models: what trading itself does to the price.

Every function takes scalars or arrays that broadcast, and returns arrays (of no dimension for scalars). Quantities are
absolute, never signed; the result is positive, a cost. The exponents of the literature disagree (1/2 of the square
root, 3/5 of Almgren and others): both are here, and neither is built into the other.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nautilus_exec.errors import InvalidInput

type Floats = NDArray[np.float64]

TRADING_DAYS = 250
"""Trading days of a year; Kissell (2013)."""


class Almgren2005(NamedTuple):
    """Permanent impact I, and cost J = I/2 + the temporary part; all in the unit of sigma."""

    permanent: Floats
    temporary: Floats
    cost: Floats


class IStar(NamedTuple):
    """Instantaneous impact I*, expected cost MI and timing risk, in bps."""

    instantaneous: Floats
    cost: Floats
    timing_risk: Floats


class Coefficients2000(NamedTuple):
    """gamma (currency per unit squared), eta (currency per unit, per unit a day), epsilon (currency per unit)."""

    gamma: float
    eta: float
    epsilon: float


def linear(quantity: ArrayLike, volume: ArrayLike, sigma: ArrayLike, alpha: float = 1.0) -> Floats:
    """Estimate slippage in proportion to the share of the day's volume.

    Formula: alpha sigma (Q/ADV).
    Units: ``quantity`` and ``volume`` alike, ``volume`` per day; ``sigma`` daily; ``alpha`` dimensionless, to be
    calibrated; the result in the unit of ``sigma``. Raises ``InvalidInput`` for a volume that is not above zero, and
    for a negative quantity, sigma or alpha.
    Source: Kissell and Glantz (2003), Optimal Trading Strategies, the linear form.
    """
    return _natural("alpha", alpha) * _natural("sigma", sigma) * _share(quantity, volume)


def linear_root(quantity: ArrayLike, volume: ArrayLike, sigma: ArrayLike, alpha: float = 1.0) -> Floats:
    """Estimate slippage that is linear in sigma and in the root of the share of the day's volume.

    Formula: alpha sigma sqrt(Q/ADV): the number of :func:`square_root` with Y = alpha and delta = 1/2, read as the
    cost of the whole order instead of the impact at its end.
    Units and errors are those of :func:`linear`.
    Source: Kissell and Glantz (2003), Optimal Trading Strategies, the power form with exponent 1/2.
    """
    return _natural("alpha", alpha) * _natural("sigma", sigma) * np.sqrt(_share(quantity, volume))


def square_root(
    quantity: ArrayLike, volume: ArrayLike, sigma: ArrayLike, y: float = 1.0, delta: float = 0.5
) -> Floats:
    """Estimate the impact at the end of an order by the square-root law.

    Formula: I = Y sigma (Q/V)^delta; the *average* cost of an order worked at a constant rate is I / (1 + delta), see
    :func:`average_of`.

    Units: ``quantity`` and ``volume`` alike (units of the instrument, ``volume`` per day), ``sigma`` daily; the
    result in the unit of ``sigma`` (bps for bps). Scalars or arrays that broadcast. Raises ``InvalidInput`` for a
    volume that is not positive, or a negative quantity, sigma or Y.
    Source: Almgren et al. (2005); Y near 1 and delta 0.489 in Sato and Kanazawa (2024).
    """
    return np.asarray(_natural("y", y) * _natural("sigma", sigma) * _share(quantity, volume) ** delta)


def average_of(impact: ArrayLike, delta: float = 0.5) -> Floats:
    """Return the average cost over a constant-rate order whose impact at its end is ``impact``: I / (1 + delta)."""
    return np.asarray(np.asarray(impact, float) / (1 + delta))


def permanent(rate: ArrayLike, gamma: ArrayLike) -> Floats:
    """Return the drift of the price that trading at a rate leaves behind.

    Formula: g(v) = gamma v.
    Units: ``rate`` in units a day, signed; ``gamma`` in currency per unit squared; the result in currency per unit,
    a day. Raises ``InvalidInput`` for a negative gamma.
    Source: Almgren and Chriss (2000), Optimal Execution of Portfolio Transactions, J. Risk 3(2), eq. 6.
    """
    return np.asarray(_natural("gamma", gamma) * np.asarray(rate, float))


def temporary(rate: ArrayLike, eta: ArrayLike, epsilon: ArrayLike) -> Floats:
    """Return what a unit costs beyond the mid while trading at a rate.

    Formula: h(v) = epsilon sgn(v) + eta v.
    Units: ``rate`` in units a day, signed; ``eta`` in currency per unit, per unit a day; ``epsilon`` and the result in
    currency per unit. Raises ``InvalidInput`` for a negative eta or epsilon.
    Source: Almgren and Chriss (2000), eq. 7.
    """
    speed = np.asarray(rate, float)
    return np.asarray(_natural("epsilon", epsilon) * np.sign(speed) + _natural("eta", eta) * speed)


def coefficients_2000(volume: float, spread: float) -> Coefficients2000:
    """Return the coefficients of :func:`permanent` and :func:`temporary` by the paper's rule of thumb.

    Formula: gamma = spread / (0.1 ADV): trading a tenth of the day moves the price by a spread; eta = spread /
    (0.01 ADV): each hundredth of the day's volume costs a spread; epsilon = spread / 2.
    Units: ``volume`` in units a day, ``spread`` in currency per unit. Raises ``InvalidInput`` for a volume that is
    not above zero and for a negative spread.
    Source: Almgren and Chriss (2000), section 3.4.
    """
    adv, width = float(_positive("volume", volume)), float(_natural("spread", spread))
    return Coefficients2000(gamma=width / (0.1 * adv), eta=width / (0.01 * adv), epsilon=width / 2)


def almgren_2005(
    quantity: ArrayLike,
    volume: ArrayLike,
    sigma: ArrayLike,
    horizon: ArrayLike,
    outstanding: ArrayLike,
    gamma: float = 0.314,
    eta: float = 0.142,
) -> Almgren2005:
    """Estimate the cost of an order worked evenly over a horizon.

    Formula: I = gamma sigma (X/V) (Theta/V)^(1/4); J = I/2 + eta sigma (X/(V T))^(3/5).
    Units: ``quantity`` X, ``volume`` V (per day) and ``outstanding`` Theta alike; ``horizon`` T in days; ``sigma``
    daily; results in the unit of ``sigma``. Raises ``InvalidInput`` for a volume, horizon or number of shares
    outstanding that is not above zero, and for a negative quantity, sigma, gamma or eta.
    Source: Almgren, Thum, Hauptmann and Li (2005), Direct Estimation of Equity Market Impact, Risk 18(7); gamma and
    eta as estimated there on US large caps.
    """
    share, daily = _share(quantity, volume), _natural("sigma", sigma)
    turnover = _positive("outstanding", outstanding) / _positive("volume", volume)
    lasting = _natural("gamma", gamma) * daily * share * turnover**0.25
    passing = _natural("eta", eta) * daily * (share / _positive("horizon", horizon)) ** 0.6
    return Almgren2005(lasting, passing, lasting / 2 + passing)


def i_star(
    quantity: ArrayLike,
    volume: ArrayLike,
    sigma: ArrayLike,
    participation: ArrayLike,
    a: tuple[float, float, float, float] = (708.0, 0.55, 0.71, 0.50),
    b1: float = 0.98,
) -> IStar:
    """Estimate cost and timing risk of an order worked at a rate of participation.

    Formula: I* = a1 (Q/ADV)^a2 sigma^a3; MI = b1 I* POV^a4 + (1 - b1) I*; timing risk =
    sigma sqrt(Q (1 - POV) / (3 x 250 ADV POV)) x 1e4.
    Units: ``quantity`` and ``volume`` alike, ``volume`` per day; ``sigma`` a fraction a *year* (.25);
    ``participation`` a fraction of total volume in (0, 1]; ``a`` and ``b1`` dimensionless; results in bps. Raises
    ``InvalidInput`` for values outside these ranges.
    Source: Kissell (2013), The Science of Algorithmic Trading and Portfolio Management; the coefficients too.
    """
    share, yearly, pov = _share(quantity, volume), _natural("sigma", sigma), np.asarray(participation, float)
    if not np.all((pov > 0) & (pov <= 1)):
        raise InvalidInput("participation", participation, "a fraction of total volume above 0, at most 1")
    if not 0 <= b1 <= 1:
        raise InvalidInput("b1", b1, "a fraction from 0 to 1")
    instantaneous = a[0] * share ** a[1] * yearly ** a[2]
    cost = b1 * instantaneous * pov ** a[3] + (1 - b1) * instantaneous
    risk = yearly * np.sqrt(share * (1 - pov) / (3 * TRADING_DAYS * pov)) * 1e4
    return IStar(instantaneous, cost, risk)


def _share(quantity: ArrayLike, volume: ArrayLike) -> Floats:
    return _natural("quantity", quantity) / _positive("volume", volume)


def _positive(field: str, value: ArrayLike) -> Floats:
    return _checked(field, value, least="above zero")


def _natural(field: str, value: ArrayLike) -> Floats:
    return _checked(field, value, least="of at least zero")


def _checked(field: str, value: ArrayLike, least: str) -> Floats:
    """The numbers as an array; NaN is refused with the rest, since no comparison holds for it."""
    try:
        numbers = np.asarray(value, float)
    except (TypeError, ValueError):
        raise InvalidInput(field, value, f"numbers {least}") from None
    good = numbers > 0 if least == "above zero" else numbers >= 0
    if not np.all(good & np.isfinite(numbers)):
        raise InvalidInput(field, value, f"finite numbers {least}")
    return numbers
