"""The life of a parent order and its transition table, as data.

RECEIVED -> (DENIED | WORKING <-> PAUSED -> CANCELLING) -> one of DONE, EXPIRED, CANCELLED, FAILED. Every end goes
through CANCELLING: children first, then CLOSE.
"""

from enum import StrEnum

from nautilus_exec.core.events import Kind


class Status(StrEnum):
    """Where a parent stands."""

    RECEIVED = "RECEIVED"
    WORKING = "WORKING"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"
    DENIED = "DENIED"
    DONE = "DONE"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


TERMINAL_STATUS = frozenset({Status.DENIED, Status.DONE, Status.EXPIRED, Status.CANCELLED, Status.FAILED})

_ENDS = {
    Kind.COMPLETE: Status.DONE,
    Kind.TIME_UP: Status.EXPIRED,
    Kind.CANCEL: Status.CANCELLED,
    Kind.FAIL: Status.FAILED,
}

LIFE: dict[tuple[Status, Kind], tuple[Status, Status | None]] = {
    (Status.RECEIVED, Kind.DENY): (Status.DENIED, Status.DENIED),
    (Status.RECEIVED, Kind.START): (Status.WORKING, None),
    (Status.WORKING, Kind.PAUSE): (Status.PAUSED, None),
    (Status.PAUSED, Kind.RESUME): (Status.WORKING, None),
    **{
        (status, kind): (Status.CANCELLING, outcome)
        for status in (Status.RECEIVED, Status.WORKING, Status.PAUSED)
        for kind, outcome in _ENDS.items()
    },
    # A failure found while children are being cancelled outranks the reason that began it.
    (Status.CANCELLING, Kind.FAIL): (Status.CANCELLING, Status.FAILED),
    # The final status is settled from the counts.
    (Status.CANCELLING, Kind.CLOSE): (Status.CANCELLING, None),
}
"""(status, event) -> (next status, outcome to remember)."""
