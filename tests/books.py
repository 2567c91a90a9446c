"""Hand-made books and a tiny engine, so that a test of one fact about the platform is a dozen lines.

Stamps are seconds after ``T0`` (fractions allowed), prices decimal text or floats on a cent, sizes shares.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common import DataActor, DataActorConfig, LoggerConfig, LogLevel
from nautilus_trader.core import UUID4
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import (
    AccountType,
    ActorId,
    AggressorSide,
    BookAction,
    BookOrder,
    BookType,
    ClientOrderId,
    Currency,
    Equity,
    ExecAlgorithmId,
    InstrumentId,
    LimitOrder,
    MarketOrder,
    Money,
    OmsType,
    OrderBookDelta,
    OrderBookDeltas,
    OrderSide,
    Price,
    Quantity,
    QuoteTick,
    StrategyId,
    Symbol,
    TimeInForce,
    TradeId,
    TradeTick,
    Venue,
)
from nautilus_trader.risk import RiskEngineConfig
from nautilus_trader.trading import (
    ExecutionAlgorithm,
    ExecutionAlgorithmConfig,
    Strategy,
    StrategyConfig,
)

T0 = 1_700_000_000_000_000_000
F_LAST = 128
_SEQUENCE = count(1, 4)
USD = Currency.from_str("USD")
XNYS = InstrumentId.from_str("ABC.XNYS")
XNAS = InstrumentId.from_str("ABC.XNAS")
BUY, SELL = OrderSide.BUY, OrderSide.SELL

HONEST: dict[str, Any] = {
    "book_type": BookType.L2_MBP,
    "queue_position": True,
    "liquidity_consumption": True,
}
"""The venue settings under which displayed size is honest."""

PLAIN: dict[str, Any] = {
    "book_type": BookType.L1_MBP,
    "queue_position": False,
    "liquidity_consumption": False,
}
"""The platform's defaults: top of book."""


def ns(seconds: float) -> int:
    """Stamp of ``seconds`` after ``T0``."""
    return T0 + round(seconds * 1e9)


def px(price: float | str) -> Price:
    return Price.from_str(f"{float(price):.2f}")


def qty(size: int) -> Quantity:
    return Quantity.from_int(size)


def equity(instrument_id: InstrumentId = XNYS) -> Equity:
    return Equity(
        instrument_id,
        Symbol(instrument_id.symbol.value),
        USD,
        2,
        Price.from_str("0.01"),
        0,
        0,
        lot_size=qty(1),
    )


def quote(
    t: float, bid: float, bid_size: int, ask: float, ask_size: int, iid: InstrumentId = XNYS
) -> QuoteTick:
    return QuoteTick(iid, px(bid), px(ask), qty(bid_size), qty(ask_size), ns(t), ns(t))


def deltas(
    t: float, bid: float, bid_size: int, ask: float, ask_size: int, iid: InstrumentId = XNYS
) -> OrderBookDeltas:
    """One-level snapshot: CLEAR, ADD bid, ADD ask; a side of size 0 is left out; the last carries F_LAST."""
    seq = next(_SEQUENCE)
    sides = [(side, p, s) for side, p, s in ((BUY, bid, bid_size), (SELL, ask, ask_size)) if s]
    rows = [OrderBookDelta.clear(iid, seq, ns(t), ns(t))]
    if not sides:
        rows = [OrderBookDelta(iid, BookAction.CLEAR, rows[0].order, F_LAST, seq, ns(t), ns(t))]
    for i, (side, p, s) in enumerate(sides, start=1):
        flags = F_LAST if i == len(sides) else 0
        order = BookOrder(side, px(p), qty(s), 0)
        rows.append(OrderBookDelta(iid, BookAction.ADD, order, flags, seq + i, ns(t), ns(t)))
    return OrderBookDeltas(iid, rows)


def top(
    t: float, bid: float, bid_size: int, ask: float, ask_size: int, iid: InstrumentId = XNYS
) -> list[Any]:
    """The honest recipe's pair: the one-level book, then the quote of the same instant."""
    return [deltas(t, bid, bid_size, ask, ask_size, iid), quote(t, bid, bid_size, ask, ask_size, iid)]


def trade(
    t: float,
    price: float,
    size: int,
    iid: InstrumentId = XNYS,
    aggressor: AggressorSide = AggressorSide.NO_AGGRESSOR,
) -> TradeTick:
    return TradeTick(iid, px(price), qty(size), aggressor, TradeId(f"{t}-{price}-{size}"), ns(t), ns(t))


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


def engine(
    instruments: Sequence[InstrumentId] = (XNYS,),
    rate: str = "1000000/00:00:01",
    log: LogLevel = LogLevel.OFF,
    **venue: Any,
) -> BacktestEngine:
    """A backtest engine with one simulated venue per instrument's venue, under the honest settings."""
    config = BacktestEngineConfig(
        logging=LoggerConfig(stdout_level=log),
        risk_engine=RiskEngineConfig(max_order_submit_rate=rate),
        run_analysis=False,
    )
    eng = BacktestEngine(config)
    settings: dict[str, Any] = {
        "oms_type": OmsType.NETTING,
        "account_type": AccountType.MARGIN,
        "starting_balances": [Money(1e9, USD)],
        "fee_model": MakerTakerFeeModel(0, 0),
    }
    for name in dict.fromkeys(i.venue.value for i in instruments):
        eng.add_venue(Venue(name), **settings | HONEST | venue)
    for iid in instruments:
        eng.add_instrument(equity(iid))
    return eng


def run(
    data: Iterable[Any],
    *parts: Any,
    instruments: Sequence[InstrumentId] = (XNYS,),
    rate: str = "1000000/00:00:01",
    log: LogLevel = LogLevel.OFF,
    end: float | None = None,
    **venue: Any,
) -> BacktestEngine:
    """Run hand-made data (flattened, kept in order) with strategies, algorithms and actors; return the engine."""
    eng = engine(instruments, rate, log, **venue)
    flat = [x for item in data for x in (item if isinstance(item, list) else [item])]
    for item in flat:
        eng.add_data([item], sort=False)
    eng.sort_data()
    for part in parts:
        if isinstance(part, Strategy):
            eng.add_strategy(part)
        elif isinstance(part, ExecutionAlgorithm):
            eng.add_exec_algorithm(part)
        else:
            eng.add_actor(part)
    eng.run(end=ns(end) if end is not None else None)
    return eng
