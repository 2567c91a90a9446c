"""A paper node with a Python data client and the sandbox: the same algorithm, the same fills."""

import asyncio
import itertools
import threading
from typing import Any, Self

import pytest
from nautilus_trader.adapters.sandbox import SandboxExecutionClientConfig, SandboxExecutionClientFactory
from nautilus_trader.common import Environment, LoggerConfig, LogLevel
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.live import DataClientConfig, LiveNode
from nautilus_trader.live.clients import DataClientFactory, MarketDataClient
from nautilus_trader.model import (
    AccountId,
    AccountType,
    BookAction,
    BookOrder,
    Money,
    OmsType,
    OrderBookDelta,
    OrderBookDeltas,
    OrderStatus,
    QuoteTick,
    TimeInForce,
    TraderId,
    Venue,
)

from tests.books import BUY, F_LAST, HONEST, SELL, USD, XNYS, equity, px, qty
from tests.parts import Probe, Script

SECOND = 10**9
SEQUENCE = itertools.count(1, 4)


class FeedConfig(DataClientConfig):
    def __new__(cls, **kw: Any) -> Self:
        return super().__new__(cls, **kw)


class Feed(MarketDataClient):
    """Sends the same 100.00 x 300 / 100.02 x 300 ten times a second, unasked."""

    async def _connect(self) -> None:
        self._handle_instrument(equity())
        self.pump = self.create_task(self._pump(), "pump")

    async def _disconnect(self) -> None:
        self.pump.cancel()

    async def _subscribe_quotes(self, _: Any) -> None: ...

    async def _unsubscribe_quotes(self, _: Any) -> None: ...

    async def _pump(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            self._send(self.clock.timestamp_ns())

    def _send(self, ts: int) -> None:
        seq = next(SEQUENCE)
        bid, ask = BookOrder(BUY, px(100), qty(300), 0), BookOrder(SELL, px(100.02), qty(300), 0)
        rows = [
            OrderBookDelta.clear(XNYS, seq, ts, ts),
            OrderBookDelta(XNYS, BookAction.ADD, bid, 0, seq + 1, ts, ts),
            OrderBookDelta(XNYS, BookAction.ADD, ask, F_LAST, seq + 2, ts, ts),
        ]
        self._handle_data(OrderBookDeltas(XNYS, rows))
        self._handle_data(QuoteTick(XNYS, px(100), px(100.02), qty(300), qty(300), ts, ts))


class FeedFactory(DataClientFactory):
    @staticmethod
    def create(*, name: str, config: Any, cache: Any, clock: Any) -> Feed:
        return Feed(name=name, config=config, cache=cache, clock=clock, venue=Venue(name))


class Owner(Script):
    """Submits one parent a second after its start."""

    def on_start(self) -> None:
        self.k, self.c = self.clock, self.cache
        self.subscribe_quotes(XNYS)
        at = self.k.timestamp_ns() + SECOND
        self.k.set_time_alert_ns("go", at, callback=lambda _: self.market(BUY, 800, algo="PROBE", oid="P"))


def build() -> LiveNode:
    sandbox = SandboxExecutionClientConfig(
        venue=Venue("XNYS"),
        starting_balances=[Money(1e6, USD)],
        account_id=AccountId("XNYS-001"),
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        fee_model=MakerTakerFeeModel(0, 0),
        **HONEST,
    )
    builder = LiveNode.builder("paper", TraderId("TRADER-001"), Environment.SANDBOX)
    builder = builder.with_logging(LoggerConfig(stdout_level=LogLevel.OFF)).with_reconciliation(False)
    builder = builder.with_delay_post_stop_secs(0).add_data_client("XNYS", FeedFactory, FeedConfig(), None)
    return builder.add_simulated_exec_client("XNYS", SandboxExecutionClientFactory(), sandbox).build()


@pytest.mark.slow
def test_the_sandbox_fills_children_as_the_backtest_does() -> None:
    """300 are shown all the time: the first IOC of 500 gets 300, the second none."""

    def send(p: Probe, order: Any) -> None:
        for n in (1, 2):
            at = p.k.timestamp_ns() + n * SECOND // 4
            p.k.set_time_alert_ns(f"{n}", at, callback=lambda _, n=n: take(p, order, f"C{n}"))

    def take(p: Probe, order: Any, oid: str) -> None:
        p.submit_order(p.child(order, 500, 100.02, oid, TimeInForce.IOC))

    node, owner, algorithm = build(), Owner(), Probe(send)
    node.add_strategy(owner)
    node.add_exec_algorithm(algorithm)
    stop = threading.Timer(4, node.handle().stop)
    stop.start()
    node.run()
    stop.join()
    told = owner.names()[1:]
    parent = node.cache.order(owner.events[0].client_order_id)
    node.dispose()
    assert not algorithm.errors
    first = ["Initialized", "Submitted", "Accepted", "Filled 300@100.02", "Canceled"]
    assert told == [*first, "Initialized", "Submitted", "Accepted", "Canceled"]
    assert parent.status == OrderStatus.INITIALIZED
