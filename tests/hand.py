"""Hand-made books and prints.

Stamps are seconds after ``T0`` (fractions allowed), prices decimal text or floats on a cent, sizes shares.
"""

from itertools import count
from typing import Any

from nautilus_trader.model import (
    AggressorSide,
    BookAction,
    BookOrder,
    BookType,
    Currency,
    Equity,
    InstrumentId,
    OrderBookDelta,
    OrderBookDeltas,
    OrderSide,
    Price,
    Quantity,
    QuoteTick,
    Symbol,
    TradeId,
    TradeTick,
)

T0 = 1_700_000_000_000_000_000
F_LAST = 128
_SEQUENCE = count(1, 4)
USD = Currency.from_str("USD")
XNYS = InstrumentId.from_str("ABC.XNYS")
XNAS = InstrumentId.from_str("ABC.XNAS")
BUY, SELL = OrderSide.BUY, OrderSide.SELL

HONEST: dict[str, Any] = {
    "book_type": BookType.L2_MBP,
    "queue_position": True,
    "liquidity_consumption": True,
}
"""The venue settings under which displayed size is honest."""

PLAIN: dict[str, Any] = {
    "book_type": BookType.L1_MBP,
    "queue_position": False,
    "liquidity_consumption": False,
}
"""The platform's defaults: top of book."""


def ns(seconds: float) -> int:
    """Stamp of ``seconds`` after ``T0``."""
    return T0 + round(seconds * 1e9)


def px(price: float | str) -> Price:
    return Price.from_str(f"{float(price):.2f}")


def qty(size: int) -> Quantity:
    return Quantity.from_int(size)


def equity(instrument_id: InstrumentId = XNYS) -> Equity:
    return Equity(
        instrument_id,
        Symbol(instrument_id.symbol.value),
        USD,
        2,
        Price.from_str("0.01"),
        0,
        0,
        lot_size=qty(1),
    )


def quote(
    t: float, bid: float, bid_size: int, ask: float, ask_size: int, iid: InstrumentId = XNYS
) -> QuoteTick:
    return QuoteTick(iid, px(bid), px(ask), qty(bid_size), qty(ask_size), ns(t), ns(t))


def deltas(
    t: float, bid: float, bid_size: int, ask: float, ask_size: int, iid: InstrumentId = XNYS
) -> OrderBookDeltas:
    """One-level snapshot: CLEAR, ADD bid, ADD ask; a side of size 0 is left out; the last carries F_LAST."""
    seq = next(_SEQUENCE)
    sides = [(side, p, s) for side, p, s in ((BUY, bid, bid_size), (SELL, ask, ask_size)) if s]
    rows = [OrderBookDelta.clear(iid, seq, ns(t), ns(t))]
    if not sides:
        rows = [OrderBookDelta(iid, BookAction.CLEAR, rows[0].order, F_LAST, seq, ns(t), ns(t))]
    for i, (side, p, s) in enumerate(sides, start=1):
        flags = F_LAST if i == len(sides) else 0
        order = BookOrder(side, px(p), qty(s), 0)
        rows.append(OrderBookDelta(iid, BookAction.ADD, order, flags, seq + i, ns(t), ns(t)))
    return OrderBookDeltas(iid, rows)


def top(
    t: float, bid: float, bid_size: int, ask: float, ask_size: int, iid: InstrumentId = XNYS
) -> list[Any]:
    """The honest recipe's pair: the one-level book, then the quote of the same instant."""
    return [deltas(t, bid, bid_size, ask, ask_size, iid), quote(t, bid, bid_size, ask, ask_size, iid)]


def trade(
    t: float,
    price: float,
    size: int,
    iid: InstrumentId = XNYS,
    aggressor: AggressorSide = AggressorSide.NO_AGGRESSOR,
) -> TradeTick:
    return TradeTick(iid, px(price), qty(size), aggressor, TradeId(f"{t}-{price}-{size}"), ns(t), ns(t))
