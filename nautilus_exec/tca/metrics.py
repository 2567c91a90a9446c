"""One row per parent: the benchmarks of its life and what it cost against each."""

import polars as pl

from nautilus_exec.tca.attribution import spread_and_drift, with_shortfall
from nautilus_exec.tca.benchmarks import (
    market_volume,
    mids_at,
    own_in,
    twap_in,
    volume_in,
    vwap,
    vwap_ex_own,
)
from nautilus_exec.tca.fills import over_group
from nautilus_exec.tca.load import PARENT_KEY, Run, in_units
from nautilus_exec.tca.market import Market
from nautilus_exec.tca.rolling import largest_participation
from nautilus_exec.units import BPS

_KEY = list(PARENT_KEY)
_LABELS = [
    "algorithm",
    "strategy_id",
    "instrument",
    "mode",
    "side",
    "status",
    "reason",
    "currency",
    "lot",
    "params",
]
_TIMES = ["received_ns", "start_ns", "end_ns", "ended_ns"]
_COUNTS = ["children", "fills", "rejects", "revision"]


def parent_metrics(run: Run, fills: pl.LazyFrame, market: Market) -> pl.LazyFrame:
    """Return one row per parent with its benchmarks, costs and counts; ``fills`` are those of ``fill_metrics``.

    Quantities in units, money in the parent's currency, costs in bps with positive a cost. What could not be observed
    is null. A denied parent has its labels and counts, and no costs.
    """
    parents = _with_fills(_base(run.parents), fills)
    with_mids = _with_mids(parents, market)
    measured = with_shortfall(_with_windows(with_mids, fills, market))
    for extra in (
        spread_and_drift(fills, with_mids),
        largest_participation(parents, fills, market),
        fills.group_by(_KEY).agg(over_group()),
        schedule_deviation(run.decisions, run.parents),
        child_rates(run.children),
    ):
        measured = measured.join(extra, on=_KEY, how="left")
    return measured.with_columns(
        (pl.col("spread") / pl.col("paper") * BPS).alias("spread_bps"),
        (pl.col("drift") / pl.col("paper") * BPS).alias("drift_bps"),
        completion=pl.col("filled") / pl.col("quantity"),
        **{f"{name}_slippage_bps": slippage_bps(pl.col(reference)) for name, reference in SLIPPAGE.items()},
    ).sort("received_ns", *_KEY)


SLIPPAGE = {
    "arrival": "arrival_mid",
    "vwap_horizon": "vwap_horizon",
    "vwap_interval": "vwap_interval",
    "twap": "twap",
}
"""Slippage columns (``<name>_slippage_bps``) and the price each is against."""


def slippage_bps(reference: pl.Expr) -> pl.Expr:
    """Return D (P̄ - reference) / reference in bps (rows 1, 8, 10); positive is a cost, null without a fill."""
    return pl.col("side") * (pl.col("avg_px") - reference) / reference * BPS


def schedule_deviation(decisions: pl.LazyFrame, parents: pl.LazyFrame) -> pl.LazyFrame:
    """Return max and mean of |filled - planned| / Q over a parent's decisions (row 14), a fraction of the order.

    Taken as each decision saw it, before what it sent could fill. Null for a policy without a schedule (planned -1).
    """
    quantity = parents.select(*_KEY, order_lots="quantity")
    scheduled = decisions.filter(pl.col("planned") >= 0).join(quantity, on=_KEY)
    gap = (pl.col("filled") - pl.col("planned")).abs() / pl.col("order_lots")
    return scheduled.group_by(_KEY).agg(schedule_deviation_max=gap.max(), schedule_deviation_mean=gap.mean())


def child_rates(children: pl.LazyFrame) -> pl.LazyFrame:
    """Return the children's rates (row 24): ``fill_rate`` is lots filled over lots sent; the others share counts."""
    status = pl.col("status").str.to_uppercase()
    return children.group_by(_KEY).agg(
        fill_rate=pl.col("filled").sum() / pl.col("lots").sum(),
        reject_rate=status.is_in(["REJECTED", "DENIED"]).mean(),
        cancel_rate=status.is_in(["CANCELED", "CANCELLED"]).mean(),
    )


