"""The life of a parent through the engine: its ends, its owner's view and the commands on the bus."""

from typing import Any

import pytest
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import ClientOrderId, OrderStatus, StrategyId, TimeInForce
from nautilus_trader.trading import Strategy, StrategyConfig

from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.messages import Command
from nautilus_exec.nautilus.shared import result
from tests.books import BUY, SELL, XNYS, Script, ns, px, qty, top
from tests.engine.conftest import Play
from tests.engine.shell import flat
from tests.engine.test_shell_refusals import common, market

TEN = {"duration": "10s", "slices": "2"}
PASSIVE = {"duration": "20s", "slices": "2", "style": "passive_only"}


def say(topic: str, parent_id: str = "P", reason: str = "") -> Any:
    return lambda s: s.publish_message(topic, Command(parent_id, reason))


def test_done_has_the_average_price_fees_and_counts(play: Play) -> None:
    """200 at 100.02, then 200 at 100.04: 100.03 on average; taker fee 10 bps of 20,004 and 20,008, in cents."""
    data = [
        top(t, 100 + (t > 5) * 0.02, 300 + t % 2, 100.02 + (t > 5) * 0.02, 300 + t % 2) for t in range(16)
    ]
    fees = {"fee_model": MakerTakerFeeModel("0.0", "0.001")}
    story = play(data, [(1, market(TEN, 400))], end=20, venue=fees)
    r = story.result()
    assert (r.status, r.reason, r.filled, r.remainder, r.excess) == ("DONE", "filled", 400, 0, 0)
    assert r.avg_px == pytest.approx(100.03, abs=1e-9)
    assert r.fees == pytest.approx(20.00 + 20.01, abs=0.011)
    assert (r.children, r.fills, r.rejects) == (2, 2, 0)
    assert (r.received_ns, r.start_ns, r.end_ns, r.ended_ns) == (ns(1), ns(1), ns(11), ns(6))
    assert r.decision_px == r.arrival_px == pytest.approx(100.01)
    assert r.end_px == pytest.approx(100.03)
    assert result("P") == r


def test_the_owner_sees_the_parent_close_after_the_last_fill_and_never_before(play: Play) -> None:
    story = play(flat(15), [(1, market(TEN, 400))], end=20)
    names = [
        (n, str(e.client_order_id) == "P")
        for n, e in zip(story.owner.names(), story.owner.events, strict=True)
    ]
    assert names[-1] == ("Canceled", True)
    assert [n for n, parent in names if parent] == ["Initialized", "Canceled"]
    assert names[-2][0].startswith("Filled")
    assert story.order().status == OrderStatus.CANCELED


def test_what_is_not_filled_by_the_end_expires(play: Play) -> None:
    story = play(flat(20, size=100), [(1, market({"duration": "4s", "slices": "2"}, 5000))], end=30)
    r = story.result()
    assert (r.status, r.reason, r.filled + r.remainder) == ("EXPIRED", "end_time", 5000)
    assert 0 < r.filled < 5000
    assert r.ended_ns == ns(5)
    assert story.told()[-1] == "Canceled"


def test_a_good_till_date_parent_ends_at_its_date(play: Play) -> None:
    def act(s: Script) -> None:
        s.submit_order(
            s.order_factory.limit(
                XNYS, BUY, qty(100), px(99), time_in_force=TimeInForce.GTD, expire_time=ns(8),
                **common({"slices": "2"}),
            )
        )  # fmt: skip

    story = play(flat(15), [(1, act)], end=20)
    r = story.result()
    assert (r.status, r.end_ns, r.ended_ns, r.children) == ("EXPIRED", ns(8), ns(8), 0)
    assert {d.held for d in story.decisions()} == {"limit_price"}


def test_a_day_parent_ends_with_the_session(play: Play) -> None:
    """T0 is 2023-11-14 22:13:20 UTC."""

    def act(s: Script) -> None:
        order = s.order_factory.limit(
            XNYS, BUY, qty(100), px(99), time_in_force=TimeInForce.DAY, **common({"slices": "2"})
        )
        s.submit_order(order)

    story = play(flat(60), [(1, act)], end=70, calendars={"ABC.XNYS": "09:30-22:14 UTC"})
    assert (story.result().status, story.result().ended_ns) == ("EXPIRED", ns(40))


