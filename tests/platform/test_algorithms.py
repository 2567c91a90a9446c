"""Parents, children and who hears of what: the ground the algorithm's shell stands on."""

from typing import Any

import pytest
from nautilus_trader.core import UUID4
from nautilus_trader.model import (
    ClientOrderId,
    ExecAlgorithmId,
    InstrumentId,
    LimitOrder,
    OrderStatus,
    Price,
    StrategyId,
    TimeInForce,
    TraderId,
)

from tests.books import BUY, XNAS, XNYS, ns, px, qty, run, top
from tests.parts import Probe, Script, short

QUIET = [top(t, 100, 300, 100.02, 300) for t in (1, 3, 5, 9)]
IOC = TimeInForce.IOC


def parent(s: Any) -> None:
    s.market(BUY, 500, algo="PROBE", oid="P")


def status(engine: Any, oid: str) -> OrderStatus:
    return engine.cache.order(ClientOrderId(oid)).status


def seen(part: Any, oid: str | None = None) -> list[str]:
    return [short(e) for e in part.events if oid in (None, e.client_order_id.value)]


def limit_parent(s: Any, price: str, instrument: InstrumentId = XNYS, **kw: Any) -> LimitOrder:
    oid = ClientOrderId("P")
    return LimitOrder(
        s.trader_id,
        s.strategy_id,
        instrument,
        oid,
        BUY,
        qty(500),
        Price.from_str(price),
        TimeInForce.GTC,
        False,
        False,
        False,
        UUID4(),
        0,
        exec_algorithm_id=ExecAlgorithmId("PROBE"),
        **{"exec_spawn_id": oid} | kw,
    )


def test_a_hand_built_child_reaches_its_own_or_another_venue_and_both_hear_of_it() -> None:
    """The parent is not reduced and stays INITIALIZED."""

    def send(p: Probe, order: Any) -> None:
        p.submit_order(p.child(order, 100, 100.02, "SAME", IOC))
        p.submit_order(p.child(order, 100, 100.02, "OTHER", IOC, XNAS))

    algorithm, owner = Probe(send), Script([(2, parent)])
    both = [x for t in (1, 3) for i in (XNYS, XNAS) for x in top(t, 100, 300, 100.02, 300, i)]
    engine = run(both, owner, algorithm, instruments=(XNYS, XNAS))
    for oid in ("SAME", "OTHER"):
        story = ["Initialized", "Submitted", "Accepted", "Filled 100@100.02"]
        assert seen(algorithm, oid) == story
        assert seen(owner, oid) == story
    assert status(engine, "P") == OrderStatus.INITIALIZED
    assert engine.cache.order(ClientOrderId("P")).leaves_qty == qty(500)
    engine.dispose()


def test_during_its_own_submit_an_algorithm_finds_its_rust_properties_borrowed_and_its_stored_handles_whole() -> (
    None
):
    """``OrderInitialized`` of the child is the one event inside the call; all others come after it."""
    inside: dict[str, str] = {}
    trail: list[str] = []

    def send(p: Probe, order: Any) -> None:
        p.submit_order(p.child(order, 100, 100.02, "C", IOC))
        trail.append("submit returned")

    def look(p: Probe, event: Any) -> None:
        trail.append(short(event))
        if short(event) != "Initialized":
            return
        for name in ("clock", "cache", "log", "config", "exec_algorithm_id"):
            with pytest.raises(RuntimeError, match="Already mutably borrowed"):
                getattr(p, name)
        inside["now"] = p.k.timestamp_ns() - ns(2)
        inside["ask"] = str(p.c.quote(XNYS).ask_price)
        p.publish_message("any.topic", 1)

    algorithm = Probe(send, look)
    run(QUIET, Script([(2, parent)]), algorithm).dispose()
    assert not algorithm.errors
    assert inside == {"now": 0, "ask": "100.02"}
    assert trail == ["Initialized", "submit returned", "Submitted", "Accepted", "Filled 100@100.02"]


def test_pending_events_arrive_inside_cancel_and_modify_and_their_answers_after_it() -> None:
    trail: list[str] = []

    def send(p: Probe, order: Any) -> None:
        p.submit_order(p.child(order, 100, 100.0, "C"))
        p.k.set_time_alert_ns("m", ns(3.5), callback=lambda _: act(p.modify_order, p, price=px(99.99)))
        p.k.set_time_alert_ns("c", ns(4), callback=lambda _: act(p.cancel_order, p))

    def act(call: Any, p: Probe, **kw: Any) -> None:
        call(p.c.order(ClientOrderId("C")), **kw)
        trail.append("returned")

    algorithm = Probe(send, lambda _, event: trail.append(short(event)))
    run(QUIET, Script([(2, parent)]), algorithm).dispose()
    modify = ["PendingUpdate", "returned", "Updated"]
    cancel = ["PendingCancel", "returned", "Canceled"]
    assert trail == ["Initialized", "Submitted", "Accepted", *modify, *cancel]


def test_the_algorithm_hears_an_event_before_the_owner() -> None:
    trail: list[str] = []

    class Owner(Script):
        def on_order_event(self, event: Any) -> None:
            trail.append("owner " + short(event))

    def send(p: Probe, order: Any) -> None:
        p.submit_order(p.child(order, 100, 100.02, "C", IOC))

    algorithm = Probe(send, lambda _, event: trail.append("algorithm " + short(event)))
    run(QUIET, Owner([(2, parent)]), algorithm).dispose()
    assert trail[-2:] == ["algorithm Filled 100@100.02", "owner Filled 100@100.02"]


