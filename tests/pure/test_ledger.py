"""The ledger, event by event: expected totals counted by hand."""

import pytest

from nautilus_exec.core.events import Kind
from nautilus_exec.core.journal import MemoryJournal
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.life import Status
from nautilus_exec.core.transitions import State
from nautilus_exec.errors import BrokenInvariant
from nautilus_exec.units import SECOND
from tests.builders import BID, HERE, T0, fill, ledger, says, sent, tells

END = (tells(Kind.TIME_UP, reason="end_time"), tells(Kind.CLOSE))


def test_a_sent_child_is_out_until_it_is_gone():
    made = ledger(sent(lots=100))
    assert (made.filled, made.out, made.unplanned) == (0, 100, 900)
    made.fold(fill(lots=30))
    assert (made.filled, made.out, made.unplanned) == (30, 70, 900)
    made.fold(says(Kind.CANCELLED))
    assert (made.filled, made.out, made.unplanned) == (30, 0, 970)


def test_a_fill_told_twice_is_counted_once():
    made = ledger(sent(), fill(lots=30, trade_id="A"), fill(lots=30, trade_id="A"))
    assert (made.filled, made.fill_count) == (30, 1)


def test_two_children_may_carry_the_same_trade_id():
    made = ledger(sent("C1"), sent("C2"), fill("C1", 30, "A"), fill("C2", 40, "A"))
    assert made.filled == 70


def test_a_fill_after_the_cancel_was_confirmed_is_absorbed_while_lots_are_left():
    made = ledger(sent(), says(Kind.CANCELLED), fill(lots=40))
    assert (made.filled, made.out, made.unplanned, made.late, made.excess) == (40, 0, 960, 40, 0)
    assert made.children["C1"].state is State.CANCELLED


def test_a_fill_after_its_replacement_left_is_excess():
    made = ledger(sent(lots=1000), says(Kind.CANCELLED), sent("C2", lots=1000), fill("C1", 250))
    assert (made.excess, made.late, made.unplanned) == (250, 250, 0)


def test_a_fill_beyond_the_childs_size_is_overdone():
    made = ledger(sent(lots=100), fill(lots=130))
    assert (made.filled, made.out, made.overdone, made.late) == (130, 0, 30, 0)
    assert made.children["C1"].state is State.FILLED


def test_what_is_beyond_the_childs_size_is_overdone_fill_by_fill():
    made = ledger(sent(lots=100), fill(lots=130, trade_id="A"), fill(lots=10, trade_id="B"))
    assert (made.filled, made.overdone, made.late) == (140, 40, 0)


def test_a_reject_after_the_accept_gives_the_rest_back():
    made = ledger(sent(), says(Kind.ACCEPTED), fill(lots=25), says(Kind.REJECTED, reason="no"))
    assert (made.filled, made.out, made.reject_count) == (25, 0, 1)


def test_an_acknowledgement_after_the_end_says_nothing_new():
    made = ledger(sent(), says(Kind.CANCELLED), says(Kind.ACCEPTED), says(Kind.CANCELLED))
    assert made.children["C1"].state is State.CANCELLED
    assert made.out == 0


def test_a_refused_cancel_puts_the_child_back_to_work():
    made = ledger(sent(), says(Kind.ACCEPTED), says(Kind.CANCEL_SENT), says(Kind.CANCEL_REJECTED))
    assert made.children["C1"].state is State.WORKING
    assert made.out == 100


def test_an_acknowledgement_that_comes_after_our_cancel_leaves_the_cancel_asked():
    made = ledger(sent(), says(Kind.CANCEL_SENT, ts=T0 + 5), says(Kind.ACCEPTED, ts=T0 + 6))
    assert made.children["C1"].state is State.CANCELLING


def test_a_cancel_told_twice_was_asked_once():
    made = ledger(sent(), *[says(Kind.CANCEL_SENT, ts=T0 + 5)] * 2, says(Kind.SILENT))
    assert made.children["C1"].cancels == 1
    made.fold(says(Kind.CANCEL_SENT, ts=T0 + 9))
    assert made.children["C1"].cancels == 2


def test_a_fill_while_cancelling_leaves_the_rest_out_until_the_confirm():
    made = ledger(sent(), says(Kind.ACCEPTED), says(Kind.CANCEL_SENT), fill(lots=30))
    assert (made.children["C1"].state, made.out) == (State.CANCELLING, 70)
    made.fold(fill(lots=70, trade_id="T2"))
    assert (made.children["C1"].state, made.out, made.late) == (State.FILLED, 0, 0)


