"""Configurations, starting and stopping."""

from typing import Any, Self

import pytest
from nautilus_trader.model import ClientOrderId, ExecAlgorithmId, OrderStatus
from nautilus_trader.trading import (
    ExecutionAlgorithm,
    ExecutionAlgorithmConfig,
    ImportableExecutionAlgorithmConfig,
)

from tests.books import BUY, XNYS, engine, px, qty, run, top
from tests.parts import Listener, Probe, Script, short

QUIET = [top(t, 100, 300, 100.02, 300) for t in (1, 3, 5)]
STARTED: list["OwnAlgorithm"] = []


class OwnConfig(ExecutionAlgorithmConfig):
    """A field of our own beside the platform's."""

    own: str

    def __new__(cls, own: str = "default", **kw: Any) -> Self:
        self = super().__new__(cls, **{k: v for k, v in kw.items() if k == "exec_algorithm_id"})
        self.own, self.rest = own, kw
        return self


class OwnAlgorithm(ExecutionAlgorithm):
    def __init__(self, config: OwnConfig) -> None:
        self.given = config

    def on_start(self) -> None:
        STARTED.append(self)


@pytest.fixture
def started() -> list[OwnAlgorithm]:
    STARTED.clear()
    return STARTED


def start(add: Any) -> None:
    eng = engine()
    for item in top(1, 100, 300, 100.02, 300):
        eng.add_data([item])
    add(eng)
    eng.run()
    eng.dispose()


def test_a_config_subclass_carries_own_fields(started: list[OwnAlgorithm]) -> None:
    config = OwnConfig(own="mine", exec_algorithm_id=ExecAlgorithmId("OWN"))
    start(lambda eng: eng.add_exec_algorithm(OwnAlgorithm(config)))
    (algorithm,) = started
    assert (algorithm.given.own, algorithm.config.own, algorithm.exec_algorithm_id.value) == (
        "mine",
        "mine",
        "OWN",
    )


def test_an_importable_config_hands_its_table_over_as_keywords_unknown_ones_too(
    started: list[OwnAlgorithm],
) -> None:
    table = {"exec_algorithm_id": "OWN", "own": "mine", "bogus": 7}
    config = ImportableExecutionAlgorithmConfig(f"{__name__}:OwnAlgorithm", f"{__name__}:OwnConfig", table)
    start(lambda eng: eng.add_exec_algorithm_from_config(config))
    (algorithm,) = started
    assert (algorithm.given.own, algorithm.exec_algorithm_id.value) == ("mine", "OWN")
    assert algorithm.given.rest == {"exec_algorithm_id": "OWN", "bogus": 7}


@pytest.mark.parametrize("base", [Listener, Probe, Script])
def test_only_an_exception_in_on_start_stops_a_run(base: type) -> None:
    def fail(_: Any) -> None:
        raise ValueError("at the start")

    broken = type("Broken", (base,), {"on_start": fail})
    with pytest.raises(RuntimeError, match="at the start"):
        run(QUIET, broken())


def test_actors_stop_first_then_algorithms_then_strategies_and_topics_still_deliver() -> None:
    """A recorder goes on receiving after its own ``on_stop``: the runner flushes it."""
    trail: list[Any] = []

    class Actor(Listener):
        def on_stop(self) -> None:
            trail.append("actor stops")

    class Algorithm(Probe):
        def on_stop(self) -> None:
            self.publish_message("last.words", "algorithm")

    class Owner(Script):
        def on_stop(self) -> None:
            self.publish_message("last.words", "strategy")

    run(QUIET, Owner(), Algorithm(), Actor(lambda s: s.subscribe_topic("last.words", trail.append))).dispose()
    assert trail == ["actor stops", "algorithm", "strategy"]


def test_what_is_cancelled_in_on_stop_is_confirmed_to_nobody() -> None:
    class Owner(Script):
        def on_stop(self) -> None:
            self.cancel_order(ClientOrderId("O"))

    owner = Owner([(2, lambda s: s.limit(BUY, 1, 99, oid="O"))])
    eng = run(QUIET, owner)
    assert owner.names() == ["Initialized", "Submitted", "Accepted"]
    assert eng.cache.order(ClientOrderId("O")).status == OrderStatus.CANCELED
    eng.dispose()


class Lists(Probe):
    """Denies every member of a list if told to."""

    deny = False

    def on_order_list(self, _: Any, orders: Any) -> None:
        self.trail.append(len(orders))
        for order in orders if self.deny else ():
            self.deny_order(order, "order lists are refused")


def bracket(s: Any) -> None:
    s.submit_order_list(
        s.order_factory.bracket(
            XNYS,
            BUY,
            qty(100),
            tp_price=px(101),
            sl_trigger_price=px(99),
            entry_exec_algorithm_id=ExecAlgorithmId("PROBE"),
        )
    )


@pytest.mark.parametrize(("deny", "status"), [(False, OrderStatus.INITIALIZED), (True, OrderStatus.DENIED)])
def test_all_members_of_a_bracket_reach_on_order_list_and_hang_unless_denied(
    deny: bool, status: OrderStatus
) -> None:
    """``on_order`` is not called; members without an algorithm can be denied there as well."""
    algorithm, owner = Lists(), Script([(2, bracket)])
    algorithm.deny = deny
    eng = run(QUIET, owner, algorithm)
    assert (algorithm.trail, algorithm.orders) == ([3], [])
    assert [o.status for o in eng.cache.orders()] == [status] * 3
    assert [short(e) for e in owner.events].count("Denied") == (3 if deny else 0)
    eng.dispose()
