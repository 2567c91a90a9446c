"""The volumes of a catalog's instruments: their continuous trades, and their auction prints apart."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.catalog import Catalog
from nautilus_exec.nautilus.importers.classify import AUCTION
from nautilus_exec.nautilus.instruments import Instrument, Instruments
from nautilus_exec.nautilus.profile_build import Hours
from nautilus_exec.nautilus.profile_sources import Trades


def catalog_trades(path: Path, names: Sequence[str]) -> tuple[Trades, Hours]:
    """Return the volumes of one or several instruments of a catalog, and the hours of the first.

    A name is an instrument id (``SYMBOL.VENUE``: the volume of that venue) or a symbol (the lit volume: all its
    routable venues); several are summed; none is the catalog's only symbol. Off-exchange, block and excluded prints
    and official repeats are not counted; hidden midpoint prints are.

    Raises ``InvalidInput`` for a folder that is no catalog, a name it does not have, and no name where there are
    several symbols.
    """
    catalog = Catalog(path)
    known = catalog.instruments
    chosen = list(names) or [_only_symbol(known)]
    ids = list(dict.fromkeys(each for name in chosen for each in _ids(known, name)))
    scope = " + ".join(
        name if name in ids else f"{name} lit ({len(_ids(known, name))} venues)" for name in chosen
    )
    trades = pl.concat([catalog.continuous(each).select("ts", "size") for each in ids])
    prints = pl.concat([catalog.prints(each).select("ts", "size", "print_class") for each in ids])
    auctions = prints.filter(pl.col("print_class") == AUCTION).select("ts", "size")
    return Trades(f"{scope} of {path.resolve().name}", trades, auctions), _hours(known.at(ids[0])[0])


def _only_symbol(known: Instruments) -> str:
    symbols = [each.symbol for each in known.instrument]
    if len(symbols) != 1:
        raise InvalidInput("instrument", None, f"one of {', '.join(symbols) or 'none'}")
    return symbols[0]


def _ids(known: Instruments, name: str) -> tuple[str, ...]:
    """Return the id itself, or a symbol's routable ids."""
    if name in (each.symbol for each in known.instrument):
        return known.symbol(name).routable_ids
    known.at(name)
    return (name,)


def _hours(instrument: Instrument) -> Hours:
    if instrument.calendar is not None or instrument.session is None:
        return Hours(calendar=instrument.calendar)
    return Hours(session=instrument.session, timezone=instrument.timezone)
