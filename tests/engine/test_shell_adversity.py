"""Venues that are late, silent or unwilling, and policies that break: the counts hold and nothing is left behind."""

from typing import Any

import pytest
from nautilus_trader.core import UUID4
from nautilus_trader.execution import StaticLatencyModel
from nautilus_trader.model import (
    AccountType,
    LiquiditySide,
    Money,
    OrderFilled,
    OrderType,
    TradeId,
    VenueOrderId,
)

from nautilus_exec.core.intent import Intent
from nautilus_exec.nautilus import topics
from nautilus_exec.policies.twap import Twap
from tests.books import BUY, USD, XNYS, ns, px, qty, trade
from tests.engine.conftest import Play
from tests.engine.shell import Story, flat
from tests.engine.test_shell_life import PASSIVE, TEN, say
from tests.engine.test_shell_refusals import market

SECOND = 10**9


def late(seconds: float) -> dict[str, Any]:
    """The venue's and the package's settings for one delay of every command."""
    delay = round(seconds * SECOND)
    return {"venue": {"latency_model": StaticLatencyModel(delay)}, "latency_ns": delay}


def adds_up(story: Story, name: str = "P") -> None:
    r = story.result(name)
    assert r.filled + r.remainder == r.quantity + r.excess
    assert sum(f.lots for f in story.fills(name)) == r.filled
    assert len(story.fills(name)) == r.fills
    assert len({c.child_id for c in story.children(name)}) == r.children
    keys = [(c.child_id, c.revision) for c in story.children(name)]
    assert len(set(keys)) == len(keys)


