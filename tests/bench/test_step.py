"""One decide + plan + fold step of a parent with 1,000 children, against one bare fold of the same event alphabet.

The goal is under 20 us a step on an idle machine; what is printed is the figure of this one and the ratio to the same
step of a parent with ten children, which must not grow with the children.
"""

import statistics
import time
from decimal import Decimal

import pytest

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.market import MarketView, Top
from nautilus_exec.core.parent import Parent
from nautilus_exec.core.plan import Send
from nautilus_exec.core.spec import VenueSpec
from nautilus_exec.decode import decode
from nautilus_exec.policies.params import OrderFacts
from nautilus_exec.policies.twap import Twap
from nautilus_exec.policies.vwap import Vwap
from nautilus_exec.units import SECOND, Side

T0 = 1_514_905_200 * SECOND
POLICIES = {"TWAP": Twap, "VWAP": Vwap}


def parent(name: str, children: int) -> Parent:
    """A parent that has sent, and had filled, so many children, one a minute."""
    policy = POLICIES[name]
    facts = OrderFacts(
        "P-1",
        name,
        Side.BUY,
        100_000,
        (VenueSpec("XNYS", "ABC.XNYS"),),
        T0,
        Decimal("0.01"),
        zone="America/New_York",
    )
    params = decode(policy.Params, {"duration": "330m", "interval": "10s"})
    made = Parent(policy.prepare(params, facts), policy.decide, Limits())
    run(made, T0, children)
    return made


def run(made: Parent, start_ns: int, steps: int) -> tuple[list[float], list[float]]:
    """Seconds of each step that sent a child (decide, plan, fold), and of folding its acknowledgement and fill."""
    throttle, times, answers = Throttle(), [], []
    now = start_ns
    for n in range(steps):
        market = MarketView({"XNYS": Top(15_800, 500, 15_802, 500, now)})
        began = time.perf_counter()
        step = made.step(market, throttle, now)
        sent = time.perf_counter()
        for order in step.orders:
            assert isinstance(order.action, Send)
            made.ledger.fold(Event(Kind.ACCEPTED, now, order.child_id))
            lots, price = order.action.lots, order.action.price_ticks
            made.ledger.fold(
                Event(Kind.FILL, now, order.child_id, lots=lots, price_ticks=price, trade_id=str(n))
            )
        times.append(sent - began)
        answers.append(time.perf_counter() - sent)
        now += 10 * SECOND
    return times, answers


@pytest.mark.parametrize("name", list(POLICIES))
def test_a_step_does_not_grow_with_the_children(name: str) -> None:
    few, many = parent(name, 10), parent(name, 1_000)
    at_ten, _ = map(statistics.median, run(few, T0 + 100 * SECOND, 500))
    at_thousand, answers = map(statistics.median, run(many, T0 + 10_000 * SECOND, 500))
    assert many.ledger.seq == 1_500
    print(
        f"\n{name}: step with 1,000 children {at_thousand * 1e6:.1f} us (goal 20), its two answers "
        f"{answers * 1e6:.1f} us; ratio to 10 children {at_thousand / at_ten:.2f}"
    )