def _base(parents: pl.LazyFrame) -> pl.LazyFrame:
    return parents.select(
        *_KEY,
        *_LABELS,
        *_TIMES,
        *_COUNTS,
        arrival_ns=pl.max_horizontal("received_ns", "start_ns"),
        quantity=in_units("quantity", "lot"),
        filled_record=in_units("filled", "lot"),
        decision_rec="decision_px",
        arrival_rec="arrival_px",
        end_rec="end_px",
    )


def _with_fills(parents: pl.LazyFrame, fills: pl.LazyFrame) -> pl.LazyFrame:
    """Add what was done: a fee in another currency leaves ``fees`` null, never a sum of two currencies."""
    done = fills.group_by(_KEY).agg(
        filled=pl.col("qty").sum(),
        notional=(pl.col("qty") * pl.col("price")).sum(),
        fees=pl.when(pl.col("paid").is_not_null().all()).then(pl.col("paid").sum()),
        fees_known=pl.col("paid").is_not_null().all(),
        first_fill_ns=pl.col("ts").min(),
        last_fill_ns=pl.col("ts").max(),
    )
    filled = pl.col("filled").fill_null(0.0)
    return parents.join(done, on=_KEY, how="left").with_columns(
        filled=filled,
        notional=pl.col("notional").fill_null(0.0),
        fees=pl.when(pl.col("fees_known").fill_null(True)).then(pl.col("fees").fill_null(0.0)),
        avg_px=pl.when(filled > 0).then(pl.col("notional") / filled),
    )


def _with_mids(parents: pl.LazyFrame, market: Market) -> pl.LazyFrame:
    """Add P_d, P_0 and P_n: the record's, else as of the market at receipt, at arrival and at the end."""
    probes = {
        "decision_mkt": pl.col("received_ns"),
        "arrival_mkt": pl.col("arrival_ns"),
        "end_mkt": pl.col("ended_ns"),
    }
    ran = pl.col("status") != "DENIED"
    names = ("decision", "arrival", "end")
    seen = mids_at(parents, market, probes, _KEY)
    return seen.with_columns(
        [pl.when(ran).then(pl.coalesce(f"{name}_rec", f"{name}_mkt")).alias(f"{name}_mid") for name in names]
    ).drop([f"{name}_{source}" for name in names for source in ("rec", "mkt")])


def _with_windows(parents: pl.LazyFrame, fills: pl.LazyFrame, market: Market) -> pl.LazyFrame:
    """Add VWAPs, TWAP and participation over the horizon, the interval and the life of the order."""
    edges = {
        "horizon": pl.col("end_ns"),
        "interval": pl.col("last_fill_ns") + 1,
        "life": pl.col("ended_ns") + 1,
    }
    windows = pl.concat(
        [
            parents.filter(pl.col("status") != "DENIED").select(
                *_KEY, "instrument", t0="arrival_ns", t1=end, window=pl.lit(name)
            )
            for name, end in edges.items()
        ]
    ).drop_nulls("t1")
    measured = twap_in(own_in(volume_in(windows, market), fills), market).with_columns(
        vwap=vwap(), ex_own=vwap_ex_own(), volume=market_volume(), share=pl.col("q_own") / market_volume()
    )
    wanted = {
        "vwap_horizon": ("vwap", "horizon"),
        "vwap_interval": ("vwap", "interval"),
        "vwap_ex_own": ("ex_own", "horizon"),
        "twap": ("twap", "horizon"),
        "market_volume": ("volume", "life"),
        "participation": ("share", "life"),
    }
    wide = measured.group_by(_KEY).agg(
        [
            pl.col(value).filter(pl.col("window") == window).first().alias(n)
            for n, (value, window) in wanted.items()
        ]
    )
    return parents.join(wide, on=_KEY, how="left")