def test_a_parent_starts_at_its_start_time_and_arrives_at_the_mid_of_then(play: Play) -> None:
    data = [top(t, 100 + t * 0.01, 300, 100.02 + t * 0.01, 300) for t in range(20)]
    given = {"start_time": "2023-11-14T22:13:25+00:00", "duration": "5s", "slices": "1"}
    story = play(data, [(1, market(given, 100))], end=30)
    r = story.result()
    assert (r.decision_px, r.arrival_px) == (pytest.approx(100.02), pytest.approx(100.06))
    assert [c.sent_ns for c in story.children()] == [ns(5)]


def test_the_owners_native_cancel_takes_the_children_back_and_sends_nothing_more(play: Play) -> None:
    acts = [(1, market(PASSIVE, 400)), (5, lambda s: s.cancel_order(ClientOrderId("P")))]
    story = play(flat(30), acts, end=40)
    r = story.result()
    assert (r.status, r.reason, r.filled, r.remainder) == ("CANCELLED", "closed_by_owner", 0, 400)
    assert r.ended_ns == ns(5)
    assert [(c.status, c.sent_ns) for c in story.children()] == [("cancelled", ns(1))]
    assert len(story.parents()) == 1


def test_cancel_all_orders_of_the_owner_does_the_same(play: Play) -> None:
    acts = [(1, market(PASSIVE, 400)), (5, lambda s: s.cancel_all_orders(XNYS))]
    story = play(flat(30), acts, end=40)
    r = story.result()
    assert (r.status, r.reason, r.ended_ns) == ("CANCELLED", "closed_by_owner", ns(5))
    assert len(story.children()) == 1


def test_the_packages_cancel_takes_the_children_first_and_answers(play: Play) -> None:
    acts = [(1, market(PASSIVE, 400)), (5, say(topics.CANCEL, reason="enough"))]
    story = play(flat(30), acts, end=40)
    r = story.result()
    assert (r.status, r.reason, r.ended_ns) == ("CANCELLED", "enough", ns(5))
    told = [
        (n, str(e.client_order_id) == "P")
        for n, e in zip(story.owner.names(), story.owner.events, strict=True)
    ]
    assert told[-2:] == [("Canceled", False), ("Canceled", True)]
    (reply,) = story.replies
    assert (reply.parent_id, reply.command, reply.ok, reply.text) == ("P", topics.CANCEL, True, "CANCELLING")


def test_pause_cancels_the_children_and_resume_goes_on(play: Play) -> None:
    acts = [(1, market(PASSIVE, 400)), (5, say(topics.PAUSE)), (9, say(topics.RESUME))]
    story = play(flat(40), acts, end=50)
    first, second, *_ = sorted(story.children(), key=lambda c: c.seq)
    assert (first.status, first.ended_ns) == ("cancelled", ns(5))
    assert second.sent_ns == ns(9)
    assert story.result().status == "EXPIRED"
    assert [r.text for r in story.replies] == ["PAUSED", "WORKING"]


def test_a_paused_parent_still_ends_at_its_end(play: Play) -> None:
    story = play(flat(40), [(1, market(PASSIVE, 400)), (5, say(topics.PAUSE))], end=50)
    assert (story.result().status, story.result().ended_ns) == ("EXPIRED", ns(21))


def test_a_command_that_changes_nothing_is_answered_with_no(play: Play) -> None:
    acts = [
        (1, market(PASSIVE, 400)),
        (5, say(topics.RESUME)),
        (6, say(topics.CANCEL)),
        (40, say(topics.CANCEL)),
    ]
    story = play(flat(45), acts, end=50)
    assert [r.ok for r in story.replies] == [False, True]


def test_a_parent_that_has_not_begun_cannot_be_paused_and_the_answer_says_so(play: Play) -> None:
    given = {"start_time": "2023-11-14T22:13:25+00:00", "duration": "20s", "slices": "2"}
    story = play(flat(40), [(1, market(given, 100)), (2, say(topics.PAUSE))], end=50)
    assert [(r.ok, r.text) for r in story.replies] == [(False, "RECEIVED")]
    assert story.result().status == "DONE"


def test_a_parent_that_has_not_begun_can_be_cancelled(play: Play) -> None:
    given = {"start_time": "2023-11-14T22:13:25+00:00", "duration": "20s", "slices": "2"}
    story = play(flat(40), [(1, market(given, 100)), (2, say(topics.CANCEL))], end=50)
    r = story.result()
    assert (r.status, r.reason, r.children, r.arrival_px) == ("CANCELLED", "cancel", 0, None)
    assert r.ended_ns == ns(2)


