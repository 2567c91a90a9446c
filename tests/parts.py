"""A strategy, an algorithm and an actor whose behaviour a test gives as plain functions."""

from collections.abc import Callable, Iterable
from typing import Any

from nautilus_trader.common import DataActor, DataActorConfig
from nautilus_trader.core import UUID4
from nautilus_trader.model import (
    ActorId,
    ClientOrderId,
    ExecAlgorithmId,
    InstrumentId,
    LimitOrder,
    MarketOrder,
    OrderSide,
    StrategyId,
    TimeInForce,
)
from nautilus_trader.trading import (
    ExecutionAlgorithm,
    ExecutionAlgorithmConfig,
    Strategy,
    StrategyConfig,
)

from tests.hand import XNYS, ns, px, qty


class Script(Strategy):
    """A strategy that does what the test says at the stamps the test says, and keeps every order event."""

    def __new__(cls, *_: Any, **__: Any) -> "Script":
        tag = __.get("tag", "001")
        return super().__new__(cls, StrategyConfig(strategy_id=StrategyId(f"OWNER-{tag}"), order_id_tag=tag))

    def __init__(
        self, acts: Iterable[tuple[float, Callable[["Script"], None]]] = (), tag: str = "001"
    ) -> None:
        self.acts = list(acts)
        self.tag = tag
        self.events: list[Any] = []
        self.errors: list[BaseException] = []
        self.made = 0

    def on_start(self) -> None:
        self.k, self.c = self.clock, self.cache
        for i, (t, act) in enumerate(self.acts):
            self.k.set_time_alert_ns(f"act-{i}", ns(t), callback=self._run(act))

    def _run(self, act: Callable[["Script"], None]) -> Callable[[Any], None]:
        def fire(_: Any) -> None:
            try:
                act(self)
            except Exception as e:
                self.errors.append(e)
                raise

        return fire

    def on_order_event(self, event: Any) -> None:
        self.events.append(event)

    def _next_id(self, oid: str | None) -> ClientOrderId:
        self.made += 1
        return ClientOrderId(oid or f"O-{self.tag}-{self.made}")

    def limit(
        self,
        side: OrderSide,
        size: int,
        price: float,
        tif: TimeInForce = TimeInForce.GTC,
        iid: InstrumentId = XNYS,
        *,
        post_only: bool = False,
        algo: str | None = None,
        params: dict[str, str] | None = None,
        oid: str | None = None,
    ) -> LimitOrder:
        """Build and submit a limit order; return it."""
        cid = self._next_id(oid)
        order = LimitOrder(
            self.trader_id,
            self.strategy_id,
            iid,
            cid,
            side,
            qty(size),
            px(price),
            tif,
            post_only,
            False,
            False,
            UUID4(),
            self.k.timestamp_ns(),
            exec_algorithm_id=ExecAlgorithmId(algo) if algo else None,
            exec_algorithm_params=params,
            exec_spawn_id=cid if algo else None,
        )
        self.submit_order(order)
        return order

    def ioc(self, side: OrderSide, size: int, price: float, iid: InstrumentId = XNYS) -> LimitOrder:
        return self.limit(side, size, price, TimeInForce.IOC, iid)

    def market(
        self,
        side: OrderSide,
        size: int,
        iid: InstrumentId = XNYS,
        algo: str | None = None,
        params: dict[str, str] | None = None,
        oid: str | None = None,
    ) -> MarketOrder:
        """Build and submit a market order; return it."""
        cid = self._next_id(oid)
        order = MarketOrder(
            self.trader_id,
            self.strategy_id,
            iid,
            cid,
            side,
            qty(size),
            UUID4(),
            self.k.timestamp_ns(),
            TimeInForce.GTC,
            False,
            False,
            exec_algorithm_id=ExecAlgorithmId(algo) if algo else None,
            exec_algorithm_params=params,
            exec_spawn_id=cid if algo else None,
        )
        self.submit_order(order)
        return order

    def names(self, oid: Any = None) -> list[str]:
        """The order events seen, as short names: ``Submitted``, ``Filled 300@100.02`` …"""
        return [short(e) for e in self.events if oid is None or e.client_order_id == oid]

    def fills(self, oid: Any = None) -> list[tuple[int, float]]:
        """(size, price) of every fill seen."""
        return [
            (int(e.last_qty.as_double()), e.last_px.as_double())
            for e in self.events
            if type(e).__name__ == "OrderFilled" and (oid is None or e.client_order_id == oid)
        ]


def short(event: Any) -> str:
    name = type(event).__name__.removeprefix("Order")
    return f"{name} {event.last_qty}@{event.last_px}" if name == "Filled" else name


class Probe(ExecutionAlgorithm):
    """An algorithm whose callbacks are the test's own functions."""

    def __new__(cls, *_: Any, **__: Any) -> "Probe":
        return super().__new__(cls, ExecutionAlgorithmConfig(exec_algorithm_id=ExecAlgorithmId("PROBE")))

    def __init__(
        self,
        on_order: Callable[["Probe", Any], None] | None = None,
        on_event: Callable[["Probe", Any], None] | None = None,
    ) -> None:
        self._on_order, self._on_event = on_order, on_event
        self.orders: list[Any] = []
        self.events: list[Any] = []
        self.trail: list[Any] = []
        self.errors: list[BaseException] = []

    def on_start(self) -> None:
        self.k, self.c, self.eid = self.clock, self.cache, self.exec_algorithm_id

    def on_order(self, order: Any) -> None:
        self.orders.append(order)
        if self._on_order:
            self._guard(self._on_order, order)

    def on_order_event(self, event: Any) -> None:
        self.events.append(event)
        if self._on_event:
            self._guard(self._on_event, event)

    def _guard(self, call: Callable[["Probe", Any], None], arg: Any) -> None:
        try:
            call(self, arg)
        except Exception as e:
            self.errors.append(e)
            raise

    def child(
        self,
        parent: Any,
        size: int,
        price: float,
        oid: str,
        tif: TimeInForce = TimeInForce.GTC,
        iid: InstrumentId | None = None,
        *,
        post_only: bool = False,
    ) -> LimitOrder:
        """A hand-built child with its own id; not submitted."""
        return LimitOrder(
            parent.trader_id,
            parent.strategy_id,
            iid or parent.instrument_id,
            ClientOrderId(oid),
            parent.side,
            qty(size),
            px(price),
            tif,
            post_only,
            False,
            False,
            UUID4(),
            self.k.timestamp_ns(),
            exec_algorithm_id=self.eid,
            exec_spawn_id=parent.client_order_id,
        )


class Listener(DataActor):
    """An actor that runs the test's functions on start."""

    def __new__(cls, *_: Any, **__: Any) -> "Listener":
        return super().__new__(cls, DataActorConfig(actor_id=ActorId("LISTENER-001")))

    def __init__(self, on_start: Callable[["Listener"], None] | None = None) -> None:
        self._on_start = on_start
        self.seen: list[Any] = []

    def on_start(self) -> None:
        self.k, self.c = self.clock, self.cache
        if self._on_start:
            self._on_start(self)
