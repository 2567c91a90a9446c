"""Builders for the records of a run and its market, and one plausible synthetic run to look at."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from nautilus_exec.tca.load import Run, latest, schema_of
from nautilus_exec.tca.market import QUOTE_SCHEMA, TRADE_SCHEMA, Market, Scope
from nautilus_exec.tca.records import ChildRecord, DecisionRecord, FillRecord, ParentRecord
from nautilus_exec.units import HOUR, MS, SECOND

T0 = 1_514_903_400 * SECOND  # 2018-01-02 14:30:00 UTC
IBM = "IBM.XNYS"


def parent(parent_id: str = "P-1", **over: Any) -> ParentRecord:
    """A buy of 100 units over an hour from T0, complete, with every mid at 10.00 unless told."""
    given: dict[str, Any] = {
        "run_id": "R-1",
        "revision": 1,
        "mode": "backtest",
        "algorithm": "TWAP",
        "strategy_id": "DESK-001",
        "instrument": IBM,
        "side": 1,
        "quantity": 100,
        "lot": 1.0,
        "tick": 0.01,
        "currency": "USD",
        "status": "DONE",
        "reason": "complete",
        "received_ns": T0,
        "start_ns": T0,
        "end_ns": T0 + HOUR,
        "ended_ns": T0 + HOUR,
        "filled": 100,
        "remainder": 0,
        "unconfirmed": 0,
        "excess": 0,
        "swept_over_cap": 0,
        "avg_px": None,
        "fees": 0.0,
        "decision_px": 10.0,
        "arrival_px": 10.0,
        "end_px": 10.0,
        "children": 1,
        "fills": 1,
        "rejects": 0,
        "params": "{}",
    }
    return ParentRecord(parent_id=parent_id, **(given | over))


def child(parent_id: str, seq: int, lots: int, price: float, **over: Any) -> ChildRecord:
    """A taker's child, filled whole in a millisecond."""
    tick = over.get("tick", 0.01)
    given: dict[str, Any] = {
        "run_id": "R-1",
        "child_id": f"{parent_id}-{seq}",
        "revision": 1,
        "key": f"k{seq}",
        "instrument": IBM,
        "venue": "XNYS",
        "side": 1,
        "lot": 1.0,
        "tick": tick,
        "take": True,
        "status": "FILLED",
        "reason": "",
        "filled": lots,
        "sent_ns": T0 + seq * SECOND,
        "accepted_ns": T0 + seq * SECOND + MS,
        "cancel_sent_ns": None,
        "ended_ns": T0 + seq * SECOND + MS,
        "bid": None,
        "ask": None,
    }
    price_ticks = round(price / tick)
    return ChildRecord(parent_id=parent_id, seq=seq, lots=lots, price_ticks=price_ticks, **(given | over))


def fill(parent_id: str, seq: int, lots: int, price: float, **over: Any) -> FillRecord:
    """A taker's fill, ``seq`` seconds after T0."""
    tick = over.get("tick", 0.01)
    given: dict[str, Any] = {
        "run_id": "R-1",
        "child_id": f"{parent_id}-{seq}",
        "trade_id": f"T{seq}",
        "instrument": IBM,
        "venue": "XNYS",
        "side": 1,
        "lot": 1.0,
        "tick": tick,
        "currency": "USD",
        "fee": 0.0,
        "fee_currency": "USD",
        "liquidity": "TAKER",
        "sent_ns": T0 + seq * SECOND,
        "ts_event": T0 + seq * SECOND,
        "ts_init": T0 + seq * SECOND,
        "bid": None,
        "ask": None,
        "late": False,
    }
    price_ticks = round(price / tick)
    return FillRecord(parent_id=parent_id, seq=seq, lots=lots, price_ticks=price_ticks, **(given | over))


