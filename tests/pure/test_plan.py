"""From what is wanted to what leaves: what is out is subtracted, children are kept, changed or cancelled."""

from nautilus_exec.core.events import Kind
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.plan import Amend, Cancel, Send
from nautilus_exec.units import SECOND
from tests.builders import BID, HERE, T0, THERE, fill, ledger, market, says, sent, spec, venue
from tests.plans import NOW, lots, planned, rest, take

RESTING = (sent(), says(Kind.ACCEPTED))


# --- what is out is subtracted ---


def test_only_what_a_rest_lacks_is_sent():
    assert lots(planned(rest(100), book=ledger(sent(lots=60)))) == [40]
    assert planned(rest(60), book=ledger(sent(lots=60))).actions == []


def test_a_child_being_cancelled_still_counts_as_its_quote():
    book = ledger(*RESTING, says(Kind.CANCEL_SENT, ts=NOW))
    assert planned(rest(100), book=book).actions == []
    book.fold(says(Kind.CANCELLED))
    assert lots(planned(rest(100), book=book)) == [100]


def test_a_silent_child_does_not_stand_for_its_quote_but_pins_its_lots():
    book = ledger(sent(lots=950), says(Kind.SILENT))
    assert lots(planned(rest(100), book=book, limits=Limits(max_cancels=0))) == [50]


def test_no_more_leaves_than_the_parent_has_left():
    assert lots(planned(take(600, "a"), take(600, "b"))) == [600, 400]


def test_nothing_leaves_for_a_parent_in_excess():
    book = ledger(sent(lots=1_000), fill(lots=1_001))
    assert planned(take(), book=book).actions == []


def test_a_take_key_is_sent_once_ever():
    book = ledger(sent("C1", take=True, key="t"), says(Kind.EXPIRED))
    assert planned(take(key="t"), book=book).actions == []
    assert lots(planned(take(key="u"), book=book)) == [100]


def test_a_rest_joins_post_only_and_a_take_does_not():
    what = planned(rest(), take())
    assert [(a.take, a.post_only) for a in what.actions if isinstance(a, Send)] == [
        (False, True),
        (True, False),
    ]


def test_a_quote_that_wants_nothing_sends_nothing():
    assert planned(rest(0), take(-5)).actions == []


def test_a_venue_outside_the_routing_set_is_held_and_said():
    what = planned(take(venue="XLON"))
    assert (what.actions, what.held) == ([], "unknown_venue")


def test_a_quote_goes_to_the_venue_that_it_names():
    what = planned(take(venue=THERE), of=spec(venues=(venue(), venue(THERE))))
    assert [a.venue for a in what.actions if isinstance(a, Send)] == [THERE]


# --- children that are out ---


def test_a_rest_that_nobody_wants_is_cancelled():
    assert planned(book=ledger(*RESTING)).actions == [Cancel("C1")]


def test_a_child_without_an_answer_is_waited_for():
    assert planned(book=ledger(sent(ts=NOW - SECOND))).wake_ns == NOW + 4 * SECOND
    book = ledger(*RESTING, says(Kind.CANCEL_SENT, ts=NOW - 2 * SECOND))
    assert (planned(book=book).actions, planned(book=book).wake_ns) == ([], NOW + 3 * SECOND)


def test_a_take_that_lives_too_long_is_cancelled():
    book = ledger(sent(take=True, ts=NOW - 2 * SECOND), says(Kind.ACCEPTED))
    assert (planned(book=book).actions, planned(book=book).wake_ns) == ([], NOW + 3 * SECOND)
    assert planned(book=book, now=NOW + 3 * SECOND).actions == [Cancel("C1")]


def test_a_silent_venue_is_asked_again_at_doubling_waits_a_bounded_number_of_times():
    book = ledger(sent(ts=T0), says(Kind.SILENT, ts=T0 + 5 * SECOND))
    asked = []
    for second in range(5, 200):
        now = T0 + second * SECOND
        if planned(book=book, now=now).actions:
            book.fold(says(Kind.CANCEL_SENT, ts=now))
            asked.append(second)
    assert asked == [5, 10, 20, 40, 80]


def test_a_venue_that_refuses_a_cancel_is_not_asked_again_at_once():
    book = ledger(*RESTING, says(Kind.CANCEL_SENT, ts=NOW), says(Kind.CANCEL_REJECTED, ts=NOW))
    assert (planned(book=book).actions, planned(book=book).wake_ns) == ([], NOW + 5 * SECOND)
    assert planned(book=book, now=NOW + 5 * SECOND).actions == [Cancel("C1")]


def test_a_rest_follows_the_touch_up_and_never_down():
    assert planned(rest(), book=ledger(*RESTING), view=market(NOW, XNYS={"bid": BID + 1})).actions == [
        Cancel("C1")
    ]
    assert planned(rest(), book=ledger(*RESTING), view=market(NOW, XNYS={"bid": BID - 9})).actions == []
    still = rest(chase=False)
    assert planned(still, book=ledger(*RESTING), view=market(NOW, XNYS={"bid": BID + 1})).actions == []


