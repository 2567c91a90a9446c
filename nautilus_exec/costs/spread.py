"""The cost of crossing the spread."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nautilus_exec.errors import InvalidInput


def spread_cross(bid: ArrayLike, ask: ArrayLike, quantity: ArrayLike) -> NDArray[np.float64]:
    """Return what taking a quantity at the touch costs against the mid.

    Formula: (a - b)/2 Q, the same for a buy and a sell; positive is a cost.
    Units: prices in currency per unit, ``quantity`` in units and unsigned; the result in currency. Scalars or arrays
    that broadcast. A locked quote costs nothing. Raises ``InvalidInput`` for a crossed quote, where a mid means
    nothing, and for a negative quantity.
    Source: Demsetz (1968), The Cost of Transacting, Quarterly J. Economics 82(1).
    """
    low, high, size = (np.asarray(value, float) for value in (bid, ask, quantity))
    if not np.all(high >= low):
        raise InvalidInput("ask", ask, "an ask of at least the bid")
    if not np.all(size >= 0):
        raise InvalidInput("quantity", quantity, "a quantity of at least zero")
    return np.asarray((high - low) / 2 * size)


def half_spread_bps(bid: ArrayLike, ask: ArrayLike) -> NDArray[np.float64]:
    """Return half the quoted spread in bps of the mid: (a - b)/2 / ((a + b)/2) x 1e4.

    Raises ``InvalidInput`` for a crossed quote or one with a mid that is not above zero.
    """
    low, high = np.asarray(bid, float), np.asarray(ask, float)
    if not np.all((high >= low) & (low + high > 0)):
        raise InvalidInput("ask", ask, "an ask of at least the bid, and a mid above zero")
    return np.asarray((high - low) / (high + low) * 1e4)
