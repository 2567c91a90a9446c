"""Running a run file as a backtest on a catalog."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader import model
from nautilus_trader.backtest import (
    BacktestDataConfig,
    BacktestEngineConfig,
    BacktestNode,
    BacktestRunConfig,
    BacktestVenueConfig,
)
from nautilus_trader.common import LoggerConfig, LogLevel
from nautilus_trader.execution import StaticLatencyModel
from nautilus_trader.risk import RiskEngineConfig

from nautilus_exec.errors import ExecError, InvalidInput
from nautilus_exec.nautilus.arrow import write_run_json
from nautilus_exec.nautilus.attach import Attached, attach
from nautilus_exec.nautilus.catalog import Catalog
from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.feed import ParentFeed, arrival_ns
from nautilus_exec.nautilus.fees import VenueFees
from nautilus_exec.nautilus.instruments import Fees
from nautilus_exec.nautilus.plugins import ALGORITHMS
from nautilus_exec.nautilus.reports import PrintReplay
from nautilus_exec.nautilus.runfile import ParentOrder, RunFile, VenueSettings, load_run_file
from nautilus_exec.nautilus.sessions import session_at
from nautilus_exec.nautilus.shared import shared
from nautilus_exec.policies.text import parse_duration
from nautilus_exec.tca.records import ParentRecord
from nautilus_exec.units import DAY, MINUTE, Nanos

HONEST = "one-level L2 books, queue position, liquidity consumption"
PRINT_ORDERS = {"trades_first": "trades, books, quote", "books_first": "books, quote, trades"}


class RunFailed(ExecError):
    """A run ended with an error inside a component; its records are on disk."""


class Outcome(msgspec.Struct, frozen=True):
    """What a run came to."""

    run_id: str
    folder: str
    parents: list[ParentRecord]
    events: int
    seconds: float


class _Into:
    """A backtest node under one run's id, with the engine's own verbs."""

    def __init__(self, node: BacktestNode, run_id: str) -> None:
        self._node, self._id = node, run_id

    def add_actor(self, actor: Any) -> None:
        self._node.add_actor(self._id, actor)

    def add_strategy(self, strategy: Any) -> None:
        self._node.add_strategy(self._id, strategy)

    def add_exec_algorithm(self, algorithm: Any) -> None:
        self._node.add_exec_algorithm(self._id, algorithm)


def run_backtest(path: str | Path, out: str | Path | None = None) -> Outcome:
    """Replay a run file and write its records to ``OUT/<run_id>``.

    Raises ``InvalidInput`` for what cannot be run, ``RunFailed`` when a component raised, ``BrokenInvariant`` when the
    rows written are not those that the ledgers counted.
    """
    run, folder = load_run_file(path)
    catalog = Catalog(folder)
    _check(run, catalog)
    run_id = run.id or Path(path).stem
    target = Path(out or run.out)
    if (target / run_id).exists():
        raise InvalidInput(
            "run", str(target / run_id), "a folder that does not exist yet; remove it or name the run"
        )
    began = time.monotonic()
    config = _run_config(run, run_id, target, catalog, folder)
    node = BacktestNode([_platform_run(run, run_id, catalog, folder)])
    node.build()
    feed = ParentFeed(run.parents)
    into = _Into(node, run_id)
    attached = attach(into, config)
    into.add_strategy(feed)
    for replay in _reports(run, catalog):
        into.add_actor(replay)
    try:
        results = node.run()
        events = results[0].iterations
    finally:
        node.dispose()
    return _finish(run, attached, feed, target / run_id, folder, events, time.monotonic() - began)


def _check(run: RunFile, catalog: Catalog) -> None:
    known = [kind.policy.id for kind in ALGORITHMS]
    for parent in run.parents:
        arrival_ns(parent)
        if parent.quantity <= 0:
            raise InvalidInput("quantity", str(parent.quantity), "a number above zero")
        for field, value, choices in (
            ("instrument", parent.instrument, list(catalog.instruments.ids)),
            ("algorithm", parent.algorithm.upper(), known),
            ("side", parent.side.upper(), ["BUY", "SELL"]),
        ):
            if value not in choices:
                raise InvalidInput(field, value, f"one of {', '.join(choices)}")
    if run.print_order not in PRINT_ORDERS:
        raise InvalidInput("print_order", run.print_order, f"one of {', '.join(PRINT_ORDERS)}")


def _settings(run: RunFile, venue: str) -> VenueSettings:
    return run.venues.get(venue, run.defaults)


def _replayed(run: RunFile, catalog: Catalog) -> list[str]:
    """Instruments to replay: the parents' own, and the same thing elsewhere where somebody counts its volume."""
    wanted = dict.fromkeys(parent.instrument for parent in run.parents)
    for parent in run.parents:
        if _wants_volume(parent):
            each, _venue = catalog.instruments.at(parent.instrument)
            wanted |= dict.fromkeys(each.routable_ids)
    return list(wanted)