def decision(parent_id: str, seq: int, planned: int, filled: int, **over: Any) -> DecisionRecord:
    """A step, ``seq`` seconds after T0."""
    given: dict[str, Any] = {
        "run_id": "R-1",
        "ts": T0 + seq * SECOND,
        "reason": "slice",
        "out": 0,
        "sent": 0,
        "cancelled": 0,
        "held": "",
        "wake_ns": None,
        "bid": None,
        "ask": None,
    }
    return DecisionRecord(parent_id=parent_id, seq=seq, planned=planned, filled=filled, **(given | over))


def frame(records: Sequence[msgspec.Struct], kind: type[msgspec.Struct]) -> pl.DataFrame:
    """Turn structs into a frame with the columns and types of their record."""
    return pl.DataFrame([msgspec.structs.asdict(r) for r in records], schema=schema_of(kind), orient="row")


def run_of(
    parents: Sequence[ParentRecord],
    fills: Sequence[FillRecord] = (),
    children: Sequence[ChildRecord] = (),
    decisions: Sequence[DecisionRecord] = (),
    meta: dict[str, Any] | None = None,
) -> Run:
    """A run in memory, deduplicated as a run from disk is."""
    kinds = (ParentRecord, parents), (ChildRecord, children), (FillRecord, fills), (DecisionRecord, decisions)
    lazy = [latest(frame(records, kind).lazy(), kind) for kind, records in kinds]
    return Run(*lazy, meta=meta or {"R-1": {"run_id": "R-1", "mode": "backtest"}})


def market_of(
    quotes: Iterable[tuple[float, float, float]] = (),
    trades: Iterable[tuple[float, float, float]] = (),
    scope: Scope = Scope.LISTING,
    instrument: str = IBM,
) -> Market:
    """A market from ``(seconds after T0, bid, ask)`` and ``(seconds after T0, price, size)``; a bid of 0 is absent."""
    q = [(instrument, T0 + round(t * SECOND), b, 100.0 if b else 0.0, a, 100.0) for t, b, a in quotes]
    t = [(instrument, T0 + round(t * SECOND), p, s) for t, p, s in trades]
    return Market(
        pl.LazyFrame(q, schema=QUOTE_SCHEMA, orient="row"),
        pl.LazyFrame(t, schema=TRADE_SCHEMA, orient="row"),
        scope,
    )


def write_run(folder: Path, run: Run, market: str = "") -> Path:
    """Write a run as the recorder does: ``run.json`` and one Parquet folder per record."""
    (run_id, meta), *_ = run.meta.items()
    out = folder / run_id
    kinds = {"Parent": run.parents, "Child": run.children, "Fill": run.fills, "Decision": run.decisions}
    for kind, lazy in kinds.items():
        part = out / "data" / "custom" / f"{kind}Record"
        part.mkdir(parents=True)
        stamps = pl.selectors.by_name("ts_event", "ts_init", require_all=False).cast(pl.Datetime("ns", "UTC"))
        lazy.with_columns(stamps).collect().write_parquet(part / "part-0.parquet")
    (out / "run.json").write_text(json.dumps(meta | {"catalog": market}))
    return out


ASSUMPTIONS = {
    "fill model": "one-level L2 books, queue position, liquidity consumption",
    "order at equal stamps": "trades, books, quote",
    "latency": "XNYS 2ms",
    "fees": "maker -0.20 taker 0.30 bps",
    "market impact": "none: venues do not move with our trades, and our prints are not on the tape",
}


def synthetic(seed: int = 7, parents: int = 3) -> tuple[Run, Market]:
    """A falling morning with a U-shaped tape, and parents that buy and sell it by TWAP; the same seed, the same run."""
    rng = np.random.default_rng(seed)
    market, mid = _tape(rng)
    records: tuple[list[ParentRecord], list[FillRecord], list[ChildRecord], list[DecisionRecord]] = (
        [],
        [],
        [],
        [],
    )
    for number in range(parents):
        for kept, made in zip(records, _order(rng, mid, number), strict=True):
            kept.extend(made)
    meta = {
        "run_id": "R-1",
        "mode": "backtest",
        "versions": {"nautilus_trader": "2.0.0rc7", "exec-nt": "0.1.0"},
        "seeds": {"book": seed},
        "assumptions": ASSUMPTIONS,
    }
    return run_of(*records, meta={"R-1": meta}), market


