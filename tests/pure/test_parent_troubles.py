"""A parent in trouble: rejects, silence, venues that refuse, and venues that fill too much."""

from nautilus_exec.core.events import Kind
from nautilus_exec.core.life import Status
from nautilus_exec.core.limits import Limits
from nautilus_exec.core.plan import Amend
from nautilus_exec.units import SECOND
from tests.builders import ASK, BID, T0, cancels, market, outcome, sends, twap, venue

# --- rejects ---


def test_rejects_back_off_twice_as_long_each_time_and_a_fill_forgets_them():
    made = twap({"slices": "1"})
    made.at(0)
    made.hears(0, Kind.REJECTED)
    step = made.at(0.5)
    assert (step.intent.reason, step.orders) == ("take_waits", [])
    assert sends(made.at(30)) == [(1_000, ASK)]
    made.hears(30, Kind.REJECTED)
    made.hears(30, Kind.REJECTED)
    assert made.ledger.rejects["XNYS"][0] == 2
    made.at(60)
    made.fill(60, 10)
    assert made.ledger.rejects == {}


def test_too_many_rejects_in_a_row_fail_the_parent():
    made = twap({"slices": "1"}, Limits(max_rejects=2))
    for second in (0, 30):
        made.at(second)
        made.hears(second, Kind.REJECTED)
    assert made.at(31).closed
    assert outcome(made) == (Status.FAILED, "too_many_rejects")


def test_a_reject_that_will_not_pass_fails_the_parent_at_once():
    made = twap()
    made.at(0)
    made.hears(0, Kind.REJECTED, lasting=True, reason="no permission")
    assert made.at(0.1).closed
    assert outcome(made) == (Status.FAILED, "rejected: no permission")


def test_a_venue_that_takes_rests_off_by_itself_is_not_hammered():
    made = twap({"slices": "1", "style": "passive_only"})
    sent = 0
    for tick in range(100):
        step = made.at(tick / 10)
        sent += len(sends(step))
        for child in list(made.ledger.open):
            made.hears(tick / 10, Kind.EXPIRED, child)
    # Ten seconds: at 0, then after 1, 2 and 4 s.
    assert sent == 4


# --- changes in place ---


def test_a_rest_follows_the_touch_in_place_where_the_venue_can():
    made = twap({"slices": "1", "style": "passive_only"}, venues=(venue(can_amend=True),))
    made.at(0)
    made.hears(0, Kind.ACCEPTED)
    step = made.at(0.5, market(T0 + SECOND // 2, XNYS={"bid": BID + 3}))
    assert [order.action for order in step.orders] == [Amend(made.last, 1_000, BID + 3)]
    assert step.events[0].kind is Kind.AMEND_SENT
    assert made.throttle.room(90, T0 + SECOND // 2) == 88
    made.hears(1, Kind.AMENDED, lots=1_000, price_ticks=BID + 3)
    assert made.at(2, market(T0 + 2 * SECOND, XNYS={"bid": BID + 3})).orders == []


def test_a_venue_that_refuses_every_cancel_is_not_hammered_and_the_parent_ends_when_it_relents():
    made = twap({"slices": "1", "style": "passive_only"})
    made.at(0)
    made.hears(0, Kind.ACCEPTED)
    made.told(1, Kind.CANCEL, reason="trader")
    asked = []
    for second in range(1, 80):
        if cancels(made.at(second)):
            asked.append(second)
            made.hears(second, Kind.CANCEL_REJECTED)
    assert asked == [1, 6, 16, 36, 76]
    made.hears(80, Kind.CANCELLED)
    assert made.at(80).closed
    assert outcome(made) == (Status.CANCELLED, "trader")


# --- silence ---


def test_a_silent_child_pins_its_lots_and_the_rest_goes_on():
    made = twap()
    made.at(0)
    silent = made.last
    step = made.at(5)
    assert [event.kind for event in step.events] == [Kind.SILENT, Kind.CANCEL_SENT]
    assert cancels(step) == [silent]
    assert sends(made.at(100)) == [(333, ASK)]
    made.fill(100, 333)
    assert sends(made.at(200)) == [(333, ASK)]
    made.fill(200, 333)
    made.at(300)
    assert outcome(made) == (Status.EXPIRED, "unconfirmed")
    made.fill(301, 334, silent)
    assert outcome(made) == (Status.DONE, "filled")


def test_a_child_that_works_is_never_called_silent():
    made = twap({"slices": "1", "style": "passive_only"})
    made.at(0)
    made.hears(0, Kind.ACCEPTED)
    assert [made.at(second).events for second in (5, 50, 200)] == [[], [], []]


def test_a_cancel_that_stays_unanswered_is_asked_again_and_pins_the_child():
    made = twap({"slices": "1", "style": "passive_only"})
    made.at(0)
    made.hears(0, Kind.ACCEPTED)
    made.told(1, Kind.PAUSE)
    made.at(1)
    assert made.at(5.9).events == []
    assert [event.kind for event in made.at(6).events] == [Kind.SILENT, Kind.CANCEL_SENT]
    assert made.ledger.unknown_out == 1_000


def test_a_parent_closes_at_the_second_cancel_that_stays_unanswered():
    made = twap({"slices": "1", "duration": "4s"})
    made.at(0)
    assert made.at(4).orders == []  # the child has a second left to answer
    assert len(cancels(made.at(5))) == 1
    assert not made.ledger.ended
    step = made.at(10)
    assert step.closed
    assert outcome(made) == (Status.EXPIRED, "unconfirmed")


def test_a_child_that_turns_up_after_the_end_is_taken_back():
    made = twap({"slices": "1", "duration": "4s"})
    for second in (0, 5, 10):
        made.at(second)
    assert made.ledger.ended
    made.hears(11, Kind.ACCEPTED)
    assert made.at(11).wake_ns == T0 + 20 * SECOND
    step = made.at(20)
    assert cancels(step) == [made.last]
    assert not step.closed
    made.hears(20, Kind.CANCELLED)
    assert (made.at(20).wake_ns, outcome(made)) == (None, (Status.EXPIRED, "end_time"))


# --- a venue that fills too much ---


def test_more_than_the_quantity_ends_failed_and_nothing_more_is_sent():
    made = twap({"slices": "1"})
    made.at(0)
    made.fill(0, 1_001)
    step = made.at(0.1)
    assert (step.orders, step.closed) == ([], True)
    assert outcome(made) == (Status.FAILED, "venue_overfill")
    assert made.ledger.excess == 1


def test_an_overfill_found_while_cancelling_fails_the_parent_once():
    made = twap({"slices": "1", "style": "passive_only"})
    made.at(0)
    made.hears(0, Kind.ACCEPTED)
    made.told(1, Kind.CANCEL, reason="trader")
    made.at(1)
    made.hears(1, Kind.CANCELLED)
    made.fill(1, 1_200)
    assert [event.kind for event in made.at(2).events] == [Kind.FAIL, Kind.CLOSE]
    assert outcome(made) == (Status.FAILED, "venue_overfill")


def test_an_overfill_with_another_child_out_cancels_it_first():
    made = twap({"style": "passive_only"})
    made.at(0)
    made.hears(0, Kind.ACCEPTED)
    first = made.last
    made.at(100)
    made.hears(100, Kind.ACCEPTED)
    made.fill(101, 900, first)
    step = made.at(101)
    assert (cancels(step), step.closed) == ([made.last], False)
    assert made.at(102).events == []
    made.hears(102, Kind.CANCELLED)
    assert made.at(102).closed
