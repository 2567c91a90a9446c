"""What the package costs on top of the platform: 2,000 parents of 20 children over 500,000 quotes.

The yardstick, in the same run, is a bare execution algorithm: it sends the same children from timers, keeps no ledger,
writes no records and closes no parent. Ratios are printed; nothing is asserted about time.
"""

import gc
import statistics
import time
from typing import Any

import pytest
from nautilus_trader.backtest import BacktestEngine
from nautilus_trader.core import UUID4
from nautilus_trader.model import (
    BookType,
    ClientOrderId,
    ExecAlgorithmId,
    LimitOrder,
    OrderSide,
    QuoteTick,
    TimeInForce,
)
from nautilus_trader.trading import ExecutionAlgorithm, ExecutionAlgorithmConfig

from nautilus_exec.nautilus.attach import attach
from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.shared import shared
from tests.books import BUY, SELL, XNYS, Script, engine, ns, px, qty

QUOTES, PARENTS, CHILDREN, STEP = 500_000, 2_000, 20, 0.02
HORIZON = 4000.0
"""Seconds a parent works."""

pytestmark = pytest.mark.slow


class Bare(ExecutionAlgorithm):
    """Sends 20 immediate-or-cancel children from timers."""

    def __new__(cls) -> "Bare":
        return super().__new__(
            cls, ExecutionAlgorithmConfig(exec_algorithm_id=ExecAlgorithmId("TWAP"), log_events=False)
        )

    def on_start(self) -> None:
        self.k, self.c, self.eid = self.clock, self.cache, self.exec_algorithm_id

    def on_order(self, order: Any) -> None:
        now, part = self.k.timestamp_ns(), qty(int(order.quantity.as_double()) // CHILDREN)
        for n in range(CHILDREN):
            at = now + int(n * HORIZON / CHILDREN * 1e9)
            self.k.set_time_alert_ns(f"{order.client_order_id}-{n}", at, self._sender(order, part, n))

    def _sender(self, order: Any, part: Any, n: int) -> Any:
        def send(_: Any) -> None:
            quote = self.c.quote(order.instrument_id)
            price = quote.ask_price if order.is_buy else quote.bid_price
            child = LimitOrder(
                order.trader_id,
                order.strategy_id,
                order.instrument_id,
                ClientOrderId(f"{order.client_order_id}-{n}"),
                order.side,
                part,
                price,
                TimeInForce.IOC,
                False,
                False,
                False,
                UUID4(),
                self.k.timestamp_ns(),
                exec_algorithm_id=self.eid,
                exec_spawn_id=order.client_order_id,
            )
            self.submit_order(child)

        return send


def quotes() -> list[QuoteTick]:
    steps = (0, 1, 2, 1)
    return [
        QuoteTick(
            XNYS,
            px(100 + steps[i % 4] / 100),
            px(100.02 + steps[i % 4] / 100),
            qty(5000),
            qty(5000),
            ns(i * STEP),
            ns(i * STEP),
        )
        for i in range(QUOTES)
    ]


def owner(parents: int, params: dict[str, str]) -> Script:
    def submit(side: OrderSide) -> Any:
        return lambda s: s.market(side, CHILDREN * 100, algo="TWAP", params=params)

    gap = (QUOTES * STEP - HORIZON - 100) / parents
    return Script([(1 + i * gap, submit(BUY if i % 2 else SELL)) for i in range(parents)])


def timed(data: list[QuoteTick], parents: int, bare: bool, out: str | None) -> float:
    eng: BacktestEngine = engine(book_type=BookType.L1_MBP, queue_position=False, liquidity_consumption=False)
    eng.add_data(data)
    eng.add_strategy(owner(parents, {"duration": f"{HORIZON:.0f}s", "slices": str(CHILDREN)}))
    attached = None
    if bare:
        eng.add_exec_algorithm(Bare())
    else:
        attached = attach(eng, RunConfig(run_id=f"bench{time.monotonic_ns()}", out=out))
    gc.collect()
    began = time.perf_counter()
    eng.run()
    if attached is not None:
        attached.recorder.flush()
    took = time.perf_counter() - began
    if attached is not None:
        attached.recorder.verify()
        results = shared(attached.run.run_id).results
        assert len(results) == parents
        assert {r.status for r in results.values()} == {"DONE"}
        assert {r.children for r in results.values()} == {CHILDREN}
    eng.dispose()
    return took


def test_parents_cost_little_more_than_a_bare_algorithm(tmp_path: Any) -> None:
    data = quotes()
    rounds = [
        (
            timed(data, PARENTS, True, None),
            timed(data, PARENTS, False, str(tmp_path / "a")),
            timed(data, PARENTS // 2, False, str(tmp_path / "b")),
        )
        for _ in range(3)
    ]
    ratio = statistics.median(full / bare for bare, full, _ in rounds)
    doubling = statistics.median(full / half for _, full, half in rounds)
    print(
        f"\n2,000 x 20 over 500,000 quotes: bare {rounds[0][0]:.2f} s, exec-nt {rounds[0][1]:.2f} s; "
        f"ratio {ratio:.2f} (goal 1.4); doubling the parents {doubling:.2f} (goal 2.2)"
    )
    assert ratio > 0
    assert doubling > 0
