"""Between the platform's quantities, prices and events and the core's lots, ticks and events: the only such place."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nautilus_trader import model

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.market import MarketView, Top
from nautilus_exec.core.spec import VenueSpec
from nautilus_exec.errors import InvalidInput
from nautilus_exec.units import Lots, Nanos, Side, Ticks

PASSING_REJECTS = re.compile(
    r"(?<![A-Z])(?:RATE|POST|NO MARKET|TIMEOUT|THROTTL|BUSY)|UNAVAILABLE|(?:HTTP|STATUS)\W{0,2}(?:429|5\d\d)\b"
)
"""What in a venue's or the risk engine's reason means: try again later. Anything else is lasting."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """The measures of one instrument: its tick and lot in the platform's raw integers."""

    instrument_id: model.InstrumentId
    tick_raw: int
    lot_raw: int
    price_precision: int
    size_precision: int
    tick: Decimal
    lot: Decimal
    currency: str
    tick_size: float
    """The tick as a float, for records."""
    lot_size: float

    @classmethod
    def of(cls, instrument: Any) -> "Ruler":
        """The ruler of a platform instrument."""
        return cls(
            instrument.id,
            instrument.price_increment.raw,
            instrument.size_increment.raw,
            instrument.price_precision,
            instrument.size_precision,
            instrument.price_increment.as_decimal(),
            instrument.size_increment.as_decimal(),
            instrument.quote_currency.code,
            float(instrument.price_increment),
            float(instrument.size_increment),
        )

    def ticks(self, field: str, price: model.Price) -> Ticks:
        """Ticks of a price; raises ``InvalidInput`` when it lies off the tick."""
        ticks, rest = divmod(price.raw, self.tick_raw)
        if rest:
            raise InvalidInput(field, str(price), f"a price on the tick of {self.tick}")
        return ticks

    def lots(self, field: str, quantity: model.Quantity) -> Lots:
        """Lots of a quantity; raises ``InvalidInput`` when it is not a positive multiple of the lot."""
        lots, rest = divmod(quantity.raw, self.lot_raw)
        if rest or lots <= 0:
            raise InvalidInput(field, str(quantity), f"a positive multiple of the lot of {self.lot}")
        return lots

    def price(self, ticks: Ticks) -> model.Price:
        """The platform's price of so many ticks."""
        return model.Price.from_raw(ticks * self.tick_raw, self.price_precision)

    def quantity(self, lots: Lots) -> model.Quantity:
        """The platform's quantity of so many lots."""
        return model.Quantity.from_raw(lots * self.lot_raw, self.size_precision)

    def top(self, quote: model.QuoteTick) -> Top:
        """A quote in ticks and lots; sizes below one lot count as absent."""
        tick, lot = self.tick_raw, self.lot_raw
        return Top(
            quote.bid_price.raw // tick,
            quote.bid_size.raw // lot,
            quote.ask_price.raw // tick,
            quote.ask_size.raw // lot,
            quote.ts_event,
        )

    def mid(self, view: MarketView, venue: str, now_ns: Nanos) -> float | None:
        """The mid of a venue in currency; None when its quote may not be trusted."""
        if view.trouble(venue, now_ns):
            return None
        top = view.tops[venue]
        return (top.bid + top.ask) / 2 * self.tick_size

    def venue_spec(self, instrument: Any, can_amend: bool) -> VenueSpec:
        """The venue of this instrument as the core sees it."""
        least, most = instrument.min_quantity, instrument.max_quantity
        return VenueSpec(
            venue=self.instrument_id.venue.value,
            instrument=self.instrument_id.value,
            min_lots=1 if least is None else max(1, -(-least.raw // self.lot_raw)),
            max_lots=None if most is None else most.raw // self.lot_raw,
            can_amend=can_amend,
        )


def side_of(order: Any) -> Side:
    """The side of a platform order."""
    return Side.BUY if order.is_buy else Side.SELL


def is_lasting(reason: str) -> bool:
    """Whether a reject will not pass by waiting."""
    return PASSING_REJECTS.search(reason.upper()) is None


_PLAIN: dict[str, Kind] = {
    "OrderAccepted": Kind.ACCEPTED,
    "OrderCanceled": Kind.CANCELLED,
    "OrderExpired": Kind.EXPIRED,
    "OrderRejected": Kind.REJECTED,
    "OrderDenied": Kind.REJECTED,
    "OrderCancelRejected": Kind.CANCEL_REJECTED,
    "OrderModifyRejected": Kind.AMEND_REJECTED,
}

SAYS_NOTHING = frozenset({"OrderInitialized", "OrderSubmitted", "OrderPendingCancel", "OrderPendingUpdate"})
"""Events of our own doing, and half answers."""

PARENT_ENDS = frozenset({"OrderCanceled", "OrderExpired", "OrderDenied", "OrderRejected"})
"""What closes a parent's own order, which never goes to a venue."""


def to_event(event: Any, ruler: Ruler) -> Event | None:
    """A platform order event as the core's; None for those that say nothing to the ledger."""
    name = type(event).__name__
    child = event.client_order_id.value
    if name == "OrderFilled":
        return _fill(event, child, ruler)
    if name == "OrderUpdated":
        price = event.price
        ticks = 0 if price is None else ruler.ticks("price", price)
        lots = event.quantity.raw // ruler.lot_raw
        return Event(Kind.AMENDED, event.ts_event, child, lots=lots, price_ticks=ticks)
    kind = _PLAIN.get(name)
    if kind is None:
        return None
    reason = getattr(event, "reason", "") or ""
    lasting = kind is Kind.REJECTED and not getattr(event, "due_post_only", False) and is_lasting(reason)
    return Event(kind, event.ts_event, child, reason=reason, lasting=lasting)


def _fill(event: Any, child: str, ruler: Ruler) -> Event:
    commission = event.commission
    return Event(
        Kind.FILL,
        event.ts_event,
        child,
        lots=event.last_qty.raw // ruler.lot_raw,
        price_ticks=event.last_px.raw // ruler.tick_raw,
        trade_id=event.trade_id.value,
        fee=0.0 if commission is None else commission.as_double(),
        currency=ruler.currency if commission is None else commission.currency.code,
        maker=event.liquidity_side is model.LiquiditySide.MAKER,
    )