def test_a_silent_child_pins_its_lots_and_counts_as_progress():
    made = ledger(sent(lots=100), says(Kind.SILENT))
    assert (made.out, made.unknown_out, made.resting_out, made.progress) == (100, 100, 0, 100)
    assert made.open_for("r", HERE) == 0
    made.fold(says(Kind.ACCEPTED))
    assert (made.unknown_out, made.resting_out, made.open_for("r", HERE)) == (0, 100, 100)


def test_while_an_amend_is_in_flight_the_larger_size_is_out():
    made = ledger(sent(lots=100), says(Kind.ACCEPTED), says(Kind.AMEND_SENT, lots=40, price_ticks=BID))
    assert made.out == 100
    made.fold(says(Kind.AMENDED, lots=40, price_ticks=BID))
    assert made.out == 40


def test_filled_to_its_old_size_a_child_that_was_asked_to_grow_still_works():
    grows = says(Kind.AMEND_SENT, lots=150, price_ticks=BID)
    made = ledger(sent(lots=100), says(Kind.ACCEPTED), grows, fill(lots=100))
    assert (made.children["C1"].state, made.out) == (State.WORKING, 50)


def test_an_amend_may_ask_for_more_but_never_beyond_the_quantity():
    made = ledger(sent(lots=100), says(Kind.ACCEPTED), says(Kind.AMEND_SENT, lots=1_000, price_ticks=BID))
    assert made.out == 1_000
    with pytest.raises(BrokenInvariant, match="at most 1000 for C1"):
        made.fold(says(Kind.AMEND_SENT, lots=1_001, price_ticks=BID))


def test_an_update_that_nobody_asked_for_cannot_make_a_child_larger():
    made = ledger(sent(lots=100), says(Kind.ACCEPTED), says(Kind.AMENDED, lots=500, price_ticks=BID))
    assert made.out == 100


def test_an_update_without_a_price_keeps_the_price():
    made = ledger(sent(lots=100), says(Kind.ACCEPTED), says(Kind.AMENDED, lots=60))
    assert (made.out, made.children["C1"].price_ticks) == (60, BID)


def test_an_update_below_what_is_filled_ends_the_child():
    made = ledger(sent(lots=100), fill(lots=70), says(Kind.AMENDED, lots=50))
    assert (made.out, made.filled, made.children["C1"].state) == (0, 70, State.FILLED)


def test_a_refused_amend_keeps_the_old_size_also_of_a_silent_child():
    made = ledger(
        sent(lots=100),
        says(Kind.ACCEPTED),
        says(Kind.AMEND_SENT, lots=40, price_ticks=BID),
        says(Kind.CANCEL_SENT),
        says(Kind.SILENT),
        says(Kind.AMEND_REJECTED),
    )
    child = made.children["C1"]
    assert (made.out, child.pending_lots, child.amendable) == (100, None, False)


def test_sending_beyond_the_quantity_breaks_an_invariant():
    made = ledger(sent(lots=900))
    with pytest.raises(BrokenInvariant, match="1 to 100 for C2"):
        made.fold(sent("C2", lots=101))
    with pytest.raises(BrokenInvariant):
        made.fold(sent("C2", lots=0))


def test_sending_for_an_ended_parent_breaks_an_invariant():
    with pytest.raises(BrokenInvariant):
        ledger(*END).fold(sent())


def test_the_same_child_sent_twice_is_one_child():
    made = ledger(sent(), sent())
    assert (made.out, made.seq) == (100, 1)


def test_an_event_of_a_stranger_breaks_an_invariant():
    with pytest.raises(BrokenInvariant, match="C9"):
        ledger().fold(fill("C9"))


def test_amended_below_filled_and_out_the_quantity_follows_what_comes_back():
    made = ledger(sent(lots=600), fill(lots=200), tells(Kind.AMEND_PARENT, lots=100))
    assert (made.target, made.quantity, made.excess) == (100, 600, 0)
    made.fold(says(Kind.CANCELLED))
    assert (made.quantity, made.filled, made.unplanned, made.excess) == (200, 200, 0, 0)


def test_an_ended_parent_is_settled_by_the_quantity_that_a_late_confirm_leaves():
    # 200 of 600 filled, the rest silent, amended to 100: when the silent lots are gone, 200 of 200 are done.
    made = ledger(sent(lots=600), fill(lots=200), says(Kind.SILENT), tells(Kind.AMEND_PARENT, lots=100), *END)
    assert (made.status, made.quantity) == (Status.EXPIRED, 600)
    made.fold(says(Kind.CANCELLED))
    assert (made.status, made.reason, made.quantity) == (Status.DONE, "filled", 200)


