"""Cut a whole number into whole parts that add up to it exactly."""

import math
import operator
from collections.abc import Iterable, Sequence
from itertools import accumulate

from nautilus_exec.errors import InvalidInput

_TIE_DIGITS = 9
"""Remainders that agree to so many digits are a tie: decimals are not exact in binary. Chosen by us."""


def apportion(total: int, weights: Sequence[float], lot: int = 1) -> list[int]:
    """Cut ``total`` in proportion to ``weights`` by largest remainder (Hamilton's method).

    Formula: quota_i = total w_i / sum w; every part gets floor(quota_i), and what is left goes, one each, to
    the largest fractional parts, ties to the earlier index. With a ``lot`` the same is done in whole lots,
    and the rest that makes no whole lot goes with the last part of positive weight.

    Units: ``total`` and ``lot`` in any one integer unit; ``weights`` dimensionless, of any scale. Returns
    ``len(weights)`` integers whose sum is exactly ``total``, each less than 1 (with a lot, and the last
    part's rest aside: less than one lot) from its quota; a weight of zero gets nothing. The arithmetic is
    exact, of any size.

    Raises ``InvalidInput`` for a negative total, a lot below 1, no weights, a negative, infinite or NaN
    weight, and weights that are all zero.

    Source: Hamilton's method as in Balinski and Young (1982), Fair Representation.
    """
    whole, rest = divmod(_natural("total", total, 0), _natural("lot", lot, 1))
    shares = _integers(weights)
    mass = sum(shares)
    quotas = [divmod(whole * share, mass) for share in shares]
    parts = [quota for quota, _ in quotas]
    remainders = [round(remainder / mass, _TIE_DIGITS) for _, remainder in quotas]
    # sorted() is stable, in reverse too: equal remainders stay in the order of their index.
    ranked = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
    for i in ranked[: whole - sum(parts)]:
        parts[i] += 1
    if lot == 1:
        return parts
    parts = [part * lot for part in parts]
    parts[max(i for i, share in enumerate(shares) if share)] += rest
    return parts


def equal_slices(total: int, n: int, lot: int = 1) -> list[int]:
    """Cut ``total`` into ``n`` parts that differ by at most one lot, the larger ones first.

    The same as :func:`apportion` with equal weights: 1000 over 3 is 334, 333, 333. The rest that makes no
    whole lot goes with the last part. More parts than lots leave zeros at the end.

    Raises ``InvalidInput`` for a negative total, and for ``n`` or ``lot`` below 1.
    """
    whole, rest = divmod(_natural("total", total, 0), _natural("lot", lot, 1))
    each, extra = divmod(whole, _natural("n", n, 1))
    parts = [(each + 1) * lot] * extra + [each * lot] * (n - extra)
    parts[-1] += rest
    return parts


def cumulative(parts: Iterable[int]) -> list[int]:
    """Return the running totals of ``parts``: what is done by the end of each; the last is their sum."""
    return list(accumulate(parts))


def _natural(field: str, value: int, least: int) -> int:
    """Return ``value`` as an int of at least ``least``, or raise ``InvalidInput``."""
    try:
        number = operator.index(value)
    except TypeError:
        raise InvalidInput(field, value, "an integer") from None
    if number < least:
        raise InvalidInput(field, value, f"an integer of at least {least}")
    return number


def _integers(weights: Sequence[float]) -> list[int]:
    """Return integers in exactly the proportions of the floats ``weights``.

    A float is m / 2^k, so the largest denominator is a multiple of all others.
    """
    values = [float(weight) for weight in weights]
    for i, value in enumerate(values):
        if not (math.isfinite(value) and value >= 0):
            raise InvalidInput(f"weights[{i}]", value, "a finite weight of at least 0")
    ratios = [value.as_integer_ratio() for value in values]
    scale = max((denominator for _, denominator in ratios), default=1)
    integers = [numerator * (scale // denominator) for numerator, denominator in ratios]
    if not any(integers):
        raise InvalidInput("weights", values, "at least one weight above 0")
    return integers
