"""From a run file to the platform's simulated venues and data, and what that simulation assumes."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nautilus_trader import model
from nautilus_trader.backtest import (
    BacktestDataConfig,
    BacktestEngineConfig,
    BacktestRunConfig,
    BacktestVenueConfig,
)
from nautilus_trader.common import LoggerConfig, LogLevel
from nautilus_trader.execution import StaticLatencyModel
from nautilus_trader.risk import RiskEngineConfig

from nautilus_exec.decode import decode
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.catalog import Catalog
from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.fees import VenueFees
from nautilus_exec.nautilus.instruments import Fees
from nautilus_exec.nautilus.reports import PrintReplay
from nautilus_exec.nautilus.runfile import ParentOrder, RunFile, VenueSettings, arrival_ns, texts
from nautilus_exec.nautilus.sessions import session_at
from nautilus_exec.policies.close import MocParams
from nautilus_exec.policies.describe import named
from nautilus_exec.policies.params import CommonParams
from nautilus_exec.policies.text import parse_duration
from nautilus_exec.units import DAY, MINUTE, Nanos

HONEST = "one-level L2 books, queue position, liquidity consumption"
PRINT_ORDERS = {"trades_first": "trades, books, quote", "books_first": "books, quote, trades"}
WARM_UP_NS = 15 * MINUTE
"""Market data replayed before the first parent, so that books and quotes stand; chosen by us."""
AFTER_CLOSE_NS = 11 * MINUTE
"""Replayed after the close: an order for its auction waits ten minutes for the print, and must then end."""
NO_RATE_LIMIT = "1000000/00:00:01"
"""The platform's own message rate would deny children above it; ours holds them back instead."""


def venue_of(instrument_id: str) -> str:
    """The venue of ``SYMBOL.VENUE``."""
    return instrument_id.rpartition(".")[2]


def wants_volume(parent: ParentOrder) -> bool:
    """Whether somebody counts the market's volume for this parent."""
    params = _params(parent)
    return params is not None and params.needs_volume


def wants_prints(parent: ParentOrder) -> bool:
    """Whether prints without a book matter to this parent: for the volume, or for an auction."""
    params = _params(parent)
    return params is not None and (params.needs_volume or isinstance(params, MocParams))


def _params(parent: ParentOrder) -> CommonParams | None:
    """The parameters of a parent; None for one that will be refused."""
    try:
        return decode(named(parent.algorithm).Params, texts(parent))
    except InvalidInput:
        return None


