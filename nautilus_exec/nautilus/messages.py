"""What the components say to each other on the bus: frozen, versioned."""

import msgspec

from nautilus_exec.core.events import Kind
from nautilus_exec.core.intent import Trigger
from nautilus_exec.nautilus import topics

VERSION = 1

COMMANDS = {
    topics.PAUSE: Kind.PAUSE,
    topics.RESUME: Kind.RESUME,
    topics.CANCEL: Kind.CANCEL,
    topics.DRAIN: Kind.CANCEL,
}
"""What each command does to a parent."""


class Watch(msgspec.Struct, frozen=True):
    """To the hub: watch these instruments for a parent. Replaces what was watched for it before; empty ends it."""

    parent_id: str
    topic: str
    """Where to say that a trigger fired."""
    symbol: str
    triggers: tuple[Trigger, ...] = ()
    tape: bool = False
    """Whether the volume of the symbol is wanted."""
    venues: tuple[str, ...] = ()
    """Whose quotes must come while the parent works; in a backtest they come unasked."""
    v: int = VERSION


class Fired(msgspec.Struct, frozen=True):
    """From the hub: one of the parent's triggers fired; all of them are gone."""

    parent_id: str
    v: int = VERSION


class Command(msgspec.Struct, frozen=True):
    """From anyone: pause, resume, cancel or drain; an empty parent id means every parent."""

    parent_id: str = ""
    reason: str = ""
    v: int = VERSION


class AmendParent(msgspec.Struct, frozen=True):
    """From anyone: change a working parent; names and values as on an order, and ``quantity``."""

    parent_id: str
    changes: dict[str, str]
    v: int = VERSION


class Reply(msgspec.Struct, frozen=True):
    """The answer to a command: whether it changed anything, and where the parent stands now."""

    parent_id: str
    command: str
    ok: bool
    text: str
    v: int = VERSION


class CloseParent(msgspec.Struct, frozen=True):
    """To the desk: this parent has ended, close its order locally."""

    parent_id: str
    v: int = VERSION
