"""The parents of a run file through the engine: each is sent at its arrival, or refused with the reason."""

from decimal import Decimal
from typing import Any

import pytest

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.feed import ParentFeed
from nautilus_exec.nautilus.runfile import ParentOrder
from tests.books import BUY, ns
from tests.engine.conftest import Play
from tests.engine.shell import Story, flat

GOOD: dict[str, Any] = {
    "instrument": "ABC.XNYS",
    "side": "BUY",
    "quantity": Decimal(200),
    "arrival": "2023-11-14T17:13:25-05:00",
    "algorithm": "twap",
    "params": {"duration": "10s", "slices": 2},
}
"""T0 is 22:13:20 UTC, so this one arrives five seconds later."""


def fed(play: Play, *parents: dict[str, Any]) -> tuple[ParentFeed, Story]:
    feed = ParentFeed([ParentOrder(**GOOD | each) for each in parents])
    story = play(flat(30), [], end=40, setup=lambda eng: eng.add_strategy(feed))
    return feed, story


def test_a_parent_is_sent_at_its_arrival(play: Play) -> None:
    feed, story = fed(play, {}, {"side": "SELL", "id": "S", "limit_price": "100.00"})
    assert (feed.ids, feed.refused) == (["P001", "S"], [])
    first, second = (story.result(name) for name in feed.ids)
    assert (first.status, first.received_ns, first.side) == ("DONE", ns(5), 1)
    assert (second.status, second.received_ns, second.side) == ("DONE", ns(5), -1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quantity": Decimal("10.5")}, "quantity: '10.5'; expected a positive multiple of the lot of 1"),
        ({"limit_price": "100.025"}, "price: '100.025'; expected a price on the tick of 0.01"),
    ],
)
def test_what_lies_off_the_instruments_grid_is_denied_and_never_rounded(
    play: Play, change: dict[str, Any], reason: str
) -> None:
    feed, story = fed(play, change)
    assert feed.refused == []
    assert (story.result("P001").status, story.result("P001").reason) == ("DENIED", reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"limit_price": "cheap"}, "P001: Error parsing"),
        ({"quantity": Decimal(0)}, "P001: "),
        ({"instrument": "ZZZ.XNYS"}, "P001: instrument: 'ZZZ.XNYS'; expected one of the catalog"),
        (
            {"arrival": "2023-11-14T22:13:19+00:00"},
            "P001: arrival: '2023-11-14T22:13:19+00:00'; expected an instant",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_reason(
    play: Play, change: dict[str, Any], reason: str
) -> None:
    feed, story = fed(play, change)
    (said,) = feed.refused
    assert said.startswith(reason)
    assert not story.run.results


@pytest.mark.parametrize("arrival", ["10:00", "2023-11-14T22:13:25", "soon"])
def test_an_arrival_without_an_offset_is_refused_before_the_run(arrival: str) -> None:
    with pytest.raises(InvalidInput, match="arrival"):
        ParentFeed([ParentOrder(**GOOD | {"arrival": arrival})])


def test_two_parents_of_one_id_are_refused_before_the_run() -> None:
    with pytest.raises(InvalidInput, match="an id of its own"):
        ParentFeed([ParentOrder(**GOOD | {"id": "A"}), ParentOrder(**GOOD | {"id": "A"})])


def test_a_parent_that_the_end_of_the_run_cuts_off_is_an_error_and_leaves_no_child(
    play: Play, errors_expected: list[str]
) -> None:
    passive = {"duration": "60s", "slices": "1", "style": "passive_only"}
    acts = [(1, lambda s: s.market(BUY, 100, algo="TWAP", params=passive, oid="P"))]
    story = play(flat(10), acts, end=15)
    assert story.run.errors == ["P: WORKING when the run stopped, not drained"]
    assert all(o.is_closed for o in story.sent)
    assert "P" not in story.run.results
