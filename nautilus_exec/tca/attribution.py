"""Where the cost came from: Perold's parts, the split of trading, and the identities that hold them together."""

import polars as pl

from nautilus_exec.errors import IdentityViolated
from nautilus_exec.tca.load import PARENT_KEY
from nautilus_exec.units import BPS

PARTS = ("delay", "trading", "opportunity", "explicit")
TOLERANCE = 1e-9
"""Largest relative gap between parts and total; chosen by us, far above float rounding."""


def paper() -> pl.Expr:
    """Return the paper notional Q P_d, the base of every part in bps, in currency."""
    return pl.col("quantity") * pl.col("decision_mid")


def delay() -> pl.Expr:
    """Return D Q (P_0 - P_d), order basis (row 4), in currency: the market's move before the first chance to trade."""
    return pl.col("side") * pl.col("quantity") * (pl.col("arrival_mid") - pl.col("decision_mid"))


def trading() -> pl.Expr:
    """Return D q (P̄ - P_0) (row 5), in currency: half spread, impact and timing together."""
    cost = pl.col("side") * pl.col("filled") * (pl.col("avg_px") - pl.col("arrival_mid"))
    return pl.when(pl.col("filled") == 0).then(0.0).otherwise(cost)


def opportunity() -> pl.Expr:
    """Return D (Q - q)(P_n - P_0), order basis (row 6), in currency: what was not done, at the end mid."""
    left = pl.col("quantity") - pl.col("filled")
    cost = pl.col("side") * left * (pl.col("end_mid") - pl.col("arrival_mid"))
    return pl.when(left == 0).then(0.0).otherwise(cost)


def explicit() -> pl.Expr:
    """Return commission + fees + taxes - rebates (row 7), in currency; positive when paid."""
    return pl.col("fees")


def shortfall() -> pl.Expr:
    """Return D [q (P̄ - P_d) + (Q - q)(P_n - P_d)] + fees (row 2), in currency; positive is a cost.

    Source: Perold (1988), The Implementation Shortfall: Paper versus Reality, J. Portfolio Management 14(3), 4-9.
    """
    side, done, left = pl.col("side"), pl.col("filled"), pl.col("quantity") - pl.col("filled")
    traded = pl.when(done == 0).then(0.0).otherwise(side * done * (pl.col("avg_px") - pl.col("decision_mid")))
    missed = (
        pl.when(left == 0).then(0.0).otherwise(side * left * (pl.col("end_mid") - pl.col("decision_mid")))
    )
    return traded + missed + pl.col("fees")


def with_shortfall(parents: pl.LazyFrame) -> pl.LazyFrame:
    """Add the shortfall and its parts in currency and, over Q P_d, in bps (row 3).

    Wants per parent: ``side``, ``quantity``, ``filled`` (units), ``avg_px``, ``decision_mid``, ``arrival_mid``,
    ``end_mid``, ``fees``. A price that was not observed leaves the parts that need it null.
    """
    parts = {"delay": delay(), "trading": trading(), "opportunity": opportunity(), "explicit": explicit()}
    money = parents.with_columns(paper=paper(), shortfall=shortfall(), **parts)
    names = ("shortfall", *PARTS)
    return money.with_columns([(pl.col(name) / pl.col("paper") * BPS).alias(f"{name}_bps") for name in names])


def spread_and_drift(fills: pl.LazyFrame, parents: pl.LazyFrame) -> pl.LazyFrame:
    """Split trading per parent (row 25), in currency.

    spread = sum D q_i (p_i - m_f,i); drift = sum D q_i (m_f,i - P_0).
    Exact: spread + drift = trading. Drift is impact and timing together: a replay cannot tell them apart without a
    model. Null where the mid before one of the fills, or the arrival, was not observed.
    """
    arrived = fills.join(parents.select(*PARENT_KEY, "arrival_mid"), on=PARENT_KEY)
    signed = pl.col("side") * pl.col("qty")
    return arrived.group_by(PARENT_KEY).agg(
        spread=whole(signed * (pl.col("price") - pl.col("mid_before"))),
        drift=whole(signed * (pl.col("mid_before") - pl.col("arrival_mid"))),
    )


def whole(value: pl.Expr) -> pl.Expr:
    """Return the sum, or null where one of the values is null."""
    return pl.when(value.is_not_null().all()).then(value.sum())


def check_identities(parents: pl.DataFrame) -> None:
    """Raise ``IdentityViolated`` where parts do not add up to their total within 1e-9.

    Checked: delay + trading + opportunity + explicit = shortfall (4 + 5 + 6 + 7 = 2); spread + drift = trading (5).
    The gap is relative to the sum of the parts' sizes, and to one basis point of paper notional where that is larger,
    since parts that cancel leave nothing to be relative to.
    """
    _check(parents, "shortfall", PARTS)
    _check(parents, "trading", ("spread", "drift"))


def _check(parents: pl.DataFrame, total: str, parts: tuple[str, ...]) -> None:
    added = pl.sum_horizontal(*(pl.col(part) for part in parts), ignore_nulls=False)
    size = pl.sum_horizontal(*(pl.col(part).abs() for part in parts), ignore_nulls=False)
    scale = pl.max_horizontal(size, pl.col("paper").abs() / BPS)
    broken = parents.filter((added - pl.col(total)).abs() > TOLERANCE * scale).with_columns(added=added)
    if broken.height:
        row = broken.row(0, named=True)
        raise IdentityViolated(
            f"{total} of {row['parent_id']}", row[total], f"{row['added']!r}, the sum of {', '.join(parts)}"
        )


def check_filled(parents: pl.DataFrame) -> None:
    """Raise ``IdentityViolated`` where a parent's record and its fill records disagree on what was filled."""
    gap = (pl.col("filled_record") - pl.col("filled")).abs()
    broken = parents.filter(gap > TOLERANCE * pl.col("quantity"))
    if broken.height:
        row = broken.row(0, named=True)
        raise IdentityViolated(
            f"filled of {row['parent_id']}", row["filled_record"], f"{row['filled']!r}, the sum of its fills"
        )
