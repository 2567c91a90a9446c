"""A simulated session of one equity on several venues: plausible, not calibrated, and the same for the same seed.

What is built in: arrivals with a U-shape over the day, runs of buys and of sells, books in round lots, odd lots, a
price that follows the flow and is pulled to a slow random walk, an opening and a closing auction on the first venue.
Every venue bids below every venue's offer at every row, so the consolidated book is never locked or crossed. A trade
is at its venue's standing best, which is the best of all venues, for at most the size shown, and shares its stamp
with the quote that it changes. Not built in: hidden orders, off-exchange prints, news, reactions to anybody's orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nautilus_exec.units import MS, SECOND, US

type Ints = NDArray[np.int64]

ROUND = 100
"""Shares in a round lot."""
EVENTS = 30_000
"""Trades and quote changes of a median day; chosen by us: a backtest of the day takes seconds."""
TRADE_SHARE = 0.35
"""Of the events that are trades; chosen by us."""
PERSISTENCE = 0.72
"""Chance that a trade has the side of the one before; chosen by us, so that sides correlate by .44 at lag one."""
TICK_VOLATILITY = 0.42
"""Step of the slow price per event in ticks; chosen by us: about 1.5 % a day at 50 dollars."""
CURVATURE = 2.0
"""Arrivals at open and close are 1 + this times those at noon; chosen by us."""


@dataclass(frozen=True, slots=True)
class EquityDay:
    """Rows in time order; prices in ticks, sizes in shares, stamps in UTC nanoseconds, venues by position."""

    quote_ts: Ints
    quote_venue: Ints
    bid: Ints
    bid_size: Ints
    ask: Ints
    ask_size: Ints
    trade_ts: Ints
    trade_venue: Ints
    price: Ints
    size: Ints
    condition: tuple[str, ...]


def simulate(
    seed: Sequence[int], open_ns: int, close_ns: int, weights: Sequence[float], price: int
) -> EquityDay:
    """Simulate one session.

    Parameters
    ----------
    seed : sequence of int
        Of the generator (PCG64): the same numbers give the same day.
    open_ns, close_ns : int
        UTC nanoseconds; the closing auction prints one second after the close.
    weights : sequence of float
        Share of the trading of each venue, positive; the first one holds the auctions.
    price : int
        Ticks around which the day opens, above 1,000.
    """
    rng = np.random.Generator(np.random.PCG64(list(seed)))
    count = int(EVENTS * np.exp(rng.normal(0.0, 0.15)))
    draws = _Draws(rng, count, np.asarray(weights, np.float64))
    stamps = arrivals(rng, count, open_ns + 50 * MS, close_ns - MS)
    market = _Market(len(draws.weights), int(price * (1 + rng.normal(0.0, 0.01))))
    target = market.mid + np.cumsum(rng.normal(0.0, TICK_VOLATILITY, count))
    market.open(open_ns, int(rng.integers(500, 900)), draws.sizes)
    for i, stamp in enumerate(stamps.tolist()):
        market.step(stamp, i, draws, float(target[i]))
    market.auction(close_ns + SECOND, int(rng.integers(1200, 2000)), "6")
    return market.day()


def arrivals(rng: np.random.Generator, count: int, start_ns: int, end_ns: int) -> Ints:
    """Draw sorted stamps on [start, end) with density 1 + c (2x - 1)^2 over the day's fraction x, c = ``CURVATURE``."""
    x = np.linspace(0.0, 1.0, 2049)
    cumulative = x + CURVATURE * ((2 * x - 1) ** 3 + 1) / 6
    at = np.interp(np.sort(rng.random(count)), cumulative / cumulative[-1], x)
    stamps = start_ns + (at * (end_ns - start_ns)).astype(np.int64) // US * US
    return np.asarray(stamps, np.int64)


class _Draws:
    """Every random number of a day, drawn at once, so that the steps below are plain arithmetic."""

    def __init__(self, rng: np.random.Generator, count: int, weights: NDArray[np.float64]) -> None:
        self.weights = weights / weights.sum()
        trades = rng.random(count) < TRADE_SHARE
        self.trades = trades.tolist()
        flips = np.where(trades & (rng.random(count) >= PERSISTENCE), -1, 1)
        self.sides = np.cumprod(flips).tolist()
        self.venues = rng.permuted(np.tile(np.arange(len(weights)), (count, 1)), axis=1)
        first = rng.choice(len(weights), size=count, p=self.weights)
        self.orders = np.column_stack([first, self.venues]).tolist()
        self.sizes = (ROUND * rng.geometric(0.4, size=count)).tolist()
        odd = rng.integers(1, ROUND, count)
        whole = ROUND * rng.geometric(0.55, size=count)
        self.quantities = np.where(rng.random(count) < 0.3, odd, whole).tolist()
        self.moods = rng.random(count).tolist()


