"""Records of a run hold what the ledgers counted; many parents at once all end, and add up."""

import json
import random
from collections import Counter
from typing import Any

import pytest
from nautilus_trader.trading import ImportableExecutionAlgorithmConfig

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.arrow import count_records
from nautilus_exec.nautilus.config import AlgorithmConfig
from nautilus_exec.nautilus.plugins import TwapAlgorithm
from nautilus_exec.nautilus.shared import forget, result, shared
from nautilus_exec.tca.records import RECORDS
from tests.books import BUY, SELL, Script, engine, ns, top, trade
from tests.engine.conftest import Play
from tests.engine.shell import Story, flat
from tests.engine.test_shell_adversity import adds_up, late
from tests.engine.test_shell_life import PASSIVE, TEN, say
from tests.engine.test_shell_refusals import market

TEN_IN_NEW_YORK = 60_400
"""Seconds from T0 to 10:00 in New York of the next day."""


def test_the_rows_on_disk_are_those_of_the_ledgers(play: Play, tmp_path: Any) -> None:
    acts = [
        (1, market(TEN, 400)),
        (2, lambda s: s.market(SELL, 300, algo="TWAP", params=PASSIVE, oid="Q")),
        (3, lambda s: s.market(SELL, 300, algo="TWAP", params={"style": "?"}, oid="BAD")),
    ]
    story = play([*flat(40), trade(8.5, 100.02, 900)], acts, end=50, out=str(tmp_path))
    story.attached.recorder.verify()
    folder = tmp_path / story.attached.run.run_id
    results = story.run.results.values()
    assert {r.parent_id: r.status for r in results} == {"P": "DONE", "Q": "DONE", "BAD": "DENIED"} or len(
        results
    ) == 3
    rows = {kind.__name__: count_records(folder, kind) for kind in RECORDS}
    assert rows["ParentRecord"] == 3
    assert rows["ChildRecord"] == sum(r.children for r in results)
    assert rows["FillRecord"] == sum(r.fills for r in results)


def test_child_ids_are_short_unique_and_those_of_the_platform(play: Play) -> None:
    acts = [(1, lambda s, n=n: s.market(BUY, 40, algo="TWAP", params=TEN, oid=f"P{n}")) for n in range(5)]
    story = play(flat(30), acts, end=40)
    ids = [c.child_id for n in range(5) for c in story.children(f"P{n}")]
    assert len(set(ids)) == len(ids) == 10
    assert max(map(len, ids)) <= 18
    assert {o.client_order_id.value for o in story.sent} == set(ids)
    assert {o.exec_spawn_id.value for o in story.sent} == {f"P{n}" for n in range(5)}
    fills = [(f.child_id, f.trade_id) for n in range(5) for f in story.fills(f"P{n}")]
    assert len(set(fills)) == len(fills)


def test_fills_in_the_records_are_those_of_the_platform(play: Play) -> None:
    story = play([*flat(40), trade(8.5, 100.0, 900)], [(1, market(PASSIVE, 400))], end=50)
    platform = {o.client_order_id.value: o.filled_qty.as_double() for o in story.sent}
    ours: Counter[str] = Counter()
    for f in story.fills():
        ours[f.child_id] += f.lots
    assert ours == {name: filled for name, filled in platform.items() if filled}
    assert all(f.liquidity == "MAKER" for f in story.fills())
    assert all(c.filled == platform[c.child_id] for c in story.children())


def test_decisions_are_numbered_and_state_what_they_saw(play: Play) -> None:
    story = play(flat(30), [(1, market(TEN, 400))], end=40)
    assert [d.seq for d in story.decisions()] == list(range(len(story.decisions())))
    assert [(d.ts, d.planned, d.filled, d.sent, d.bid, d.ask) for d in story.decisions()] == [
        (ns(1), 200, 0, 1, 100.0, 100.02),
        (ns(6), 400, 200, 1, 100.0, 100.02),
    ]


def importable(run_id: str, **table: Any) -> Any:
    path = "nautilus_exec.nautilus"
    return ImportableExecutionAlgorithmConfig(
        f"{path}.plugins:TwapAlgorithm",
        f"{path}.config:AlgorithmConfig",
        {"exec_algorithm_id": "TWAP", "run_id": run_id} | table,
    )


def imported(run_id: str, **table: Any) -> Any:
    eng = engine()
    for item in (x for pair in flat(20) for x in pair):
        eng.add_data([item], sort=False)
    eng.sort_data()
    eng.add_strategy(Script([(1, market(TEN, 400))]))
    eng.add_exec_algorithm_from_config(importable(run_id, **table))
    eng.run(end=ns(30))
    return eng


def test_an_algorithm_comes_from_an_importable_config() -> None:
    eng = imported("importable")
    r = result("P", "importable")
    assert r is not None
    assert (r.status, r.filled) == ("DONE", 400)
    assert not shared("importable").errors
    eng.dispose()


def test_an_importable_config_used_twice_in_a_process_starts_anew() -> None:
    """Without ``attach`` nobody tells the package that a run begins."""
    for _ in range(2):
        eng = imported("twice", limits={"max_messages": 2})
        r = result("P", "twice")
        assert r is not None
        assert (r.status, r.ended_ns) == ("DONE", ns(6))
        assert shared("twice").working == 0
        eng.dispose()


