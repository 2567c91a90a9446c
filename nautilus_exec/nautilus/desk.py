"""The desk: a strategy that closes the orders of ended parents locally, and stops without leaving an order behind."""

from typing import Any, cast

from nautilus_trader import model
from nautilus_trader.trading import Strategy

from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.config import DeskConfig
from nautilus_exec.nautilus.messages import CloseParent, Command
from nautilus_exec.nautilus.shared import join, seen
from nautilus_exec.units import MS


class Desk(Strategy):
    """Closes parents from a time alert of its own.

    The platform would show the owner CANCELED before the last fill if a parent were closed from inside that fill's
    callback; an alert at now comes after every event of the stamp.
    """

    def __init__(self, config: DeskConfig | None = None) -> None:
        config = config or DeskConfig()
        self.run = config.run
        self.shared = join(self.run.run_id, "desk")
        self.ended: list[str] = []
        self.alerts = 0

    def on_start(self) -> None:
        """Listen for ended parents."""
        self.clk, self.store = self.clock, self.cache
        self.subscribe_topic(topics.DESK_CLOSE, self._on_ended)

    @seen
    def _on_ended(self, message: object) -> None:
        self.ended.append(cast(CloseParent, message).parent_id)
        if len(self.ended) == 1:
            self.alerts += 1
            # A live clock has moved on by the time it is asked for "now".
            wait = 0 if self.run.mode == "backtest" else MS
            self.clk.set_time_alert_ns(f"close#{self.alerts}", self.clk.timestamp_ns() + wait, self._close)

    @seen
    def _close(self, _event: Any) -> None:
        ended, self.ended = self.ended, []
        for parent_id in ended:
            order_id = model.ClientOrderId(parent_id)
            order = self.store.order(order_id)
            if order is not None and not order.is_closed:
                self.cancel_order(order_id)

    def drain(self, reason: str = "drain") -> None:
        """First phase of a stop: every parent sends nothing more and takes its children back; none is taken on.

        The second phase, stopping the node, comes when ``drained``: what is cancelled while stopping is confirmed to
        nobody.
        """
        self.publish_message(topics.DRAIN, Command(reason=reason))

    @property
    def drained(self) -> bool:
        """Whether every parent has ended and its order is closed."""
        return self.shared.working == 0 and not self.ended
