"""Amending a parent while it works, and two parents of one account that must not meet."""

from collections.abc import Callable
from typing import Any

import pytest

from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.messages import AmendParent
from tests.books import BUY, SELL, Script, ns
from tests.engine.conftest import Play
from tests.engine.shell import flat

TAKES = {"duration": "40s", "slices": "4"}
RESTS = {"duration": "40s", "slices": "1", "style": "passive_only"}


def buy(params: dict[str, str], size: int = 400) -> Callable[[Script], Any]:
    return lambda s: s.market(BUY, size, algo="TWAP", params=params, oid="P")


def change(**changes: str) -> Callable[[Script], Any]:
    return lambda s: s.publish_message(topics.AMEND, AmendParent("P", changes))


def test_a_larger_quantity_is_worked_over_the_time_left(play: Play) -> None:
    story = play(flat(60), [(1, buy(TAKES)), (15, change(quantity="800"))], end=70)
    r = story.result()
    # 100 + 100 before, then the new schedule of 200 a slice, from what is filled: 400 at once, 600, 800.
    assert (r.status, r.quantity, r.filled, r.ended_ns) == ("DONE", 800, 800, ns(31))
    assert [(x.ok, x.command) for x in story.replies] == [(True, topics.AMEND)]
    assert [(f.ts_event, f.lots) for f in story.fills()] == [
        (ns(1), 100), (ns(11), 100), (ns(15), 200), (ns(21), 200), (ns(31), 200),
    ]  # fmt: skip


def test_a_quantity_below_what_is_filled_ends_the_parent_there(play: Play) -> None:
    story = play(flat(60), [(1, buy(TAKES)), (15, change(quantity="50"))], end=70)
    r = story.result()
    assert (r.status, r.quantity, r.filled, r.ended_ns) == ("DONE", 200, 200, ns(15))


def test_a_quantity_below_what_rests_takes_the_rest_back(play: Play) -> None:
    story = play(flat(60), [(1, buy(RESTS)), (15, change(quantity="150"))], end=70)
    first, second = sorted(story.children(), key=lambda c: c.seq)
    assert (first.lots, first.status, first.ended_ns) == (400, "cancelled", ns(15))
    assert (second.lots, second.sent_ns) == (150, ns(15))
    assert (story.result().status, story.result().quantity) == ("EXPIRED", 150)


def test_a_tighter_limit_holds_every_later_child(play: Play) -> None:
    story = play(flat(60), [(1, buy(TAKES)), (15, change(limit_price="100.01"))], end=70)
    assert (story.result().status, story.result().filled) == ("EXPIRED", 200)
    assert all(f.ts_event <= ns(11) for f in story.fills())


def test_an_earlier_end_ends_earlier(play: Play) -> None:
    story = play(flat(60), [(1, buy(RESTS)), (15, change(duration="20s"))], end=70)
    assert (story.result().status, story.result().ended_ns) == ("EXPIRED", ns(21))


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("style", "aggressive", "style: 'aggressive'; expected one of quantity, end_time"),
        ("quantity", "0", "quantity: '0'"),
        ("quantity", "10.5", "quantity: '10.5'; expected a positive multiple of the lot of 1"),
        ("limit_price", "100.005", "limit_price: '100.005'; expected a price on the tick"),
        ("max_participation", "2", "max_participation: '2'"),
        ("duration", "10s", "end_time: '10s'; expected an instant still to come"),
    ],
)
def test_what_cannot_be_amended_is_refused_and_the_parent_works_on(
    play: Play, field: str, value: str, says: str
) -> None:
    story = play(flat(60), [(1, buy(TAKES)), (15, change(**{field: value}))], end=70)
    (reply,) = story.replies
    assert not reply.ok
    assert reply.text.startswith(says)
    assert (story.result().status, story.result().filled) == ("DONE", 400)


def test_an_ended_parent_is_not_amended(play: Play) -> None:
    story = play(flat(60), [(1, buy(TAKES)), (50, change(quantity="800"))], end=70)
    assert [(x.ok, x.text) for x in story.replies] == [(False, "DONE")]


def test_a_take_never_meets_a_resting_order_of_the_same_account(play: Play) -> None:
    # Our own offer joins the ask at 100.02; the buyer would take that ask, and must not while we stand there.
    sell = {"duration": "30s", "slices": "1", "style": "passive_only"}
    acts = [
        (1, lambda s: s.market(SELL, 100, algo="TWAP", params=sell, oid="Q")),
        (5, lambda s: s.market(BUY, 100, algo="TWAP", params={"duration": "50s", "slices": "1"}, oid="P")),
    ]
    story = play(flat(70), acts, end=80)
    assert "self_match" in {d.held for d in story.decisions()}
    assert (story.result("Q").status, story.result("Q").filled) == ("EXPIRED", 0)
    assert story.result().status == "DONE"
    assert all(f.ts_event >= ns(31) for f in story.fills())
