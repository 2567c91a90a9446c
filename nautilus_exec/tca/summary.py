"""Totals over parents, and tables by algorithm, venue and liquidity: ratios of sums, never means of ratios (row 28)."""

import polars as pl

from nautilus_exec.errors import IdentityViolated
from nautilus_exec.tca.attribution import PARTS, TOLERANCE, whole
from nautilus_exec.tca.fills import over_group
from nautilus_exec.tca.load import PARENT_KEY
from nautilus_exec.tca.metrics import SLIPPAGE
from nautilus_exec.units import BPS

_KEY = list(PARENT_KEY)
_MONEY = ("shortfall", *PARTS, "spread", "drift")


def totals(parents: pl.LazyFrame, fills: pl.LazyFrame, by: list[str]) -> pl.LazyFrame:
    """Sum parents per group ``by`` (which names ``currency``: money of two currencies is never added).

    Every figure is the ratio of sums over the parents where it is defined; ``n_<metric>`` says how many those are.
    Denied parents are counted and otherwise left out.
    """
    ran = pl.col("status") != "DENIED"
    sums = [pl.col(name).filter(ran).sum() for name in ("quantity", "filled", "notional")]
    grouped = parents.group_by(by).agg(
        pl.len().alias("parents"),
        (~ran).sum().alias("denied"),
        *(pl.col(name).sum() for name in ("children", "fills", "rejects")),
        *sums,
        pl.col("fees").sum(),
        *(_money(name) for name in _MONEY),
        *(_over_paper(name) for name in _MONEY),
        _defined().sum().alias("n_shortfall"),
        *(_slippage(name, reference) for name, reference in SLIPPAGE.items()),
        *(pl.col(f"{name}_slippage_bps").count().alias(f"n_{name}") for name in SLIPPAGE),
        _ratio(pl.col("participation") * pl.col("market_volume"), pl.col("market_volume")).alias(
            "participation"
        ),
        pl.col("participation").count().alias("n_participation"),
        pl.col("participation_max_5m").max(),
        (pl.col("participation") * 0 + pl.col("market_volume")).sum().alias("market_volume"),
        pl.col("schedule_deviation_max").max(),
        _ratio(pl.col("schedule_deviation_mean"), pl.lit(1.0)).alias("schedule_deviation_mean"),
    )
    per_fill = fills.join(parents.select(*_KEY, "currency"), on=_KEY, suffix="_parent").group_by(by)
    return (
        grouped.with_columns(completion=_safe(pl.col("filled"), pl.col("quantity")))
        .join(per_fill.agg(over_group()), on=by, how="left")
        .sort(by)
    )


def by_venue(parents: pl.LazyFrame, fills: pl.LazyFrame) -> pl.LazyFrame:
    """Split the cost by venue and liquidity side (row 26), with a row ``parent`` for what belongs to no venue.

    Money sums exactly: ``cost``, the rows' ``trading`` and ``explicit`` and the ``delay`` and ``opportunity`` of the
    row ``parent``, adds up to the shortfall. Only parents whose shortfall and parts are defined take part.
    """
    whole_parents = parents.filter(_defined())
    own = whole_parents.select(*_KEY, "currency", "arrival_mid")
    signed = pl.col("side") * pl.col("qty")
    arrived = fills.drop("currency").join(own, on=_KEY).with_columns(value=pl.col("qty") * pl.col("price"))
    rows = arrived.group_by("currency", "venue", "liquidity").agg(
        pl.len().alias("fills"),
        pl.col("qty").sum().alias("filled"),
        pl.col("value").sum().alias("notional"),
        (signed * (pl.col("price") - pl.col("arrival_mid"))).sum().alias("trading"),
        whole(signed * (pl.col("price") - pl.col("mid_before"))).alias("spread"),
        whole(signed * (pl.col("mid_before") - pl.col("arrival_mid"))).alias("drift"),
        pl.col("paid").sum().alias("explicit"),
        *over_group(),
    )
    parent = whole_parents.group_by("currency").agg(
        pl.lit("parent").alias("venue"), pl.col("delay").sum(), pl.col("opportunity").sum()
    )
    cost = pl.sum_horizontal("trading", "explicit", "delay", "opportunity")
    return (
        pl.concat([rows, parent], how="diagonal")
        .with_columns(cost=cost)
        .sort("currency", pl.col("venue") == "parent", "venue", "liquidity", nulls_last=True)
    )


def check_venues(venues: pl.DataFrame, parents: pl.DataFrame) -> None:
    """Raise ``IdentityViolated`` where the venue table does not add up to the parents' shortfall within 1e-9."""
    split = venues.group_by("currency").agg(added=pl.col("cost").sum())
    known = parents.filter(_defined())
    sizes = (
        pl.col("shortfall").sum(),
        (pl.col("shortfall").abs() + pl.col("paper") / BPS).sum().alias("scale"),
    )
    both = known.group_by("currency").agg(sizes).join(split, on="currency")
    broken = both.filter((pl.col("added") - pl.col("shortfall")).abs() > TOLERANCE * pl.col("scale"))
    if broken.height:
        row = broken.row(0, named=True)
        raise IdentityViolated("shortfall by venue", row["added"], f"{row['shortfall']!r} {row['currency']}")


def _defined() -> pl.Expr:
    """Select the parents whose shortfall and parts are all known, so that sums of parts add up to sums of totals."""
    return pl.all_horizontal(pl.col("shortfall", *PARTS).is_not_null())


def _money(name: str) -> pl.Expr:
    defined, known = _defined(), pl.col(name).is_not_null()
    every = (known | ~defined).all() & defined.any()
    return pl.when(every).then(pl.col(name).filter(defined).sum()).alias(name)


def _over_paper(name: str) -> pl.Expr:
    return (_safe(_money(name), pl.col("paper").filter(_defined()).sum()) * BPS).alias(f"{name}_bps")


def _slippage(name: str, reference: str) -> pl.Expr:
    """Ratio of sums: sum D q (P̄ - reference) / sum q reference, in bps."""
    paid = pl.col("side") * pl.col("filled") * (pl.col("avg_px") - pl.col(reference))
    return (_ratio(paid, pl.col("filled") * pl.col(reference)) * BPS).alias(f"{name}_slippage_bps")


def _ratio(top: pl.Expr, bottom: pl.Expr) -> pl.Expr:
    known = top.is_not_null() & bottom.is_not_null()
    return _safe(top.filter(known).sum(), (top * 0 + bottom).filter(known).sum())


def _safe(top: pl.Expr, bottom: pl.Expr) -> pl.Expr:
    return pl.when(bottom != 0).then(top / bottom)
