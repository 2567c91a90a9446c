"""Schedules and how they are worked: due lots, attempts, rests, crosses, the sweep, and what wakes the parent."""

import pytest

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.intent import Intent, PriceRule, Quote, Trigger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import EndBehavior, PayUp, Spec, Style
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.schedule import Now, Schedule, build, standing, uniform, work
from nautilus_exec.policies.slices import SliceParams, edges
from nautilus_exec.units import MINUTE, SECOND, Side
from tests.builders import BID, HERE, T0, fill, ledger, market, says, sent, spec, venue

CUTS = [T0, T0 + 100 * SECOND, T0 + 200 * SECOND, T0 + 300 * SECOND]
PASSIVE = {"style": Style.PASSIVE_THEN_CROSS}
RATIO = PASSIVE | {"pay_up": PayUp.RATIO, "pay_up_ratio": 0.5}


def at(second: float) -> int:
    return T0 + int(second * SECOND)


def worked(
    second: float,
    *events: Event,
    of: Spec | None = None,
    view: MarketView | None = None,
    band: tuple[int, int] = (0, 0),
) -> Intent:
    """What is wanted at a second of three equal slices of a thousand: 334, 333, 333."""
    made = of or spec()
    schedule = build(made, CUTS, [1, 1, 1])
    now = standing(schedule, made, at(second))
    if now is not None:
        now = now._replace(behind=band[0], ahead=band[1])
    return work(made, ledger(*events), view or market(at(second)), at(second), now, schedule.release[0])


# --- schedules ---


def test_lots_due_are_cumulative_and_end_at_the_quantity():
    assert build(spec(), CUTS, [1, 1, 1]) == Schedule(tuple(CUTS), tuple(CUTS[:3]), (334, 667, 1_000))
    assert build(spec(), CUTS, [1, 0, 3]).due == (250, 250, 1_000)


def test_lots_are_whole_for_the_venue_and_the_rest_goes_last():
    assert build(spec(quantity=1_050, venues=(venue(lot=100),)), CUTS, [1, 1, 1]).due == (400, 700, 1_050)


def test_random_sizes_keep_the_sum_and_stay_within_their_fraction():
    made = build(spec(quantity=90_000, randomize_size=0.2, seed=7), CUTS, [1, 1, 1])
    parts = [made.due[0], made.due[1] - made.due[0], made.due[2] - made.due[1]]
    assert sum(parts) == 90_000
    assert parts != [30_000] * 3
    # Each weight lies in [0.8, 1.2]: a share is at least 0.8/3.2 and at most 1.2/2.8.
    assert all(22_500 <= part <= 38_572 for part in parts)


def test_random_sizes_use_their_whole_range_below_and_above():
    # Of three slices moved by up to a half: least .5/3.5 = .143 of the whole, most 1.5/2.5 = .6. If sizes could only
    # grow, none would fall below 1/4.
    firsts = [
        build(spec(quantity=90_000, randomize_size=0.5, seed=n), CUTS, [1, 1, 1]).due[0] for n in range(300)
    ]
    assert 12_857 <= min(firsts) < 18_000
    assert 46_000 < max(firsts) <= 54_000
    assert sum(firsts) / 300 == pytest.approx(30_000, rel=0.03)


def test_random_times_stay_within_their_slice():
    made = build(spec(randomize_time=1.0, seed=7), CUTS, [1, 1, 1])
    assert made.release != tuple(CUTS[:3])
    assert all(CUTS[k] <= made.release[k] < CUTS[k + 1] for k in range(3))


def test_random_numbers_are_uniform_and_a_function_of_their_names():
    drawn = [uniform(1, f"size{k}") for k in range(4_000)]
    assert uniform(1, "size0") == drawn[0] != uniform(2, "size0")
    assert 0 <= min(drawn) < max(drawn) < 1
    assert sum(drawn) / 4_000 == pytest.approx(0.5, abs=0.02)


def test_where_a_schedule_stands():
    schedule = Schedule(tuple(CUTS), (at(10), at(150), at(200)), (334, 667, 1_000))
    assert standing(schedule, spec(), at(9)) is None
    assert standing(schedule, spec(), at(120)) == Now(0, at(10), at(100), at(150), 334)
    assert standing(schedule, spec(), at(250)) == Now(2, at(200), at(300), at(300), 1_000)


# --- cutting the horizon ---


def test_slices_are_equal_and_an_interval_may_leave_a_shorter_one():
    assert edges(SliceParams(slices=4), 0, 400 * SECOND, 12, False) == [n * 100 * SECOND for n in range(5)]
    cut = edges(SliceParams(interval="150s"), 0, 400 * SECOND, 12, False)
    assert cut == [0, 150 * SECOND, 300 * SECOND, 400 * SECOND]
    assert len(edges(SliceParams(), 0, 400 * SECOND, 12, False)) == 13
    assert edges(SliceParams(), 0, 150 * SECOND, MINUTE, True) == [0, MINUTE, 2 * MINUTE, 150 * SECOND]


