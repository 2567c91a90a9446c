"""What the simulated venue and the risk engine answer to orders: sequences of events and the texts of reasons."""

from typing import Any

import pytest
from nautilus_trader.core import UUID4
from nautilus_trader.model import (
    AccountType,
    ClientOrderId,
    InstrumentId,
    LimitOrder,
    OmsType,
    OrderStatus,
    Price,
    TimeInForce,
)

from tests.books import BUY, SELL, USD, XNYS, deltas, px, qty, run, top, trade
from tests.parts import Script, short

QUIET = [top(t, 100, 300, 100.02, 300) for t in (1, 3, 5, 9)]
"""100.00 / 100.02, 300 on both sides, at 1, 3, 5 and 9 seconds."""


def told(*acts: tuple[float, Any], data: list[Any] | None = None, **venue: Any) -> list[str]:
    """Every event of the run in order, with its reason."""
    owner = Script(acts)
    run(data or QUIET, owner, **venue).dispose()
    assert not owner.errors
    return [" ".join(filter(None, (short(e), getattr(e, "reason", None)))) for e in owner.events][1:]


def put(*args: Any, **kw: Any) -> Any:
    def act(s: Any) -> None:
        s.order = s.limit(*args, **kw)

    return act


def cancel(s: Any) -> None:
    s.cancel_order(s.order.client_order_id)


def modify(size: int | None = None, price: float | None = None) -> Any:
    def act(s: Any) -> None:
        new_size, new_price = qty(size) if size else None, px(price) if price else None
        s.modify_order(s.order.client_order_id, quantity=new_size, price=new_price)

    return act


def test_an_ioc_fills_and_then_cancels_its_rest() -> None:
    assert told((2, lambda s: s.ioc(BUY, 500, 100.02))) == [
        "Submitted",
        "Accepted",
        "Filled 300@100.02",
        "Canceled",
    ]


def test_a_resting_order_is_accepted_and_its_cancel_confirmed() -> None:
    assert told((2, put(BUY, 100, 100)), (4, cancel)) == [
        "Submitted",
        "Accepted",
        "PendingCancel",
        "Canceled",
    ]


def test_a_cancel_of_an_order_that_is_gone_is_answered_by_nothing() -> None:
    """No CancelRejected, whether it was filled or cancelled: never wait for an answer."""
    filled = told((2, put(BUY, 100, 100.02)), (4, cancel))
    assert filled == ["Submitted", "Accepted", "Filled 100@100.02"]
    assert told((2, put(BUY, 100, 100)), (4, cancel), (6, cancel))[-1] == "Canceled"


def test_a_modify_of_an_order_that_is_gone_is_answered_by_nothing() -> None:
    assert told((2, put(BUY, 100, 100.02)), (4, modify(200)))[-1] == "Filled 100@100.02"


def test_a_modify_is_updated_and_may_fill_at_once() -> None:
    assert told((2, put(BUY, 100, 100)), (4, modify(price=100.02))) == [
        "Submitted",
        "Accepted",
        "PendingUpdate",
        "Updated",
        "Filled 100@100.02",
    ]


def test_a_modify_below_what_is_filled_is_rejected() -> None:
    assert told((2, put(BUY, 500, 100.02)), (2.5, modify(200)))[-1] == (
        "ModifyRejected Cannot reduce order quantity 200 below filled quantity 300"
    )


def test_a_modify_that_changes_nothing_raises() -> None:
    owner = Script([(2, put(BUY, 100, 100)), (4, modify(100, 100))])
    run(QUIET, owner).dispose()
    assert [type(e) for e in owner.errors] == [RuntimeError]


def test_a_crossing_post_only_order_is_rejected() -> None:
    owner = Script([(2, put(BUY, 100, 100.02, post_only=True))])
    run(QUIET, owner).dispose()
    last = owner.events[-1]
    assert short(last) == "Rejected"
    assert last.due_post_only
    assert last.reason == (
        "POST_ONLY LIMIT BUY order limit px of 100.02 would have been a TAKER: bid=100.00, ask=100.02"
    )


@pytest.mark.parametrize("tif", [TimeInForce.AT_THE_CLOSE, TimeInForce.AT_THE_OPEN])
def test_auction_orders_are_rejected(tif: TimeInForce) -> None:
    (*_, last) = told((2, put(BUY, 100, 100, tif)))
    assert last.startswith("Rejected time in force AT_THE_")