def test_an_importable_config_refuses_an_unknown_key() -> None:
    with pytest.raises(InvalidInput, match="bogus: 7; expected a field of the configuration"):
        AlgorithmConfig(exec_algorithm_id="TWAP", bogus=7)
    eng = engine()
    with pytest.raises(Exception, match="bogus: 7; expected a field of the configuration"):
        eng.add_exec_algorithm_from_config(importable("bogus", bogus=7))
    eng.dispose()


@pytest.mark.parametrize(
    "bad", [{"limits": {"collar_bpss": 3}}, {"limits": {"max_messages": "x"}}, {"mode": 3}]
)
def test_bad_values_of_a_configuration_are_refused(bad: dict[str, Any]) -> None:
    forget("bad")
    with pytest.raises(InvalidInput):
        TwapAlgorithm(AlgorithmConfig(exec_algorithm_id="TWAP", run_id="bad", **bad))


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(InvalidInput, match="mode"):
        AlgorithmConfig(exec_algorithm_id="TWAP", mode="papr")


def random_params(rng: random.Random) -> dict[str, str]:
    given = {
        "duration": f"{rng.randint(5, 60)}s",
        "style": rng.choice(["aggressive", "passive_only", "passive_then_cross"]),
    }
    given |= rng.choice([{"slices": str(rng.randint(1, 8))}, {"interval": f"{rng.randint(2, 20)}s"}])
    given |= rng.choice([{}, {"limit_price": rng.choice(["99.99", "100.01", "100.03"])}])
    given |= rng.choice([{}, {}, {"max_participation": str(rng.choice([0.05, 0.2, 0.5]))}])
    given |= rng.choice([{}, {"max_child": str(rng.randint(20, 200))}, {"min_child": "15"}])
    given |= rng.choice([{}, {"end_behavior": rng.choice(["complete_hard", "complete_soft"])}])
    given |= rng.choice([{}, {"randomize_size": "0.5", "randomize_time": "0.5"}])
    return given | rng.choice([{}, {"pay_up": rng.choice(["ratio", "never"])}])


def walk(rng: random.Random, seconds: int) -> list[Any]:
    """A day at 10:00 in New York: a quote four times a second, a walk of a tick, prints at the touch."""
    data: list[Any] = []
    bid = 10_000
    for n in range(seconds * 4):
        t = TEN_IN_NEW_YORK + n / 4
        bid += rng.choice([-1, 0, 0, 0, 0, 0, 1])
        ask = bid + rng.choice([1, 2, 2, 3])
        sizes = [rng.randint(1, 400) * rng.choice([0, 1, 1, 1, 1, 1, 1, 1]) for _ in range(2)]
        data.append(top(t, bid / 100, sizes[0], ask / 100, sizes[1]))
        if rng.random() < 0.3:
            data.append(trade(t + 0.1, rng.choice([bid, ask]) / 100, rng.randint(1, 600)))
    return data


def act_at(rng: random.Random, n: int) -> list[Any]:
    side, algorithm = rng.choice([BUY, SELL]), rng.choice(["TWAP", "VWAP"])
    given, size, at = random_params(rng), rng.randint(1, 900), TEN_IN_NEW_YORK + rng.uniform(1, 60)
    name = f"R{n}"
    acts: list[Any] = [(at, lambda s: s.market(side, size, algo=algorithm, params=given, oid=name))]
    topic = rng.choice([None, None, topics.CANCEL, topics.PAUSE])
    if topic:
        acts.append((at + rng.uniform(0, 30), say(topic, name)))
    if topic == topics.PAUSE and rng.random() < 0.7:
        acts.append((at + 31, say(topics.RESUME, name)))
    return acts


def ended_well(story: Story, name: str) -> None:
    """One terminal state, counts that add up, nothing outside the window or past the limit."""
    r = story.result(name)
    assert r.status in {"DONE", "EXPIRED", "CANCELLED"}, r
    assert (r.status == "DONE") == (r.remainder == 0)
    assert r.excess == r.unconfirmed == r.revision == 0
    assert story.told(name)[-1] == "Canceled"
    assert all(r.start_ns <= c.sent_ns < r.end_ns for c in story.children(name))
    limit = json.loads(r.params).get("limit_price")
    for fill in story.fills(name):
        assert limit is None or r.side * (fill.price_ticks - round(float(limit) * 100)) <= 0
    adds_up(story, name)


@pytest.mark.parametrize("delay", [0, 0.2])
@pytest.mark.parametrize("seed", range(6))
def test_many_parents_at_once_all_end_and_add_up(play: Play, tmp_path: Any, seed: int, delay: float) -> None:
    rng = random.Random(seed)
    acts = [act for n in range(25) for act in act_at(rng, n)]
    settings: dict[str, Any] = {
        "rate": rng.choice(["1000000/00:00:01", "5/00:00:01"]),
        "amendable": rng.choice([[], ["XNYS"]]),
        "calendars": {"ABC.XNYS": "09:30-16:00 America/New_York"},
    }
    settings |= late(delay) if delay else {}
    story = play(walk(rng, 150), acts, end=TEN_IN_NEW_YORK + 200, out=str(tmp_path), **settings)
    story.attached.recorder.verify()
    assert len(story.run.results) == 25
    for name in story.run.results:
        ended_well(story, name)
    assert story.run.working == 0
    sent = {o.client_order_id.value for o in story.sent}
    assert sent == {c.child_id for name in story.run.results for c in story.children(name)}
