"""The tape: volume by class and venue over half-open windows."""

import pytest

from nautilus_exec.core.spec import VolumeScope
from nautilus_exec.core.tape import PrintClass, Tape
from nautilus_exec.units import Side
from tests.builders import HERE, THERE, tape_of


def mixed() -> Tape:
    tape = Tape()
    for number, (where, lots, kind) in enumerate(
        [
            (HERE, 1, PrintClass.CONTINUOUS),
            (THERE, 10, PrintClass.CONTINUOUS),
            ("XADF", 100, PrintClass.OFF_EXCHANGE),
            (HERE, 1_000, PrintClass.AUCTION),
            ("XADF", 10_000, PrintClass.BLOCK),
            (HERE, 100_000, PrintClass.EXCLUDED),
        ]
    ):
        tape.fold(where, lots, 5 + number, str(number), kind)
    return tape


@pytest.mark.parametrize(
    ("scope", "lots"), [(VolumeScope.VENUE, 1), (VolumeScope.LIT, 11), (VolumeScope.CONSOLIDATED, 111)]
)
def test_auctions_blocks_and_excluded_prints_never_count(scope: VolumeScope, lots: int):
    assert mixed().volume(scope, HERE, 0, 100) == lots


def test_a_window_holds_its_first_instant_and_not_its_last():
    tape = tape_of((10, 3), (20, 5), (20, 7), (30, 11))
    assert tape.volume(VolumeScope.LIT, HERE, 10, 20) == 3
    assert tape.volume(VolumeScope.LIT, HERE, 20, 30) == 12
    assert tape.volume(VolumeScope.LIT, HERE, 0, 31) == 26
    assert tape.volume(VolumeScope.LIT, HERE, 20, 20) == 0


def test_a_print_told_twice_or_out_of_order_is_refused_and_counted():
    tape = tape_of((10, 3), (20, 5))
    tape.fold(HERE, 5, 20, "1")
    tape.fold(HERE, 9, 15, "9")
    assert tape.volume(VolumeScope.LIT, HERE, 0, 100) == 8
    assert tape.refused == 2


def test_venues_are_ordered_each_by_itself():
    tape = tape_of((20, 5))
    tape.fold(THERE, 7, 15, "1")
    assert (tape.volume(VolumeScope.LIT, HERE, 0, 100), tape.refused) == (12, 0)


def test_what_trades_beyond_a_limit_can_be_left_out():
    tape = Tape()
    for number, price in enumerate((99, 100, 101, 102)):
        tape.fold(HERE, 10**number, number, str(number), price_ticks=price)
    window = (VolumeScope.LIT, HERE, 0, 10)
    assert tape.reachable(*window, Side.BUY, 100) == 11
    assert tape.reachable(*window, Side.SELL, 101) == 1_100
    # What comes later is looked at later, for whoever asked before; without a price it lies beyond no limit.
    tape.fold(HERE, 10_000, 5, "5", price_ticks=103)
    tape.fold(HERE, 100_000, 6, "6")
    assert tape.reachable(*window, Side.BUY, 100) == 100_011
    assert tape.reachable(VolumeScope.LIT, HERE, 1, 6, Side.BUY, 101) == 110
    assert tape.reachable(VolumeScope.VENUE, THERE, 0, 10, Side.BUY, 100) == 0