def test_a_denied_parent_carries_the_reason_as_given() -> None:
    algorithm, owner = (
        Probe(lambda p, order: p.deny_order(order, "interval: 0; expected > 0")),
        Script([(2, parent)]),
    )
    engine = run(QUIET, owner, algorithm)
    assert status(engine, "P") == OrderStatus.DENIED
    assert owner.events[-1].reason == algorithm.events[-1].reason == "interval: 0; expected > 0"
    engine.dispose()


def test_another_strategy_can_close_a_parent_and_owner_and_algorithm_hear_of_it() -> None:
    """The parent is CANCELED locally, the canceller hears nothing, an open child stays open."""
    algorithm = Probe(lambda p, order: p.submit_order(p.child(order, 100, 100.0, "C")))
    owner = Script([(2, parent)])
    desk = Script([(4, lambda s: s.cancel_order(ClientOrderId("P")))], tag="900")
    engine = run(QUIET, owner, algorithm, desk)
    assert (status(engine, "P"), status(engine, "C")) == (OrderStatus.CANCELED, OrderStatus.ACCEPTED)
    assert (seen(owner, "P"), seen(algorithm, "P"), seen(desk)) == (
        ["Initialized", "Canceled"],
        ["Canceled"],
        [],
    )
    engine.dispose()


def test_the_owners_cancel_all_closes_the_parent_and_a_native_modify_does_nothing() -> None:
    acts = [
        (2, lambda s: s.submit_order(limit_parent(s, "100.00"))),
        (3.5, lambda s: s.modify_order(ClientOrderId("P"), quantity=qty(600))),
        (4, lambda s: s.cancel_all_orders(XNYS)),
    ]
    algorithm, owner = Probe(), Script(acts)
    engine = run(QUIET, owner, algorithm)
    assert seen(owner) == ["Initialized", "Canceled"]
    assert seen(algorithm) == ["Canceled"]
    assert engine.cache.order(ClientOrderId("P")).quantity == qty(500)
    engine.dispose()


def test_an_algorithms_cancel_of_the_parent_does_nothing() -> None:
    algorithm, owner = Probe(lambda p, order: p.cancel_order(order)), Script([(2, parent)])
    engine = run(QUIET, owner, algorithm)
    assert status(engine, "P") == OrderStatus.INITIALIZED
    engine.dispose()


def test_an_unknown_algorithm_leaves_the_order_initialized() -> None:
    owner = Script([(2, lambda s: s.market(BUY, 500, algo="NOBODY", oid="P"))])
    engine = run(QUIET, owner)
    assert (status(engine, "P"), seen(owner)) == (OrderStatus.INITIALIZED, ["Initialized"])
    engine.dispose()


def test_a_childs_duplicate_id_is_skipped_in_silence() -> None:
    algorithm = Probe(lambda p, order: [p.submit_order(p.child(order, 100, 100.0, "C")) for _ in range(2)])
    run(QUIET, Script([(2, parent)]), algorithm).dispose()
    assert seen(algorithm) == ["Initialized", "Submitted", "Accepted"]


def test_children_above_the_submit_rate_are_denied() -> None:
    algorithm = Probe(lambda p, order: [p.submit_order(p.child(order, 1, 99, f"C{i}")) for i in range(150)])
    run(QUIET, Script([(2, parent)]), algorithm, rate="100/00:00:01").dispose()
    assert seen(algorithm).count("Denied") == 50


@pytest.mark.parametrize(
    ("price", "instrument"), [("100.0051", XNYS), ("100.00", InstrumentId.from_str("ZZZ.XNYS"))]
)
def test_parents_bypass_the_risk_engine(price: str, instrument: InstrumentId) -> None:
    """A price off the tick and an instrument nobody knows both reach ``on_order``."""
    algorithm = Probe()
    run(
        QUIET, Script([(2, lambda s: s.submit_order(limit_parent(s, price, instrument)))]), algorithm
    ).dispose()
    assert [str(o.price) for o in algorithm.orders] == [price]


def test_parameters_are_text_only() -> None:
    names = {"trader_id": TraderId("T-1"), "strategy_id": StrategyId("S-1")}
    with pytest.raises(TypeError, match="'int' object is not an instance of 'str'"):
        limit_parent(type("S", (), names), "100.00", exec_algorithm_params={"slices": 5})


def test_an_order_with_an_algorithm_needs_a_spawn_id() -> None:
    names = {"trader_id": TraderId("T-1"), "strategy_id": StrategyId("S-1")}
    with pytest.raises(ValueError, match="exec_spawn_id"):
        limit_parent(type("S", (), names), "100.00", exec_spawn_id=None)


def test_an_exception_in_on_order_is_swallowed_and_leaves_the_parent_open(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail(_: Probe, __: Any) -> None:
        raise ValueError("boom")

    algorithm, owner = Probe(fail), Script([(2, parent), (4, lambda s: s.ioc(BUY, 100, 100.02))])
    engine = run(QUIET, owner, algorithm)
    assert status(engine, "P") == OrderStatus.INITIALIZED
    assert owner.fills() == [(100, 100.02)]
    engine.dispose()
