"""The records of a run: what the algorithm says on the bus, what the catalog keeps and the analysis reads.

Key: ``(run_id, parent_id, child_id, seq)``. Prices are integer ticks with the tick beside them, quantities are
base lots with the lot beside them, instants are UTC nanoseconds, fees carry their currency. A record that changes after
it was written (a late fill) is written again with a higher ``revision``; readers keep the highest. Readers accept
older schema versions and refuse newer ones.
"""

import msgspec

SCHEMA_VERSION = 1


class ParentRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How one parent order ended: the true result, whatever the platform shows for the order itself.

    Prices ``decision_px`` (mid at receipt), ``arrival_px`` (mid at max(receipt, start)) and ``end_px`` (mid at the
    end) are in quote currency; ``None`` is unobserved. ``fees`` is positive when paid.
    """

    run_id: str
    parent_id: str
    revision: int
    mode: str
    """backtest, paper or live."""
    algorithm: str
    strategy_id: str
    instrument: str
    side: int
    """+1 buy, -1 sell."""
    quantity: int
    lot: float
    tick: float
    currency: str
    status: str
    """DENIED, DONE, EXPIRED, CANCELLED or FAILED."""
    reason: str
    received_ns: int
    start_ns: int
    end_ns: int
    ended_ns: int
    filled: int
    remainder: int
    unconfirmed: int
    excess: int
    swept_over_cap: int
    """Lots that complete_hard had filled beyond the participation cap, or that a silent venue may still fill."""
    avg_px: float | None
    fees: float
    decision_px: float | None
    arrival_px: float | None
    end_px: float | None
    children: int
    fills: int
    rejects: int
    params: str
    """The parameters as given, JSON."""
    assumptions: str = "{}"
    """What the venue simulation assumed, JSON; empty when live."""
    schema_version: int = SCHEMA_VERSION


class ChildRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One child order, written when it ends. ``bid`` and ``ask`` are the touch of its venue when it was sent."""

    run_id: str
    parent_id: str
    child_id: str
    seq: int
    revision: int
    key: str
    instrument: str
    venue: str
    side: int
    lots: int
    lot: float
    price_ticks: int
    tick: float
    take: bool
    status: str
    reason: str
    filled: int
    sent_ns: int
    accepted_ns: int | None
    cancel_sent_ns: int | None
    ended_ns: int
    bid: float | None
    ask: float | None
    schema_version: int = SCHEMA_VERSION


class FillRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One fill. ``bid`` and ``ask`` are the touch of its venue when its child was sent."""

    run_id: str
    parent_id: str
    child_id: str
    seq: int
    """Position of the fill within its parent, from 0."""
    trade_id: str
    instrument: str
    venue: str
    side: int
    lots: int
    lot: float
    price_ticks: int
    tick: float
    currency: str
    fee: float
    fee_currency: str
    liquidity: str
    """MAKER, TAKER or AUCTION."""
    sent_ns: int
    ts_event: int
    ts_init: int
    bid: float | None
    ask: float | None
    late: bool
    """True for a fill after the venue's own terminal report of its child."""
    schema_version: int = SCHEMA_VERSION


class DecisionRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One step of a parent that sent, cancelled or changed something: the facts seen and what was decided."""

    run_id: str
    parent_id: str
    seq: int
    ts: int
    reason: str
    planned: int
    """Lots the schedule wanted done by now; -1 where the policy has no schedule."""
    filled: int
    out: int
    sent: int
    cancelled: int
    held: str
    """Which limit held something back, empty when none did."""
    wake_ns: int | None
    bid: float | None
    ask: float | None
    schema_version: int = SCHEMA_VERSION


RECORDS: tuple[type[msgspec.Struct], ...] = (ParentRecord, ChildRecord, FillRecord, DecisionRecord)