@dataclass(slots=True)
class _Market:
    venues: int
    mid: int
    bid: list[int] = field(default_factory=list)
    ask: list[int] = field(default_factory=list)
    bid_size: list[int] = field(default_factory=list)
    ask_size: list[int] = field(default_factory=list)
    quotes: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    prints: list[tuple[int, int, int, int, str]] = field(default_factory=list)

    def open(self, stamp: int, round_lots: int, sizes: list[int]) -> None:
        self.bid, self.ask = [self.mid - 1] * self.venues, [self.mid + 1] * self.venues
        self.bid_size, self.ask_size = sizes[: self.venues], sizes[self.venues : 2 * self.venues]
        self.prints.append((stamp + 10 * MS, 0, self.mid, round_lots * ROUND, "O"))
        for venue in range(self.venues):
            self._quote(stamp + 20 * MS, venue)

    def auction(self, stamp: int, round_lots: int, condition: str) -> None:
        last = (max(self.bid) + min(self.ask)) // 2
        self.prints.append((stamp, 0, last, round_lots * ROUND, condition))

    def step(self, stamp: int, i: int, draws: _Draws, target: float) -> None:
        if draws.trades[i]:
            self._trade(stamp, i, draws)
        else:
            self._requote(stamp, i, draws, target)

    def _trade(self, stamp: int, i: int, draws: _Draws) -> None:
        buys = draws.sides[i] > 0
        best = min(self.ask) if buys else max(self.bid)
        prices, sizes = (self.ask, self.ask_size) if buys else (self.bid, self.bid_size)
        venue = next(v for v in draws.orders[i] if prices[v] == best)
        quantity = min(draws.quantities[i], sizes[venue])
        self.prints.append((stamp, venue, best, quantity, "" if quantity % ROUND == 0 else "I"))
        # Books show round lots: an odd lot taken leaves the rest of its lot in the shadow.
        sizes[venue] = (sizes[venue] - quantity) // ROUND * ROUND
        if sizes[venue] == 0:
            prices[venue] += 1 if buys else -1
            sizes[venue] = draws.sizes[i]
        self._quote(stamp, venue)

    def _requote(self, stamp: int, i: int, draws: _Draws, target: float) -> None:
        venue, mood = draws.orders[i][-1], draws.moods[i]
        bid, ask = max(self.bid), min(self.ask)
        gap = target - (bid + ask) / 2
        # The nearer the price is to its target, the more often a side only joins the best; the far side leads.
        lead = min(0.9, 0.25 + 0.12 * abs(gap))
        buys = (mood < 0.5) if abs(gap) < 0.5 else (mood < 0.8) == (gap > 0)
        within = draws.moods[-1 - i]
        step = 1 if within < lead else 0 if within < 0.85 else -1
        if ask - bid == 1 and step == 1 and abs(gap) > 1:
            self._give_way(stamp, gap > 0, draws.sizes[i])
            bid, ask = max(self.bid), min(self.ask)
        if buys:
            self.bid[venue], self.bid_size[venue] = min(bid + step, ask - 1), draws.sizes[i]
        else:
            self.ask[venue], self.ask_size[venue] = max(ask - step, bid + 1), draws.sizes[i]
        self._quote(stamp, venue)

    def _give_way(self, stamp: int, up: bool, size: int) -> None:
        prices, sizes = (self.ask, self.ask_size) if up else (self.bid, self.bid_size)
        best = min(prices) if up else max(prices)
        for venue in range(self.venues):
            if prices[venue] == best:
                prices[venue] += 1 if up else -1
                sizes[venue] = size
                self._quote(stamp, venue)

    def _quote(self, stamp: int, venue: int) -> None:
        sides = self.bid[venue], self.bid_size[venue], self.ask[venue], self.ask_size[venue]
        self.quotes.append((stamp, venue, *sides))

    def day(self) -> EquityDay:
        quotes = np.ascontiguousarray(np.array(self.quotes, np.int64).T)
        prints = np.ascontiguousarray(np.array([row[:4] for row in self.prints], np.int64).T)
        conditions = tuple(row[4] for row in self.prints)
        ts, venue, bid, bid_size, ask, ask_size = quotes
        trade_ts, trade_venue, price, size = prints
        return EquityDay(
            ts, venue, bid, bid_size, ask, ask_size, trade_ts, trade_venue, price, size, conditions
        )
