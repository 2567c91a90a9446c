"""A paper node with one TWAP parent, run as a program: ``paper_node OUT PARAMS`` prints what became of it as JSON."""

import itertools
import json
import sys
import threading
from typing import Any

import msgspec
from nautilus_trader.adapters.sandbox import SandboxExecutionClientConfig, SandboxExecutionClientFactory
from nautilus_trader.common import Environment, LoggerConfig, LogLevel
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.live import LiveNode
from nautilus_trader.model import (
    AccountId,
    AccountType,
    BookAction,
    BookOrder,
    Money,
    OmsType,
    OrderBookDelta,
    OrderBookDeltas,
    QuoteTick,
    TraderId,
    Venue,
)

from nautilus_exec.nautilus.attach import Attached, attach
from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.shared import result, shared
from tests.books import BUY, F_LAST, HONEST, SELL, USD, XNYS, Script, px, qty
from tests.platform.test_paper_node import Feed, FeedConfig, FeedFactory

SECOND = 10**9
PATIENCE_S = 40
SIZES = itertools.count(300)


class GrowingFeed(Feed):
    """100.00 x 100.02 ten times a second, each time with one share more, so that what was taken comes back.

    The book, which the sandbox fills from, comes unasked; quotes come to those who subscribe.
    """

    asked = 0

    async def _subscribe_quotes(self, _: Any) -> None:
        self.asked += 1

    async def _unsubscribe_quotes(self, _: Any) -> None:
        self.asked -= 1

    async def _unsubscribe_trades(self, _: Any) -> None: ...

    async def _subscribe_trades(self, _: Any) -> None: ...

    def _send(self, ts: int) -> None:
        size = qty(next(SIZES))
        seq = 4 * int(size.as_double())
        rows = [
            OrderBookDelta.clear(XNYS, seq, ts, ts),
            OrderBookDelta(XNYS, BookAction.ADD, BookOrder(BUY, px(100), size, 0), 0, seq + 1, ts, ts),
            OrderBookDelta(
                XNYS, BookAction.ADD, BookOrder(SELL, px(100.02), size, 0), F_LAST, seq + 2, ts, ts
            ),
        ]
        self._handle_data(OrderBookDeltas(XNYS, rows))
        if self.asked:
            self._handle_data(QuoteTick(XNYS, px(100), px(100.02), size, size, ts, ts))


class GrowingFactory(FeedFactory):
    @staticmethod
    def create(*, name: str, config: Any, cache: Any, clock: Any) -> GrowingFeed:
        return GrowingFeed(name=name, config=config, cache=cache, clock=clock, venue=Venue(name))


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
    builder = builder.with_logging(LoggerConfig(stdout_level=LogLevel.WARNING)).with_reconciliation(False)
    builder = builder.with_delay_post_stop_secs(0).add_data_client("XNYS", GrowingFactory, FeedConfig(), None)
    return builder.add_simulated_exec_client("XNYS", SandboxExecutionClientFactory(), sandbox).build()


class Owner(Script):
    """Submits the parent a second after its start, drains at nine and stops the node once all is drained."""

    params: dict[str, str]
    attached: Attached
    stop: Any

    def on_start(self) -> None:
        self.k, self.c = self.clock, self.cache
        self.ticks = 0
        self._again()

    def _again(self) -> None:
        self.ticks += 1
        self.k.set_time_alert_ns(f"tick-{self.ticks}", self.k.timestamp_ns() + SECOND, callback=self._tick)

    def _tick(self, _: Any) -> None:
        if self.ticks == 1:
            self.market(BUY, 400, algo="TWAP", params=self.params, oid="P")
        elif self.attached.desk.drained:
            self.stop()
            return
        elif self.ticks == 9:
            self.attached.desk.drain()
        self._again()


def run(out: str, params: dict[str, str]) -> dict[str, Any]:
    """Run the node until the parent has ended, and say what is left."""
    node, owner = build(), Owner()
    node.add_strategy(owner)
    owner.params, owner.stop = params, node.handle().stop
    owner.attached = attach(node, RunConfig(run_id="paper", mode="paper", out=out))
    guard = threading.Timer(PATIENCE_S, node.handle().stop)
    guard.start()
    node.run()
    guard.cancel()
    recorder, ended = owner.attached.recorder, result("P")
    assert recorder is not None
    recorder.flush()
    recorder.verify()
    said = {
        "result": None if ended is None else msgspec.structs.asdict(ended),
        "errors": shared("paper").errors + [repr(e) for e in owner.errors],
        "open": [str(o) for o in node.cache.orders() if not o.is_closed],
        "drained": owner.attached.desk.drained,
        "owner": [
            n for n, e in zip(owner.names(), owner.events, strict=True) if e.client_order_id.value == "P"
        ],
    }
    node.dispose()
    return said


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], json.loads(sys.argv[2]))))
