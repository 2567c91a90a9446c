"""Stories of a parent against an adversarial venue: any order of events, every invariant after each.

The rules are in ``tests.judge``; the numbers in its messages are those of the ledger's docstring. Hypothesis
draws the seed and the length of a story; the parent and what happens are thrown by dice with weights, since stories in
which every value is as likely as any other seldom get as far as a child. A failure prints the story.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from nautilus_exec.core.events import Kind
from nautilus_exec.core.tape import PrintClass
from nautilus_exec.units import MS, SECOND
from tests.adversary import World
from tests.builders import HERE, THERE
from tests.strategies import CONDITIONS, worlds

LAPSES = (1, MS, SECOND // 2, SECOND, 3 * SECOND, 6 * SECOND, 11 * SECOND, 31 * SECOND)
ANYTHING = (
    Kind.ACCEPTED,
    Kind.CANCELLED,
    Kind.CANCEL_REJECTED,
    Kind.EXPIRED,
    Kind.AMEND_REJECTED,
    Kind.REJECTED,
)

# --- what a venue does, an honest one first ---


def time_passes(world: World, dice: Random) -> None:
    world.go(dice.choice(LAPSES))


def time_passes_unnoticed(world: World, dice: Random) -> None:
    world.now += dice.choice(LAPSES)


def the_venue_answers_what_is_asked(world: World, dice: Random) -> None:
    world.answer([c for c in world.ledger.open.values() if dice.random() < 0.7])


def a_child_is_filled(world: World, dice: Random) -> None:
    child = world.child(dice.randrange(6), dead=False)
    if child is not None:
        late = dice.choice((0, 0, 0, 7 * SECOND))
        world.fill(child, max(1, child.open * dice.randint(1, 4) // 4), late_ns=late)


def any_child_is_filled_dead_or_alive(world: World, dice: Random) -> None:
    child = world.child(dice.randrange(6))
    if child is not None:
        world.fill(child, dice.choice((1, 5, max(1, child.lots), child.lots + 3)))


def a_fill_is_told_again(world: World, dice: Random) -> None:
    if world.trades:
        child_id, trade_id = dice.choice(sorted(world.trades))
        world.fill(world.ledger.children[child_id], 10, trade_id)


def the_venue_says_anything(world: World, dice: Random) -> None:
    child = world.child(dice.randrange(6), dead=dice.random() < 0.5)
    if child is not None:
        world.say(dice.choice(ANYTHING), child, reason="because")


def the_venue_rejects_for_good(world: World, dice: Random) -> None:
    child = world.child(dice.randrange(6), dead=False)
    if child is not None and dice.random() < 0.4:
        world.say(Kind.REJECTED, child, lasting=True)


def an_update_that_nobody_asked_for(world: World, dice: Random) -> None:
    child = world.child(dice.randrange(6))
    if child is not None:
        lots = dice.choice((0, 1, child.lots // 2, child.lots, child.lots + 50))
        world.say(Kind.AMENDED, child, lots=lots, price_ticks=dice.choice((0, 9_980, 9_990, 10_000)))


# --- traders, the market, the machine ---


def the_trader_pauses(world: World, _dice: Random) -> None:
    world.tell(Kind.PAUSE)


def the_trader_resumes(world: World, _dice: Random) -> None:
    world.tell(Kind.RESUME)


def the_trader_cancels(world: World, dice: Random) -> None:
    if dice.random() < 0.2:
        world.tell(Kind.CANCEL)


def the_trader_amends_the_quantity(world: World, dice: Random) -> None:
    world.tell(Kind.AMEND_PARENT, lots=dice.choice((1, 25, 300, 900, 1_500, 2_000)))


def the_trader_amends_the_limit(world: World, dice: Random) -> None:
    world.parent.spec = replace(
        world.spec, limit_ticks=dice.choice((None, 9_980, 9_990, 10_000, 10_010, 10_020))
    )


def the_kill_switch_is_thrown(world: World, _dice: Random) -> None:
    world.parent.limits = replace(world.limits, kill_switch=not world.parent.limits.kill_switch)


def the_market_moves(world: World, dice: Random) -> None:
    world.quote(dice.choice(CONDITIONS))


def others_trade(world: World, dice: Random) -> None:
    kind = dice.choice((*PrintClass, *(PrintClass.CONTINUOUS,) * 5))
    world.trade(dice.choice((10, 500, 5_000)), kind, dice.choice((HERE, THERE)))


def the_process_is_restarted(world: World, _dice: Random) -> None:
    world.restart()


HAPPENINGS: dict[Callable[[World, Random], None], int] = {
    time_passes: 24,
    time_passes_unnoticed: 3,
    the_venue_answers_what_is_asked: 24,
    a_child_is_filled: 16,
    any_child_is_filled_dead_or_alive: 2,
    a_fill_is_told_again: 3,
    the_venue_says_anything: 8,
    the_venue_rejects_for_good: 1,
    an_update_that_nobody_asked_for: 3,
    the_trader_pauses: 1,
    the_trader_resumes: 4,
    the_trader_cancels: 1,
    the_trader_amends_the_quantity: 3,
    the_trader_amends_the_limit: 2,
    the_kill_switch_is_thrown: 1,
    the_market_moves: 10,
    others_trade: 10,
    the_process_is_restarted: 2,
}


def live(world: World, dice: Random, happenings: int) -> None:
    """One story: as many happenings as told, each followed by a step more often than not, and an end."""
    world.step()
    for happening in dice.choices(list(HAPPENINGS), list(HAPPENINGS.values()), k=happenings):
        note(f"{(world.now - world.spec.start_ns) / SECOND:.3f} s: {happening.__name__}")
        happening(world, dice)
        if dice.random() < 0.9:
            world.step()
        if world.parent.limits.kill_switch and dice.random() < 0.5:
            the_kill_switch_is_thrown(world, dice)
    world.finale(answers=dice.random() < 0.7)


def told(stories: int) -> Callable[[], None]:
    """The property over so many stories, the same on every run."""

    @settings(
        max_examples=stories,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(begun=worlds(), happenings=st.integers(20, 100))
    def story(begun: tuple[World, Random], happenings: int) -> None:
        live(*begun, happenings)

    return story


def test_no_order_of_events_breaks_an_invariant():
    told(150)()


@pytest.mark.slow
def test_no_order_of_events_breaks_an_invariant_in_thousands_of_stories():
    told(int(os.environ.get("EXEC_NT_STORIES", "5000")))()
