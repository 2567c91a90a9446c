"""The market an order is measured against: mids by one rule, and volume with a named scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import polars as pl

QUOTE_SCHEMA = {
    "instrument": pl.String(),
    "ts": pl.Int64(),
    "bid": pl.Float64(),
    "bid_size": pl.Float64(),
    "ask": pl.Float64(),
    "ask_size": pl.Float64(),
}
TRADE_SCHEMA = {"instrument": pl.String(), "ts": pl.Int64(), "price": pl.Float64(), "size": pl.Float64()}

MID_RULE = "mid of the parent's own instrument: its last two-sided quote, neither locked nor crossed"


class Scope(StrEnum):
    """Whose volume counts: the parent's own venue, every lit venue, or off-exchange prints as well."""

    LISTING = "listing"
    LIT = "lit"
    CONSOLIDATED = "consolidated"


class MarketSource(Protocol):
    """What a market catalog offers, per instrument id; instants in UTC nanoseconds, an absent side is null."""

    def instruments(self) -> list[str]:
        """Return the ids of all instruments."""
        ...

    def quotes(self, instrument_id: str) -> pl.LazyFrame:
        """Return ``[ts, bid, bid_size, ask, ask_size]``."""
        ...

    def trades(self, instrument_id: str) -> pl.LazyFrame:
        """Return eligible prints ``[ts, price, size, …]``."""
        ...

    def off_exchange(self, instrument_id: str) -> pl.LazyFrame:
        """Return eligible off-exchange prints ``[ts, price, size]`` of the instrument's symbol."""
        ...


@dataclass(frozen=True, slots=True)
class Market:
    """Quotes and eligible prints, both labelled with the *parent's* instrument they serve as a market for.

    ``quotes``: ``[instrument, ts, bid, bid_size, ask, ask_size]``; ``trades``: ``[instrument, ts, price, size]``, those
    of every venue in ``scope``. Prices in quote currency per unit, sizes in units, ``ts`` in UTC nanoseconds.
    """

    quotes: pl.LazyFrame
    trades: pl.LazyFrame
    scope: Scope = Scope.LISTING

    def mids(self) -> pl.LazyFrame:
        """Return ``[instrument, ts, mid]`` sorted by ``ts``, the last row of an instant only.

        A one-sided, crossed or locked quote, as an auction is shown, has no mid: the last good one stands.
        """
        two_sided = (pl.col("bid_size") > 0) & (pl.col("ask_size") > 0) & (pl.col("bid") < pl.col("ask"))
        mid = (pl.col("bid") + pl.col("ask")) / 2
        rows = self.quotes.filter(two_sided & (pl.col("bid") > 0)).select("instrument", "ts", mid=mid)
        return rows.unique(["instrument", "ts"], keep="last", maintain_order=True).sort(
            "ts", maintain_order=True
        )

    def ends(self) -> pl.LazyFrame:
        """Return ``[instrument, data_end]``: the last instant with a quote or a print; later is unobserved."""
        stamps = [frame.select("instrument", "ts") for frame in (self.quotes, self.trades)]
        return pl.concat(stamps).group_by("instrument").agg(data_end=pl.col("ts").max())


def market_of(source: MarketSource, instruments: Iterable[str], scope: Scope = Scope.LISTING) -> Market:
    """Compose the market of some parents' instruments from a catalog, with the volume of ``scope``.

    A symbol's venues are the instruments with the same id before the last dot (``XYZ.XNYS`` and ``XYZ.BATS``).
    """
    quotes, trades = [pl.LazyFrame(schema=QUOTE_SCHEMA)], [pl.LazyFrame(schema=TRADE_SCHEMA)]
    known = source.instruments()
    for own in sorted(set(instruments)):
        if own not in known:
            continue
        quotes.append(_labelled(source.quotes(own), own, QUOTE_SCHEMA))
        peers = [own] if scope is Scope.LISTING else [i for i in known if _symbol(i) == _symbol(own)]
        prints = [source.trades(peer) for peer in peers]
        if scope is Scope.CONSOLIDATED:
            prints.append(source.off_exchange(own))
        trades += [_labelled(frame, own, TRADE_SCHEMA) for frame in prints]
    return Market(pl.concat(quotes), pl.concat(trades), scope)


def no_market(scope: Scope = Scope.LISTING) -> Market:
    """Return a market without data: every benchmark that needs one is null."""
    return Market(pl.LazyFrame(schema=QUOTE_SCHEMA), pl.LazyFrame(schema=TRADE_SCHEMA), scope)


def _symbol(instrument: str) -> str:
    return instrument.rpartition(".")[0] or instrument


def _labelled(frame: pl.LazyFrame, instrument: str, schema: dict[str, pl.DataType]) -> pl.LazyFrame:
    own = pl.lit(instrument, pl.String()).alias("instrument")
    return frame.select(
        own, *(pl.col(name).cast(kind) for name, kind in schema.items() if name != "instrument")
    )
