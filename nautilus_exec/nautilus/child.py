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
    common = (
        parent.trader_id,
        parent.strategy_id,
        model.InstrumentId.from_str(send.instrument),
        model.ClientOrderId(child_id),
        model.OrderSide.BUY if work.parent.spec.side is Side.BUY else model.OrderSide.SELL,
        work.ruler.quantity(send.lots),
    )
    ours = {"exec_algorithm_id": algorithm_id, "exec_spawn_id": parent.client_order_id}
    lives, reduces = _time_in_force(work, send), parent.is_reduce_only
    if send.auction and not send.price_ticks:
        return model.MarketOrder(*common, UUID4(), now_ns, lives, reduces, False, **ours)
    price = work.ruler.price(send.price_ticks)
    rests = not send.auction and parent.order_type is model.OrderType.LIMIT and parent.is_post_only
    never_takes = send.post_only or rests
    return model.LimitOrder(*common, price, lives, never_takes, reduces, False, UUID4(), now_ns, **ours)


def _time_in_force(work: Working, send: Send) -> model.TimeInForce:
    """How long the order lives; one for a venue's auction is for nothing else."""
    if send.take:
        return model.TimeInForce.IOC
    auction = work.parent.spec.auction
    if not send.auction or auction is None:
        return model.TimeInForce.GTC
    return model.TimeInForce.AT_THE_OPEN if auction.opening else model.TimeInForce.AT_THE_CLOSE
