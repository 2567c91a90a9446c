"""Parameters from text to a spec: what is refused names the field, the value and what was expected."""

from typing import Any

import pytest

from nautilus_exec.core.spec import EndBehavior, PayUp, Style, VolumeScope
from nautilus_exec.decode import decode
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.params import Session
from nautilus_exec.policies.twap import Twap, TwapParams
from nautilus_exec.policies.vwap import VwapParams
from nautilus_exec.units import HOUR, MINUTE, SECOND, Side
from tests.builders import T0, facts, prepared, venue

DAY = Session(T0, T0 + 390 * MINUTE)


def refusal(params: dict[str, str], **over: Any) -> str:
    with pytest.raises(InvalidInput) as refused:
        Twap.prepare(decode(TwapParams, params), facts(**over))
    return str(refused.value)


def test_text_is_decoded_by_the_type_of_the_field():
    made = decode(
        VwapParams,
        {
            "max_participation": "0.1",
            "min_child": "5",
            "style": "passive_only",
            "volume_curve": "dynamic",
            "end_behavior": "complete_soft",
            "pay_up": "ratio",
            "volume_scope": "lit",
        },
    )
    assert (made.max_participation, made.min_child, made.style) == (0.1, 5, Style.PASSIVE_ONLY)
    assert (made.end_behavior, made.pay_up) == (EndBehavior.COMPLETE_SOFT, PayUp.RATIO)
    assert made.volume_scope is VolumeScope.LIT


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("bogus", "1", "start_time, end_time, duration"),
        ("style", "fast", "one of aggressive, passive_only, passive_then_cross"),
        ("volume_curve", "flat", "one of static, history, dynamic"),
        ("pay_up", "maybe", "one of never, slice_end, ratio"),
        ("min_child", "0", "1"),
        ("min_child", "many", "int"),
        ("min_child", "1.5", "int"),
        ("max_participation", "1", "1.0"),
        ("max_participation", "0", "0.0"),
        ("max_participation", "nan", "0.0"),
        ("max_participation", "a tenth", "float"),
        ("randomize_size", "1.1", "1.0"),
        ("randomize_time", "-0.1", "0.0"),
        ("pay_up_ratio", "0", "0.0"),
        ("pay_up_ratio", "inf", "1000.0"),
        ("slices", "0", "1"),
        ("rho", "2", "1.0"),
    ],
)
def test_a_mistake_is_told_by_field_value_and_expectation(field: str, value: str, expected: str):
    with pytest.raises(InvalidInput) as refused:
        decode(VwapParams, {field: value})
    assert (refused.value.field, refused.value.value) == (field, value)
    assert expected in refused.value.expected
    assert "\n" not in str(refused.value)


def test_what_an_order_carries_is_what_differs_from_the_default():
    made = decode(TwapParams, {"duration": "30m", "style": "passive_only", "slices": "12", "min_child": "1"})
    assert made.params() == {"duration": "30m", "style": "passive_only", "slices": "12"}
    assert decode(TwapParams, made.params()) == made


# --- the window ---


def test_a_start_in_the_past_is_now():
    made = prepared(params={"start_time": "2018-01-02T09:00:00+00:00"})
    assert (made.start_ns, made.end_ns) == (T0, T0 + 300 * SECOND)
    late = prepared(params={"start_time": "2018-01-02T09:00:00Z"}, session=Session(T0 - HOUR, T0 + HOUR))
    assert late.start_ns == T0


def test_a_duration_counts_from_the_start():
    made = prepared(params={"start_time": "2018-01-02T15:00:00+00:00", "duration": "1h"})
    assert made.start_ns == T0 + 30 * MINUTE
    assert made.end_ns == T0 + 90 * MINUTE


def test_without_an_end_it_is_the_sessions_and_a_later_one_is_clipped_to_it():
    made = Twap.prepare(TwapParams(), facts(session=DAY))
    assert made.end_ns == DAY.close_ns
    assert prepared(params={"duration": "9h"}, session=DAY).end_ns == DAY.close_ns
    assert prepared(session=Session(T0 + HOUR, T0 + 2 * HOUR)).start_ns == T0 + HOUR


