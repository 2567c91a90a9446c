"""A parent order at work in this process, and the records that are made of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.ledger import Child, Ledger
from nautilus_exec.core.life import Status
from nautilus_exec.core.market import MarketView, Top
from nautilus_exec.core.parent import Parent, Step
from nautilus_exec.core.plan import Cancel
from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.convert import Ruler
from nautilus_exec.policies.params import OrderFacts
from nautilus_exec.tca.records import ChildRecord, DecisionRecord, FillRecord, ParentRecord
from nautilus_exec.units import Nanos


@dataclass(slots=True)
class Working:
    """One parent: the platform's order, the pure parent, and what the records need beside the ledger."""

    order: Any
    parent: Parent
    ruler: Ruler
    run: RunConfig
    params: str
    facts: OrderFacts
    """What an amend starts from."""
    position_id: Any = None
    """The position that the owner wants the fills in; None leaves it to the platform."""
    decision_px: float | None = None
    arrival_px: float | None = None
    end_px: float | None = None
    ended_ns: Nanos = 0
    revision: int = 0
    decisions: int = 0
    touches: dict[str, Top | None] = field(default_factory=dict)
    orders: dict[str, Any] = field(default_factory=dict)
    """The platform's open children by id."""
    issued: dict[str, int] = field(default_factory=dict)
    """How often the record of a child went out."""
    symbol: str = ""
    instrument_ids: dict[str, Any] = field(default_factory=dict)
    """The platform's instrument id per venue."""
    timer: str = ""
    timers: int = 0
    quiet_ns: Nanos | None = None
    watched: tuple[Any, ...] = ()
    wake: Callable[[Any], None] | None = None
    """What the platform's clock calls."""

    @property
    def id(self) -> str:
        """The parent's id."""
        return self.parent.spec.parent_id

    def mid(self, view: MarketView, now_ns: Nanos) -> float | None:
        """The mid of the primary venue in currency; None when it may not be trusted."""
        return self.ruler.mid(view, self.parent.spec.primary.venue, now_ns)

    def touch(self, child_id: str) -> tuple[float | None, float | None]:
        """Bid and ask of the child's venue when it was sent; None for an absent side."""
        return sides(self.touches.get(child_id), self.ruler.tick_size)


def sides(top: Top | None, tick: float) -> tuple[float | None, float | None]:
    """Bid and ask in currency, None for an absent side."""
    if top is None:
        return None, None
    return (top.bid * tick if top.bid_lots > 0 else None, top.ask * tick if top.ask_lots > 0 else None)


def parent_record(work: Working) -> ParentRecord:
    """The parent as it stands."""
    spec, ledger, order = work.parent.spec, work.parent.ledger, work.order
    tick = work.ruler.tick_size
    return ParentRecord(
        run_id=work.run.run_id,
        parent_id=spec.parent_id,
        revision=work.revision,
        mode=work.run.mode,
        algorithm=spec.algorithm,
        strategy_id=str(order.strategy_id),
        instrument=spec.primary.instrument,
        side=int(spec.side),
        quantity=ledger.quantity,
        lot=work.ruler.lot_size,
        tick=tick,
        currency=work.ruler.currency,
        status=ledger.status.value,
        reason=ledger.reason,
        received_ns=spec.received_ns,
        start_ns=spec.start_ns,
        end_ns=spec.end_ns,
        ended_ns=work.ended_ns,
        filled=ledger.filled,
        remainder=max(0, ledger.quantity - ledger.filled),
        unconfirmed=ledger.out,
        excess=ledger.excess,
        swept_over_cap=ledger.over_cap,
        avg_px=ledger.notional / ledger.filled * tick if ledger.filled else None,
        fees=ledger.fees.get(work.ruler.currency, 0.0),
        decision_px=work.decision_px,
        arrival_px=work.arrival_px,
        end_px=work.end_px,
        children=ledger.seq,
        fills=ledger.fill_count,
        rejects=ledger.reject_count,
        params=work.params,
        assumptions=json.dumps(work.run.assumptions, sort_keys=True),
    )


