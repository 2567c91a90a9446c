"""One parent from receipt to its end, as little stories of TWAP: 1,000 over 300 seconds, bid 99.90, ask 100.10."""

import pytest

from nautilus_exec.core.events import Kind
from nautilus_exec.core.intent import Intent, PriceRule, Quote
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.life import Status
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.parent import Parent
from nautilus_exec.core.plan import Send
from nautilus_exec.core.spec import Spec
from nautilus_exec.errors import BrokenInvariant
from nautilus_exec.units import MS, SECOND
from tests.builders import (
    ASK,
    BID,
    T0,
    Desk,
    cancels,
    market,
    outcome,
    prepared,
    sends,
    spec,
    tape_of,
    twap,
    venue,
)

CROSSING = {"slices": "1", "style": "passive_then_cross"}


def test_a_thousand_over_three_slices_leave_as_334_333_333():
    made = twap()
    for second, lots in ((0, 334), (100, 333), (200, 333)):
        assert sends(made.at(second)) == [(lots, ASK)]
        made.fill(second, lots)
    assert made.at(201).closed
    assert outcome(made) == (Status.DONE, "filled")


def test_what_a_slice_did_not_fill_is_due_in_the_next():
    made = twap()
    made.at(0)
    made.fill(0, 100)
    made.hears(0, Kind.EXPIRED)
    # 334 + 333 are due, 100 are done.
    assert sends(made.at(100)) == [(567, ASK)]


def test_a_take_that_found_less_is_tried_again_a_tenth_of_the_slice_later():
    made = twap()
    made.at(0)
    made.hears(0, Kind.EXPIRED)
    step = made.at(0.1)
    assert (step.orders, step.intent.reason) == ([], "take_waits")
    assert step.wake_ns == T0 + 10 * SECOND
    assert sends(made.at(10)) == [(334, ASK)]


def test_a_parent_is_begun_at_its_start_and_not_before():
    made = twap({"start_time": "2018-01-02T14:31:00+00:00"})
    step = made.at(0)
    assert (made.ledger.status, step.orders, step.wake_ns) == (Status.RECEIVED, [], T0 + 60 * SECOND)
    assert sends(made.at(60)) == [(334, ASK)]


def test_the_end_comes_with_its_reason_and_remainder():
    made = twap()
    made.at(0)
    made.hears(0, Kind.EXPIRED)
    assert made.at(300).closed
    assert outcome(made) == (Status.EXPIRED, "end_time")
    assert made.ledger.quantity - made.ledger.filled == 1_000


def test_what_is_left_below_the_venues_minimum_ends_below_minimum():
    made = twap({"slices": "1"}, venues=(venue(min_lots=20),))
    made.at(0)
    made.fill(0, 990)
    made.hears(0, Kind.EXPIRED)
    assert made.at(30).held == "below_minimum"
    assert made.at(300).closed
    assert outcome(made) == (Status.EXPIRED, "below_minimum")


def test_a_size_below_min_child_is_carried_and_the_very_last_may_be_smaller():
    made = twap({"min_child": "400"})
    step = made.at(0)
    assert (step.orders, step.held) == ([], "below_minimum")
    assert sends(made.at(100)) == [(667, ASK)]
    made.fill(100, 667)
    assert sends(made.at(200)) == [(333, ASK)]


def test_a_cap_beats_catch_up_and_is_asked_again():
    made = twap({"max_participation": "0.1"})
    tape = tape_of((T0 + SECOND, 900))
    step = made.at(0, market(T0, tape=tape))
    assert sends(step) == [(1, ASK)]
    made.fill(0, 1)
    # 0.1 / 0.9 x 900 + 1 - 1 = 100, though 666 more are due.
    step = made.at(100, market(T0 + 100 * SECOND, tape=tape))
    assert sends(step) == [(100, ASK)]
    assert step.wake_ns is not None


# --- traders ---


def test_an_amend_below_what_is_filled_ends_done_at_what_is_filled():
    made = twap()
    made.at(0)
    made.fill(0, 334)
    made.told(1, Kind.AMEND_PARENT, lots=200)
    assert made.at(1).closed
    assert outcome(made) == (Status.DONE, "filled")
    assert (made.ledger.quantity, made.ledger.filled) == (334, 334)


def test_pause_takes_back_what_rests_and_resume_goes_on():
    made = twap({"style": "passive_only"})
    assert sends(made.at(0)) == [(334, BID)]
    made.hears(0, Kind.ACCEPTED)
    made.told(10, Kind.PAUSE)
    assert cancels(made.at(10)) == [made.last]
    made.hears(11, Kind.CANCELLED)
    step = made.at(150)
    assert (step.orders, step.wake_ns) == ([], T0 + 300 * SECOND)
    made.told(160, Kind.RESUME)
    assert sends(made.at(160)) == [(667, BID)]


def test_a_trader_cancels_the_children_first():
    made = twap({"style": "passive_only"})
    made.at(0)
    made.hears(0, Kind.ACCEPTED)
    made.told(1, Kind.CANCEL, reason="trader")
    step = made.at(1)
    assert (cancels(step), step.closed, step.wake_ns) == ([made.last], False, T0 + 6 * SECOND)
    made.hears(2, Kind.CANCELLED)
    assert made.at(2).closed
    assert outcome(made) == (Status.CANCELLED, "trader")


def test_the_kill_switch_holds_and_the_parent_ends_by_itself():
    made = twap(limits=Limits(kill_switch=True))
    assert made.at(0).held == "kill_switch"
    assert made.at(300).closed
    assert outcome(made) == (Status.EXPIRED, "end_time")