def _wants_volume(parent: ParentOrder) -> bool:
    """Whether somebody counts the market's volume for this parent."""
    return "max_participation" in parent.params or parent.params.get("volume_curve") == "dynamic"


def _reports(run: RunFile, catalog: Catalog) -> list[PrintReplay]:
    """One replay of the prints without a book for each symbol whose volume somebody counts."""
    wanted = [parent.instrument for parent in run.parents if _wants_volume(parent)]
    symbols = {catalog.instruments.at(instrument)[0].symbol for instrument in wanted}
    return [PrintReplay(symbol, catalog.prints(symbol).collect()) for symbol in sorted(symbols)]


def _run_config(run: RunFile, run_id: str, out: Path, catalog: Catalog, folder: Path) -> RunConfig:
    calendars, reports, data_only = {}, [], []
    for each in catalog.instruments.instrument:
        for venue, facts in each.venues.items():
            hours = _hours(catalog, each.id(venue))
            if hours:
                calendars[each.id(venue)] = hours
            if not facts.routable:
                data_only.append(venue)
                reports.append(each.id(venue))
    return RunConfig(
        run_id=run_id,
        out=str(out),
        limits=run.limits,
        catalog=str(folder),
        calendars=calendars,
        data_only=data_only,
        reports=reports,
        amendable=[venue for venue, settings in run.venues.items() if settings.can_amend],
        latency_ns=max((_latency(_settings(run, _venue(i))) for i in _replayed(run, catalog)), default=0),
        assumptions=assumptions(run, catalog),
    )


def _venue(instrument_id: str) -> str:
    return instrument_id.rpartition(".")[2]


def _latency(settings: VenueSettings) -> Nanos:
    return 0 if settings.latency in ("0", "0s") else parse_duration("latency", settings.latency)


def assumptions(run: RunFile, catalog: Catalog) -> dict[str, str]:
    """What this simulation assumes, for the header of every report."""
    venues = sorted({_venue(i) for i in _replayed(run, catalog)})
    books = {_settings(run, venue).book for venue in venues}
    return {
        "fill model": HONEST if books == {"L2"} else f"books {', '.join(sorted(books))}",
        "order at equal stamps": PRINT_ORDERS[run.print_order],
        "latency": ", ".join(f"{venue} {_settings(run, venue).latency}" for venue in venues),
        "fees": "; ".join(f"{venue} {_fee_text(catalog, run, venue)}" for venue in venues),
        "market impact": "none: venues do not move with our trades, and our prints are not on the tape",
        "taken size": "remembered per price until the shown size differs when next looked at",
    }


def _fees(catalog: Catalog, run: RunFile, venue: str) -> Fees | None:
    for instrument_id in _replayed(run, catalog):
        if _venue(instrument_id) == venue:
            return catalog.instruments.at(instrument_id)[1].fees
    return None


def _fee_text(catalog: Catalog, run: RunFile, venue: str) -> str:
    fees = _fees(catalog, run, venue)
    return "none" if fees is None else f"maker {fees.maker} taker {fees.taker} {fees.kind}"


def _platform_run(run: RunFile, run_id: str, catalog: Catalog, folder: Path) -> BacktestRunConfig:
    ids = _replayed(run, catalog)
    venues = [_platform_venue(run, catalog, venue) for venue in dict.fromkeys(map(_venue, ids))]
    first = min(arrival_ns(parent) for parent in run.parents)
    return BacktestRunConfig(
        venues,
        _platform_data(run, ids, catalog, folder),
        BacktestEngineConfig(
            trader_id=model.TraderId("EXEC-001"),
            logging=LoggerConfig(stdout_level=LogLevel.ERROR, print_config=False),
            # One number sets the platform's rate and ours: above its own it would deny children.
            risk_engine=RiskEngineConfig(max_order_submit_rate="1000000/00:00:01"),
            run_analysis=False,
        ),
        id=run_id,
        raise_exception=True,
        dispose_on_completion=False,
        start=first - _WARM_UP_NS,
        end=_end(run, catalog),
    )


