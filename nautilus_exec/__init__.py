"""Execution algorithms, routing and transaction cost analysis on NautilusTrader v2.

The public face::

    from nautilus_exec import RunConfig, Twap, attach, result

    attach(engine, RunConfig(out="OUT", run_id="mine"))        # a BacktestEngine or a LiveNode, before it runs
    order = self.order_factory.market(..., exec_algorithm_id=ExecAlgorithmId("TWAP"),
                                      exec_algorithm_params=Twap(duration="30m", interval="60s").params())
    result(order.client_order_id.value)                        # the ParentRecord, once it has ended

Names are loaded when they are asked for, so that the pure packages stay free of the platform.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nautilus_exec.nautilus.attach import attach
    from nautilus_exec.nautilus.backtest import run_backtest
    from nautilus_exec.nautilus.config import RunConfig
    from nautilus_exec.nautilus.feed import ParentFeed
    from nautilus_exec.nautilus.shared import result
    from nautilus_exec.policies.close import MocParams as Moc
    from nautilus_exec.policies.iceberg import IcebergParams as Iceberg
    from nautilus_exec.policies.pov import PovParams as Pov
    from nautilus_exec.policies.shortfall import ShortfallParams as Shortfall
    from nautilus_exec.policies.sniper import SniperParams as Sniper
    from nautilus_exec.policies.twap import TwapParams as Twap
    from nautilus_exec.policies.vwap import VwapParams as Vwap
    from nautilus_exec.tca.records import ParentRecord

__all__ = [
    "Iceberg",
    "Moc",
    "ParentFeed",
    "ParentRecord",
    "Pov",
    "RunConfig",
    "Shortfall",
    "Sniper",
    "Twap",
    "Vwap",
    "attach",
    "result",
    "run_backtest",
]

_HOMES = {
    "Iceberg": "policies.iceberg:IcebergParams",
    "Moc": "policies.close:MocParams",
    "ParentFeed": "nautilus.feed:ParentFeed",
    "ParentRecord": "tca.records:ParentRecord",
    "Pov": "policies.pov:PovParams",
    "RunConfig": "nautilus.config:RunConfig",
    "Shortfall": "policies.shortfall:ShortfallParams",
    "Sniper": "policies.sniper:SniperParams",
    "Twap": "policies.twap:TwapParams",
    "Vwap": "policies.vwap:VwapParams",
    "attach": "nautilus.attach:attach",
    "result": "nautilus.shared:result",
    "run_backtest": "nautilus.backtest:run_backtest",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its home."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(f"{__name__}.{module}"), attribute)
