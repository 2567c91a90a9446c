"""Reads scenario scripts (``tests/scripts/*.txt``): plain text that a trader can follow, run line by line.

A line begins with ``I`` (what comes in) or ``E`` (what is expected); what follows a ``#`` is for the reader. Every
order that leaves, every refusal and every end must be expected, in its order, before the next thing comes in; a line
that is not understood is refused with its file and number. The words are in ``tests/scripts/README.md``, their
meanings in ``tests/scenario.py``.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from nautilus_exec.units import DAY, HOUR, MINUTE, SECOND, Nanos, Ticks

TICK = Decimal("0.01")
MIDNIGHT = 1_514_903_400 * SECOND // DAY * DAY
"""Of 2018-01-02, on which every script plays; clock times are UTC."""


class NotUnderstood(ValueError):
    """A line that says nothing the reader knows."""


class Mismatch(AssertionError):
    """What happened is not what the script expects."""


class Word(NamedTuple):
    """One kind of line: ``I`` or ``E``, its pattern, how its parts are read, and what it does."""

    mark: str
    pattern: re.Pattern[str]
    read: dict[str, Callable[[str], Any]]
    does: Callable[..., None]


WORDS: list[Word] = []


def ticks(price: str) -> Ticks:
    """Ticks of a cent; raises ``NotUnderstood`` off the cent."""
    whole = Decimal(price) / TICK
    if whole != whole.to_integral_value():
        raise NotUnderstood(f"{price} is not on a cent")
    return int(whole)


def price(of: Ticks) -> str:
    return f"{of * TICK:.2f}"


def instant(clock: str) -> Nanos:
    """UTC nanoseconds of HH:MM:SS[.fff] on the day of the scripts."""
    hours, minutes, seconds = clock.split(":")
    return MIDNIGHT + int(hours) * HOUR + int(minutes) * MINUTE + int(Decimal(seconds) * SECOND)


def clock(at: Nanos) -> str:
    seconds, part = divmod(at - MIDNIGHT, SECOND)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text + (f".{part:09}".rstrip("0") if part else "")


PARTS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "px": (r"\d+\.\d+", ticks),
    "n": (r"\d+", int),
    "money": (r"-?\d+\.\d+", float),
    "time": (r"\d\d:\d\d:\d\d(?:\.\d+)?", instant),
    "word": (r"[\w-]+", str),
    "text": (r"\S.*", str),
    "answer": (r"accepted|cancelled|expired|cancel_rejected|amend_rejected", str),
    "path": (r"[\w/]+\.py", str),
    "lasting": (r"for good", bool),
    "hold": (r"pause|resume", str),
    "switch": (r"on|off", str),
}


def line(mark: str, template: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a method its line: ``{name:part}`` is read and handed over, ``[…]`` may be absent (and is then None)."""
    parts = dict(re.findall(r"\{(\w+):(\w+)\}", template))
    text = template.replace("[", "(?:").replace("]", ")?")
    text = re.sub(r"\{(\w+):(\w+)\}", lambda found: f"(?P<{found[1]}>{PARTS[found[2]][0]})", text)
    read = {name: PARTS[part][1] for name, part in parts.items()}

    def given(does: Callable[..., None]) -> Callable[..., None]:
        WORDS.append(Word(mark, re.compile(text), read, does))
        return does

    return given


def pairs(text: str) -> dict[str, str]:
    """``a=1 b=2`` as a dictionary."""
    found = [part.partition("=") for part in text.split()]
    if not all(name and equals and value for name, equals, value in found):
        raise NotUnderstood(f"{text!r} is not a list of name=value")
    return {name: value for name, _, value in found}


def perform(stage: Any, mark: str, text: str) -> None:
    """Do what one line says; raises ``NotUnderstood`` when no word fits."""
    for word in WORDS:
        found = word.pattern.fullmatch(text) if word.mark == mark else None
        if found:
            parts = found.groupdict()
            word.does(stage, **{n: v if v is None else word.read[n](v) for n, v in parts.items()})
            return
    raise NotUnderstood(f"unknown: {mark} {text}")


def play(name: str, text: str, stage: Any) -> None:
    """Run a whole script on a stage; what goes wrong names the file and the line."""
    number = 0
    for number, raw in enumerate(text.splitlines(), 1):
        mark, _, rest = raw.partition("#")[0].strip().partition(" ")
        if not mark:
            continue
        try:
            if mark == "I":
                stage.nothing()
            perform(stage, mark, " ".join(rest.split()))
        except (NotUnderstood, Mismatch) as error:
            raise type(error)(f"{name}:{number}: {error}") from None
        except Exception as error:
            error.add_note(f"{name}:{number}: {raw}")
            raise
    try:
        stage.finished()
    except Mismatch as error:
        raise Mismatch(f"{name}:{number}: {error}") from None