def test_a_rest_in_a_market_that_is_not_sound_stays():
    assert planned(rest(), book=ledger(*RESTING), view=market(NOW, halted=[HERE])).actions == []


# --- changes in place ---

PLACE = spec(venues=(venue(can_amend=True),))


def test_where_the_venue_can_a_change_is_made_in_place():
    moved = market(NOW, XNYS={"bid": BID + 2})
    assert planned(rest(), of=PLACE, book=ledger(*RESTING), view=moved).actions == [Amend("C1", 100, BID + 2)]
    assert planned(rest(70), of=PLACE, book=ledger(*RESTING)).actions == [Amend("C1", 70, BID)]


def test_a_cut_keeps_its_price_when_the_touch_has_fallen_back():
    fallen = market(NOW, XNYS={"bid": BID - 9})
    assert planned(rest(70), of=PLACE, book=ledger(*RESTING), view=fallen).actions == [Amend("C1", 70, BID)]


def test_whether_a_child_can_be_changed_is_asked_of_its_own_venue():
    away = spec(venues=(venue(), venue(THERE, can_amend=True)))
    book = ledger(sent(venue=THERE), says(Kind.ACCEPTED))
    assert planned(rest(70, venue=THERE), of=away, book=book).actions == [Amend("C1", 70, BID)]


def test_a_surplus_is_taken_from_the_children_of_a_quote_once():
    # 100 + 100 rest, 150 are wanted: 50 too many. Taking 50 from each would leave 100.
    book = ledger(*RESTING, sent("C2"), says(Kind.ACCEPTED, "C2"))
    assert planned(rest(150), of=PLACE, book=book).actions == [Amend("C1", 50, BID)]
    assert planned(rest(150), book=book).actions == [Cancel("C1")]


def test_a_cut_in_place_stays_on_the_lot_and_above_the_minimum():
    round_lots = spec(venues=(venue(can_amend=True, lot=30, min_lots=30),))
    book = ledger(sent(lots=90), says(Kind.ACCEPTED))
    assert planned(rest(70), of=round_lots, book=book).actions == [Amend("C1", 60, BID)]
    assert planned(rest(20), of=round_lots, book=book).actions == [Cancel("C1")]


def test_a_cut_to_what_is_filled_is_a_cancel():
    book = ledger(*RESTING, fill(lots=30))
    assert planned(rest(1), of=PLACE, book=book).actions == [Amend("C1", 31, BID)]
    assert planned(rest(0), of=PLACE, book=book).actions == [Cancel("C1")]


def amending(price: int = BID) -> Ledger:
    return ledger(*RESTING, says(Kind.AMEND_SENT, ts=NOW - SECOND, lots=50, price_ticks=price))


def test_an_amend_in_flight_is_waited_for_and_a_silent_one_is_cancelled():
    what = planned(rest(20), of=PLACE, book=amending())
    assert (what.actions, what.wake_ns) == ([], NOW + 4 * SECOND)
    assert planned(rest(20), of=PLACE, book=amending(), now=NOW + 4 * SECOND).actions == [Cancel("C1")]


def test_an_amend_in_flight_to_a_price_now_past_the_limit_is_cancelled_at_once():
    tight = spec(venues=PLACE.venues, limit_ticks=BID)
    assert planned(rest(100), of=tight, book=amending(BID + 1)).actions == [Cancel("C1")]


def test_a_venue_that_refused_an_amend_is_asked_for_a_cancel_instead():
    book = amending()
    book.fold(says(Kind.AMEND_REJECTED, ts=NOW))
    assert planned(rest(20), of=PLACE, book=book).actions == [Cancel("C1")]


def test_amends_count_as_messages_and_are_held_or_become_cancels():
    throttle = Throttle()
    throttle.fold(NOW - SECOND // 2)
    one = Limits(max_messages=1)
    moved = market(NOW, XNYS={"bid": BID + 2})
    held = planned(rest(), of=PLACE, book=ledger(*RESTING), view=moved, limits=one, throttle=throttle)
    assert (held.actions, held.held, held.wake_ns) == ([], "message_rate", NOW + SECOND // 2)
    cut = planned(rest(70), of=PLACE, book=ledger(*RESTING), limits=one, throttle=throttle)
    assert cut.actions == [Cancel("C1")]


def test_a_child_past_a_tightened_limit_is_moved_back_or_cancelled():
    tight = spec(venues=PLACE.venues, limit_ticks=BID - 5)
    assert planned(rest(), of=tight, book=ledger(*RESTING)).actions == [Amend("C1", 100, BID - 5)]
    assert planned(rest(), of=spec(limit_ticks=BID - 5), book=ledger(*RESTING)).actions == [Cancel("C1")]
    blind = planned(rest(), of=tight, book=ledger(*RESTING), view=MarketView())
    assert blind.actions == [Cancel("C1")]
