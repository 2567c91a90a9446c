"""The tape: volume by class and venue over half-open windows."""

import pytest

from nautilus_exec.core.spec import VolumeScope
from nautilus_exec.core.tape import PrintClass, Tape
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
