"""What each fill cost against the quote of its instant and afterwards, and sums over any group of fills.

Per fill the formulas are in bps of the reference; over a group every figure is a ratio of share-weighted sums (row 28).
"""

from collections.abc import Mapping

import polars as pl

from nautilus_exec.tca.benchmarks import mids_at
from nautilus_exec.tca.load import PARENT_KEY, in_units
from nautilus_exec.tca.market import Market, Scope
from nautilus_exec.units import BPS, MINUTE, SECOND

HORIZONS: Mapping[str, int] = {"1s": SECOND, "5s": 5 * SECOND, "30s": 30 * SECOND, "5m": 5 * MINUTE}
"""Default horizons of markouts, in nanoseconds."""

_FILL = [*PARENT_KEY, "child_id", "trade_id"]
_TAKER = pl.col("liquidity") == "TAKER"


def priced(fills: pl.LazyFrame, parents: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Turn lots and ticks into units and prices, and join what a fill needs of its parent.

    Adds ``qty``, ``price``, ``ts``, ``paid`` (the fee in the parent's currency; null in another one), ``on_tape``
    (true where the tape holds this print) and the parent's ``instrument``. Fills without a parent record fall out.
    """
    own = parents.select(
        *PARENT_KEY, "algorithm", parent_instrument="instrument", money="currency", mode="mode"
    )
    in_scope = (
        pl.lit(True) if scope is not Scope.LISTING else pl.col("instrument") == pl.col("parent_instrument")
    )
    same_money = (pl.col("fee_currency") == pl.col("money")) | (pl.col("fee") == 0)
    return (
        fills.join(own, on=PARENT_KEY)
        .with_columns(
            qty=in_units("lots", "lot"),
            price=in_units("price_ticks", "tick"),
            ts=pl.col("ts_event"),
            paid=pl.when(same_money).then(pl.col("fee")),
            on_tape=(pl.col("mode") == "live") & in_scope,
        )
        .with_columns(instrument=pl.col("parent_instrument"))
    )


def fill_metrics(fills: pl.LazyFrame, market: Market, horizons: Mapping[str, int] = HORIZONS) -> pl.LazyFrame:
    """Add the mids of every fill and its costs in one as-of pass.

    ``mid_before`` is m_f, the mid of the last quote strictly before the fill; ``mid_ref`` is m: for a taker the mid
    when its child was sent (from the record's touch, else as of the market), else m_f; ``mid_<h>`` is m_{t+h}.
    Columns in bps: ``effective_spread``, and per horizon ``realised_spread``, ``price_impact``, ``markout``.
    """
    probes = {"mid_before": pl.col("ts") - 1, "mid_market": pl.col("sent_ns")}
    probes |= {f"mid_{name}": pl.col("ts") + ns for name, ns in horizons.items()}
    touch_mid = pl.when(pl.col("bid") <= pl.col("ask")).then((pl.col("bid") + pl.col("ask")) / 2)
    sent = pl.coalesce(touch_mid, "mid_market")
    known = mids_at(fills, market, probes, _FILL).with_columns(
        mid_ref=pl.when(_TAKER).then(sent).otherwise(pl.col("mid_before"))
    )
    per_horizon = [
        column
        for name in horizons
        for column in (
            realised_spread(name).alias(f"realised_spread_{name}_bps"),
            price_impact(name).alias(f"price_impact_{name}_bps"),
            markout(name).alias(f"markout_{name}_bps"),
        )
    ]
    return known.with_columns(effective_spread().alias("effective_spread_bps"), *per_horizon).drop(
        "mid_market"
    )


def effective_spread() -> pl.Expr:
    """Return 2 D (p - m) / m in bps (row 16), the full version; positive is a cost."""
    return 2 * pl.col("side") * (pl.col("price") - pl.col("mid_ref")) / pl.col("mid_ref") * BPS


def realised_spread(horizon: str) -> pl.Expr:
    """Return 2 D (p - m_{t+h}) / m in bps (row 17), with the m of the effective spread; positive is a cost."""
    return 2 * pl.col("side") * (pl.col("price") - pl.col(f"mid_{horizon}")) / pl.col("mid_ref") * BPS


def price_impact(horizon: str) -> pl.Expr:
    """Return 2 D (m_{t+h} - m) / m in bps (row 18). Identity: effective = realised + impact."""
    return 2 * pl.col("side") * (pl.col(f"mid_{horizon}") - pl.col("mid_ref")) / pl.col("mid_ref") * BPS


def markout(horizon: str) -> pl.Expr:
    """Return D (m_{t+h} - p) / p in bps (row 21); **positive is good** for a taker. Null is unobserved."""
    return pl.col("side") * (pl.col(f"mid_{horizon}") - pl.col("price")) / pl.col("price") * BPS


def over_group(horizons: Mapping[str, int] = HORIZONS) -> list[pl.Expr]:
    """Return the share-weighted sums over a group of fills, for ``group_by(…).agg(…)``.

    ``effective_spread_bps`` (16), ``e_over_q`` (19: effective over quoted, locked quotes left out), and of takers
    ``price_improvement`` (20: D(touch - p) per unit, **positive is good**) with ``share_improved``; per horizon
    ``realised_spread_<h>_bps`` (17), ``price_impact_<h>_bps`` (18), ``markout_<h>_bps`` (21) with
    ``unobserved_<h>``, the fills left out of it, and of makers ``adverse_selection_<h>_bps`` (22b).
    """
    quoted = pl.col("ask") - pl.col("bid")
    paid = 2 * pl.col("side") * (pl.col("price") - pl.col("mid_ref"))
    touch = pl.when(pl.col("side") > 0).then(pl.col("ask")).otherwise(pl.col("bid"))
    better = pl.when(_TAKER).then(pl.col("side") * (touch - pl.col("price")))
    # Half a tick, or the noise of two floats that mean one price would count as improvement.
    improved = (better > pl.col("tick") / 2).cast(pl.Float64)
    shown = (quoted > 0) & pl.col("mid_ref").is_not_null()
    return [
        (_weighted(paid, pl.col("mid_ref")) * BPS).alias("effective_spread_bps"),
        _weighted(paid, quoted, shown).alias("e_over_q"),
        _weighted(better, pl.lit(1.0)).alias("price_improvement"),
        _weighted(improved, pl.lit(1.0)).alias("share_improved"),
        *(column for name in horizons for column in _after(name)),
    ]


def _after(horizon: str) -> list[pl.Expr]:
    later = pl.col(f"mid_{horizon}")
    moved = pl.when(pl.col("liquidity") == "MAKER").then(-pl.col("side") * (later - pl.col("mid_before")))
    gain = pl.col("side") * (later - pl.col("price"))
    signed = 2 * pl.col("side")
    kept = signed * (pl.col("price") - later)
    moved_on = signed * (later - pl.col("mid_ref"))
    return [
        (_weighted(kept, pl.col("mid_ref")) * BPS).alias(f"realised_spread_{horizon}_bps"),
        (_weighted(moved_on, pl.col("mid_ref")) * BPS).alias(f"price_impact_{horizon}_bps"),
        (_weighted(gain, pl.col("price")) * BPS).alias(f"markout_{horizon}_bps"),
        later.is_null().sum().alias(f"unobserved_{horizon}"),
        (_weighted(moved, pl.col("mid_before")) * BPS).alias(f"adverse_selection_{horizon}_bps"),
    ]


def _weighted(value: pl.Expr, reference: pl.Expr, where: pl.Expr | None = None) -> pl.Expr:
    """Return sum q value / sum q reference over the rows where both are known; null where there is none."""
    known = (value.is_not_null() & reference.is_not_null()) & (where if where is not None else pl.lit(True))
    weight = (pl.col("qty") * reference).filter(known).sum()
    return pl.when(weight != 0).then((pl.col("qty") * value).filter(known).sum() / weight)
