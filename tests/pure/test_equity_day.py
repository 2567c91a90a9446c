"""The simulated session: what is true of every seed by construction, and what it is meant to look like."""

import numpy as np
import pytest

from nautilus_exec.markets.equity_day import ROUND, EquityDay, arrivals, simulate
from nautilus_exec.units import HOUR, SECOND

OPEN = 1_749_821_400 * SECOND
CLOSE = OPEN + 13 * HOUR // 2
WEIGHTS = (0.30, 0.25, 0.15, 0.10, 0.20)


@pytest.fixture(scope="module", params=[1, 7, 2024])
def day(request) -> EquityDay:
    return simulate((request.param,), OPEN, CLOSE, WEIGHTS, 5_000)


def columns(day: EquityDay) -> list:
    return [getattr(day, name) for name in EquityDay.__dataclass_fields__]


def test_the_same_seed_gives_the_same_day_and_another_seed_another():
    one, same, other = (simulate((seed, 3), OPEN, CLOSE, WEIGHTS, 5_000) for seed in (7, 7, 8))
    assert all(np.array_equal(a, b) for a, b in zip(columns(one), columns(same), strict=True))
    assert not np.array_equal(one.price[:100], other.price[:100])


def test_rows_are_in_time_order_inside_the_session_but_for_the_closing_print(day):
    for stamps in (day.quote_ts, day.trade_ts):
        assert (np.diff(stamps) >= 0).all()
    assert day.quote_ts[0] > OPEN
    assert day.quote_ts[-1] < CLOSE
    assert day.trade_ts[-2] < CLOSE < day.trade_ts[-1]


def test_books_are_two_sided_in_round_lots(day):
    for size in (day.bid_size, day.ask_size):
        assert (size >= ROUND).all()
        assert (size % ROUND == 0).all()
    assert (day.bid < day.ask).all()


def test_the_consolidated_book_is_never_locked_or_crossed_at_any_row(day):
    bid, ask = best(day)
    assert (bid < ask).all()


def best(day: EquityDay) -> tuple[np.ndarray, np.ndarray]:
    """Best bid and ask over the venues after each quote row, by carrying every venue's last row forward."""
    rows = np.arange(len(day.quote_ts))
    sides = [np.full(len(rows), -1), np.full(len(rows), 10**9)]
    for venue in range(len(WEIGHTS)):
        last = np.maximum.accumulate(np.where(day.quote_venue == venue, rows, -1))
        known = last >= 0
        sides[0][known] = np.maximum(sides[0][known], day.bid[last[known]])
        sides[1][known] = np.minimum(sides[1][known], day.ask[last[known]])
    return sides[0], sides[1]


def test_a_trade_is_at_the_best_price_of_its_venue_for_at_most_the_size_that_stood_before(day):
    bid, ask = best(day)
    state: dict[int, int] = {}
    row = 0
    for i in range(1, len(day.trade_ts) - 1):
        # A trade is one row's cause: of the rows of its stamp only those before it have already happened.
        while day.quote_ts[row] < day.trade_ts[i]:
            state[int(day.quote_venue[row])] = row
            row += 1
        own = state[int(day.trade_venue[i])]
        price, buys = day.price[i], day.price[i] == ask[row - 1]
        assert price in (bid[row - 1], ask[row - 1])
        assert price == (day.ask if buys else day.bid)[own]
        assert day.size[i] <= (day.ask_size if buys else day.bid_size)[own]


def test_there_is_one_opening_and_one_closing_auction_on_the_first_venue(day):
    conditions = list(day.condition)
    assert (conditions[0], conditions[-1]) == ("O", "6")
    assert set(conditions[1:-1]) == {"", "I"}
    assert day.trade_venue[0] == day.trade_venue[-1] == 0
    assert all((c == "I") == (s % ROUND != 0) for c, s in zip(conditions[1:-1], day.size[1:-1], strict=True))


def test_the_day_is_small_enough_to_replay_in_seconds(day):
    assert 20_000 < len(day.quote_ts) + len(day.trade_ts) < 150_000


def test_volume_is_u_shaped(day):
    half_hour = np.minimum((day.trade_ts[1:-1] - OPEN) // (HOUR // 2), 12)
    volume = np.bincount(half_hour, weights=day.size[1:-1])
    assert volume[0] > 1.6 * volume[5:8].mean()
    assert volume[12] > 1.6 * volume[5:8].mean()


def test_the_side_of_trades_is_autocorrelated(day):
    """A persistence p of the side gives a correlation of 2p - 1 = .44 at lag one; independent sides would give 0."""
    _, ask = best(day)
    row = np.searchsorted(day.quote_ts, day.trade_ts[1:-1], side="left") - 1
    side = np.where(day.price[1:-1] == ask[row], 1, -1)
    assert np.corrcoef(side[1:], side[:-1])[0, 1] == pytest.approx(0.44, abs=0.05)


def test_the_price_stays_near_where_it_began(day):
    bid, ask = best(day)
    mid = (bid[5:] + ask[5:]) / 2
    assert np.abs(mid / 5_000 - 1).max() < 0.10
    assert np.median(ask[5:] - bid[5:]) <= 2


def test_arrivals_have_the_stated_density():
    """Density 1 + 2 (2x - 1)^2 over its integral 5/3: the first tenth has .1 + (1 - .8^3)/3 over 5/3 = .1576."""
    rng = np.random.Generator(np.random.PCG64(1))
    stamps = arrivals(rng, 200_000, 0, 10**15)
    assert (stamps < 10**14).mean() == pytest.approx(0.1576, abs=0.003)
    assert (stamps >= 9 * 10**14).mean() == pytest.approx(0.1576, abs=0.003)
