"""Optimal trajectories in whole lots, with a cap on every slice: solved exactly, whatever the size.

The cost of a plan, in lots x_1..x_{N-1} left after each slice, is a sum of convex functions of single x_j and of
differences x_{j-1} - x_j. Such a function is L-natural-convex: a plan that no move improves is optimal, where a move
adds one lot to any set of the x_j at once, or takes one from it (Murota 2003, Discrete Convex Analysis, theorem 7.14).
The best of the 2^N sets is found by dynamic programming along the chain, in O(N). Moves begin large and shrink to one
lot, which keeps their number small (ibid., section 10.3); they begin at the closed form, clipped.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import sinh
from typing import NamedTuple

from nautilus_exec.curves.apportion import apportion
from nautilus_exec.curves.trajectory import MAX_KAPPA_TAU, decay, remaining
from nautilus_exec.errors import InvalidInput
from nautilus_exec.units import Lots


class _Cost(NamedTuple):
    """Integers in exactly the proportion of the cost of trading to that of holding: none of it is rounded."""

    trade: int
    hold: int
    never: int
    """More than any move can cost."""


def closed_form_lots(total: Lots, kappa: float, edges: Sequence[float], lot: Lots = 1) -> list[Lots]:
    """Return the closed form (``trajectory.remaining``) in whole lots by largest remainder; the sum is ``total``.

    Within one lot of the closed form in each slice; :func:`constrained_lots` is the optimum over whole lots.
    Raises ``InvalidInput`` for a negative total or a lot below 1.
    """
    return apportion(total, [a - b for a, b in pairwise(remaining(kappa, edges))], lot)


def constrained_lots(total: Lots, kappa_tau: float, caps: Sequence[Lots], lot: Lots = 1) -> list[Lots]:
    """Return the schedule with the least E + lambda V over whole lots with n_j <= cap_j, for equal slices.

    Formula: minimise sum n_j^2 + 4 sinh(kappa tau / 2)^2 sum x_j^2 over multiples n_j of the lot, 0 <= n_j <= cap_j,
    sum n_j = total, x_j = total - n_1 - .. - n_j. This is E + lambda V of ``trajectory.evaluate`` up to a factor and a
    constant. Exact for every N: equal to exhaustive enumeration, with ``kappa_tau`` taken as the float it is (up to 50)
    and all else in integers. What makes no whole lot is outside the optimum: it goes with the last slice that has room.

    Units: ``total``, ``caps`` and ``lot`` in base lots; ``kappa_tau`` = kappa times the length of a slice, 0 is even.
    Raises ``InvalidInput`` for a negative total, lot below 1, negative kappa_tau, negative cap, or caps that do not
    hold the total.
    Source: Almgren and Chriss (2000) for the cost; Murota (2003) for the method.
    """
    _check(total, kappa_tau, caps, lot)
    whole, rest = divmod(total, lot)
    room = [min(cap // lot, whole) for cap in caps]
    if sum(room) < whole:
        raise InvalidInput("caps", sum(room) * lot, f"whole lots of {lot} that add up to {total}")
    gentle = min(kappa_tau, MAX_KAPPA_TAU)
    left = _clipped(whole, gentle, room)
    cost = _cost(gentle, whole, len(room))
    step = 1 << (whole // len(room)).bit_length()
    while step:
        left = _descend(left, room, cost, step)
        step //= 2
    parts = [(before - after) * lot for before, after in pairwise(left)]
    return _with_rest(parts, caps, rest)


def _check(total: Lots, kappa_tau: float, caps: Sequence[Lots], lot: Lots) -> None:
    for field, value, good, expected in (
        ("total", total, total >= 0, "lots of at least 0"),
        ("lot", lot, lot >= 1, "at least 1"),
        ("kappa_tau", kappa_tau, kappa_tau >= 0, "at least 0"),
        ("caps", list(caps), caps and min(caps) >= 0, "at least one slice, each cap at least 0"),
    ):
        if not good:
            raise InvalidInput(field, value, expected)


def _cost(kappa_tau: float, whole: Lots, slices: int) -> _Cost:
    hold, trade = (4 * sinh(kappa_tau / 2) ** 2).as_integer_ratio()
    return _Cost(trade, hold, 8 * (trade + hold) * (slices + 1) * (whole + 1) ** 2)


def _clipped(whole: Lots, kappa_tau: float, caps: Sequence[Lots]) -> list[Lots]:
    """A feasible plan near the optimum: from what is left, the closed form as far as caps before and behind allow."""
    behind = [*list(accumulate(reversed(caps)))[-2::-1], 0]
    left = [whole]
    for j, (cap, later) in enumerate(zip(caps, behind, strict=True), 1):
        slices = len(caps) - j
        target = round(left[-1] * decay(kappa_tau, slices + 1, slices))
        left.append(max(left[-1] - cap, min(target, later)))
    return left


def _descend(left: list[Lots], caps: Sequence[Lots], cost: _Cost, step: Lots) -> list[Lots]:
    """Move by ``step`` lots for as long as that makes the plan cheaper."""
    while True:
        up, down = _best_move(left, caps, cost, step), _best_move(left, caps, cost, -step)
        best = up if up[0] <= down[0] else down
        if best[0] >= 0:
            return left
        signed = step if best is up else -step
        left = [left[0], *(x + signed * moved for x, moved in zip(left[1:], best[1], strict=True))]


def _best_move(left: list[Lots], caps: Sequence[Lots], cost: _Cost, step: Lots) -> tuple[int, list[bool]]:
    """The change in cost of the best set of holdings to move by ``step``, 0 for the empty set, and that set.

    Along the chain: ``stay`` and ``go`` are the least cost so far with the last holding unmoved and moved; a slice's
    trade changes only where a moved holding meets an unmoved one. The first and the last holding never move.
    """
    stay, go = 0, cost.never
    origins: list[tuple[bool, bool]] = []
    for (before, after), cap in zip(pairwise(left), caps, strict=True):
        traded = before - after
        enter = stay + _change(traded, -step, cap, cost)
        leave = go + _change(traded, step, cap, cost)
        origins.append((leave < stay, go < enter))
        stay = min(stay, leave)
        go = min(go, enter) + cost.hold * step * (2 * after + step)
    moved, chosen = False, []
    for origin in reversed(origins):
        chosen.append(moved)
        moved = origin[moved]
    return stay, chosen[::-1]


def _change(traded: Lots, more: Lots, cap: Lots, cost: _Cost) -> int:
    """What it costs to trade ``more`` in a slice; more than anything where the cap or zero forbids it."""
    return cost.trade * more * (2 * traded + more) if 0 <= traded + more <= cap else cost.never


def _with_rest(parts: list[Lots], caps: Sequence[Lots], rest: Lots) -> list[Lots]:
    """Add what makes no whole lot to the last slice that trades and has room, else to the last that has room."""
    if not rest:
        return parts
    able = [j for j, cap in enumerate(caps) if parts[j] + rest <= cap]
    if not able:
        raise InvalidInput("caps", list(caps), f"room for a rest of {rest} that makes no whole lot")
    trading = [j for j in able if parts[j]]
    parts[(trading or able)[-1]] += rest
    return parts
