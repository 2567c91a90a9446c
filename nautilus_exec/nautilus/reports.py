"""Replaying the prints that fill no order: the platform's backtest node takes no custom data from a catalog."""

from typing import Any

import polars as pl
from nautilus_trader.common import DataActor, DataActorConfig
from nautilus_trader.model import ActorId

from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.prints import Print
from nautilus_exec.units import Nanos


class PrintReplay(DataActor):
    """Publishes the reports of one symbol on its market-data topic, each at its own instant.

    One alert at a time, set for the next report. An alert fires after all data of its stamp, which changes no volume:
    windows are half-open, so what prints now does not count now.
    """

    def __new__(cls, symbol: str, _prints: pl.DataFrame) -> "PrintReplay":
        """Make it under an id of its own."""
        config = DataActorConfig(actor_id=ActorId(f"PRINTS-{symbol}"), log_events=False, log_commands=False)
        return super().__new__(cls, config)  # type: ignore[call-arg]  # the stub knows __init__ only

    def __init__(self, symbol: str, prints: pl.DataFrame) -> None:
        self.topic = topics.market_data(symbol)
        columns = ("instrument", "price", "size", "print_class", "condition", "ts")
        self.rows = prints.select(columns).sort("ts").rows()
        self.at = 0

    def on_start(self) -> None:
        """Skip what is past and wait for the first report."""
        self.clk = self.clock
        now = self.clk.timestamp_ns()
        while self.at < len(self.rows) and self.rows[self.at][-1] <= now:
            self.at += 1
        self._wait()

    def _wait(self) -> None:
        if self.at < len(self.rows):
            self.clk.set_time_alert_ns(f"print#{self.at}", self.rows[self.at][-1], self._publish)

    def _publish(self, _event: Any) -> None:
        stamp: Nanos = self.rows[self.at][-1]
        while self.at < len(self.rows) and self.rows[self.at][-1] == stamp:
            instrument_id, price, size, kind, condition, ts = self.rows[self.at]
            report = Print(instrument_id, price, size, kind, condition, ts, ts)
            self.publish_message(self.topic, report)
            self.at += 1
        self._wait()
