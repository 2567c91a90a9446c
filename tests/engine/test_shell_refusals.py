"""Every parent that no algorithm works is denied at once, in one line, before any child exists."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.model import (
    AccountType,
    ClientOrderId,
    ExecAlgorithmId,
    InstrumentId,
    Money,
    OmsType,
    OrderStatus,
    PositionId,
    Price,
    Quantity,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)

from tests.books import BUY, SELL, USD, XNYS, Script, ns, px, qty, top, trade
from tests.engine.conftest import Play
from tests.engine.shell import Story, flat

TEN = {"duration": "10s", "slices": "2"}


def common(params: dict[str, str] | None = None, name: str = "P") -> dict[str, Any]:
    return {
        "exec_algorithm_id": ExecAlgorithmId("TWAP"),
        "exec_algorithm_params": TEN if params is None else params,
        "client_order_id": ClientOrderId(name),
    }


def market(params: dict[str, str] | None = None, size: Any = 100, side: Any = BUY, **kw: Any) -> Any:
    size = qty(size) if isinstance(size, int) else size
    return lambda s: s.submit_order(
        s.order_factory.market(kw.pop("iid", XNYS), side, size, **kw, **common(params))
    )


def limit(price: Any = 100.02, params: dict[str, str] | None = None, **kw: Any) -> Any:
    price = px(price) if isinstance(price, float) else price
    return lambda s: s.submit_order(s.order_factory.limit(XNYS, BUY, qty(100), price, **kw, **common(params)))


def of_kind(kind: str, **kw: Any) -> Any:
    return lambda s: s.submit_order(getattr(s.order_factory, kind)(XNYS, BUY, qty(100), **kw, **common()))


def denied(story: Story, reason: str, name: str = "P") -> None:
    """One record with the reason, one denial to the owner, no child."""
    assert story.result(name).status == "DENIED"
    assert story.result(name).reason == reason
    assert [r.status for r in story.parents(name)] == ["DENIED"]
    assert story.order(name).status == OrderStatus.DENIED
    assert story.told(name) == ["Initialized", "Denied"]
    (event,) = [e for e in story.owner.events if type(e).__name__ == "OrderDenied"][:1]
    assert event.reason == reason
    assert not story.sent
    assert not story.children(name)
    assert story.run.working == 0


STOP = {"trigger_price": px(101)}
TRAIL = {"trailing_offset": Decimal("0.10"), "trailing_offset_type": TrailingOffsetType.PRICE, **STOP}
KINDS = "expected MARKET or LIMIT"
TIMES = "expected GTC, GTD or DAY"
CASES: dict[str, tuple[Any, str]] = {
    "quote quantity": (
        market(quote_quantity=True),
        "quote_quantity: True; expected a quantity in the base unit",
    ),
    "stop market": (of_kind("stop_market", **STOP), f"order_type: 'STOP_MARKET'; {KINDS}"),
    "stop limit": (of_kind("stop_limit", price=px(101), **STOP), f"order_type: 'STOP_LIMIT'; {KINDS}"),
    "if touched": (
        of_kind("market_if_touched", **STOP),
        f"order_type: 'MARKET_IF_TOUCHED'; {KINDS}",
    ),
    "market to limit": (of_kind("market_to_limit"), f"order_type: 'MARKET_TO_LIMIT'; {KINDS}"),
    "trailing": (of_kind("trailing_stop_market", **TRAIL), f"order_type: 'TRAILING_STOP_MARKET'; {KINDS}"),
    "display": (
        limit(display_qty=qty(10)),
        "display_qty: Quantity(10); expected no display quantity; an algorithm decides what is shown",
    ),
    "ioc": (limit(time_in_force=TimeInForce.IOC), f"time_in_force: 'IOC'; {TIMES}"),
    "fok": (limit(time_in_force=TimeInForce.FOK), f"time_in_force: 'FOK'; {TIMES}"),
    "at the close": (
        market(time_in_force=TimeInForce.AT_THE_CLOSE),
        f"time_in_force: 'AT_THE_CLOSE'; {TIMES}",
    ),
    "post only": (
        limit(post_only=True),
        "style: 'aggressive'; expected passive_only for a post-only parent",
    ),
    "post only that crosses late": (
        limit(post_only=True, params=TEN | {"style": "passive_then_cross"}),
        "style: 'passive_then_cross'; expected passive_only for a post-only parent",
    ),
    "post only that sweeps": (
        limit(post_only=True, params=TEN | {"style": "passive_only", "end_behavior": "complete_soft"}),
        "end_behavior: 'complete_soft'; expected cancel for a post-only parent",
    ),
    "off-tick price": (
        limit(Price.from_str("100.025")),
        "price: '100.025'; expected a price on the tick of 0.01",
    ),
    "off-lot size": (
        market(size=Quantity.from_str("10.5")),
        "quantity: '10.5'; expected a positive multiple of the lot of 1",
    ),
    "two limits": (
        limit(100.02, params=TEN | {"limit_price": "100.03"}),
        "limit_price: '100.03'; expected the order's own limit price 100.02, or none",
    ),
    "expiry and duration": (
        limit(time_in_force=TimeInForce.GTD, expire_time=ns(9)),
        "end_time: '10s'; expected the order's own expiry or this, not both",
    ),
    "end and duration": (
        market(TEN | {"end_time": "2030-01-01T00:00+00:00"}),
        "duration: '10s'; expected no duration where end_time is given, or no end_time",
    ),
    "expired": (
        limit(params={}, time_in_force=TimeInForce.GTD, expire_time=ns(1)),
        f"end_time: {ns(1)}; expected an instant after the start, {ns(2)} ns",
    ),
    "day": (
        limit(params={}, time_in_force=TimeInForce.DAY),
        "time_in_force: 'DAY'; expected GTC or GTD, as the instrument has no calendar",
    ),
    "no end": (
        market({}),
        "end_time: None; expected end_time or duration, as the instrument has no calendar",
    ),
    "unknown instrument": (
        market(iid=InstrumentId.from_str("ZZZ.XNYS")),
        "instrument: 'ZZZ.XNYS'; expected an instrument that the cache knows",
    ),
    "choice": (
        market(TEN | {"style": "fast"}),
        "style: 'fast'; expected one of aggressive, passive_only, passive_then_cross",
    ),
}


@pytest.mark.parametrize(("act", "reason"), CASES.values(), ids=CASES.keys())
def test_a_parent_that_no_algorithm_works_is_denied_with_the_reason(
    play: Play, act: Callable[[Script], None], reason: str
) -> None:
    denied(play(flat(5), [(2, act)], end=20), reason)


def test_an_emulated_parent_never_gets_a_child(play: Play) -> None:
    """The platform's emulator has it first, and hands on a market order without the limit."""
    act = limit(emulation_trigger=TriggerType.BID_ASK)
    story = play(flat(5), [(2, act)], end=20)
    assert story.result().reason == "emulation_trigger: 'BID_ASK'; expected no emulation"
    assert story.told() == ["Initialized", "Initialized", "Released", "Denied"]
    assert not story.sent


