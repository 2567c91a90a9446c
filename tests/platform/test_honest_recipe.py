"""The simulated venue on one-level books, with queue position and liquidity consumption: what fills, and what not."""

from typing import Any

import pytest
from nautilus_trader.model import AggressorSide, BookAction, BookOrder, OrderBookDelta, OrderBookDeltas

from tests.books import BUY, F_LAST, SELL, XNYS, deltas, ns, px, qty, quote, run, top, trade
from tests.parts import Script


def shown(t: float, ask_size: int = 300, bid_size: int = 300) -> list[Any]:
    """100.00 / 100.02 with the sizes given."""
    return top(t, 100, bid_size, 100.02, ask_size)


def take(size: int, price: float = 100.02) -> Any:
    return lambda s: s.ioc(BUY, size, price)


def rest(size: int, price: float = 100.00) -> Any:
    return lambda s: s.limit(BUY, size, price)


def fills(data: list[Any], *acts: tuple[float, Any]) -> list[tuple[int, float]]:
    owner = Script(acts)
    run(data, owner).dispose()
    assert not owner.errors
    return owner.fills()


def test_a_taker_gets_at_most_the_displayed_size_at_the_displayed_price() -> None:
    assert fills([shown(1), shown(3)], (2, take(500))) == [(300, 100.02)]


def test_a_second_taker_finds_nothing_while_the_level_stands_unchanged() -> None:
    data = [shown(1), shown(3), shown(5)]
    assert fills(data, (2, take(500)), (2.5, take(500)), (4, take(500))) == [(300, 100.02)]


def test_a_changed_size_can_be_taken_again_whole() -> None:
    """Consumption is forgotten at any change of the shown size: 300 taken, 400 shown, 400 fill; 299 as well."""
    assert fills([shown(1), shown(3, 400), shown(5)], (2, take(300)), (4, take(500))) == [
        (300, 100.02),
        (400, 100.02),
    ]
    assert fills([shown(1), shown(3, 299), shown(5)], (2, take(300)), (4, take(500))) == [
        (300, 100.02),
        (299, 100.02),
    ]


def test_what_was_left_of_a_level_can_be_taken_later() -> None:
    assert fills([shown(1), shown(3), shown(5)], (2, take(200)), (4, take(300))) == [
        (200, 100.02),
        (100, 100.02),
    ]


@pytest.mark.parametrize(
    "between", [top(3, 100, 300, 100.03, 300), top(3, 100, 300, 100.02, 0), shown(3, 400)]
)
def test_a_size_that_comes_back_is_still_taken_if_none_of_ours_matched_meanwhile(between: list[Any]) -> None:
    """Consumption is compared only when an order matches at the price: away and back with 300 shown finds nothing."""
    assert fills([shown(1), between, shown(4), shown(6)], (2, take(300)), (5, take(300))) == [(300, 100.02)]


@pytest.mark.parametrize("aggressor", [AggressorSide.NO_AGGRESSOR, AggressorSide.SELL])
def test_a_resting_order_fills_only_after_what_was_ahead_of_it(aggressor: AggressorSide) -> None:
    """Behind 500: prints of 300 and 300 leave 100 of 200."""
    data = [
        shown(1, bid_size=500),
        trade(3, 100, 300, aggressor=aggressor),
        trade(4, 100, 300, aggressor=aggressor),
    ]
    assert fills([*data, shown(5)], (2, rest(200))) == [(100, 100.0)]


def test_a_buyers_print_fills_no_resting_bid() -> None:
    data = [shown(1), trade(3, 100, 900, aggressor=AggressorSide.BUY), shown(5)]
    assert fills(data, (2, rest(200))) == []


def test_a_shrinking_level_moves_a_resting_order_forward() -> None:
    """Behind 300, then 50 are shown: a print of 100 fills 50."""
    assert fills([shown(1), shown(3, bid_size=50), trade(4, 100, 100), shown(5)], (2, rest(200))) == [
        (50, 100.0)
    ]