def test_drain_ends_every_parent_and_says_when(play: Play) -> None:
    desks: list[Any] = []
    seen: list[bool] = []
    acts = [
        (1, market(PASSIVE, 400)),
        (2, lambda s: s.market(SELL, 200, algo="TWAP", params=PASSIVE, oid="Q")),
        (5, lambda _: seen.append(desks[0].drained)),
        (6, lambda _: desks[0].drain()),
        (7, lambda _: seen.append(desks[0].drained)),
    ]
    story = play(flat(30), acts, end=40, desks=desks)
    ends = {n: (r.status, r.reason) for n, r in story.run.results.items()}
    assert ends == {"P": ("CANCELLED", "drain"), "Q": ("CANCELLED", "drain")}
    assert seen == [False, True]


def test_after_a_drain_no_parent_is_taken_on(play: Play) -> None:
    desks: list[Any] = []
    acts = [(1, lambda _: desks[0].drain()), (2, market(PASSIVE, 400))]
    story = play(flat(30), acts, end=40, desks=desks)
    assert story.result().status == "DENIED"
    assert "drain" in story.result().reason


def test_drained_comes_after_the_parents_orders_are_closed(play: Play) -> None:
    """A node stopped at the first sight of ``drained`` leaves no parent order open."""
    desks: list[Any] = []
    seen: list[tuple[bool, bool]] = []

    def look(s: Script) -> None:
        seen.append((desks[0].drained, s.c.order(ClientOrderId("P")).is_closed))

    acts = [(1, market(PASSIVE, 400)), (5, lambda _: desks[0].drain())]
    play(flat(30), acts, end=40, desks=desks, on={topics.DESK_CLOSE: lambda _: look(desks[1])})
    assert seen
    assert all(closed or not drained for drained, closed in seen)


class Expiring(Script):
    """An owner whose orders the platform expires by itself."""

    def __new__(cls, *_: Any, **__: Any) -> Any:
        config = StrategyConfig(
            strategy_id=StrategyId("OWNER-900"), order_id_tag="900", manage_gtd_expiry=True
        )
        return Strategy.__new__(cls, config)


def test_a_parent_that_the_platform_expires_at_its_date_has_expired(play: Play) -> None:
    """The platform cancels it at the very instant at which it ends."""

    def act(s: Script) -> None:
        s.submit_order(
            s.order_factory.limit(
                XNYS, BUY, qty(100), px(99), time_in_force=TimeInForce.GTD, expire_time=ns(8),
                **common({"slices": "2", "style": "passive_only"}),
            )
        )  # fmt: skip

    story = play(flat(15), [(1, act)], end=20, owner=Expiring)
    assert (story.result().status, story.result().reason, story.result().ended_ns) == (
        "EXPIRED",
        "end_time",
        ns(8),
    )
    assert {c.status for c in story.children()} == {"cancelled"}


def test_market_exit_of_the_owner_leaves_nothing_open(play: Play) -> None:
    story = play(flat(25), [(1, market(TEN, 400)), (3, lambda s: s.market_exit())], end=30)
    assert (story.result().status, story.result().filled, story.result().ended_ns) == (
        "CANCELLED",
        200,
        ns(3),
    )


def test_a_child_that_its_owner_cancels_is_sent_again(play: Play) -> None:
    def cancel(s: Script) -> None:
        for order in s.c.orders_open():
            s.cancel_order(order.client_order_id)

    story = play(flat(30), [(1, market(PASSIVE, 400)), (3, cancel)], end=40)
    assert [c.status for c in story.children()] == ["cancelled"] * 3
    assert sum(f.lots for f in story.fills()) == story.result().filled


def test_a_parent_cancelled_in_the_breath_that_sent_it_has_no_child_left(play: Play) -> None:
    def both(s: Script) -> None:
        market(PASSIVE, 400)(s)
        s.cancel_order(ClientOrderId("P"))

    story = play(flat(10), [(1, both)], end=20)
    assert (story.result().status, story.result().ended_ns) == ("CANCELLED", ns(1))


def test_under_the_kill_switch_nothing_is_sent(play: Play) -> None:
    story = play(flat(20), [(1, market(TEN, 400))], end=30, limits={"kill_switch": True})
    assert (story.result().status, story.result().children) == ("EXPIRED", 0)
    assert {d.held for d in story.decisions()} == {"kill_switch"}