def test_the_orders_own_expiry_is_its_end():
    assert Twap.prepare(TwapParams(), facts(expire_ns=T0 + 77 * SECOND)).end_ns == T0 + 77 * SECOND


@pytest.mark.parametrize(
    ("params", "over", "expected"),
    [
        (
            {"end_time": "16:00 UTC", "duration": "1h"},
            {},
            "duration: '1h'; expected no duration where end_time is given, or no end_time",
        ),
        ({}, {}, "end_time: None; expected end_time or duration, as the instrument has no calendar"),
        (
            {"duration": "1h"},
            {"expire_ns": T0 + HOUR},
            "end_time: '1h'; expected the order's own expiry or this, not both",
        ),
        (
            {"end_time": "14:30 UTC"},
            {},
            f"end_time: '14:30 UTC'; expected an instant after the start, {T0} ns",
        ),
        (
            {"start_time": "15:00 UTC", "end_time": "14:45 UTC"},
            {},
            f"end_time: '14:45 UTC'; expected an instant after the start, {T0 + 30 * MINUTE} ns",
        ),
        ({}, {"expire_ns": T0 - 1}, f"end_time: {T0 - 1}; expected an instant after the start, {T0} ns"),
        (
            {},
            {"session": Session(T0 - HOUR, T0)},
            f'end_time: "the session\'s end"; expected an instant after the start, {T0} ns',
        ),
    ],
)
def test_a_window_that_does_not_fit_together_is_refused(params: dict[str, str], over: Any, expected: str):
    assert refusal(params, **over) == expected


# --- prices and sizes ---


def test_the_limit_is_the_parameters_or_the_orders():
    assert prepared(params={"limit_price": "100.05"}).limit_ticks == 10_005
    assert prepared(limit_ticks=10_005).limit_ticks == 10_005
    assert prepared(params={"limit_price": "100.05"}, limit_ticks=10_005).limit_ticks == 10_005
    assert prepared().limit_ticks is None


def test_two_limits_that_differ_and_one_off_the_tick_are_refused():
    both = refusal({"duration": "1h", "limit_price": "100.05"}, limit_ticks=10_006)
    assert both == "limit_price: '100.05'; expected the order's own limit price 100.06, or none"
    off = refusal({"duration": "1h", "limit_price": "100.055"})
    assert off == "limit_price: '100.055'; expected a price on the tick of 0.01"


def test_sizes_that_no_child_could_have_are_refused():
    hour = {"duration": "1h"}
    assert (
        refusal(hour | {"min_child": "5", "max_child": "4"}) == "max_child: 4; expected at least min_child, 5"
    )
    small = refusal(hour | {"max_child": "50"}, venues=(venue(lot=100),))
    assert small == "max_child: 50; expected at least the venue's smallest order, 100"
    large = refusal(hour | {"min_child": "50"}, venues=(venue(max_lots=40), venue(max_lots=30)))
    assert large == "min_child: 50; expected at most the venue's largest order, 40"
    # Another venue takes them.
    prepared(params={"max_child": "50"}, venues=(venue(lot=100), venue()))
    prepared(params={"min_child": "50"}, venues=(venue(max_lots=40), venue()))


def test_the_sweep_is_five_per_cent_of_the_horizon_and_at_most_a_minute():
    assert prepared(params={"duration": "300s"}).sweep_ns == 15 * SECOND
    assert prepared(params={"duration": "2h"}).sweep_ns == MINUTE


def test_passive_only_never_pays_up():
    assert prepared(params={"style": "passive_only", "pay_up": "ratio"}).pay_up is PayUp.NEVER
    assert prepared(params={"style": "passive_then_cross"}).pay_up is PayUp.SLICE_END


def test_the_seed_is_the_parents():
    assert prepared().seed == prepared().seed
    assert prepared().seed != prepared(parent_id="P-2").seed
    assert prepared(side=Side.SELL).side is Side.SELL