def test_a_print_through_the_price_fills_only_when_nothing_is_shown_ahead() -> None:
    """A print at 99.99 passes a bid at 100.00 that has 300 ahead of it, and fills it once that level is gone."""
    assert fills([shown(1), trade(3, 99.99, 400), shown(5)], (2, rest(100))) == []
    gone = top(3, 99.99, 300, 100.02, 300)
    assert fills([shown(1), gone, trade(4, 99.99, 100), shown(5)], (2, rest(100))) == [(100, 100.0)]


def test_a_print_inside_the_spread_moves_no_takers_price() -> None:
    wide = [top(1, 100, 300, 100.10, 300), trade(2, 100.05, 100), top(5, 100, 300, 100.10, 300)]
    assert fills(wide, (3, take(100, 100.10)), (4, take(100, 100.05))) == [(100, 100.10)]


def test_a_falling_ask_fills_a_resting_bid_only_for_what_it_shows() -> None:
    """A bid of 300 at 100.00; an ask of 100 comes to 99.99 and stands; then it shows 150."""
    data = [
        shown(1),
        *(top(t, 99.98, 300, 99.99, size) for t, size in ((3, 100), (4, 100), (5, 150), (6, 150))),
    ]
    assert fills(data, (2, rest(300))) == [(100, 100.0), (150, 100.0)]


def test_an_ioc_against_an_absent_side_is_cancelled() -> None:
    owner = Script([(3, take(100))])
    run([shown(1), top(2, 100, 300, 100.02, 0), shown(5)], owner).dispose()
    assert owner.names()[1:] == ["Submitted", "Accepted", "Canceled"]


def test_a_locked_book_trades_on_both_sides() -> None:
    """Bid = ask = 100.02, as an auction is written: both an IOC buy and an IOC sell fill there."""
    data = [top(1, 100.02, 300, 100.02, 300), shown(5)]
    assert fills(data, (2, take(100)), (3, lambda s: s.ioc(SELL, 100, 100.02))) == [(100, 100.02)] * 2


def test_a_market_order_beyond_the_displayed_size_hangs() -> None:
    """It fills what is shown and is neither cancelled nor filled from what comes later: never send one."""
    owner = Script([(2, lambda s: s.market(BUY, 500))])
    run([shown(1), shown(3, 400), shown(5, 450)], owner).dispose()
    assert owner.names()[1:] == ["Submitted", "Filled 300@100.02"]


class TestOrderAtEqualStamps:
    """Trades, then deltas, then quote: the other way round each print counts twice against the queue."""

    book = (deltas(3, 100, 100, 100.02, 300), quote(3, 100, 100, 100.02, 300))
    """After the print of 200 at this stamp, 100 of the 300 ahead are left."""

    def test_trades_first_count_a_print_once(self) -> None:
        data = [shown(1), trade(3, 100, 200), *self.book, trade(4, 100, 150), shown(5)]
        assert fills(data, (2, rest(100))) == [(50, 100.0)]

    def test_book_first_counts_a_print_twice(self) -> None:
        data = [shown(1), *self.book, trade(3, 100, 200), shown(5)]
        assert fills(data, (2, rest(100))) == [(100, 100.0)]


def raw(t: float, *rows: tuple[Any, float, int], last: int, seq: int) -> OrderBookDeltas:
    out = [OrderBookDelta.clear(XNYS, seq, ns(t), ns(t))]
    for i, (side, price, size) in enumerate(rows, start=1):
        flags = F_LAST if i == last else 0
        order = BookOrder(side, px(price), qty(size), 0)
        out.append(OrderBookDelta(XNYS, BookAction.ADD, order, flags, seq + i, ns(t), ns(t)))
    return OrderBookDeltas(XNYS, out)


def test_a_batch_in_memory_is_applied_whole_whatever_its_flags() -> None:
    """F_LAST matters for deltas from a catalog (see there), not for a batch handed over as one object."""
    both = ((BUY, 100.0, 300), (SELL, 100.02, 300))
    data = [raw(1, *both, last=0, seq=10**6), quote(1, 100, 300, 100.02, 300), shown(5)]
    assert fills(data, (2, take(100))) == [(100, 100.02)]
