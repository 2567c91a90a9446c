"""Adding the package to an engine or a node, in one call."""

from typing import Any

import msgspec
from nautilus_trader.model import ActorId, StrategyId

from nautilus_exec.nautilus.config import DeskConfig, HubConfig, RunConfig
from nautilus_exec.nautilus.desk import Desk
from nautilus_exec.nautilus.hub import Hub
from nautilus_exec.nautilus.plugins import ALGORITHMS, make
from nautilus_exec.nautilus.recorder import Recorder, RecorderConfig
from nautilus_exec.nautilus.shared import forget


class Attached(msgspec.Struct, frozen=True):
    """What was added: the desk for draining, the recorder for flushing."""

    run: RunConfig
    desk: Any
    hub: Any
    recorder: Any | None
    algorithms: tuple[Any, ...]


def attach(engine_or_node: Any, config: RunConfig | None = None) -> Attached:
    """Add hub, desk, recorder and every algorithm to a backtest engine or a live node.

    Parameters
    ----------
    engine_or_node : BacktestEngine or LiveNode
        Before it runs.
    config : RunConfig, optional
        What the components of the run share; without ``out`` nothing is written and results are in memory only.
    """
    run = config or RunConfig()
    forget(run.run_id)
    fields = msgspec.structs.asdict(run)
    recorder = None
    if run.out is not None:
        recorder = Recorder(RecorderConfig(run_id=run.run_id, out=run.out))
        engine_or_node.add_actor(recorder)
    hub = Hub(HubConfig(actor_id=ActorId("EXEC-HUB"), **fields))
    engine_or_node.add_actor(hub)
    algorithms = tuple(make(kind, **fields) for kind in ALGORITHMS)
    for algorithm in algorithms:
        engine_or_node.add_exec_algorithm(algorithm)
    desk = Desk(DeskConfig(strategy_id=StrategyId("EXEC-DESK"), order_id_tag="DESK", **fields))
    engine_or_node.add_strategy(desk)
    return Attached(run, desk, hub, recorder, algorithms)
