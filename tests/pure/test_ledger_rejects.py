"""What the ledger keeps of rejects: how many in a row, for how long, and which will not pass."""

from nautilus_exec.core.events import Kind
from tests.builders import HERE, T0, fill, ledger, says, sent


def test_rejects_in_a_row_are_counted_per_venue_and_forgotten_on_an_accept_or_a_fill():
    made = ledger(sent("C1"), says(Kind.REJECTED, "C1"), sent("C2"), says(Kind.REJECTED, "C2", T0 + 7))
    assert made.rejects == {HERE: (2, T0 + 7)}
    made.fold(sent("C3"))
    made.fold(says(Kind.ACCEPTED, "C3"))
    assert made.rejects == {}
    made.fold(says(Kind.REJECTED, "C3"))
    made.fold(sent("C4"))
    made.fold(fill("C4", 1))
    assert made.rejects == {}


def test_a_rest_that_the_venue_takes_off_by_itself_counts_as_a_reject():
    made = ledger(sent(), says(Kind.EXPIRED, ts=T0 + 3))
    assert (made.rejects, made.reject_count) == ({HERE: (1, T0 + 3)}, 0)
    asked = ledger(sent(), says(Kind.ACCEPTED), says(Kind.CANCEL_SENT), says(Kind.CANCELLED))
    taken = ledger(sent(take=True), says(Kind.EXPIRED))
    assert asked.rejects == taken.rejects == {}


def test_a_lasting_reject_is_remembered_even_without_a_reason():
    assert ledger(sent(), says(Kind.REJECTED, lasting=True)).lasting == "no reason"
    assert ledger(sent(), says(Kind.REJECTED, lasting=True, reason="banned")).lasting == "banned"


def test_a_reject_that_will_pass_does_not_undo_one_that_will_not():
    banned = says(Kind.REJECTED, lasting=True, reason="banned")
    assert ledger(sent(), sent("C2"), banned, says(Kind.REJECTED, "C2", reason="busy")).lasting == "banned"