def test_an_unknown_parameter_is_refused_by_name(play: Play) -> None:
    story = play(flat(5), [(2, market(TEN | {"slize": "3"}))], end=20)
    assert story.result().reason.startswith("slize: '3'; expected one of ")
    denied(story, story.result().reason)


def test_a_data_only_venue_is_refused(play: Play) -> None:
    story = play(flat(5), [(2, market())], end=20, data_only=["XNYS"])
    denied(story, "venue: 'XNYS'; expected a venue that can be traded on; this one is data only")


def test_every_member_of_a_bracket_is_denied_and_none_hangs(play: Play) -> None:
    def act(s: Script) -> None:
        bracket = s.order_factory.bracket(
            XNYS, BUY, qty(100), tp_price=px(101), sl_trigger_price=px(99),
            entry_exec_algorithm_id=ExecAlgorithmId("TWAP"), entry_exec_algorithm_params=TEN,
            entry_client_order_id=ClientOrderId("P"),
        )  # fmt: skip
        s.submit_order_list(bracket)

    story = play(flat(5), [(2, act)], end=20)
    assert [o.status for o in story.eng.cache.orders()] == [OrderStatus.DENIED] * 3
    assert story.owner.names().count("Denied") == 3
    assert {r.status for r in story.run.results.values()} == {"DENIED"}
    assert all(
        "expected a single order, no list, bracket or contingency" in r.reason
        for r in story.run.results.values()
    )


