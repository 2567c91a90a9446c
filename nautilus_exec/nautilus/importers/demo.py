"""The simulated equity as source files, brought in by the same importer as real data."""

import tempfile
from bisect import bisect_right
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from nautilus_exec.errors import InvalidInput
from nautilus_exec.markets.equity_day import EquityDay, simulate
from nautilus_exec.nautilus.importers import hours
from nautilus_exec.nautilus.importers.report import Report
from nautilus_exec.nautilus.importers.run import Options, Progress, import_files
from nautilus_exec.nautilus.instruments import Fees, Instrument, Instruments, Venue, dump_instruments

UNTIL = date(2025, 6, 13)
"""Last simulated session unless another is asked for; chosen by us: a week without holidays or short days."""
MOST_DAYS = 250
PRICE = 5_000
"""Ticks: 50 dollars."""

# ASSUMPTIONS of the public order of magnitude, not a price list: maker and taker per share, and the share of trading.
_VENUES = {
    "NYSE": ("-0.0015", "0.0027", 0.30),
    "NASDAQ": ("-0.0020", "0.0030", 0.25),
    "BATS": ("-0.0020", "0.0030", 0.15),
    "IEX": ("0.0009", "0.0009", 0.10),
    "ARCA": ("-0.0020", "0.0030", 0.20),
}


def instruments() -> Instruments:
    """Return the facts of the simulated equity; ``catalogs/demo-equity.toml`` says the same."""
    equity = Instrument(
        symbol="DEMO",
        kind="equity",
        tick=Decimal("0.01"),
        lot=Decimal(1),
        round_lot=Decimal(100),
        currency="USD",
        calendar="XNYS",
        timezone="America/New_York",
        listing="NYSE",
        venues={
            name: Venue(fees=Fees("per_share", Decimal(maker), Decimal(taker)))
            for name, (maker, taker, _) in _VENUES.items()
        },
    )
    return Instruments((equity,))


def sessions(days: int, until: date) -> list[tuple[date, int, int]]:
    """Return day, open and close (UTC nanoseconds) of the last New York sessions up to a date."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput("days", days, f"1 to {MOST_DAYS}")
    if not 1990 <= until.year <= 2100:
        raise InvalidInput("until", until.isoformat(), "a date between 1990 and 2100")
    known, opens, closes = hours.exchange("XNYS", until - timedelta(days=2 * days), until)
    last = bisect_right(known, until)
    return [(known[i], int(opens[i]), int(closes[i])) for i in range(last - days, last)]


def import_demo(into: Path, seed: int, days: int, until: date, progress: Progress) -> Report:
    """Simulate sessions and import them; the same seed and dates give the same bytes, whatever the machine's day.

    A day depends on the seed and its date alone. Raises ``InvalidInput`` as an import does.
    """
    if seed < 0:
        raise InvalidInput("seed", seed, "0 or above")
    with tempfile.TemporaryDirectory() as folder:
        src = Path(folder)
        (src / "demo.toml").write_text(dump_instruments(instruments()), encoding="utf-8")
        for number, (day, open_ns, close_ns) in enumerate(sessions(days, until)):
            weights = [share for _, _, share in _VENUES.values()]
            made = simulate((seed, day.toordinal()), open_ns, close_ns, weights, PRICE)
            _quotes(made).write_parquet(src / f"{number:03d}-quotes.parquet")
            _trades(made, day).write_parquet(src / f"{number:03d}-trades.parquet")
        return import_files(src, into, src / "demo.toml", Options(), progress)


def _quotes(day: EquityDay) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "ts_event": day.quote_ts,
            "venue": np.array(list(_VENUES))[day.quote_venue],
            "bid": day.bid / 100,
            "bid_size": day.bid_size,
            "ask": day.ask / 100,
            "ask_size": day.ask_size,
            "sequence": np.arange(len(day.quote_ts)),
        }
    )


def _trades(day: EquityDay, on: date) -> pl.DataFrame:
    # Trade ids are unique per venue over the days too: the date leads.
    return pl.DataFrame(
        {
            "ts_event": day.trade_ts,
            "venue": np.array(list(_VENUES))[day.trade_venue],
            "price": day.price / 100,
            "size": day.size,
            "condition": list(day.condition),
            "correction": np.zeros(len(day.trade_ts), np.int64),
            "sequence": int(f"{on:%Y%m%d}") * 1_000_000 + np.arange(len(day.trade_ts)),
        }
    )
