"""What can happen to a parent and its children: the one alphabet of the ledger, the journal and the tests."""

from enum import StrEnum
from typing import NamedTuple

from nautilus_exec.units import Lots, Nanos, Ticks


class Kind(StrEnum):
    """The kinds of event. The first group is about a child, the second about the parent."""

    SENT = "sent"
    ACCEPTED = "accepted"
    FILL = "fill"
    CANCEL_SENT = "cancel_sent"
    CANCELLED = "cancelled"
    CANCEL_REJECTED = "cancel_rejected"
    AMEND_SENT = "amend_sent"
    AMENDED = "amended"
    AMEND_REJECTED = "amend_rejected"
    EXPIRED = "expired"
    REJECTED = "rejected"
    SILENT = "silent"
    """No answer within the acknowledgement timeout."""

    START = "start"
    DENY = "deny"
    PAUSE = "pause"
    RESUME = "resume"
    AMEND_PARENT = "amend_parent"
    COMPLETE = "complete"
    TIME_UP = "time_up"
    CANCEL = "cancel"
    FAIL = "fail"
    CLOSE = "close"


class Event(NamedTuple):
    """One event; a field that its kind does not use keeps its default.

    ``lots`` is the size sent, filled or amended to; ``fee`` is positive when paid; ``lasting`` marks a reject that will
    not pass by waiting; ``over_cap`` counts lots of a final sweep beyond the participation cap;
    ``auction`` marks a child that waits for one.
    """

    kind: Kind
    ts: Nanos
    child_id: str = ""
    lots: Lots = 0
    price_ticks: Ticks = 0
    key: str = ""
    venue: str = ""
    take: bool = False
    trade_id: str = ""
    fee: float = 0.0
    currency: str = ""
    maker: bool = False
    reason: str = ""
    lasting: bool = False
    over_cap: Lots = 0
    auction: bool = False
