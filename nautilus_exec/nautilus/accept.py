"""What the package accepts as a parent order, and why it refuses the rest, before any child exists."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from nautilus_trader.model import AccountType, OrderType, TimeInForce

from nautilus_exec.core.market import MarketView
from nautilus_exec.core.parent import Parent
from nautilus_exec.core.spec import EndBehavior, Style
from nautilus_exec.curves.volume_profile import check_before
from nautilus_exec.decode import decode
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.auctions import refuse_auction
from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.convert import Ruler, side_of
from nautilus_exec.nautilus.profiles import find
from nautilus_exec.nautilus.sessions import session_at, zone_of
from nautilus_exec.nautilus.shared import shared
from nautilus_exec.nautilus.view import tops_of
from nautilus_exec.nautilus.working import Working
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.params import CommonParams, OrderFacts
from nautilus_exec.units import SECOND, Nanos, Side

SINGLE = "a single order, no list, bracket or contingency"
_TIMES = (TimeInForce.GTC, TimeInForce.GTD, TimeInForce.DAY)


def receive(
    order: Any, given: dict[str, str], policy: type[Policy], store: Any, run: RunConfig, now_ns: Nanos
) -> Working:
    """Take a parent order on; raises ``InvalidInput`` with the reason for which it is refused."""
    if shared(run.run_id).draining:
        raise InvalidInput("run", run.run_id, "a run that takes parents on; this one is draining")
    instrument = store.instrument(order.instrument_id)
    params = decode(policy.Params, given)
    position_id = store.position_id(order.client_order_id)
    refuse_unfit(order, instrument, run, position_id)
    ruler, venue = Ruler.of(instrument), order.instrument_id.venue.value
    view = MarketView(tops_of(store, {venue: order.instrument_id}, ruler))
    mid = ruler.mid(view, venue, now_ns)
    facts = facts_of(order, instrument, policy.id, run, now_ns, mid)
    refuse_unfit_style(order, params)
    _refuse_uncovered(order, instrument, store, shared(run.run_id).cash)
    name = getattr(params, "profile", None)
    if name is not None:
        profile = find(name, run.catalog)
        check_before(profile, datetime.fromtimestamp(now_ns // SECOND, ZoneInfo(facts.zone)).date())
        facts = replace(facts, profile=profile)
    spec = policy.prepare(params, facts)
    refuse_auction(spec, run)
    parent = Parent(spec, policy.decide, run.hard_limits())
    return Working(
        order,
        parent,
        ruler,
        run,
        msgspec.json.encode(given).decode(),
        facts,
        position_id,
        decision_px=mid,
        symbol=order.instrument_id.symbol.value,
        instrument_ids={venue: order.instrument_id},
    )


def facts_of(
    order: Any, instrument: Any, algorithm: str, run: RunConfig, now_ns: Nanos, mid: float | None
) -> OrderFacts:
    """The facts of a parent order; raises ``InvalidInput`` with the reason for which it is refused."""
    ruler = Ruler.of(instrument)
    calendar = run.calendars.get(order.instrument_id.value)
    session = session_at(calendar, now_ns)
    venue = ruler.venue_spec(instrument, order.instrument_id.venue.value in run.amendable)
    expiry = order.expire_time_ns if order.time_in_force is TimeInForce.GTD else None
    if order.time_in_force is TimeInForce.DAY and session is None:
        raise InvalidInput("time_in_force", "DAY", "GTC or GTD, as the instrument has no calendar")
    return OrderFacts(
        parent_id=order.client_order_id.value,
        algorithm=algorithm,
        side=side_of(order),
        quantity=ruler.lots("quantity", order.quantity),
        venues=(venue,),
        received_ns=now_ns,
        tick=ruler.tick,
        lot=ruler.lot,
        zone=zone_of(calendar),
        session=session,
        limit_ticks=ruler.ticks("price", order.price) if order.order_type is OrderType.LIMIT else None,
        expire_ns=expiry,
        mid=mid,
    )


def refuse_unfit(order: Any, instrument: Any, run: RunConfig, position_id: Any) -> None:
    """Raise ``InvalidInput`` for an order of a kind that no algorithm works.

    ``position_id`` is the one that the owner submitted it with; the order itself does not carry it.
    """
    venue = order.instrument_id.venue.value
    for unfit, field, value, expected in (
        (instrument is None, "instrument", order.instrument_id.value, "an instrument that the cache knows"),
        (venue in run.data_only, "venue", venue, "a venue that can be traded on; this one is data only"),
        (
            order.order_type not in (OrderType.MARKET, OrderType.LIMIT),
            "order_type",
            order.order_type.name,
            "MARKET or LIMIT",
        ),
        (order.is_quote_quantity, "quote_quantity", True, "a quantity in the base unit"),
        (_in_list(order), "order_list", _linked(order), SINGLE),
        (order.time_in_force not in _TIMES, "time_in_force", order.time_in_force.name, "GTC, GTD or DAY"),
        (_emulated(order), "emulation_trigger", _emulation(order), "no emulation"),
        (
            getattr(order, "display_qty", None) is not None,
            "display_qty",
            getattr(order, "display_qty", None),
            "no display quantity; an algorithm decides what is shown",
        ),
        (
            venue in run.hedging and position_id is None,
            "position_id",
            None,
            "a position id, as the venue opens a position per order",
        ),
    ):
        if unfit:
            raise InvalidInput(field, value, expected)


def refuse_unfit_style(order: Any, params: CommonParams) -> None:
    """Raise ``InvalidInput`` for a post-only parent that its style or its end would let take."""
    if order.order_type is not OrderType.LIMIT or not order.is_post_only:
        return
    if params.style is not Style.PASSIVE_ONLY:
        raise InvalidInput("style", params.style.value, "passive_only for a post-only parent")
    if params.end_behavior is not EndBehavior.CANCEL:
        raise InvalidInput("end_behavior", params.end_behavior.value, "cancel for a post-only parent")
    if params.iwould_price is not None:
        raise InvalidInput("iwould_price", params.iwould_price, "no such price for a post-only parent")


def _refuse_uncovered(order: Any, instrument: Any, store: Any, cash: dict[str, bool]) -> None:
    """Raise ``InvalidInput`` when a cash account says that it cannot pay for, or does not hold, the quantity."""
    venue = order.instrument_id.venue
    # Reading an account copies its whole history; its type never changes.
    if venue.value not in cash:
        account = store.account_for_venue(venue)
        cash[venue.value] = account is not None and account.account_type is AccountType.CASH
    if not cash[venue.value]:
        return
    account = store.account_for_venue(venue)
    base = getattr(instrument, "base_currency", None)
    if side_of(order) is Side.BUY:
        quote = store.quote(order.instrument_id)
        if quote is None:
            return
        need = instrument.notional_value(order.quantity, quote.ask_price).as_decimal()
        have = _free(account, instrument.quote_currency)
    else:
        need = order.quantity.as_decimal()
        have = _held(store, order.instrument_id) if base is None else _free(account, base)
    if need > have:
        raise InvalidInput(
            "quantity", str(order.quantity), f"at most what {have} free in the cash account allow"
        )


def _free(account: Any, currency: Any) -> Decimal:
    free = account.balance_free(currency)
    return Decimal(0) if free is None else free.as_decimal()


def _held(store: Any, instrument_id: Any) -> Decimal:
    """Net position in units."""
    positions = store.positions_open(instrument_id=instrument_id)
    return sum((position.signed_decimal_qty() for position in positions), Decimal(0))


def _in_list(order: Any) -> bool:
    return bool(_linked(order))


def _linked(order: Any) -> str:
    """What ties this order to others, empty when nothing does."""
    if order.order_list_id is not None:
        return str(order.order_list_id)
    if order.parent_order_id is not None:
        return str(order.parent_order_id)
    return ", ".join(str(other) for other in order.linked_order_ids or ())


def _emulation(order: Any) -> str:
    """What released this order; an emulated limit order arrives as a market order that has forgotten its limit."""
    trigger = getattr(order.init_event, "emulation_trigger", None)
    return "" if trigger is None else trigger.name


def _emulated(order: Any) -> bool:
    return _emulation(order) not in ("", "NO_TRIGGER")
