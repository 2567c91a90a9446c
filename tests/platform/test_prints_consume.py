"""Prints of others take from what the simulated venue shows: a size that stands after a print is taken already."""

from typing import Any

import pytest
from nautilus_trader.model import AggressorSide

from tests.books import BUY, run, top, trade
from tests.parts import Script


def fills(data: list[Any], *acts: tuple[float, Any]) -> list[tuple[int, float]]:
    owner = Script(acts)
    run(data, owner).dispose()
    assert not owner.errors
    return owner.fills()


def shown(t: float, size: int = 100) -> list[Any]:
    return top(t, 100, 100, 100.02, size)


def take(owner: Any) -> None:
    owner.ioc(BUY, 500, 100.02)


@pytest.mark.parametrize("printed", [40, 100, 300])
def test_a_buyers_print_at_the_offer_leaves_that_much_less_of_it(printed: int) -> None:
    """The book after the print shows 100 again: new size, or what was left. 100 less the print can be taken."""
    data = [shown(1), trade(2, 100.02, printed, aggressor=AggressorSide.BUY), shown(2), shown(5)]
    left = max(0, 100 - printed)
    assert fills(data, (3, take)) == ([(left, 100.02)] if left else [])


def test_a_changed_size_after_the_print_can_be_taken_whole() -> None:
    data = [shown(1), trade(2, 100.02, 100, aggressor=AggressorSide.BUY), shown(2, 200), shown(5, 200)]
    assert fills(data, (3, take)) == [(200, 100.02)]
