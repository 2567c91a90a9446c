"""The prices a cost is measured against: mids as of an instant, VWAP and TWAP over a window.

Windows are half-open ``[t0, t1)``. An instant past the end of the data is unobserved: null, never the last value again.
A window without volume has no VWAP: null, never a TWAP in silence.
"""

from collections.abc import Mapping

import polars as pl

from nautilus_exec.tca.load import PARENT_KEY
from nautilus_exec.tca.market import Market

# A live tape less our own prints can leave a rounding residue where nobody else traded; chosen by us.
_NO_VOLUME = 1e-9


def mids_at(
    frame: pl.LazyFrame, market: Market, probes: Mapping[str, pl.Expr], key: list[str]
) -> pl.LazyFrame:
    """Add one mid per probe to ``frame``, all in one as-of pass.

    A probe is an instant in UTC nanoseconds; its mid is that of the last quote at or before it, so an instant less one
    nanosecond asks for the last quote strictly before. Rows are told apart by ``key`` and carry ``instrument``.
    """
    asked = [
        frame.select(*key, "instrument", at.cast(pl.Int64).alias("at"), pl.lit(name).alias("probe"))
        for name, at in probes.items()
    ]
    found = _as_of(pl.concat(asked).drop_nulls("at"), market.mids(), "at").join(
        market.ends(), on="instrument"
    )
    seen = pl.when(pl.col("at") <= pl.col("data_end")).then(pl.col("mid"))
    per_row = found.group_by(key).agg(
        [seen.filter(pl.col("probe") == name).first().alias(name) for name in probes]
    )
    return frame.join(per_row, on=key, how="left")


def volume_in(windows: pl.LazyFrame, market: Market) -> pl.LazyFrame:
    """Add the tape's ``v_tape`` (units) and ``n_tape`` (sum of price times size) within ``[t0, t1)``.

    Null where the window ends past the data. Differences of running totals: one as-of pass per edge for all windows.
    """
    totals = (
        market.trades.sort("ts", maintain_order=True)
        .select(
            "instrument",
            "ts",
            cum_v=pl.col("size").cum_sum().over("instrument"),
            cum_n=(pl.col("price") * pl.col("size")).cum_sum().over("instrument"),
        )
        .unique(["instrument", "ts"], keep="last", maintain_order=True)
    )
    at_start = _as_of(windows, totals, "t0", strictly_before=True).rename({"cum_v": "v_0", "cum_n": "n_0"})
    at_end = _as_of(at_start, totals, "t1", strictly_before=True)
    grown = {
        "v_tape": pl.col("cum_v").fill_null(0.0) - pl.col("v_0").fill_null(0.0),
        "n_tape": pl.col("cum_n").fill_null(0.0) - pl.col("n_0").fill_null(0.0),
    }
    observed = at_end.join(market.ends(), on="instrument", how="left")
    inside = (pl.col("t1") - 1 <= pl.col("data_end")) & (pl.col("t0") < pl.col("t1"))
    return observed.with_columns([pl.when(inside).then(e).alias(n) for n, e in grown.items()]).drop(
        "cum_v", "cum_n", "v_0", "n_0", "data_end"
    )