def test_a_market_order_with_only_a_book_feed_is_denied() -> None:
    books = [deltas(t, 100, 300, 100.02, 300) for t in (1, 3)]
    assert told((2, lambda s: s.market(BUY, 100)), data=books) == [
        "Denied MARKET_PRICE_UNAVAILABLE: order_type=MARKET, instrument_id=ABC.XNYS"
    ]
    assert told((2, lambda s: s.ioc(BUY, 100, 100.02)), data=books)[-1] == "Filled 100@100.02"


def test_the_risk_engine_denies_an_unknown_instrument() -> None:
    unknown = InstrumentId.from_str("ZZZ.XNYS")
    assert told((2, lambda s: s.ioc(BUY, 100, 100, unknown))) == ["Denied INSTRUMENT_NOT_FOUND: ZZZ.XNYS"]


def test_the_risk_engine_denies_a_price_with_too_many_decimals() -> None:
    def act(s: Any) -> None:
        order = LimitOrder(
            s.trader_id,
            s.strategy_id,
            XNYS,
            ClientOrderId("X"),
            BUY,
            qty(100),
            Price.from_str("100.005"),
            TimeInForce.GTC,
            False,
            False,
            False,
            UUID4(),
            0,
        )
        s.submit_order(order)

    assert told((2, act)) == [
        "Denied PRICE_PRECISION_EXCEEDS_MAXIMUM: field=PRICE, price=100.005, precision=3, max_precision=2"
    ]


@pytest.mark.parametrize(("rate", "denied"), [("100/00:00:01", 50), ("1000000/00:00:01", 0)])
def test_orders_above_the_submit_rate_are_denied(rate: str, denied: int) -> None:
    """The default is 100 a second."""
    owner = Script([(2, lambda s: [s.limit(BUY, 1, 99) for _ in range(150)])])
    run(QUIET, owner, rate=rate).dispose()
    reasons = [e.reason for e in owner.events if short(e) == "Denied"]
    assert reasons == ["RATE_LIMIT_EXCEEDED"] * denied


def test_a_duplicate_id_is_not_executed_but_said_to_be_submitted_again() -> None:
    twice = told((2, put(BUY, 100, 100, oid="D")), (4, put(BUY, 100, 100, oid="D")))
    assert twice == ["Submitted", "Accepted", "Initialized", "Submitted"]


def test_a_cash_account_rejects_a_short_and_what_it_cannot_pay() -> None:
    cash = {"account_type": AccountType.CASH, "base_currency": USD}
    (*_, last) = told((2, lambda s: s.ioc(SELL, 100, 100)), **cash)
    assert last.startswith("Rejected Short selling not permitted on a CASH account")
    assert told((2, lambda s: s.ioc(BUY, 10**8, 100)), **cash) == [
        "Denied NOTIONAL_EXCEEDS_FREE_BALANCE: free=1000000000.00 USD, notional=10000000000.00 USD"
    ]


def test_display_quantity_is_ignored() -> None:
    """An iceberg of 300 that shows 100 fills whole behind nobody: no re-queueing per tip."""

    def act(s: Any) -> None:
        order = LimitOrder(
            s.trader_id,
            s.strategy_id,
            XNYS,
            ClientOrderId("ICE"),
            BUY,
            qty(300),
            px(100.05),
            TimeInForce.GTC,
            False,
            False,
            False,
            UUID4(),
            0,
            display_qty=qty(100),
        )
        s.submit_order(order)

    wide = [top(1, 100, 300, 100.10, 300), trade(3, 100.05, 300), top(5, 100, 300, 100.10, 300)]
    owner = Script([(2, act)])
    run(wide, owner).dispose()
    assert sum(size for size, _ in owner.fills()) == 300


def test_a_filled_order_is_filled_in_the_cache_when_its_event_comes() -> None:
    seen: list[OrderStatus] = []

    class Owner(Script):
        def on_order_filled(self, event: Any) -> None:
            seen.append(self.c.order(event.client_order_id).status)

    run(QUIET, Owner([(2, lambda s: s.ioc(BUY, 100, 100.02))])).dispose()
    assert seen == [OrderStatus.FILLED]


def test_a_hedging_venue_opens_a_position_for_every_order() -> None:
    owner = Script([(2, lambda s: [s.ioc(BUY, 100, 100.02) for _ in range(2)])])
    run(QUIET, owner, oms_type=OmsType.HEDGING).dispose()
    positions = [e.position_id.value for e in owner.events if short(e).startswith("Filled")]
    assert len(set(positions)) == 2