def test_a_delayed_take_fills_when_its_delay_is_over(play: Play) -> None:
    story = play(flat(20), [(1, market(TEN, 400))], end=30, **late(0.25))
    assert (story.result().status, story.result().filled) == ("DONE", 400)
    assert [f.ts_event - f.sent_ns for f in story.fills()] == [SECOND // 4] * 2
    adds_up(story)


def test_a_fill_that_races_the_cancel_is_counted(play: Play) -> None:
    """The bid rests from 1.25 on; the cancel leaves at 5 and arrives at 5.25; a print of 100 behind 300 is at 5.1."""
    data = [*flat(12), trade(5.1, 100, 400)]
    story = play(data, [(1, market(PASSIVE, 400)), (5, say(topics.CANCEL))], end=30, **late(0.25))
    r = story.result()
    assert r.status == "CANCELLED"
    assert 0 < r.filled < 400
    assert r.ended_ns == ns(5.25)
    adds_up(story)


def test_a_cancel_while_a_take_is_in_flight_ends_with_its_fill(play: Play) -> None:
    """Sent at 1, cancelled at 1.1, filled whole at 1.25: nothing is out any more, so the parent has ended then."""
    story = play(flat(12), [(1, market(TEN, 400)), (1.1, say(topics.CANCEL))], end=30, **late(0.25))
    r = story.result()
    assert (r.status, r.filled, r.ended_ns) == ("CANCELLED", 200, ns(1.25))
    adds_up(story)


def test_a_cancel_before_the_acknowledgement_waits_for_it(play: Play) -> None:
    story = play(flat(12), [(1, market(PASSIVE, 400)), (1.1, say(topics.CANCEL))], end=30, **late(0.25))
    (child,) = story.children()
    assert (child.accepted_ns, child.cancel_sent_ns, child.ended_ns) == (ns(1.25), ns(1.25), ns(1.5))
    assert story.result().ended_ns == ns(1.5)


def test_the_owners_native_cancel_in_flight_leaves_no_child_open(play: Play) -> None:
    acts = [(1, market(PASSIVE, 400)), (1.1, lambda s: s.cancel_all_orders(XNYS))]
    story = play(flat(12), acts, end=30, **late(0.25))
    assert story.result().status == "CANCELLED"
    adds_up(story)


def test_a_venue_slower_than_our_patience_pins_its_lots_and_late_news_is_issued_again(play: Play) -> None:
    """Answers take 8 s, patience is 1 s and the parent ends at 5: unconfirmed first, settled by the late fill."""
    story = play(
        flat(40),
        [(1, market({"duration": "4s", "slices": "1"}, 200))],
        end=50,
        limits={"ack_timeout_ns": SECOND},
        **late(8),
    )
    first, *_, last = story.parents()
    assert (first.status, first.reason, first.unconfirmed) == ("EXPIRED", "unconfirmed", 200)
    assert (last.status, last.filled, last.unconfirmed) == ("DONE", 200, 0)
    assert [r.revision for r in story.parents()] == list(range(len(story.parents())))
    adds_up(story)


def test_a_late_cancel_confirm_is_issued_again_too(play: Play) -> None:
    """The child rests unconfirmed at the end; its cancel is confirmed later: nothing is unconfirmed any more."""
    given = {"duration": "4s", "slices": "1", "style": "passive_only"}
    story = play(flat(60), [(1, market(given, 200))], end=70, limits={"ack_timeout_ns": SECOND}, **late(8))
    assert story.parents()[0].unconfirmed == 200
    last = story.result()
    assert (last.status, last.unconfirmed, last.remainder) == ("EXPIRED", 0, 200)
    assert last.reason == "end_time"
    adds_up(story)


def test_a_rate_denial_is_waited_out(play: Play) -> None:
    """Two orders a second: of four parents at one instant two are denied a child, and come back."""
    acts = [(1, market_named(f"P{n}")) for n in range(4)]
    story = play(flat(40), acts, end=50, rate="2/00:00:01")
    assert {r.status for r in story.run.results.values()} == {"DONE"}
    assert sum(r.rejects for r in story.run.results.values()) > 0


def market_named(name: str, side: Any = BUY, size: int = 50, params: dict[str, str] | None = None) -> Any:
    params = params or {"duration": "20s", "slices": "2"}
    return lambda s: s.market(side, size, algo="TWAP", params=params, oid=name)


def test_our_own_message_rate_holds_back_before_the_platform_denies(play: Play) -> None:
    acts = [(1, market_named(f"P{n}")) for n in range(4)]
    story = play(flat(40), acts, end=50, rate="2/00:00:01", limits={"max_messages": 2})
    assert {(r.status, r.rejects) for r in story.run.results.values()} == {("DONE", 0)}


def test_a_lasting_reject_fails_the_parent_and_takes_its_children_back(play: Play) -> None:
    """P rests half of what the cash pays for; Q spends the rest; P's second half is refused for lack of money."""
    cash = {"account_type": AccountType.CASH, "starting_balances": [Money(10_000, USD)]}
    acts = [
        (1, market({"duration": "20s", "slices": "2", "style": "passive_only"}, 90)),
        (2, market_named("Q", size=50, params={"duration": "2s", "slices": "1"})),
    ]
    story = play(flat(40), acts, end=50, venue=cash)
    assert story.result("Q").status == "DONE"
    r = story.result()
    assert r.status == "FAILED"
    assert r.reason.startswith("rejected: ")
    assert {c.status for c in story.children()} == {"cancelled", "rejected"}
    adds_up(story)


def broken_at(at: float, real: Any = Twap.decide) -> Any:
    def decide(spec: Any, ledger: Any, market: Any, now_ns: int) -> Intent:
        if spec.parent_id == "P" and now_ns >= ns(at):
            raise ZeroDivisionError("policy")
        return real(spec, ledger, market, now_ns)

    return staticmethod(decide)


@pytest.mark.parametrize(("at", "children"), [(1, 0), (11, 1)])
def test_a_policy_that_breaks_fails_its_parent_and_no_other(
    play: Play, monkeypatch: pytest.MonkeyPatch, errors_expected: list[str], at: int, children: int
) -> None:
    monkeypatch.setattr(Twap, "decide", broken_at(at))
    acts = [(1, market(PASSIVE, 400)), (1, market_named("Q"))]
    story = play(flat(40), acts, end=50)
    r = story.result()
    assert (r.status, r.reason, r.children) == ("FAILED", "error: ZeroDivisionError('policy')", children)
    assert r.ended_ns == ns(at)
    assert {c.status for c in story.children()} <= {"cancelled"}
    assert story.result("Q").status == "DONE"
    assert story.run.errors == ["P: ZeroDivisionError('policy')"]
    assert story.told()[-1] == "Canceled"
    assert story.run.working == 0
    adds_up(story)


def test_a_hub_that_breaks_is_seen(
    play: Play, monkeypatch: pytest.MonkeyPatch, errors_expected: list[str]
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("hub")

    monkeypatch.setattr("nautilus_exec.nautilus.hub._instrument", broken)
    story = play(flat(40), [(1, market(PASSIVE, 400))], end=50)
    assert any("hub" in e for e in story.run.errors)


def late_fill(story: Story, lots: int, trade_id: str) -> OrderFilled:
    child = story.sent[0]
    return OrderFilled(
        child.trader_id, child.strategy_id, XNYS, child.client_order_id, VenueOrderId("V-1"), child.account_id,
        TradeId(trade_id), BUY, OrderType.LIMIT, qty(lots), px(100), USD, LiquiditySide.MAKER, UUID4(),
        ns(60), ns(60), False,
    )  # fmt: skip


def test_a_fill_after_the_end_issues_the_records_again_and_only_once(play: Play, tmp_path: Any) -> None:
    """A venue fills 30 of a child after it confirmed the cancel: counted, never traded back."""
    story = play(flat(40), [(1, market(PASSIVE, 400)), (5, say(topics.CANCEL))], end=50, out=str(tmp_path))
    assert story.result().filled == 0
    algorithm = story.attached.algorithms[0]
    for _ in range(2):
        algorithm.on_order_event(late_fill(story, 30, "T-LATE"))
    assert [(r.revision, r.filled, r.status) for r in story.parents()] == [
        (0, 0, "CANCELLED"),
        (1, 30, "CANCELLED"),
    ]
    assert [(f.lots, f.late) for f in story.fills()] == [(30, True)]
    assert story.result().avg_px == 100.0
    adds_up(story)
    story.attached.recorder.flush()
    story.attached.recorder.verify()


def test_a_late_fill_beyond_the_quantity_is_an_overfill(play: Play) -> None:
    story = play(flat(40), [(1, market(TEN, 400))], end=50)
    story.attached.algorithms[0].on_order_event(late_fill(story, 30, "T-LATE"))
    r = story.result()
    assert (r.status, r.reason, r.filled, r.excess, r.revision) == ("FAILED", "venue_overfill", 430, 30, 1)
