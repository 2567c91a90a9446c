"""What the market shows decides what leaves: takes, rests, triggers and the participation cap, through the engine."""

from collections import Counter
from typing import Any

import pytest
from nautilus_trader.model import CustomData

from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.hub import Hub
from nautilus_exec.nautilus.prints import Print, data_type
from tests.books import BUY, SELL, XNAS, XNYS, ns, top, trade
from tests.engine.conftest import Play
from tests.engine.shell import flat
from tests.engine.test_shell_adversity import adds_up, late
from tests.engine.test_shell_refusals import limit, market

SECOND = 10**9


def test_a_take_never_goes_beyond_what_is_displayed_nor_away_from_the_touch(play: Play) -> None:
    """120 shown: every child is priced at the ask and fills at most 120 at that price."""
    story = play(flat(20, size=120), [(1, market({"duration": "10s", "slices": "2"}, 1000))], end=30)
    assert {f.price_ticks for f in story.fills()} == {10002}
    assert {c.price_ticks for c in story.children()} == {10002}
    taken: Counter[int] = Counter()
    for f in story.fills():
        taken[f.ts_event] += f.lots
    assert all(lots <= 120 + (ts - ns(0)) // SECOND for ts, lots in taken.items())
    adds_up(story)


def test_a_largest_child_makes_more_children_not_less_executed(play: Play) -> None:
    """200 are due every 10 s, 50 at a time: every second another 50."""
    given = {"duration": "20s", "slices": "2", "max_child": "50"}
    story = play(flat(30, size=5000), [(1, market(given, 400))], end=40)
    assert {c.lots for c in story.children()} == {50}
    assert (story.result().status, story.result().children) == ("DONE", 8)


def test_a_take_never_pays_more_than_the_limit(play: Play) -> None:
    data = [top(t, 100 + t * 0.01, 300, 100.02 + t * 0.01, 300) for t in range(25)]
    story = play(data, [(1, limit(100.06, {"duration": "15s", "slices": "15"}))], end=30)
    assert story.fills()
    assert max(f.price_ticks for f in story.fills()) <= 10006
    assert story.result().status == "EXPIRED"
    assert "limit_price" in {d.held for d in story.decisions()}


def test_a_rest_never_bids_above_the_limit_and_costs_no_step_per_quote(play: Play) -> None:
    """The bid stands above the limit all the time: the order rests at the limit, and nothing happens."""
    data = [top(t / 10, 100.05 + t % 2 * 0.01, 300, 100.10, 300) for t in range(250)]
    counted: list[Any] = []
    story = play(
        data, [(1, limit(100.0, {"duration": "20s", "slices": "2", "style": "passive_only"}))], end=30,
        on={topics.wake("TWAP"): counted.append},
    )  # fmt: skip
    assert {c.price_ticks for c in story.children()} == {10000}
    assert len(counted) <= 4


CROSS = {"duration": "20s", "slices": "2", "style": "passive_then_cross"}


def test_a_passive_child_is_cancelled_confirmed_and_only_then_crossed(play: Play) -> None:
    """Slices of 10 s; the cross is 2 s before the slice's end."""
    story = play(flat(30), [(1, market(CROSS, 400))], end=40)
    rests = [c for c in story.children() if not c.take]
    takes = [c for c in story.children() if c.take]
    assert [(c.sent_ns, c.cancel_sent_ns, c.status) for c in rests] == [
        (ns(1), ns(9), "cancelled"), (ns(11), ns(19), "cancelled")
    ]  # fmt: skip
    assert [(c.sent_ns, c.filled) for c in takes] == [(ns(9), 200), (ns(19), 200)]
    assert story.result().status == "DONE"
    adds_up(story)


def test_with_delays_the_cross_still_waits_for_the_confirm(play: Play) -> None:
    story = play(flat(30), [(1, market(CROSS, 400))], end=40, **late(0.3))
    rests = [c for c in story.children() if not c.take]
    takes = [c for c in story.children() if c.take]
    assert story.result().status == "DONE"
    for rest, take in zip(rests, takes, strict=True):
        assert rest.cancel_sent_ns == rest.ended_ns - round(0.3 * SECOND)
        assert take.sent_ns >= rest.ended_ns
    adds_up(story)


class Subscriptions:
    """Counts what the hub subscribes to and what it gives back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now: dict[str, list[str]] = {}
        self.ever: list[str] = []
        for name in ("quotes", "trades", "data"):
            self._wrap(monkeypatch, f"subscribe_{name}", name, 1)
            self._wrap(monkeypatch, f"unsubscribe_{name}", name, -1)

    def _wrap(self, monkeypatch: pytest.MonkeyPatch, method: str, name: str, sign: int) -> None:
        real = getattr(Hub, method)

        def call(hub: Hub, what: Any) -> None:
            key = f"{name} {getattr(what, 'identifier', what)}"
            held = self.now.setdefault(key, [])
            held.append("x") if sign > 0 else held.pop()
            self.ever.append(("+" if sign > 0 else "-") + key)
            real(hub, what)

        monkeypatch.setattr(Hub, method, call)

    @property
    def left(self) -> list[str]:
        return [key for key, held in self.now.items() if held]


def test_a_resting_child_follows_the_touch_when_it_leaves(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bid goes from 100.00 to 100.02 at 4.0 and the child is replaced at that stamp, not at a wake-up."""
    subscribed = Subscriptions(monkeypatch)
    data = [top(t / 2, 100 + (t >= 8) * 0.02, 300, 100.10, 300) for t in range(50)]
    given = {"duration": "20s", "slices": "1", "style": "passive_only"}
    story = play(data, [(1, market(given, 400))], end=40)
    assert [(c.price_ticks, c.sent_ns) for c in story.children()] == [(10000, ns(1)), (10002, ns(4))]
    assert not subscribed.left
    assert subscribed.ever[0] == "+quotes ABC.XNYS"


def test_a_resting_child_follows_with_delays_too(play: Play) -> None:
    data = [top(t / 2, 100 + (t >= 8) * 0.02, 300, 100.10, 300) for t in range(50)]
    given = {"duration": "20s", "slices": "1", "style": "passive_only"}
    story = play(data, [(1, market(given, 400))], end=40, **late(0.3))
    assert [(c.price_ticks, c.sent_ns) for c in story.children()] == [(10000, ns(1)), (10002, ns(4.3))]


def test_a_touch_that_moved_while_the_child_was_in_flight_is_followed(play: Play) -> None:
    """Sent at 1.0 for 100.00, accepted at 1.6; the bid moved at 1.5."""
    data = [top(t / 2, 100 + (t >= 3) * 0.02, 300, 100.10, 300) for t in range(50)]
    given = {"duration": "20s", "slices": "1", "style": "passive_only"}
    story = play(data, [(1, market(given, 400))], end=40, **late(0.6))
    assert [(c.price_ticks, c.sent_ns) for c in story.children()] == [(10000, ns(1)), (10002, ns(2.2))]


def test_an_aggressive_parent_subscribes_to_nothing(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribed = Subscriptions(monkeypatch)
    play(flat(20), [(1, market({"duration": "10s", "slices": "2"}, 400))], end=30)
    assert subscribed.ever == []


def test_two_parents_share_a_subscription_and_the_last_gives_it_back(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed = Subscriptions(monkeypatch)
    given = {"duration": "5s", "slices": "1", "style": "passive_only"}
    longer = given | {"duration": "15s"}
    acts = [
        (1, lambda s: s.market(BUY, 100, algo="TWAP", params=given, oid="P")),
        (2, lambda s: s.market(SELL, 100, algo="TWAP", params=longer, oid="Q")),
    ]
    story = play(flat(30), acts, end=40)
    assert not subscribed.left
    assert {r.status for r in story.run.results.values()} == {"EXPIRED"}
    assert max(subscribed.ever.count(s) for s in subscribed.ever) <= 3


def test_the_ratio_crosses_when_the_far_side_thins_out(play: Play) -> None:
    """The offer falls from 300 to 40, below half of the 200 left, at 6.0: the rest is taken back and 40 are taken."""
    data = [top(t / 2, 100, 300, 100.02, 40 if t >= 12 else 300) for t in range(50)]
    given = {"duration": "20s", "slices": "1", "style": "passive_then_cross", "pay_up": "ratio"}
    story = play(data, [(1, market(given, 200))], end=40)
    takes = [c for c in story.children() if c.take]
    assert takes
    assert takes[0].sent_ns == ns(6)
    assert takes[0].filled == 40
    adds_up(story)


def printed(t: float, size: float, kind: str = "off_exchange", iid: str = "ABC.FINR") -> CustomData:
    record = Print(iid, 100.0, size, kind, "", ns(t), ns(t))
    return CustomData(data_type(iid), record)


CAP = {"duration": "10s", "slices": "1", "max_participation": "0.2"}


def filled_at_cap(
    play: Play, scope: str, monkeypatch: pytest.MonkeyPatch, extra: list[Any] | None = None
) -> int:
    """Lots filled under a cap of 20 % by tape: 400 printed here, 800 on the other venue, 1,200 off exchange."""
    subscribed = Subscriptions(monkeypatch)
    data: list[Any] = [*flat(20, size=5000), *[top(t, 100, 50, 100.02, 50, XNAS) for t in range(20)]]
    data += [
        trade(3.5, 100.01, 400),
        trade(4.5, 100.01, 800, XNAS),
        printed(5.5, 1200),
        printed(5.6, 9999, "auction"),
    ]
    data += extra or []
    given = CAP | {"volume_scope": scope}
    story = play(data, [(1, market(given, 5000))], end=40, instruments=(XNYS, XNAS), reports=["ABC.FINR"])
    assert not subscribed.left
    assert "participation" in {d.held for d in story.decisions()}
    adds_up(story)
    return story.result().filled


@pytest.mark.parametrize(("scope", "volume"), [("venue", 400), ("lit", 1200), ("consolidated", 2400)])
def test_the_cap_counts_the_prints_of_its_scope(
    play: Play, monkeypatch: pytest.MonkeyPatch, scope: str, volume: int
) -> None:
    """Own share 0.2 of all is a quarter of the others', and one lot: 101, 301, 601."""
    assert filled_at_cap(play, scope, monkeypatch) == volume // 4 + 1


def test_a_print_before_the_parent_is_no_volume(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    assert filled_at_cap(play, "venue", monkeypatch, [trade(0.5, 100.01, 4000)]) == 101


def test_the_sweep_may_exceed_the_cap_and_says_by_how_much(play: Play) -> None:
    given = CAP | {"end_behavior": "complete_hard"}
    story = play([*flat(20, size=5000), trade(3.5, 100.01, 400)], [(1, market(given, 1000))], end=40)
    r = story.result()
    assert (r.status, r.filled) == ("DONE", 1000)
    assert r.swept_over_cap == pytest.approx(899, abs=1)


def test_a_soft_sweep_stays_inside_the_cap(play: Play) -> None:
    given = CAP | {"end_behavior": "complete_soft"}
    story = play([*flat(20, size=5000), trade(3.5, 100.01, 400)], [(1, market(given, 1000))], end=40)
    assert (story.result().status, story.result().filled) == ("EXPIRED", 101)


def test_a_second_parent_counts_each_print_once_though_the_tape_was_closed_between(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P ends at 3 and gives the tape back; Q begins at 5, and 400 are printed at 6.5 and 400 off exchange at 7.5."""
    subscribed = Subscriptions(monkeypatch)
    first, second = CAP | {"duration": "2s"}, CAP | {"duration": "10s"}
    acts = [
        (1, lambda s: s.market(BUY, 100, algo="TWAP", params=first, oid="P")),
        (5, lambda s: s.market(BUY, 5000, algo="TWAP", params=second, oid="Q")),
    ]
    relayed = Print("ABC.FINR", 100.0, 400, "off_exchange", "", ns(7.5), ns(7.5))
    acts += [(7.5, lambda s: s.publish_message(topics.market_data("ABC"), relayed))]
    data = [*flat(20, size=5000), trade(6.5, 100.01, 400)]
    story = play(data, acts, end=30, reports=["ABC.FINR"])
    assert story.result("P").status == "EXPIRED"
    assert story.result("Q").filled == (400 + 400) // 4 + 1
    assert not subscribed.left