@dataclass(frozen=True)
class Simulation:
    """One run file on one catalog."""

    run: RunFile
    run_id: str
    catalog: Catalog

    @cached_property
    def replayed(self) -> list[str]:
        """Instruments to replay: the parents' own, and the same thing elsewhere where its volume is counted."""
        wanted = dict.fromkeys(parent.instrument for parent in self.run.parents)
        for parent in filter(wants_volume, self.run.parents):
            each, _venue = self.catalog.instruments.at(parent.instrument)
            wanted |= dict.fromkeys(each.routable_ids)
        return list(wanted)

    @cached_property
    def venues(self) -> list[str]:
        """The venues of those instruments."""
        return list(dict.fromkeys(map(venue_of, self.replayed)))

    def settings(self, venue: str) -> VenueSettings:
        """How a venue behaves, as the run file says."""
        return self.run.venues.get(venue, self.run.defaults)

    def latency_ns(self, venue: str) -> Nanos:
        """One-way delay of a venue."""
        text = self.settings(venue).latency
        return 0 if text in ("0", "0s") else parse_duration("latency", text)

    def fees(self, venue: str) -> Fees | None:
        """What the catalog says that a venue charges."""
        ids = [i for i in self.replayed if venue_of(i) == venue]
        return self.catalog.instruments.at(ids[0])[1].fees

    def reports(self) -> list[PrintReplay]:
        """One replay of the prints without a book for each symbol whose volume or auctions somebody wants."""
        wanted = [parent.instrument for parent in self.run.parents if wants_prints(parent)]
        symbols = sorted({self.catalog.instruments.at(instrument)[0].symbol for instrument in wanted})
        return [PrintReplay(symbol, self.catalog.prints(symbol).collect()) for symbol in symbols]

    def calendar(self, instrument_id: str) -> str | None:
        """The calendar of an instrument, or its stated hours and zone."""
        each, _venue = self.catalog.instruments.at(instrument_id)
        return each.calendar or (f"{each.session} {each.timezone}" if each.session else None)

    def run_config(self, out: Path) -> RunConfig:
        """What the package's components share."""
        reported = [i for i in self.catalog.instruments.ids if not self.catalog.instruments.at(i)[1].routable]
        calendars = {i: self.calendar(i) for i in self.catalog.instruments.ids}
        return RunConfig(
            run_id=self.run_id,
            out=str(out),
            limits=self.run.limits,
            catalog=str(self.catalog.path),
            calendars={i: hours for i, hours in calendars.items() if hours},
            data_only=[venue_of(i) for i in reported],
            reports=reported,
            amendable=[venue for venue in self.venues if self.settings(venue).can_amend],
            latency_ns=max(map(self.latency_ns, self.venues)),
            assumptions=self.assumptions(),
        )

    def assumptions(self) -> dict[str, str]:
        """What this simulation assumes, for the header of every report."""
        books = {self.settings(venue).book for venue in self.venues}
        return {
            "fill model": HONEST if books == {"L2"} else f"books {', '.join(sorted(books))}",
            "order at equal stamps": PRINT_ORDERS[self.run.print_order],
            "latency": ", ".join(f"{venue} {self.settings(venue).latency}" for venue in self.venues),
            "fees": "; ".join(f"{venue} {_fee_text(self.fees(venue))}" for venue in self.venues),
            "market impact": "none: venues do not move with our trades, and our prints are not on the tape",
            "taken size": "by us or by prints of others: remembered per price until the shown size differs",
            "auctions": "an order fills at the official price up to its share of the print, which does not move for it",
            "prints through a resting price": "fill nothing while size stands ahead at that price",
        }

    def platform_run(self) -> BacktestRunConfig:
        """The platform's own configuration of this run."""
        first = min(arrival_ns(parent) for parent in self.run.parents)
        engine = BacktestEngineConfig(
            trader_id=model.TraderId("EXEC-001"),
            logging=LoggerConfig(stdout_level=LogLevel.ERROR, print_config=False),
            risk_engine=RiskEngineConfig(max_order_submit_rate=NO_RATE_LIMIT),
            run_analysis=False,
        )
        return BacktestRunConfig(
            [self._platform_venue(venue) for venue in self.venues],
            self._platform_data(),
            engine,
            id=self.run_id,
            raise_exception=True,
            dispose_on_completion=False,
            start=first - WARM_UP_NS,
            end=self._end(),
        )

    def _end(self) -> Nanos | str:
        """When to stop: as said, or some minutes after the session of the last arrival; a day without a calendar.

        Timers after the last datum fire only up to a stated end.
        """
        if self.run.end is not None:
            return self.run.end
        last = max(self.run.parents, key=arrival_ns)
        session = session_at(self.calendar(last.instrument), arrival_ns(last))
        return session.close_ns + AFTER_CLOSE_NS if session else arrival_ns(last) + DAY

    def _platform_data(self) -> list[BacktestDataConfig]:
        kinds = model.NautilusDataType
        deep = [i for i in self.replayed if self.settings(venue_of(i)).book == "L2"]
        trades = self._data(kinds.TradeTick, self.replayed)
        books = self._data(kinds.OrderBookDelta, deep) + self._data(kinds.QuoteTick, self.replayed)
        # Data of one stamp is replayed in this order: a print is matched against the book that stood before it.
        return trades + books if self.run.print_order == "trades_first" else books + trades

    def _data(self, kind: Any, wanted: list[str]) -> list[BacktestDataConfig]:
        ids = [model.InstrumentId.from_str(i) for i in wanted]
        return [BacktestDataConfig(kind, str(self.catalog.path), instrument_ids=ids)] if ids else []

    def _platform_venue(self, venue: str) -> BacktestVenueConfig:
        settings, fees, latency = self.settings(venue), self.fees(venue), self.latency_ns(venue)
        honest = settings.book == "L2"
        return BacktestVenueConfig(
            venue,
            model.OmsType.NETTING,
            settings.account,
            [settings.balance.replace("_", "")],
            book_type=model.BookType.L2_MBP if honest else model.BookType.L1_MBP,
            queue_position=honest,
            liquidity_consumption=honest,
            fee_model=VenueFees(fees.kind, float(fees.maker), float(fees.taker))
            if fees
            else VenueFees("fixed"),
            latency_model=StaticLatencyModel(base_latency_nanos=latency) if latency else None,
        )


def _fee_text(fees: Fees | None) -> str:
    return "none" if fees is None else f"maker {fees.maker} taker {fees.taker} {fees.kind}"
