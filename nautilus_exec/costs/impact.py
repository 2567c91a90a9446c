"""Market impact models: what trading itself does to the price."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nautilus_exec.errors import InvalidInput


def square_root(
    quantity: ArrayLike, volume: ArrayLike, sigma: ArrayLike, y: float = 1.0, delta: float = 0.5
) -> NDArray[np.float64]:
    """Estimate the impact at the end of an order by the square-root law.

    Formula: I = Y sigma (Q/V)^delta; the *average* cost of an order worked at a constant rate is I / (1 + delta), see
    :func:`average_of`.

    Units: ``quantity`` and ``volume`` alike (units of the instrument, ``volume`` per day), ``sigma`` daily; the
    result in the unit of ``sigma`` (bps for bps). Scalars or arrays that broadcast. Raises ``InvalidInput`` for a
    volume that is not positive, or a negative quantity.
    Source: Almgren et al. (2005); Y near 1 and delta 0.489 in Sato and Kanazawa (2024).
    """
    size, traded = np.asarray(quantity, float), np.asarray(volume, float)
    if not np.all(traded > 0):
        raise InvalidInput("volume", volume, "a daily volume above zero")
    if not np.all(size >= 0):
        raise InvalidInput("quantity", quantity, "a quantity of at least zero")
    return np.asarray(y * np.asarray(sigma, float) * (size / traded) ** delta)


def average_of(impact: ArrayLike, delta: float = 0.5) -> NDArray[np.float64]:
    """Return the average cost over a constant-rate order whose impact at its end is ``impact``: I / (1 + delta)."""
    return np.asarray(impact, float) / (1 + delta)