# --- ends of the horizon ---


def test_complete_hard_exceeds_the_cap_and_says_by_how_much():
    # 5 % of 300 s: the sweep begins at 285. No volume: the cap leaves 1 lot in 5 minutes.
    made = twap({"end_behavior": "complete_hard", "max_participation": "0.1"})
    assert sends(made.at(0)) == [(1, ASK)]
    made.fill(0, 1)
    step = made.at(285)
    assert sends(step) == [(999, ASK)]
    assert made.ledger.over_cap == 999
    made.fill(285, 999)
    made.at(285)
    assert outcome(made) == (Status.DONE, "filled")


def test_complete_soft_stays_inside_the_cap():
    made = twap({"end_behavior": "complete_soft", "max_participation": "0.1", "participation_window": "30s"})
    assert sends(made.at(0)) == [(1, ASK)]
    made.fill(0, 1)
    tape = tape_of((T0 + 280 * SECOND, 900))
    assert sends(made.at(285, market(T0 + 285 * SECOND, tape=tape))) == [(101, ASK)]
    assert made.ledger.over_cap == 0


def test_the_sweep_never_passes_the_limit():
    made = twap({"end_behavior": "complete_hard", "limit_price": "100.09"})
    assert made.at(285).held == "limit_price"
    assert made.at(286).held == "limit_price"


def test_the_sweep_waits_for_what_rests_to_be_confirmed_gone():
    made = twap({"slices": "1", "style": "passive_only", "end_behavior": "complete_hard"})
    step = made.at(0)
    made.hears(0, Kind.ACCEPTED)
    assert step.wake_ns is not None
    step = made.at(285)
    assert (cancels(step), sends(step), step.intent.reason) == ([made.last], [], "sweep_waits")
    made.hears(285.5, Kind.CANCELLED)
    assert sends(made.at(285.5)) == [(1_000, ASK)]


def test_passive_then_cross_cancels_waits_for_the_confirm_and_crosses():
    # The cross begins an allowance of 2 s before the slice's end.
    made = Desk(prepared(params=CROSSING))
    step = made.at(0)
    assert (sends(step), step.quiet_ns) == ([(1_000, BID)], T0 + 298 * SECOND)
    made.hears(0, Kind.ACCEPTED)
    made.fill(50, 400)
    step = made.at(298)
    assert (cancels(step), sends(step)) == ([made.last], [])
    made.hears(298.2, Kind.CANCELLED)
    assert sends(made.at(298.2)) == [(600, ASK)]


# --- wake-ups, restarts, routes ---


def test_a_wake_up_that_is_not_later_breaks_an_invariant():
    def lazy(_spec: Spec, _ledger: Ledger, _market: MarketView, now_ns: int) -> Intent:
        return Intent(wake_ns=now_ns)

    with pytest.raises(BrokenInvariant, match="wake_ns"):
        Parent(spec(), lazy, Limits()).step(market(), Throttle(), T0)


def test_a_policy_without_a_wake_up_is_woken_at_the_end():
    def never(_spec: Spec, _ledger: Ledger, _market: MarketView, _now_ns: int) -> Intent:
        return Intent()

    assert Parent(spec(), never, Limits()).step(market(), Throttle(), T0).wake_ns == T0 + 300 * SECOND


def test_a_route_chooses_the_venue():
    def away(intent: Intent, _spec: Spec, _market: MarketView, _now_ns: int) -> Intent:
        return intent._replace(quotes=tuple(quote._replace(venue="XNAS") for quote in intent.quotes))

    def crosses(_spec: Spec, _ledger: Ledger, _market: MarketView, _now_ns: int) -> Intent:
        return Intent((Quote("t", 100, PriceRule.CROSS, take=True),))

    made = Parent(spec(venues=(venue(), venue("XNAS"))), crosses, Limits(), away)
    action = made.step(market(), Throttle(), T0).orders[0].action
    assert isinstance(action, Send)
    assert action.venue == "XNAS"


def test_a_held_message_is_tried_again_when_the_window_moves_on():
    made = twap(limits=Limits(max_messages=1))
    made.throttle.fold(T0 - 400 * MS)
    step = made.at(0)
    assert (step.held, step.wake_ns, step.quiet_ns) == ("message_rate", T0 + 600 * MS, T0 + 600 * MS)
    assert sends(made.at(0.6)) == [(334, ASK)]


def test_a_take_cut_by_the_largest_child_is_tried_again_for_the_rest():
    # 1000 over children of 50 are 20: a try each 15 s in a slice of 300 s, not the ten of 30 s.
    made = twap({"slices": "1", "max_child": "50"})
    for number in range(20):
        assert sends(made.at(15 * number)) == [(50, ASK)]
        made.fill(15 * number, 50)
    assert made.at(299).closed


def test_after_a_restart_the_same_events_give_the_same_children_under_other_ids():
    made = twap()
    events = list(made.at(0).events)
    again = Parent(
        made.parent.spec, made.parent.decide, Limits(), ledger=Ledger.refold(1_000, events), generation=1
    )
    now = T0 + 100 * SECOND
    ours, theirs = made.at(100), again.step(market(now), Throttle(), now)
    assert sends(ours) == sends(theirs)
    assert ours.wake_ns == theirs.wake_ns
    assert not {o.child_id for o in ours.orders if isinstance(o.action, Send)} & {
        o.child_id for o in theirs.orders
    }
