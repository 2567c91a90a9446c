"""The hard limits, one at a time, against numbers made by hand."""

import pytest

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.limits import Limits, Throttle, outside_collar, participation_room
from nautilus_exec.core.spec import VolumeScope
from nautilus_exec.units import MINUTE, SECOND
from tests.builders import T0, fill, ledger, market, says, sent, spec, tape_of, venue

NOW = T0 + 100 * SECOND


def room(
    *events: Event, prints: tuple[tuple[int, int], ...] = ((NOW - SECOND, 900),), **over: object
) -> int | None:
    view = market(NOW, tape=tape_of(*prints))
    return participation_room(spec(**({"max_participation": 0.1} | over)), ledger(*events), view, NOW)


def test_without_a_cap_there_is_no_bound():
    assert room(max_participation=None) is None


def test_a_tenth_of_all_volume_is_a_ninth_of_the_others():
    # 0.1 / 0.9 x 900 = 100, and one lot. A tenth of the others' volume would give 91.
    assert room() == 101
    assert room(venues=(venue(lot=25),)) == 125


def test_what_is_filled_or_out_uses_the_room_up():
    assert room(sent(lots=60), fill(lots=40)) == 41
    assert room(sent(lots=60), says(Kind.SILENT)) == 41
    assert room(sent(lots=60, take=True)) == 41


def test_several_rests_cannot_add_up_to_more_than_the_cap():
    # Both could be filled at once: 101 lots at rest leave no room for more.
    assert room(sent(lots=101)) == 0
    assert room(sent(lots=300)) == 0


def test_only_the_window_counts_half_open():
    edge = NOW - 30 * SECOND
    over = {"participation_window_ns": 30 * SECOND}
    assert room(prints=((edge - 1, 900), (edge, 90), (NOW, 900)), **over) == 11
    old = (sent(lots=60), fill(lots=50, ts=edge - 1), says(Kind.CANCELLED))
    assert room(*old, prints=((edge, 90),), **over) == 11


def test_nothing_before_the_start_counts():
    assert room(prints=((T0 - 1, 900), (T0, 90))) == 11


def test_no_tape_is_no_volume():
    assert participation_room(spec(max_participation=0.1), ledger(), market(NOW), NOW) == 1


def test_the_scope_chooses_whose_prints_count():
    tape = tape_of((NOW - 1, 900), name="XNAS")
    for scope, lots in ((VolumeScope.VENUE, 1), (VolumeScope.LIT, 101)):
        made = spec(max_participation=0.1, volume_scope=scope)
        assert participation_room(made, ledger(), market(NOW, tape=tape), NOW) == lots


def test_the_wait_after_rejects_doubles_up_to_a_minute():
    limits = Limits()
    waits = [(limits.backoff_until(n, T0) - T0) // SECOND for n in (1, 2, 3, 4, 5, 6, 7, 8, 500)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert limits.backoff_until(500, T0) == T0 + MINUTE


@pytest.mark.parametrize(
    ("price", "outside"), [(10_500, False), (10_501, True), (9_500, False), (9_499, True)]
)
def test_the_collar_is_500_bps_from_the_mid_on_both_sides(price: int, outside: bool):
    assert outside_collar(price, 9_990, 10_010, 500.0) is outside


def test_the_message_rate_is_a_sliding_window_of_one_second():
    throttle = Throttle()
    assert throttle.room(2, T0) == 2
    assert throttle.free_ns(T0) == T0 + SECOND
    throttle.fold(T0)
    throttle.fold(T0 + 400)
    assert throttle.room(2, T0 + SECOND - 1) == 0
    assert throttle.free_ns(T0 + 500) == T0 + SECOND
    assert throttle.room(2, T0 + SECOND) == 1
    assert throttle.room(2, T0 + SECOND + 400) == 2
