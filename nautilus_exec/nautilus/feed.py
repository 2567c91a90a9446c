"""A strategy that submits the parent orders of a run file, each at its arrival."""

from collections.abc import Callable, Sequence
from typing import Any

from nautilus_trader import model
from nautilus_trader.trading import Strategy, StrategyConfig

from nautilus_exec.errors import ExecError, InvalidInput
from nautilus_exec.nautilus.runfile import ParentOrder, arrival_ns, texts


class ParentFeed(Strategy):
    """Submits parents at their arrival times; ``refused`` says which were not sent, and why."""

    def __new__(cls, *_: Any, **__: Any) -> "ParentFeed":
        """Make it under the id PARENTS-001."""
        config = StrategyConfig(
            strategy_id=model.StrategyId("PARENTS-001"),
            order_id_tag="001",
            log_events=False,
            log_commands=False,
        )
        return super().__new__(cls, config)  # type: ignore[call-arg]  # the stub knows __init__ only

    def __init__(self, parents: Sequence[ParentOrder]) -> None:
        self.parents = {
            parent.id or f"P{number:03}": (arrival_ns(parent), parent)
            for number, parent in enumerate(parents, start=1)
        }
        if len(self.parents) < len(parents):
            raise InvalidInput("parents.id", ", ".join(self.parents), "an id of its own for every parent")
        self.ids = list(self.parents)
        self.refused: list[str] = []

    def on_start(self) -> None:
        """Set one alert per parent."""
        self.clk, self.store = self.clock, self.cache
        for name, (at_ns, parent) in self.parents.items():
            if at_ns < self.clk.timestamp_ns():
                self._refuse(
                    name, InvalidInput("arrival", parent.arrival, "an instant after the data begins")
                )
            else:
                self.clk.set_time_alert_ns(f"arrival of {name}", at_ns, self._sender(parent, name))

    def _sender(self, parent: ParentOrder, name: str) -> Callable[[Any], None]:
        def send(_event: Any) -> None:
            try:
                order = self._order(parent, name)
            except (ExecError, ValueError) as error:
                self._refuse(name, error)
            else:
                self.submit_order(order)

        return send

    def _refuse(self, name: str, error: Exception) -> None:
        self.refused.append(f"{name}: {error}")

    def _order(self, parent: ParentOrder, name: str) -> Any:
        instrument = self.store.instrument(model.InstrumentId.from_str(parent.instrument))
        if instrument is None:
            raise InvalidInput("instrument", parent.instrument, "one of the catalog")
        side = model.OrderSide.BUY if parent.side == "BUY" else model.OrderSide.SELL
        common: dict[str, Any] = {
            "exec_algorithm_id": model.ExecAlgorithmId(parent.algorithm.upper()),
            "exec_algorithm_params": texts(parent),
            "client_order_id": model.ClientOrderId(name),
        }
        # Not cut to the instrument's precision: the algorithm refuses what lies off the lot.
        quantity = model.Quantity.from_str(f"{parent.quantity:f}")
        if parent.limit_price is None:
            return self.order_factory.market(instrument.id, side, quantity, **common)
        price = model.Price.from_str(parent.limit_price)
        return self.order_factory.limit(instrument.id, side, quantity, price, **common)
