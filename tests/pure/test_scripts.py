"""The scenario scripts, each as it is told and once more with a parent that remembers nothing but its journal."""

from pathlib import Path

import pytest

from tests.scenario import Scenario
from tests.script_reader import Mismatch, NotUnderstood, play

SCRIPTS = sorted((Path(__file__).parents[1] / "scripts").glob("*.txt"))
BEGIN = "I quote 99.90 x 500 / 100.10 x 500\nI parent buy 1000 TWAP duration=300s slices=3\n"
END = "I fill A 334 @ 100.10\nI cancel: trader\nE result CANCELLED: trader, 334 of 1000\n"


@pytest.mark.parametrize("forgets", [False, True], ids=["as_told", "forgetting"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_script_plays(script: Path, forgets: bool) -> None:
    play(script.name, script.read_text(), Scenario(forgets))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("I parrot buy 1000 TWAP", "story:1: unknown: I parrot buy 1000 TWAP"),
        ("# a comment\n\nX quote", "story:3: unknown: X quote"),
        ("I quote 99.90 x 500 / 100.101 x 500", "story:1: 100.101 is not on a cent"),
        ("I parent buy 1000 TWOP", "story:1: a parent that is to buy by TWOP"),
        ("I limits max_regrets=3", "story:1: no limit is called max_regrets"),
        ("I pause", "story:1: there is no parent yet"),
        (BEGIN + "E send A 334 @ 100.10 take\nI fill B 1 @ 100.10", "story:4: no child is called B"),
        (BEGIN + "E send A 334 @ 100.10 take\nE totals luck=3", "story:4: no total is called luck"),
        ("I time 14:29:59", "story:1: time goes back from 14:30:00"),
    ],
)
def test_a_line_that_is_not_understood_is_refused_with_its_file_and_number(text: str, complaint: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        play("story", text, Scenario())
    assert str(refused.value) == complaint


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("I pause", "story:3: not expected: what left is: send 334 @ 100.10 take at 14:30:00"),
        ("", "story:2: not expected: what left is: send 334 @ 100.10 take at 14:30:00"),
        ("E cancel A", "no child is called A"),
        ("E send A 333 @ 100.10 take", "story:3: expected send A 333 @ 100.10 take; it is 334 @ 100.10 take"),
        ("E send A 334 @ 100.10 take\nE send B 1 @ 100.10 take", "story:4: expected send; nothing left"),
        ("E send A 334 @ 100.10 take\n", "story:3: the script ends and its parent does not"),
        (
            "E send A 334 @ 100.10 take\nI expired A\nI time 14:35:00",
            "before 14:35:00 what left is: send 334 @ 100.10 take at 14:30:10",
        ),
        ("E send A 334 @ 100.10 take\nE parent PAUSED", "story:4: expected parent PAUSED; it is WORKING"),
        ("E send A 334 @ 100.10 take\nE totals out=333", "story:4: expected totals out=333; it is out=334"),
    ],
)
def test_what_is_not_as_expected_is_told_with_its_file_and_line(text: str, complaint: str) -> None:
    with pytest.raises((Mismatch, NotUnderstood)) as told:
        play("story", BEGIN + text, Scenario())
    assert complaint in str(told.value)


def test_a_story_told_right_plays() -> None:
    play("story", BEGIN + "E send A 334 @ 100.10 take\n" + END, Scenario())