def test_a_plain_list_is_denied_member_by_member(play: Play) -> None:
    def act(s: Script) -> None:
        s.submit_order_list(
            [s.order_factory.limit(XNYS, side, qty(100), px(100), **common(name=name))
             for side, name in ((BUY, "P"), (SELL, "Q"))]
        )  # fmt: skip

    story = play(flat(5), [(2, act)], end=20)
    assert {name: r.status for name, r in story.run.results.items()} == {"P": "DENIED", "Q": "DENIED"}
    assert [story.order(n).status for n in "PQ"] == [OrderStatus.DENIED] * 2


def test_a_hedging_venue_asks_for_a_position_id_and_passes_it_to_the_children(play: Play) -> None:
    def with_position(s: Script) -> None:
        order = s.order_factory.market(XNYS, BUY, qty(100), **common(name="Q"))
        s.submit_order(order, PositionId("POS-1"))

    story = play(
        flat(15),
        [(2, market()), (3, with_position)],
        end=20,
        hedging=["XNYS"],
        venue={"oms_type": OmsType.HEDGING},
    )
    assert story.result("P").reason == (
        "position_id: None; expected a position id, as the venue opens a position per order"
    )
    assert story.result("Q").status == "DONE"
    assert [str(p.id) for p in story.eng.cache.positions()] == ["POS-1"]


CASH = {"account_type": AccountType.CASH, "starting_balances": [Money(10_000, USD)]}


def test_a_cash_account_must_hold_what_is_sold(play: Play) -> None:
    story = play(flat(5), [(2, market(side=SELL))], end=20, venue=CASH)
    denied(story, "quantity: '100'; expected at most what 0 free in the cash account allow")


def test_a_cash_account_must_pay_for_what_is_bought(play: Play) -> None:
    story = play(flat(5), [(2, market())], end=20, venue=CASH)
    denied(story, "quantity: '100'; expected at most what 10000.00 free in the cash account allow")


def test_a_cash_account_that_can_pay_works(play: Play) -> None:
    story = play(flat(15), [(2, market(size=90))], end=20, venue=CASH)
    assert (story.result().status, story.result().filled) == ("DONE", 90)


def test_a_reduce_only_parent_has_reduce_only_children(play: Play) -> None:
    def act(s: Script) -> None:
        s.submit_order(s.order_factory.market(XNYS, SELL, qty(50), reduce_only=True, **common()))

    buy = lambda s: s.limit(BUY, 100, 100.02, TimeInForce.IOC, oid="X")  # noqa: E731
    story = play(flat(15), [(1, buy), (2, act)], end=20)
    assert story.result().status == "DONE"
    assert all(o.is_reduce_only for o in story.sent if o.client_order_id.value != "X")


def test_an_internal_error_at_receipt_denies_the_parent_and_is_seen(
    play: Play, monkeypatch: pytest.MonkeyPatch, errors_expected: list[str]
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("division")

    monkeypatch.setattr("nautilus_exec.nautilus.algorithm.receive", broken)
    story = play(flat(5), [(2, market())], end=20)
    denied(story, "internal error: ZeroDivisionError('division')")
    assert story.run.errors == ["P: ZeroDivisionError('division')"]


def test_without_a_quote_nothing_is_sent_and_the_parent_ends_with_its_remainder(play: Play) -> None:
    data = [trade(0, 100, 1), *[top(t, 100, 300, 100.02, 300) for t in (30, 31)]]
    story = play(data, [(2, market())], end=40)
    assert (story.result().status, story.result().reason) == ("EXPIRED", "end_time")
    assert (story.result().decision_px, story.result().remainder) == (None, 100)
    assert not story.sent
    assert {d.held for d in story.decisions()} == {"no_quote"}