def _tape(rng: np.random.Generator) -> tuple[Market, np.ndarray]:
    seconds = 5 * 3600
    steps = rng.normal(-0.00012, 0.006, seconds).cumsum()
    mid = np.round((158.5 + steps) * 200) / 200
    stamp = np.arange(seconds, dtype=float)
    half = np.where(np.round(mid * 200) % 2 == 0, 0.01, 0.005)
    quotes = zip(stamp, np.round(mid - half, 2), np.round(mid + half, 2), strict=True)
    traded = np.flatnonzero(rng.random(seconds) < 0.5)
    shape = 1.0 + 1.5 * (2 * traded / seconds - 1) ** 2
    size = np.round(rng.gamma(1.5, 60, traded.size) * shape) + 1
    price = np.round(mid[traded] + rng.choice([-0.01, 0.01], traded.size), 2)
    return market_of(quotes, zip(traded + 0.5, price, size, strict=True)), mid


def _order(rng: np.random.Generator, mid: np.ndarray, number: int) -> tuple[list[Any], ...]:
    pid, side = f"O-2018-{number:03d}", 1 if number % 2 == 0 else -1
    quantity, slices, begin, step = 20_000, 60, 1800 + 600 * number, 150
    status = "DONE" if number % 3 else "EXPIRED"
    fills, children, decisions, done = [], [], [], 0
    for k in range(slices):
        at = begin + k * step
        lots = quantity * (k + 1) // slices - quantity * k // slices
        share = 1.0 if status == "DONE" else float(rng.choice([0.0, 0.5, 1.0], p=[0.05, 0.1, 0.85]))
        passive, got = bool(rng.random() < 0.4), round(lots * share)
        wait = int(rng.integers(5, 90)) if passive else 0
        price = round(float(mid[at + wait]) + (-side if passive else side) * 0.01, 2)
        venue = str(rng.choice(["XNYS", "XNAS", "BATS"], p=[0.6, 0.25, 0.15]))
        touch = {"bid": round(float(mid[at]) - 0.01, 2), "ask": round(float(mid[at]) + 0.01, 2)}
        common = {"side": side, "venue": venue, "sent_ns": T0 + at * SECOND, **touch}
        decisions.append(decision(pid, k, quantity * k // slices, done, ts=T0 + at * SECOND, sent=lots))
        end = T0 + (at + wait) * SECOND + 2 * MS
        ended = {"filled": got, "status": "FILLED" if got == lots else "CANCELED", "ended_ns": end}
        children.append(child(pid, k, lots, price, take=not passive, **ended, **common))
        if got:
            fee = (-0.2e-4 if passive else 0.3e-4) * got * price
            liquidity = "MAKER" if passive else "TAKER"
            fills.append(fill(pid, k, got, price, fee=fee, liquidity=liquidity, ts_event=end, **common))
        done += got
    last = begin + slices * step
    times = {"received_ns": T0 + (begin - 30) * SECOND, "start_ns": T0 + begin * SECOND}
    times |= {"end_ns": T0 + last * SECOND, "ended_ns": T0 + last * SECOND + 10 * MS}
    prices = {"decision_px": mid[begin - 30], "arrival_px": mid[begin], "end_px": mid[last]}
    counts = {"filled": done, "remainder": quantity - done, "children": slices, "fills": len(fills)}
    paid = {"fees": sum(f.fee for f in fills), "quantity": quantity, "side": side, "status": status}
    made = parent(pid, **times, **counts, **paid, **{k: float(v) for k, v in prices.items()})
    decisions.append(decision(pid, slices, quantity, done, ts=made.ended_ns, reason="end"))
    return [made], fills, children, decisions
