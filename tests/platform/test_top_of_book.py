"""Why not plain top-of-book data: the counter-examples."""

from typing import Any

from tests.books import BUY, PLAIN, quote, run, trade
from tests.parts import Script


def seen(data: list[Any], *acts: tuple[float, Any], **venue: Any) -> list[str]:
    owner = Script(acts)
    run(data, owner, **PLAIN | venue).dispose()
    return [name for name in owner.names() if name.startswith(("Filled", "Rejected"))]


BOOK = [quote(1, 100, 200, 100.02, 200), quote(5, 100, 200, 100.02, 200)]
WIDE = [quote(1, 100, 200, 100.10, 200), trade(2, 100.05, 100), quote(5, 100, 200, 100.10, 200)]


def test_an_order_above_the_displayed_size_fills_its_rest_one_tick_worse_whatever_its_size() -> None:
    assert seen(BOOK, (2, lambda s: s.market(BUY, 1000))) == ["Filled 200@100.02", "Filled 800@100.03"]


def test_the_same_size_fills_twice() -> None:
    twice = [(t, lambda s: s.ioc(BUY, 200, 100.02)) for t in (2, 3)]
    assert seen(BOOK, *twice) == ["Filled 200@100.02"] * 2


def test_a_print_inside_the_spread_fills_takers_there() -> None:
    assert seen(WIDE, (3, lambda s: s.market(BUY, 100))) == ["Filled 100@100.05"]


def test_with_consumption_on_the_order_after_such_a_print_finds_no_market() -> None:
    acts = [(t, lambda s: s.market(BUY, 100)) for t in (3, 4)]
    assert seen(WIDE, *acts, liquidity_consumption=True) == ["Filled 100@100.05", "Rejected"]


def test_without_queue_position_a_resting_order_fills_at_the_first_print() -> None:
    data = [quote(1, 100, 500, 100.02, 200), trade(3, 100, 100), quote(5, 100, 500, 100.02, 200)]
    assert seen(data, (2, lambda s: s.limit(BUY, 100, 100))) == ["Filled 100@100.00"]