def test_no_default_slice_is_shorter_than_a_second():
    assert len(edges(SliceParams(), 0, 5 * SECOND, 12, False)) == 6
    assert edges(SliceParams(), 0, SECOND // 2, 12, False) == [0, SECOND // 2]


def test_interval_and_slices_together_and_too_many_slices_are_refused():
    with pytest.raises(InvalidInput, match="no slices where interval is given"):
        edges(SliceParams(interval="1s", slices=3), 0, MINUTE, 12, False)
    with pytest.raises(InvalidInput, match="interval: '1us'; expected at most 100000"):
        edges(SliceParams(interval="1us"), 0, MINUTE, 12, False)
    with pytest.raises(InvalidInput, match="slices: 100001; expected at most 100000"):
        edges(SliceParams(slices=100_001), 0, 10**9 * SECOND, 12, False)


# --- taking ---


def test_what_is_due_is_taken_at_once_and_what_was_not_there_ten_times_a_slice():
    first = worked(0)
    assert first.quotes == (Quote("t0.0", 334, PriceRule.CROSS, take=True),)
    assert (first.wake_ns, first.retry_ns, first.planned) == (at(100), at(10), 334)
    tried = (sent(lots=334, take=True, key="t0.0"), says(Kind.EXPIRED))
    assert (worked(5, *tried).quotes, worked(5, *tried).wake_ns) == ((), at(10))
    assert worked(10, *tried).quotes == (Quote("t0.1", 334, PriceRule.CROSS, take=True),)


def test_a_take_waits_for_the_one_before_and_for_what_rests():
    assert worked(20, sent(take=True, key="t0.0")).reason == "take_waits"
    assert worked(20, sent()).reason == "take_waits"


def test_a_second_try_never_sleeps_through_the_next_slice():
    # Slices of half a second: tries a second apart would wake in the slice after the next.
    made = build(spec(end_ns=at(1)), [T0, at(0.5), at(1)], [1, 1])
    tried = ledger(sent(lots=500, take=True, key="t0.0"), says(Kind.EXPIRED))
    now = standing(made, spec(end_ns=at(1)), at(0.1))
    waits = work(spec(end_ns=at(1)), tried, market(at(0.1)), at(0.1), now, T0)
    assert (waits.reason, waits.wake_ns) == ("take_waits", at(0.5))


def test_on_schedule_there_is_nothing_to_do_until_the_next_slice():
    done = worked(20, sent(lots=334), fill(lots=334))
    assert (done.quotes, done.reason, done.wake_ns) == ((), "on_schedule", at(100))


# --- resting ---


def test_what_is_due_rests_at_the_touch_until_the_slice_is_about_to_end():
    made = worked(0, of=spec(**PASSIVE))
    assert made.quotes == (Quote("r", 334, PriceRule.JOIN),)
    assert (made.wake_ns, made.triggers) == (at(98), ())


def test_a_resting_child_is_watched_for_a_touch_that_leaves_it():
    resting = (sent(lots=334), says(Kind.ACCEPTED))
    assert worked(1, *resting, of=spec(**PASSIVE)).triggers == (
        Trigger(HERE, True, min_ticks=BID + 1, min_lots=1),
    )
    sell = spec(side=Side.SELL, **PASSIVE)
    assert worked(1, *resting, of=sell).triggers == (Trigger(HERE, False, max_ticks=BID - 1, min_lots=1),)


def test_a_child_at_the_limit_cannot_follow_and_is_not_watched():
    resting = (sent(lots=334), says(Kind.ACCEPTED))
    assert worked(1, *resting, of=spec(limit_ticks=BID, **PASSIVE)).triggers == ()


def test_near_the_slices_end_what_is_left_crosses():
    crossed = worked(98, of=spec(**PASSIVE))
    assert crossed.quotes == (Quote("x0.0", 334, PriceRule.CROSS, take=True),)
    # The allowance is at most a quarter of a slice: of 4 s one.
    short = build(spec(**PASSIVE), [T0, at(4)], [1])
    now = standing(short, spec(**PASSIVE), at(3))
    assert work(spec(**PASSIVE), ledger(), market(at(3)), at(3), now, T0).quotes[0].take
    assert not work(spec(**PASSIVE), ledger(), market(at(2.9)), at(2.9), now, T0).quotes[0].take


def test_pay_up_never_goes_on_resting():
    made = worked(99, of=spec(**PASSIVE, pay_up=PayUp.NEVER))
    assert (made.quotes[0].key, made.wake_ns) == ("r", at(100))


# --- the ratio ---


def test_the_far_side_below_a_ratio_of_what_is_due_crosses():
    # Half of 334 is 167.
    enough = market(at(1), XNYS={"ask_lots": 167})
    thin = market(at(1), XNYS={"ask_lots": 166})
    assert worked(1, of=spec(**RATIO), view=enough).quotes[0].key == "r"
    assert worked(1, of=spec(**RATIO), view=thin).quotes[0].key == "x0.0"


def test_the_ratio_watches_for_the_same_size_at_which_it_crosses():
    watch = worked(1, of=spec(**RATIO)).triggers[-1]
    assert watch == Trigger(HERE, False, min_lots=1, below_lots=167)
    assert (watch.fires(10_010, 166), watch.fires(10_010, 167)) == (True, False)


def test_a_thin_market_that_stays_thin_is_crossed_again_a_tenth_of_the_slice_later():
    thin = market(at(12), XNYS={"ask_lots": 50})
    tried = (sent(lots=334, take=True, key="x0.0", ts=at(1)), fill(lots=50), says(Kind.EXPIRED))
    assert worked(12, *tried, of=spec(**RATIO), view=thin).quotes == (
        Quote("x0.1", 284, PriceRule.CROSS, take=True),
    )


def test_a_market_that_is_not_sound_is_not_called_thin():
    for view in (market(at(1), XNYS=None), market(at(1), XNYS={"ask_lots": 0})):
        assert worked(1, of=spec(**RATIO), view=view).quotes[0].key == "r"


def test_on_schedule_the_ratio_watches_nothing():
    done = (sent(lots=334), fill(lots=334))
    assert worked(1, *done, of=spec(**RATIO), band=(0, 20)).triggers == ()


# --- the band ---


def test_inside_the_band_it_rests_and_behind_it_crosses_back_to_the_edge():
    inside = (sent(lots=320), fill(lots=320))  # 14 behind
    assert worked(98, *inside, of=spec(**PASSIVE), band=(20, 20)).quotes == (Quote("r", 34, PriceRule.JOIN),)
    behind = (sent(lots=300), fill(lots=300))  # 34 behind: 14 back to the edge of 20
    assert worked(98, *behind, of=spec(**PASSIVE), band=(20, 20)).quotes == (
        Quote("x0.0", 14, PriceRule.CROSS, take=True),
    )


def test_ahead_of_the_band_nothing_rests():
    ahead = (sent(lots=354), fill(lots=354))
    made = worked(50, *ahead, of=spec(**PASSIVE), band=(20, 20))
    assert (made.quotes, made.reason) == ((), "ahead")


def test_the_band_ahead_never_rests_more_than_the_parent_has_left():
    done = (sent(lots=990), fill(lots=990))
    made = worked(250, *done, of=spec(**PASSIVE, pay_up=PayUp.NEVER), band=(0, 500))
    assert made.quotes == (Quote("r", 10, PriceRule.JOIN),)


# --- the sweep ---

SWEEP = {"sweep_ns": 15 * SECOND, "end_behavior": EndBehavior.COMPLETE_HARD}


def test_the_sweep_takes_all_that_is_left_once_a_second():
    made = worked(285, sent(lots=400), fill(lots=400), of=spec(**SWEEP))
    assert made.quotes == (Quote("e0", 600, PriceRule.CROSS, take=True, over_cap=True),)
    assert (made.wake_ns, made.planned) == (at(286), 1_000)
    assert worked(288.5, of=spec(**SWEEP)).quotes[0].key == "e3"


def test_the_soft_sweep_asks_for_no_exception():
    soft = spec(sweep_ns=15 * SECOND, end_behavior=EndBehavior.COMPLETE_SOFT)
    assert not worked(290, of=soft).quotes[0].over_cap


def test_the_sweep_waits_for_what_is_out_but_not_for_a_silent_child():
    assert worked(285, sent(), of=spec(**SWEEP)).reason == "sweep_waits"
    assert worked(285, sent(take=True), of=spec(**SWEEP)).reason == "sweep_waits"
    assert worked(285, sent(), says(Kind.SILENT), of=spec(**SWEEP)).quotes[0].lots == 900


def test_the_parent_is_woken_for_the_sweep_whatever_it_waits_for():
    assert worked(210, sent(lots=999), fill(lots=999), of=spec(**SWEEP, **PASSIVE)).wake_ns == at(285)
    assert worked(10, of=spec(**SWEEP)).wake_ns == at(100)
    late = Schedule((T0, at(300)), (at(290),), (1_000,))
    now = standing(late, spec(**SWEEP), T0)
    assert work(spec(**SWEEP), ledger(), market(), T0, now, at(290)).wake_ns == at(285)


def test_before_the_first_release_it_waits():
    late = Schedule((T0, at(300)), (at(290),), (1_000,))
    made = work(spec(), ledger(), market(), T0, standing(late, spec(), T0), at(290))
    assert (made.quotes, made.wake_ns, made.reason, made.planned) == ((), at(290), "before_first_slice", 0)


def test_a_rest_that_a_limit_cut_is_asked_for_again_a_tenth_of_the_slice_later():
    assert worked(20, of=spec(**PASSIVE)).retry_ns == at(30)


def test_a_quote_that_cannot_be_priced_from_wakes_nobody_quote_by_quote():
    resting = (sent(lots=334), says(Kind.ACCEPTED))
    blind = worked(20, *resting, of=spec(**PASSIVE), view=market(at(20), XNYS={"ask_lots": 0}))
    assert blind.triggers == ()
    assert blind.wake_ns == at(30)


def test_an_amended_parent_sweeps_under_keys_of_its_own():
    amended = spec(amends=1, **SWEEP)
    assert worked(285, of=amended).quotes[0].key == "e0a1"