def denied_record(
    order: Any, algorithm: str, run: RunConfig, reason: str, now_ns: Nanos, params: str
) -> ParentRecord:
    """The record of a parent that was refused: no lot was ever measured, so the quantity is in units."""
    return ParentRecord(
        run_id=run.run_id,
        parent_id=order.client_order_id.value,
        revision=0,
        mode=run.mode,
        algorithm=algorithm,
        strategy_id=str(order.strategy_id),
        instrument=order.instrument_id.value,
        side=1 if order.is_buy else -1,
        quantity=0,
        lot=1.0,
        tick=1.0,
        currency="",
        status="DENIED",
        reason=reason,
        received_ns=now_ns,
        start_ns=now_ns,
        end_ns=now_ns,
        ended_ns=now_ns,
        filled=0,
        remainder=0,
        unconfirmed=0,
        excess=0,
        swept_over_cap=0,
        avg_px=None,
        fees=0.0,
        decision_px=None,
        arrival_px=None,
        end_px=None,
        children=0,
        fills=0,
        rejects=0,
        params=params,
    )


def child_record(work: Working, child: Child, revision: int) -> ChildRecord:
    """A child that has ended, or that is out still when its parent ends."""
    spec, (bid, ask) = work.parent.spec, work.touch(child.id)
    venue = spec.at(child.venue) or spec.primary
    return ChildRecord(
        run_id=work.run.run_id,
        parent_id=spec.parent_id,
        child_id=child.id,
        seq=_number(work, child.id),
        revision=revision,
        key=child.key,
        instrument=venue.instrument,
        venue=child.venue,
        side=int(spec.side),
        lots=child.lots,
        lot=work.ruler.lot_size,
        price_ticks=child.price_ticks,
        tick=work.ruler.tick_size,
        take=child.take,
        status=child.state.value,
        reason=child.reason,
        filled=child.filled,
        sent_ns=child.sent_ns,
        accepted_ns=child.accepted_ns,
        cancel_sent_ns=child.cancel_ns,
        ended_ns=child.ended_ns or work.ended_ns,
        bid=bid,
        ask=ask,
    )


def _number(work: Working, child_id: str) -> int:
    """The child's running number, from its id's last five digits in base 32."""
    return int(child_id[-5:].translate(_TO_PYTHON), 32)


_TO_PYTHON = str.maketrans("0123456789ABCDEFGHJKMNPQRSTVWXYZ", "0123456789ABCDEFGHIJKLMNOPQRSTUV")


def fill_record(work: Working, child: Child, event: Event, ts_init: Nanos, late: bool) -> FillRecord:
    """A fill that the ledger has taken in."""
    spec, (bid, ask) = work.parent.spec, work.touch(child.id)
    venue = spec.at(child.venue) or spec.primary
    return FillRecord(
        run_id=work.run.run_id,
        parent_id=spec.parent_id,
        child_id=child.id,
        seq=work.parent.ledger.fill_count - 1,
        trade_id=event.trade_id,
        instrument=venue.instrument,
        venue=child.venue,
        side=int(spec.side),
        lots=event.lots,
        lot=work.ruler.lot_size,
        price_ticks=event.price_ticks,
        tick=work.ruler.tick_size,
        currency=work.ruler.currency,
        fee=event.fee,
        fee_currency=event.currency,
        liquidity="MAKER" if event.maker else "TAKER",
        sent_ns=child.sent_ns,
        ts_event=event.ts,
        ts_init=ts_init,
        bid=bid,
        ask=ask,
        late=late,
    )


def decision_record(work: Working, step: Step, view: MarketView, now_ns: Nanos) -> DecisionRecord:
    """A step that sent or cancelled something, or was held back."""
    spec, ledger = work.parent.spec, work.parent.ledger
    bid, ask = sides(view.tops.get(spec.primary.venue), work.ruler.tick_size)
    cancelled = sum(isinstance(order.action, Cancel) for order in step.orders)
    planned = step.intent.planned
    work.decisions += 1
    return DecisionRecord(
        run_id=work.run.run_id,
        parent_id=spec.parent_id,
        seq=work.decisions - 1,
        ts=now_ns,
        reason=step.intent.reason,
        planned=-1 if planned is None else planned,
        filled=ledger.filled,
        out=ledger.out,
        sent=len(step.orders) - cancelled,
        cancelled=cancelled,
        held=step.held,
        wake_ns=step.wake_ns,
        bid=bid,
        ask=ask,
    )


def is_news(event: Event, child: Child, ledger: Ledger) -> bool:
    """Whether an event of a child needs a step.

    A take that was filled whole asks for nothing, unless it was the last one or the parent waits for it to end: the
    next wake-up is set already.
    """
    if event.kind is Kind.ACCEPTED:
        return not child.take
    if event.kind is Kind.FILL and child.take:
        return ledger.filled >= ledger.quantity or ledger.status is Status.CANCELLING
    return True
