"""Stories of a parent against an adversarial venue: any order of events, every invariant after each.

The numbers in the messages of ``tests.adversary`` are those of the ledger's docstring.
"""

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from nautilus_exec.core.events import Kind
from nautilus_exec.core.limits import Limits
from nautilus_exec.core.spec import Spec
from nautilus_exec.core.tape import PrintClass
from nautilus_exec.policies.base import Policy
from nautilus_exec.units import MS, SECOND
from tests.adversary import MARKETS, World
from tests.builders import HERE, THERE
from tests.strategies import limits, parents

NUMBER = st.integers(0, 5)
LAPSE = st.sampled_from((1, MS, SECOND // 2, SECOND, 3 * SECOND, 6 * SECOND, 21 * SECOND, 70 * SECOND))
CONDITIONS = (*MARKETS, "stale", "halted", "missing")
SILENCE = HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large


class Story(RuleBasedStateMachine):
    """Each rule is something that a venue, a trader, the market or the clock does."""

    world: World

    @initialize(made=parents(), held=limits(), second=st.sampled_from((False, False, True)))
    def begins(self, made: tuple[type[Policy], Spec], held: Limits, second: bool) -> None:
        self.world = World(*made, held, second)
        self.answers = True
        self.world.step()

    # --- an honest venue ---

    @rule(lapse=LAPSE)
    def time_passes(self, lapse: int) -> None:
        self.world.go(lapse)

    @rule(lapse=LAPSE)
    def time_passes_unnoticed(self, lapse: int) -> None:
        self.world.now += lapse
        self.world.step()

    @rule()
    def the_venue_answers_what_is_asked(self) -> None:
        self.world.answer(self.world.ledger.open.values())
        self.world.step()

    @rule(number=NUMBER, part=st.integers(1, 4), late=st.sampled_from((0, 0, 7 * SECOND)))
    def a_child_is_filled(self, number: int, part: int, late: int) -> None:
        child = self.world.child(number, dead=False)
        if child is not None:
            self.world.fill(child, max(1, child.open * part // 4), late_ns=late)
            self.world.step()

    # --- a hostile one ---

    @rule(number=NUMBER, lots=st.integers(1, 60))
    def any_child_is_filled_dead_or_alive(self, number: int, lots: int) -> None:
        child = self.world.child(number)
        if child is not None:
            self.world.fill(child, lots)
            self.world.step()

    @rule(number=NUMBER)
    def a_fill_is_told_again(self, number: int) -> None:
        if self.world.trades:
            child_id, trade_id = sorted(self.world.trades)[number % len(self.world.trades)]
            self.world.fill(self.world.ledger.children[child_id], 10, trade_id)
            self.world.step()

    @rule(
        number=NUMBER,
        kind=st.sampled_from(
            (
                Kind.ACCEPTED,
                Kind.CANCELLED,
                Kind.CANCEL_REJECTED,
                Kind.EXPIRED,
                Kind.AMEND_REJECTED,
                Kind.REJECTED,
            )
        ),
        steps=st.booleans(),
        dead=st.booleans(),
    )
    def the_venue_says_anything(self, number: int, kind: Kind, steps: bool, dead: bool) -> None:
        child = self.world.child(number, dead)
        if child is not None:
            self.world.say(kind, child, reason="because")
            if steps:
                self.world.step()

    @rule(number=NUMBER)
    def a_reject_that_will_not_pass(self, number: int) -> None:
        child = self.world.child(number)
        if child is not None and number == 5:
            self.world.say(Kind.REJECTED, child, lasting=True)
            self.world.step()

    @rule(number=NUMBER, lots=st.integers(0, 120), price=st.sampled_from((0, 9_980, 9_990, 10_000)))
    def an_update_nobody_asked_for(self, number: int, lots: int, price: int) -> None:
        child = self.world.child(number)
        if child is not None:
            self.world.say(Kind.AMENDED, child, lots=lots, price_ticks=price)
            self.world.step()

    # --- traders, the market, the machine ---

    @rule(kind=st.sampled_from((Kind.PAUSE, Kind.RESUME)))
    def the_trader_pauses_or_resumes(self, kind: Kind) -> None:
        self.world.tell(kind)
        self.world.step()

    @rule(really=NUMBER)
    def the_trader_cancels(self, really: int) -> None:
        if really == 5:
            self.world.tell(Kind.CANCEL)
            self.world.step()

    @rule(lots=st.sampled_from((1, 25, 300, 900, 2_000)))
    def the_trader_amends_the_quantity(self, lots: int) -> None:
        self.world.tell(Kind.AMEND_PARENT, lots=lots)
        self.world.step()

    @rule(ticks=st.sampled_from((9_980, 9_990, 10_000, 10_020)))
    def the_trader_amends_the_limit(self, ticks: int) -> None:
        self.world.parent.spec = replace(self.world.spec, limit_ticks=ticks)
        self.world.step()

    @rule(on=st.booleans())
    def the_kill_switch_is_thrown(self, on: bool) -> None:
        self.world.parent.limits = replace(self.world.limits, kill_switch=on)
        self.world.step()

    @rule(condition=st.sampled_from(CONDITIONS))
    def the_market_moves(self, condition: str) -> None:
        self.world.quote(condition)
        self.world.step()

    @rule(
        lots=st.sampled_from((10, 500, 5_000)),
        kind=st.sampled_from(PrintClass),
        where=st.sampled_from((HERE, THERE)),
        lapse=st.sampled_from((0, 1, SECOND)),
    )
    def others_trade(self, lots: int, kind: PrintClass, where: str, lapse: int) -> None:
        self.world.go(lapse)
        self.world.trade(lots, kind, where)

    @rule()
    def the_process_is_restarted(self) -> None:
        self.world.restart()

    @rule()
    def the_venue_will_never_speak_again(self) -> None:
        self.answers = not self.answers

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.finale(self.answers)


def tell(stories: int, steps: int) -> None:
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=stories,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            report_multiple_bugs=False,
            suppress_health_check=SILENCE,
        ),
    )


def test_no_order_of_events_breaks_an_invariant():
    tell(100, 30)


@pytest.mark.slow
def test_no_order_of_events_breaks_an_invariant_in_a_thousand_stories():
    tell(int(os.environ.get("EXEC_NT_STORIES", "1200")), 40)