def twap_in(windows: pl.LazyFrame, market: Market) -> pl.LazyFrame:
    """Add ``twap``: the mid weighted by how long it stood within ``[t0, t1)``, not by tick count (row 10).

    Formula: sum m_k d_k / sum d_k, d_k the time mid k stood inside the window. Before the first quote there is no
    mid, so the weight starts there; a window that ends past the data is null.
    """
    first = pl.col("mid").first().over("instrument")
    stood = (pl.col("ts") - pl.col("ts").shift(1).over("instrument")).fill_null(0)
    # The integral runs over the deviation from the first mid: it stays small, and its differences exact.
    area = (
        ((pl.col("mid").shift(1).over("instrument") - first).fill_null(0.0) * stood)
        .cum_sum()
        .over("instrument")
    )
    curve = market.mids().select("instrument", "ts", "mid", first=first, area=area, since="ts")
    at_start = _as_of(windows, curve, "t0")
    start = at_start.with_columns(area_0=_area_at("t0")).drop("area", "mid", "first", "since")
    end = _as_of(start, curve, "t1").with_columns(area_1=_area_at("t1"))
    opened = market.mids().group_by("instrument").agg(opened=pl.col("ts").min())
    span = pl.col("t1") - pl.max_horizontal("t0", "opened")
    mean = pl.col("first") + (pl.col("area_1") - pl.col("area_0").fill_null(0.0)) / span
    seen = (span > 0) & (pl.col("t1") - 1 <= pl.col("data_end"))
    joined = end.join(opened, on="instrument", how="left").join(market.ends(), on="instrument", how="left")
    return joined.with_columns(twap=pl.when(seen).then(mean)).drop(
        "area", "mid", "first", "since", "area_0", "area_1", "opened", "data_end"
    )


def own_in(windows: pl.LazyFrame, fills: pl.LazyFrame) -> pl.LazyFrame:
    """Add own volume within ``[t0, t1)``: ``q_own``, ``n_own``; what the tape holds of it: ``q_tape``, ``n_tape_own``.

    Own prints are on the tape of a live market and within ``scope`` only; a simulation's tape has none of them.
    """
    key = [*PARENT_KEY, "window"]
    value = pl.col("qty") * pl.col("price")
    inside = windows.select(*key, "t0", "t1").join(
        fills.select(*PARENT_KEY, "ts", "qty", "price", "on_tape"), on=PARENT_KEY
    )
    sums = (
        inside.filter((pl.col("ts") >= pl.col("t0")) & (pl.col("ts") < pl.col("t1")))
        .group_by(key)
        .agg(
            q_own=pl.col("qty").sum(),
            n_own=value.sum(),
            q_tape=pl.col("qty").filter("on_tape").sum(),
            n_tape_own=value.filter(pl.col("on_tape")).sum(),
        )
    )
    return windows.join(sums, on=key, how="left").with_columns(
        pl.col("q_own", "n_own", "q_tape", "n_tape_own").fill_null(0.0)
    )


def market_volume() -> pl.Expr:
    """V: eligible volume of others and our own, counted once. V = V_o + q; null where nobody else traded."""
    return pl.when(_others() > _NO_VOLUME * pl.col("v_tape")).then(_others() + pl.col("q_own"))


def vwap() -> pl.Expr:
    """VWAP = (V_o VWAP_o + q P̄) / V (rows 8 and 13), price in quote currency; null where nobody else traded.

    V_o = V_tape - q where the tape holds our prints, V_tape in a simulation.
    """
    return (pl.col("n_tape") - pl.col("n_tape_own") + pl.col("n_own")) / market_volume()


def vwap_ex_own() -> pl.Expr:
    """VWAP_ex = (VWAP V - sum q_i p_i) / (V - q) (row 9): what the others paid.

    Identity: P̄ - VWAP = (1 - q/V)(P̄ - VWAP_ex).
    """
    others = pl.when(market_volume().is_not_null()).then(_others())
    return (pl.col("n_tape") - pl.col("n_tape_own")) / others


def _others() -> pl.Expr:
    return pl.col("v_tape") - pl.col("q_tape")


def _area_at(edge: str) -> pl.Expr:
    return pl.col("area") + (pl.col("mid") - pl.col("first")) * (pl.col(edge) - pl.col("since"))


def _as_of(
    left: pl.LazyFrame, right: pl.LazyFrame, at: str, *, strictly_before: bool = False
) -> pl.LazyFrame:
    return (
        left.sort(at)
        .join_asof(
            right.sort("ts", maintain_order=True),
            left_on=at,
            right_on="ts",
            by="instrument",
            strategy="backward",
            allow_exact_matches=not strictly_before,
            # Both sides are sorted just above; polars cannot see that within groups.
            check_sortedness=False,
        )
        .drop("ts", strict=False)
    )
