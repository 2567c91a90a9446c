"""Mistakes that somebody could make in ledger, plan, schedule and policies, each with the tests that must notice.

``old`` is in its file exactly once. A fault whose text is gone is stale: give it the new text, or another fault.
"""

from typing import NamedTuple

CORE, POLICIES = "nautilus_exec/core/", "nautilus_exec/policies/"
LEDGER, PLAN, LIMITS = CORE + "ledger.py", CORE + "plan.py", CORE + "limits.py"
SCHEDULE = POLICIES + "schedule.py"


class Fault(NamedTuple):
    """One mistake: where, the text as it is and as it would be, and the tests that fail then."""

    name: str
    file: str
    old: str
    new: str
    killers: tuple[str, ...]


def pure(name: str, only: str = "") -> str:
    """A test file of the pure set, or one test of it."""
    return f"tests/pure/test_{name}.py" + (f"::{only}" if only else "")


def told(script: str) -> str:
    """A scenario script."""
    return pure("scripts", f"test_the_script_plays[{script}-as_told]")


FAULTS = (
    # --- the ledger's counts ---
    Fault(
        "a cancelled child's lots stay out",
        LEDGER,
        "        self._count(child, -1)\n        if event.kind is Kind.FILL:",
        "        if event.kind is not Kind.CANCELLED:\n            self._count(child, -1)\n"
        "        if event.kind is Kind.FILL:",
        (pure("ledger"),),
    ),
    Fault(
        "a fill told twice counts twice",
        LEDGER,
        "new = event.kind is not Kind.FILL or (child.id, event.trade_id) not in self._trades",
        "new = True",
        (told("06_partial_fills"),),
    ),
    Fault(
        "a trade id known from one child is known for all",
        LEDGER,
        "(child.id, event.trade_id) not in self._trades",
        "event.trade_id not in {trade for _, trade in self._trades}",
        (told("06_partial_fills"),),
    ),
    Fault(
        "a fill after the end of its child is not called late",
        LEDGER,
        "self.late += event.lots - beyond",
        "self.late += 0",
        (told("01_overfill_in_a_cancel_race"),),
    ),
    Fault(
        "a silent child's lots are free again",
        LEDGER,
        "        self.out += lots\n",
        "        self.out += 0 if child.state is State.UNKNOWN else lots\n",
        (told("silent_venue"),),
    ),
    Fault(
        "a silent child's lots are due again",
        LEDGER,
        "return self.filled + self.unknown_out",
        "return self.filled",
        (told("silent_venue"),),
    ),
    Fault(
        "an amend in flight counts at its new size only",
        CORE + "child.py",
        "return max(self.lots, self.pending_lots or 0)",
        "return self.pending_lots or self.lots",
        (pure("ledger"),),
    ),
    Fault(
        "a parent that ran out of time is done",
        CORE + "life.py",
        "Kind.TIME_UP: Status.EXPIRED",
        "Kind.TIME_UP: Status.DONE",
        (pure("parent", "test_the_end_comes_with_its_reason_and_remainder"),),
    ),
    Fault(
        "what a venue filled too much is worked on as if nothing had happened",
        CORE + "parent.py",
        "        if ledger.excess:\n            return Kind.FAIL",
        "        if ledger.filled > ledger.quantity:\n            return Kind.FAIL",
        (told("venue_overfill"),),
    ),
    Fault(
        "a parent ends before its children are gone",
        CORE + "parent.py",
        "waiting = ledger.out - ledger.unknown_out or",
        "waiting =",
        (told("04_stop_leaves_nothing_behind"),),
    ),
    Fault(
        "the second life of a parent uses the child ids of the first",
        CORE + "ids.py",
        "base32(generation, 2)",
        "base32(0, 2)",
        (pure("ids"),),
    ),
    # --- the plan's limits ---
    Fault(
        "a replacement leaves before its cancel is confirmed",
        LEDGER,
        "child.venue == venue and child.state is not State.UNKNOWN",
        "child.venue == venue and child.state not in (State.UNKNOWN, State.CANCELLING)",
        (pure("plan"),),
    ),
    Fault(
        "an immediate-or-cancel key is sent again",
        PLAN,
        "if quote.take and quote.key in ledger.take_keys:",
        "if False:",
        (pure("plan"),),
    ),
    Fault(
        "the cap is a share of the others' volume, not of the whole",
        LIMITS,
        "cap / (1 - cap) * others",
        "cap * others",
        (told("cap_and_final_sweep"),),
    ),
    Fault(
        "a child under the minimum is rounded up to it",
        PLAN,
        "    if lots < least:\n",
        "    lots = max(lots, least)\n    if lots > room:\n",
        (told("carried_children"),),
    ),
    Fault(
        "a seller's limit price is taken for a buyer's",
        PLAN,
        "if cap is not None and side * (price - cap) > 0:",
        "if cap is not None and price > cap:",
        (told("limit_price"),),
    ),
    Fault(
        "the final sweep passes the limit price",
        PLAN,
        "cap = _tighter(side, spec.limit_ticks, quote.cap_ticks)",
        "cap = quote.cap_ticks if quote.over_cap else _tighter(side, spec.limit_ticks, quote.cap_ticks)",
        (told("limit_price"),),
    ),
    Fault(
        "a price off the tick is rounded towards the market",
        PLAN,
        "price = side * (side * price // venue.tick) * venue.tick",
        "price = -side * (-side * price // venue.tick) * venue.tick",
        (told("02_venue_minimum_and_precision"),),
    ),
    Fault(
        "a rest follows the touch back too",
        PLAN,
        "quote.chase and spec.side * (price - child.price_ticks) > 0",
        "quote.chase and price != child.price_ticks",
        (told("05_passive_that_never_completes"),),
    ),
    Fault(
        "the wait after rejects does not double",
        LIMITS,
        "self.backoff_ns << min(rejects - 1, 30)",
        "self.backoff_ns",
        (told("rejects"),),
    ),
    Fault(
        "a message leaves the window of a second too late",
        LIMITS,
        "self._sent[0] <= now_ns - SECOND",
        "self._sent[0] < now_ns - SECOND",
        (told("message_rate"),),
    ),
    Fault(
        "what trades at this very instant counts already",
        CORE + "tape.py",
        "bisect_left(self.stamps, ts)",
        "bisect_left(self.stamps, ts + 1)",
        (pure("tape"),),
    ),
    # --- schedules and policies ---
    Fault(
        "lots that make no whole part are dropped",
        "nautilus_exec/curves/apportion.py",
        "for i in ranked[: whole - sum(parts)]:",
        "for i in ranked[:0]:",
        (pure("twap", "test_equal_parts_by_largest_remainder"),),
    ),
    Fault(
        "a slice is released one instant late",
        SCHEDULE,
        "bisect_right(self.release, now_ns) - 1",
        "bisect_right(self.release, now_ns - 1) - 1",
        (pure("twap", "test_the_first_part_is_due_at_the_start"),),
    ),
    Fault(
        "the sweep does not wait for what rests",
        SCHEDULE,
        "if ledger.resting_out or ledger.take_out or left <= 0:",
        "if ledger.take_out or left <= 0:",
        (told("cap_and_final_sweep"),),
    ),
    Fault(
        "a cross beside a rest",
        SCHEDULE,
        "if ledger.take_out or ledger.resting_out or key in ledger.take_keys:",
        "if ledger.take_out or key in ledger.take_keys:",
        (told("vwap_band"),),
    ),
    Fault(
        "behind the band it crosses to the curve, not to the edge",
        SCHEDULE,
        'f"x{at.k}", from_ns, lots - at.behind)',
        'f"x{at.k}", from_ns, lots)',
        (told("vwap_band"),),
    ),
    Fault(
        "the weight of today's volume is upside down",
        POLICIES + "vwap.py",
        "(traded / (expected * done)) ** rho",
        "(traded / (expected * done)) ** (1 - rho)",
        (pure("vwap", "test_with_rho_one_it_is_the_curve"),),
    ),
    Fault(
        "on the band's edge what rests is taken back",
        SCHEDULE,
        "if lots > at.behind and crosses",
        "if lots >= at.behind and crosses",
        (told("vwap_band"),),
    ),
    Fault(
        "what a limit cut off a take waits for the next slice",
        CORE + "parent.py",
        "made.intent.retry_ns if made.held or made.short else None",
        "made.intent.retry_ns if made.held else None",
        (told("carried_children"),),
    ),
    Fault(
        "a seller's rest may chase upwards",
        SCHEDULE,
        "first + spec.side * spec.max_chase_ticks",
        "first + spec.max_chase_ticks",
        (told("max_chase"),),
    ),
    Fault(
        "a fill of the sweep's that never came counts as over the cap",
        LEDGER,
        "self.over_cap += child.beyond_cap - beyond",
        "pass",
        (told("cap_and_final_sweep"),),
    ),
    Fault(
        "POV aims at its part of the others' volume, not of the whole",
        POLICIES + "pov.py",
        "_share(target, target)",
        "_share(target, 0.0)",
        (pure("pov", "test_own_lots_are_the_target_of_all_that_trades_and_not_of_what_others_trade"),),
    ),
    Fault(
        "the sniper takes all that is shown",
        POLICIES + "sniper.py",
        "int(aim.fraction * shown)",
        "shown",
        (pure("sniper", "test_a_part_of_what_is_shown_rounded_down_and_never_more_than_is_left"),),
    ),
    Fault(
        "an auction order leaves at the venue's cut-off, not before",
        POLICIES + "close.py",
        "cutoff = close - before - OURS_NS",
        "cutoff = close - before",
        (pure("close", "TestCutoff::test_ours_is_30_s_before_the_venues"),),
    ),
)
