"""The states of a child order and its transition table, as data.

A pair that is not in the table says nothing new and is ignored (an acknowledgement after the end, a second cancel
confirm). Fills are in the table for every state: a fill is a fact whenever it comes.
"""

from enum import StrEnum

from nautilus_exec.core.events import Kind


class State(StrEnum):
    """Where a child stands, as far as its venue has told us."""

    SENT = "sent"
    WORKING = "working"
    CANCELLING = "cancelling"
    UNKNOWN = "unknown"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


TERMINAL = frozenset({State.FILLED, State.CANCELLED, State.EXPIRED, State.REJECTED})
LIVE = (State.SENT, State.WORKING, State.CANCELLING, State.UNKNOWN)

CHILD: dict[tuple[State, Kind], State] = {
    (State.SENT, Kind.ACCEPTED): State.WORKING,
    (State.SENT, Kind.FILL): State.WORKING,
    (State.SENT, Kind.CANCEL_SENT): State.CANCELLING,
    (State.SENT, Kind.SILENT): State.UNKNOWN,
    (State.WORKING, Kind.FILL): State.WORKING,
    (State.WORKING, Kind.CANCEL_SENT): State.CANCELLING,
    (State.WORKING, Kind.AMEND_SENT): State.WORKING,
    (State.WORKING, Kind.AMENDED): State.WORKING,
    (State.WORKING, Kind.AMEND_REJECTED): State.WORKING,
    (State.CANCELLING, Kind.ACCEPTED): State.CANCELLING,
    (State.CANCELLING, Kind.FILL): State.CANCELLING,
    (State.CANCELLING, Kind.CANCEL_REJECTED): State.WORKING,
    (State.CANCELLING, Kind.SILENT): State.UNKNOWN,
    (State.CANCELLING, Kind.AMENDED): State.CANCELLING,
    (State.CANCELLING, Kind.AMEND_REJECTED): State.CANCELLING,
    (State.UNKNOWN, Kind.ACCEPTED): State.WORKING,
    (State.UNKNOWN, Kind.FILL): State.WORKING,
    (State.UNKNOWN, Kind.CANCEL_SENT): State.UNKNOWN,
    (State.UNKNOWN, Kind.AMENDED): State.UNKNOWN,
    (State.UNKNOWN, Kind.AMEND_REJECTED): State.UNKNOWN,
    **{(state, Kind.CANCELLED): State.CANCELLED for state in LIVE},
    **{(state, Kind.EXPIRED): State.EXPIRED for state in LIVE},
    **{(state, Kind.REJECTED): State.REJECTED for state in LIVE},
    **{(state, Kind.FILL): state for state in TERMINAL},
}
