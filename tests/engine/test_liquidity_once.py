"""The same displayed size never fills twice while it stands, for one parent and for several."""

from typing import Any

import pytest

from tests.books import BUY, SELL, XNYS, top
from tests.engine.conftest import Play
from tests.engine.test_shell_refusals import common, market, qty

SIX = {"duration": "6s", "slices": "6"}


def standing(until: int, size: int = 300) -> list[Any]:
    """A quote a second, never changed: 100.00 / 100.02 with the same size on both sides."""
    return [top(t, 100.0, size, 100.02, size) for t in range(until + 1)]


def parent(name: str, lots: int, side: Any = BUY, params: dict[str, str] = SIX) -> Any:
    return lambda s: s.submit_order(
        s.order_factory.market(XNYS, side, qty(lots), **common(params, name)),
    )


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_parent_takes_a_size_that_stands_only_once(play: Play, side: Any) -> None:
    """600 over six slices against 300 that stand: three slices fill, the fourth and all after it find nothing."""
    story = play(standing(12), [(1, market(SIX, 600, side))], end=15)
    r = story.result()
    assert (r.status, r.filled, r.remainder) == ("EXPIRED", 300, 300)
    assert sum(f.lots for f in story.fills()) == 300
    assert len(story.children()) > len(story.fills()) == 3


def test_two_parents_share_one_displayed_size(play: Play) -> None:
    story = play(
        standing(12),
        [
            (1, parent("P", 200, params={"duration": "6s", "slices": "1"})),
            (2, parent("Q", 200, params={"duration": "6s", "slices": "1"})),
        ],
        end=15,
    )
    assert [story.result(name).filled for name in ("P", "Q")] == [200, 100]
    assert story.result("Q").status == "EXPIRED"


def test_a_size_that_was_added_to_can_be_taken_once_more_by_as_much_as_is_shown(play: Play) -> None:
    """300 are taken, then 400 are shown: the simulation forgets what was taken at any change, and reports say so."""
    data = [top(t, 100.0, 300, 100.02, 300 if t < 4 else 400) for t in range(13)]
    story = play(data, [(1, market(SIX | {"slices": "1"}, 1_000))], end=15)
    assert story.result().filled == 700
    assert [f.lots for f in story.fills()] == [300, 400]
