"""VWAP: the contract on two curves, and its formulas by hand."""

from typing import Any, cast

import pytest

from nautilus_exec.core.tape import Tape
from nautilus_exec.curves.volume_profile import VolumeProfile
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.slices import Sliced
from nautilus_exec.policies.vwap import Vwap, blended_share
from nautilus_exec.units import HOUR, MINUTE, SECOND
from tests.builders import T0, ledger, market, prepared, tape_of
from tests.contract import PolicyContract

OPENS = 14 * HOUR + 30 * MINUTE
HUNDREDS = VolumeProfile(
    edges_ns=tuple(OPENS + second * SECOND for second in (0, 100, 200, 300)),
    fractions=(0.5, 0.2, 0.3),
    name="three",
    source="made by hand",
    timezone="UTC",
    day_volume=10_000.0,
)
"""Half of 10,000 in the first hundred seconds, a fifth in the second, the rest in the third."""


class Curved(PolicyContract):
    @pytest.fixture
    def policy(self) -> type[Policy]:
        return Vwap

    @pytest.fixture
    def known(self) -> dict[str, Any]:
        return {"profile": HUNDREDS}


class TestHistoryWithJitter(Curved):
    @pytest.fixture
    def given(self) -> dict[str, str]:
        jitter = {"randomize_size": "0.5", "randomize_time": "0.5"}
        return {"volume_curve": "history", "interval": "50s"} | jitter


class TestDynamic(Curved):
    @pytest.fixture
    def given(self) -> dict[str, str]:
        return {"volume_curve": "dynamic", "interval": "100s", "band_behind": "0.1", "band_ahead": "0.1"}

    @pytest.fixture
    def monotone(self) -> bool:
        return False


def sliced(params: dict[str, str], **over: Any) -> Sliced:
    return cast(Sliced, prepared(Vwap, params, **over).params)


HISTORY = {"volume_curve": "history", "interval": "100s"}


def test_lots_due_follow_the_curve():
    made = sliced(HISTORY, profile=HUNDREDS)
    assert made.schedule.due == (500, 700, 1_000)
    assert made.curve == (0.0, 0.5, 0.7, 1.0)


def test_the_curve_is_renormalised_over_the_orders_window():
    # From the second hundred seconds on: 0.2 and 0.3 of 0.5 are two and three fifths.
    made = sliced(HISTORY | {"start_time": "14:31:40 UTC", "duration": "200s"}, profile=HUNDREDS)
    assert made.schedule.due == (400, 1_000)
    assert made.window_volume == pytest.approx(5_000)


def test_the_default_shape_is_read_on_new_yorks_clock_whatever_the_calendars():
    # 14:30 UTC is 09:30 in New York: .130 of .220 of the first hour fall in its first half, 590.9 of 1000.
    made = sliced({"duration": "1h", "interval": "30m"})
    assert made.schedule.due == (591, 1_000)


def test_a_profile_without_a_zone_is_read_on_the_calendars_clock():
    local = VolumeProfile(
        edges_ns=tuple(9 * HOUR + 30 * MINUTE + s * SECOND for s in (0, 100, 200, 300)),
        fractions=(0.5, 0.2, 0.3),
        name="local",
        source="made by hand",
    )
    assert sliced(HISTORY, profile=local, zone="America/New_York").schedule.due == (500, 700, 1_000)


def test_slices_are_a_minute_where_nothing_is_said():
    assert len(sliced({"duration": "1h"}).schedule.due) == 60


@pytest.mark.parametrize(
    ("params", "over", "expected"),
    [
        ({"profile": "x"}, {}, "profile: 'x'; expected volume_curve = history or dynamic with a profile"),
        ({"volume_curve": "history"}, {}, "the name of a profile for volume_curve = history"),
        (
            {"volume_curve": "dynamic"},
            {
                "profile": VolumeProfile(
                    edges_ns=(OPENS, OPENS + HOUR),
                    fractions=(1.0,),
                    name="n",
                    source="by hand",
                    timezone="UTC",
                )
            },
            "a profile with a day volume",
        ),
        ({"start_time": "22:00 UTC"}, {}, "a window with volume in profile static_us_equity"),
    ],
)
def test_a_curve_that_does_not_fit_is_refused(params: dict[str, str], over: Any, expected: str):
    with pytest.raises(InvalidInput) as refused:
        prepared(Vwap, params, **over)
    assert expected in str(refused.value)


def test_a_band_is_a_fraction_of_the_parent():
    made = sliced(HISTORY | {"band_behind": "0.05", "band_ahead": "0.1"}, profile=HUNDREDS)
    assert (made.band_behind, made.band_ahead) == (50, 100)


# --- the forecast ---


@pytest.mark.parametrize(
    ("traded", "done", "rho", "share"),
    [
        # V/(V+R), R = 10000 (1-C) (V/(10000 C))^rho
        (5_000, 0.5, 0.5, 0.5),  # as expected: R = 5000
        (20_000, 0.5, 0.5, 2 / 3),  # four times: R = 5000 x 2, 20000/30000
        (1_250, 0.5, 0.5, 1 / 3),  # a quarter: R = 5000 / 2, 1250/3750
        (20_000, 0.5, 0.0, 0.8),  # R = 5000 whatever was traded
        (20_000, 0.5, 1.0, 0.5),  # the curve again
        (123, 0.3, 1.0, 0.3),
        (0, 0.5, 0.5, 0.0),
        (100, 0.0, 0.5, 0.0),
        (0, 1.0, 0.5, 1.0),
    ],
)
def test_the_blended_share(traded: float, done: float, rho: float, share: float):
    assert blended_share(traded, 10_000, done, rho) == pytest.approx(share)


def dynamic(second: int, tape: Tape | None, rho: str = "0.5") -> int | None:
    given = {"volume_curve": "dynamic", "interval": "100s", "rho": rho}
    now = T0 + second * SECOND
    return Vwap.decide(prepared(Vwap, given, profile=HUNDREDS), ledger(), market(now, tape=tape), now).planned


def test_a_day_that_trades_more_is_ahead_of_its_curve():
    # By 100 s 20,000 have traded where 5,000 were expected: share 2/3; of the third that is left the second slice
    # is 0.2 of 0.5: 2/3 + 1/3 x 0.4 = 0.8.
    assert dynamic(100, tape_of((T0 + SECOND, 20_000))) == 800


def test_with_rho_one_it_is_the_curve():
    heavy = tape_of((T0 + SECOND, 20_000))
    assert [dynamic(second, heavy, "1") for second in (0, 100, 200)] == [500, 700, 1_000]


def test_without_a_print_only_this_slices_part_is_due():
    # Share 0: at 100 s the slice's 0.2 of the 0.5 to come.
    assert [dynamic(second, None) for second in (0, 100, 200)] == [500, 400, 1_000]


def test_prints_of_the_running_slice_do_not_count_yet():
    early = tape_of((T0 + 99 * SECOND, 20_000))
    late = tape_of((T0 + 100 * SECOND, 20_000))
    assert (dynamic(150, early), dynamic(150, late)) == (800, 400)
