"""Hand-made books and a tiny engine, so that a test of one fact about the platform is a dozen lines."""

from collections.abc import Iterable, Sequence
from typing import Any

from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common import LoggerConfig, LogLevel
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import AccountType, InstrumentId, Money, OmsType, Venue
from nautilus_trader.risk import RiskEngineConfig
from nautilus_trader.trading import ExecutionAlgorithm, Strategy

from tests.hand import (
    BUY,
    F_LAST,
    HONEST,
    PLAIN,
    SELL,
    T0,
    USD,
    XNAS,
    XNYS,
    deltas,
    equity,
    ns,
    px,
    qty,
    quote,
    top,
    trade,
)
from tests.parts import Listener, Probe, Script, short

__all__ = [
    "BUY",
    "F_LAST",
    "HONEST",
    "PLAIN",
    "SELL",
    "T0",
    "USD",
    "XNAS",
    "XNYS",
    "Listener",
    "Probe",
    "Script",
    "deltas",
    "engine",
    "equity",
    "ns",
    "px",
    "qty",
    "quote",
    "run",
    "short",
    "top",
    "trade",
]


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
