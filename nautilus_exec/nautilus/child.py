"""The platform's order of a child that the plan decided on."""

from typing import Any

from nautilus_trader import model
from nautilus_trader.core import UUID4

from nautilus_exec.core.plan import Send
from nautilus_exec.nautilus.working import Working
from nautilus_exec.units import Nanos, Side


def build_child(work: Working, child_id: str, send: Send, algorithm_id: Any, now_ns: Nanos) -> Any:
    """A child with our own id: the platform's spawned ids start anew after a restart, and a double is executed."""
    parent = work.order
    return model.LimitOrder(
        parent.trader_id,
        parent.strategy_id,
        model.InstrumentId.from_str(send.instrument),
        model.ClientOrderId(child_id),
        model.OrderSide.BUY if work.parent.spec.side is Side.BUY else model.OrderSide.SELL,
        work.ruler.quantity(send.lots),
        work.ruler.price(send.price_ticks),
        model.TimeInForce.IOC if send.take else model.TimeInForce.GTC,
        send.post_only,
        parent.is_reduce_only,
        False,
        UUID4(),
        now_ns,
        exec_algorithm_id=algorithm_id,
        exec_spawn_id=parent.client_order_id,
    )
