"""The life of a parent: which end follows from which event."""

import pytest

from nautilus_exec.core.events import Kind
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.life import TERMINAL_STATUS, Status
from tests.builders import T0, ledger, says, sent, tells


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Kind.TIME_UP, Status.EXPIRED), (Kind.CANCEL, Status.CANCELLED), (Kind.FAIL, Status.FAILED)],
)
def test_every_end_goes_through_cancelling(kind: Kind, status: Status):
    made = ledger(tells(kind, reason="because"))
    assert made.status is Status.CANCELLING
    assert not made.ended
    made.fold(tells(Kind.CLOSE))
    assert (made.status, made.reason, made.ended) == (status, "because", True)


def test_a_complete_parent_is_done():
    made = ledger(sent(lots=1_000), says(Kind.FILL, lots=1_000), tells(Kind.COMPLETE), tells(Kind.CLOSE))
    assert (made.status, made.reason) == (Status.DONE, "filled")


def test_a_parent_is_denied_only_before_it_works():
    fresh = Ledger(1_000)
    fresh.fold(tells(Kind.DENY, reason="bad"))
    assert (fresh.status, fresh.reason) == (Status.DENIED, "bad")
    made = ledger(tells(Kind.DENY))
    assert made.status is Status.WORKING


def test_a_failure_outranks_the_reason_that_began_the_end_and_nothing_outranks_a_failure():
    made = ledger(tells(Kind.CANCEL, reason="trader"), tells(Kind.FAIL, reason="worse"), tells(Kind.CANCEL))
    made.fold(tells(Kind.CLOSE))
    assert (made.status, made.reason) == (Status.FAILED, "worse")


def test_what_has_ended_stays_ended():
    made = ledger(tells(Kind.CANCEL, reason="trader"), tells(Kind.CLOSE))
    for kind in (Kind.START, Kind.RESUME, Kind.PAUSE, Kind.FAIL, Kind.TIME_UP, Kind.DENY, Kind.CLOSE):
        made.fold(tells(kind, T0, reason="again"))
    assert (made.status, made.reason) == (Status.CANCELLED, "trader")


def test_pause_and_resume_take_turns():
    made = ledger(tells(Kind.PAUSE), tells(Kind.PAUSE))
    assert made.status is Status.PAUSED
    made.fold(tells(Kind.RESUME))
    assert made.status is Status.WORKING


def test_the_end_states_are_five():
    assert {s.value for s in TERMINAL_STATUS} == {"DENIED", "DONE", "EXPIRED", "CANCELLED", "FAILED"}