_WARM_UP_NS = 15 * MINUTE
"""Market data replayed before the first parent, so that books and quotes stand."""


def _end(run: RunFile, catalog: Catalog) -> Nanos | str:
    """When to stop: as said, or ten minutes after the session of the last arrival; a day later without a calendar.

    Timers after the last datum fire only up to a stated end.
    """
    if run.end is not None:
        return run.end
    last = max(run.parents, key=arrival_ns)
    session = session_at(_hours(catalog, last.instrument), arrival_ns(last))
    return session.close_ns + 10 * MINUTE if session else arrival_ns(last) + DAY


def _hours(catalog: Catalog, instrument_id: str) -> str | None:
    """The calendar of an instrument, or its stated hours and zone."""
    each, _venue = catalog.instruments.at(instrument_id)
    return each.calendar or (f"{each.session} {each.timezone}" if each.session else None)


def _platform_data(run: RunFile, ids: list[str], catalog: Catalog, folder: Path) -> list[BacktestDataConfig]:
    kinds = model.NautilusDataType
    l1 = {i for i in ids if _settings(run, _venue(i)).book == "L1"}

    def of(kind: Any, wanted: list[str]) -> list[BacktestDataConfig]:
        each = [model.InstrumentId.from_str(i) for i in wanted]
        return [BacktestDataConfig(kind, str(folder), instrument_ids=each)] if each else []

    trades = of(kinds.TradeTick, ids)
    books = of(kinds.OrderBookDelta, [i for i in ids if i not in l1]) + of(kinds.QuoteTick, ids)
    # Data of one stamp is replayed in this order: a print is matched against the book that stood before it.
    return trades + books if run.print_order == "trades_first" else books + trades


def _platform_venue(run: RunFile, catalog: Catalog, venue: str) -> BacktestVenueConfig:
    settings, fees = _settings(run, venue), _fees(catalog, run, venue)
    honest = settings.book == "L2"
    latency = _latency(settings)
    return BacktestVenueConfig(
        venue,
        model.OmsType.NETTING,
        settings.account.upper(),
        [settings.balance.replace("_", "")],
        book_type=model.BookType.L2_MBP if honest else model.BookType.L1_MBP,
        queue_position=honest,
        liquidity_consumption=honest,
        fee_model=VenueFees(fees.kind, float(fees.maker), float(fees.taker)) if fees else VenueFees("fixed"),
        latency_model=StaticLatencyModel(base_latency_nanos=latency) if latency else None,
    )


def _finish(
    run: RunFile,
    attached: Attached,
    feed: ParentFeed,
    folder: Path,
    catalog: Path,
    events: int,
    seconds: float,
) -> Outcome:
    state = shared(attached.run.run_id)
    attached.recorder.flush()
    records = [state.results[name] for name in feed.ids if name in state.results]
    write_run_json(folder, _facts(run, attached, catalog, events, seconds))
    missing = [name for name in feed.ids if name not in state.results]
    if state.errors or feed.refused or missing:
        wrong = [
            *state.errors,
            *feed.refused,
            *(f"{name}: did not end before the data did" for name in missing),
        ]
        raise RunFailed("run", attached.run.run_id, f"a run without errors; {'; '.join(wrong)}")
    attached.recorder.verify()
    return Outcome(attached.run.run_id, str(folder), records, events, seconds)


def _facts(run: RunFile, attached: Attached, catalog: Path, events: int, seconds: float) -> dict[str, Any]:
    """What ran, with which versions and assumptions: the run's ``run.json``."""
    packages = ("exec-nt", "nautilus_trader", "polars", "pyarrow", "numpy")
    return {
        "run_id": attached.run.run_id,
        "mode": "backtest",
        "catalog": str(catalog),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {name: version(name) for name in packages},
        "assumptions": attached.run.assumptions,
        "limits": run.limits,
        "parents": [msgspec.to_builtins(parent) for parent in run.parents],
        "events": events,
        "seconds": round(seconds, 3),
    }


type Progress = Callable[[str], None]
