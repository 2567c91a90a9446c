"""Configurations of the package's components, in the platform's importable form; unknown keys are refused."""

from dataclasses import fields
from typing import Any, Literal, Self

import msgspec
from nautilus_trader.common import DataActorConfig
from nautilus_trader.trading import ExecutionAlgorithmConfig, StrategyConfig

from nautilus_exec.core.limits import Limits
from nautilus_exec.decode import decode
from nautilus_exec.errors import InvalidInput


class RunConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all components of one run share.

    ``limits`` are those of ``core.limits.Limits`` by name.
    """

    run_id: str = "run"
    out: str | None = None
    """Folder of the records; None keeps them in memory."""
    mode: Literal["backtest", "paper", "live"] = "backtest"
    limits: dict[str, float | bool] = {}
    catalog: str | None = None
    """Where volume profiles are looked up by name."""
    calendars: dict[str, str] = {}
    """Exchange calendar, or ``HH:MM-HH:MM zone``, per instrument id."""
    data_only: list[str] = []
    """Venues that cannot be traded on."""
    reports: list[str] = []
    """Instrument ids under which off-exchange and excluded prints are reported; they are no instruments."""
    latency_ns: int = 0
    """Delay of the simulated venues; a delayed command runs only when something happens, so we see that it does."""
    amendable: list[str] = []
    """Venues that change an order in place."""
    native_auctions: list[str] = []
    """Venues whose adapter takes orders for the venue's auctions. Simulated ones do not: there the order is sent at the
    official print, into the locked book that the data has then."""
    hedging: list[str] = []
    """Venues whose accounts open a position per order: a parent there must carry a position id."""
    assumptions: dict[str, str] = {}
    """What the venue simulation assumes, for the records."""

    def hard_limits(self) -> Limits:
        """The limits in the core's form; raises ``InvalidInput`` for a name or value that is none."""
        names = [field.name for field in fields(Limits)]
        for name, value in self.limits.items():
            if name not in names:
                raise InvalidInput(f"limits.{name}", value, f"one of {', '.join(names)}")
        return decode(Limits, self.limits)


def _take(kw: dict[str, Any], known: tuple[str, ...]) -> tuple[RunConfig, dict[str, Any]]:
    """Split keyword arguments into ours and the platform's; the platform would swallow an unknown one in silence."""
    names = [field.name for field in msgspec.structs.fields(RunConfig)]
    for key, value in kw.items():
        if key not in names and key not in known:
            raise InvalidInput(key, value, f"a field of the configuration: {', '.join([*names, *known])}")
    run = decode(RunConfig, {key: kw[key] for key in kw if key in names})
    run.hard_limits()
    quiet = {"log_events": False, "log_commands": False}
    return run, quiet | {key: value for key, value in kw.items() if key in known}


class _Strict:
    """Say what is wrong with a field of an importable config.

    The platform makes a config of a table by keywords and, where that raises, of nothing and then field by field, whose
    error it shows: it must be the same one.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "run":
            object.__setattr__(self, name, value)
        else:
            type(self)(**{name: value})


class AlgorithmConfig(_Strict, ExecutionAlgorithmConfig):
    """Configuration of an execution algorithm: the platform's fields and those of ``RunConfig``."""

    run: RunConfig

    def __new__(cls, **kw: Any) -> Self:
        """Take both kinds of fields; an unknown one is refused."""
        run, rest = _take(kw, ("exec_algorithm_id", "log_events", "log_commands"))
        self = super().__new__(cls, **rest)
        self.run = run
        return self


class HubConfig(_Strict, DataActorConfig):
    """Configuration of the hub: the platform's fields and those of ``RunConfig``."""

    run: RunConfig

    def __new__(cls, **kw: Any) -> Self:
        """Take both kinds of fields; an unknown one is refused."""
        run, rest = _take(kw, ("actor_id", "log_events", "log_commands"))
        self = super().__new__(cls, **rest)
        self.run = run
        return self


class DeskConfig(_Strict, StrategyConfig):
    """Configuration of the desk strategy: the platform's fields and those of ``RunConfig``."""

    run: RunConfig

    def __new__(cls, **kw: Any) -> Self:
        """Take both kinds of fields; an unknown one is refused."""
        run, rest = _take(kw, ("strategy_id", "order_id_tag", "log_events", "log_commands"))
        self = super().__new__(cls, **rest)
        self.run = run
        return self