def test_amended_up_there_is_more_to_plan():
    assert ledger(sent(lots=600), tells(Kind.AMEND_PARENT, lots=1_500)).unplanned == 900


def test_a_parent_on_its_way_out_can_not_be_amended():
    # Otherwise a parent that was complete would end DONE with size left.
    made = ledger(sent(lots=1_000), fill(lots=1_000), tells(Kind.COMPLETE, reason="filled"))
    made.fold(tells(Kind.AMEND_PARENT, lots=2_000))
    made.fold(tells(Kind.CLOSE))
    made.fold(tells(Kind.AMEND_PARENT, lots=3_000))
    assert (made.status, made.quantity, made.filled) == (Status.DONE, 1_000, 1_000)


def test_an_end_with_silent_lots_is_unconfirmed_until_they_are_known():
    made = ledger(sent(), says(Kind.SILENT), *END)
    assert (made.status, made.reason) == (Status.EXPIRED, "unconfirmed")
    made.fold(says(Kind.CANCELLED))
    assert (made.status, made.reason) == (Status.EXPIRED, "end_time")


def test_a_child_that_turns_out_to_be_working_after_the_end_is_unconfirmed_still():
    made = ledger(sent(), says(Kind.SILENT), *END, says(Kind.ACCEPTED))
    assert (made.reason, made.out, made.unknown_out) == ("unconfirmed", 100, 0)


def test_a_late_fill_after_the_end_settles_the_parent_again():
    made = ledger(sent(lots=1_000), says(Kind.SILENT), *END, fill(lots=1_000))
    assert (made.status, made.reason) == (Status.DONE, "filled")


def test_a_late_fill_beyond_the_quantity_fails_an_ended_parent():
    made = ledger(sent(lots=1_000), fill(lots=1_000), tells(Kind.COMPLETE), tells(Kind.CLOSE))
    made.fold(fill(lots=5, trade_id="T2"))
    assert (made.status, made.reason, made.excess) == (Status.FAILED, "venue_overfill", 5)


def test_lots_filled_in_a_window_are_counted_by_the_venues_stamps():
    made = ledger(
        sent(lots=500),
        fill(lots=10, trade_id="A", ts=T0 + 1 * SECOND),
        fill(lots=20, trade_id="B", ts=T0 + 5 * SECOND),
        fill(lots=40, trade_id="C", ts=T0 + 9 * SECOND),
    )
    assert made.filled_since(T0) == 70
    assert made.filled_since(T0 + 5 * SECOND) == 60
    assert made.filled_since(T0 + 9 * SECOND + 1) == 0


def test_a_fill_reported_late_counts_in_the_window_of_its_report():
    # The conservative side: a later stamp keeps it in the participation window for longer.
    made = ledger(sent(), fill(lots=10, trade_id="A", ts=T0 + 9), fill(lots=20, trade_id="B", ts=T0 + 3))
    assert made.filled_since(T0 + 9) == 30


def test_fees_are_kept_per_currency_and_notional_in_ticks():
    made = ledger(
        sent(),
        fill(lots=10, trade_id="A", price_ticks=7, fee=0.25, currency="USD"),
        fill(lots=20, trade_id="B", price_ticks=8, fee=-0.10, currency="USD"),
        fill(lots=5, trade_id="C", price_ticks=9, fee=1.0, currency="BNB"),
    )
    assert made.fees == {"USD": pytest.approx(0.15), "BNB": 1.0}
    assert made.notional == 70 + 160 + 45


def test_a_journal_gives_back_what_it_was_given_in_order():
    journal = MemoryJournal()
    events = [tells(Kind.START), sent(), fill()]
    journal.append("P-1", events[:2])
    journal.append("P-1", events[2:])
    journal.append("P-2", [tells(Kind.START)])
    assert journal.read("P-1") == events
    assert vars(Ledger.refold(1_000, journal.read("P-1"))) == vars(Ledger.refold(1_000, events))
    journal.forget("P-1")
    assert journal.read("P-1") == []
    assert journal.read("P-2") == [tells(Kind.START)]


def test_the_instant_at_which_so_many_lots_were_filled():
    made = ledger(sent(), fill(lots=30, ts=T0 + 1), fill(lots=30, trade_id="T2", ts=T0 + 2))
    assert [made.filled_at(lots) for lots in (0, 1, 30, 31, 60, 61)] == [
        None,
        T0 + 1,
        T0 + 1,
        T0 + 2,
        T0 + 2,
        None,
    ]
