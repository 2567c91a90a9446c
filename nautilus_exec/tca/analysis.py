"""The analysis of one run or many: every table of the report, from lazy frames in one collection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from nautilus_exec.tca.attribution import PARTS, check_filled, check_identities
from nautilus_exec.tca.fills import HORIZONS, fill_metrics, priced
from nautilus_exec.tca.load import PARENT_KEY, Run
from nautilus_exec.tca.market import MID_RULE, Market
from nautilus_exec.tca.metrics import parent_metrics
from nautilus_exec.tca.refill import refill_share
from nautilus_exec.tca.summary import by_venue, check_venues, totals


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a run cost, one table per question.

    ``parents`` has one row per parent, ``totals`` one per currency, ``algorithms`` one per algorithm and currency,
    ``venues`` one per venue and liquidity side plus the row ``parent``, ``fills`` one per fill.
    """

    parents: pl.DataFrame
    totals: pl.DataFrame
    algorithms: pl.DataFrame
    venues: pl.DataFrame
    fills: pl.DataFrame
    scope: str
    meta: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def analyse(run: Run, market: Market, horizons: Mapping[str, int] = HORIZONS) -> Analysis:
    """Measure every parent of ``run`` against ``market`` and check the identities.

    Raises ``IdentityViolated`` where the parts of a cost do not add up to it, or where a parent's record and its fills
    disagree.
    """
    per_fill, orphans = pl.collect_all(
        [
            fill_metrics(priced(run.fills, run.parents, market.scope), market, horizons).sort(
                *PARENT_KEY, "seq"
            ),
            run.fills.join(run.parents, on=PARENT_KEY, how="anti").select(pl.len()),
        ]
    )
    # Every later table starts from the fills: measured once and kept, or the plan repeats their as-of pass in each.
    done = per_fill.lazy()
    parents = parent_metrics(run, done, market).collect()
    check_filled(parents)
    check_identities(parents)
    rows = parents.lazy()
    total, algorithms, venues = pl.collect_all(
        [
            totals(rows, done, ["currency"]),
            totals(rows, done, ["algorithm", "currency"]),
            by_venue(rows, done),
        ]
    )
    check_venues(venues, parents)
    return Analysis(
        parents,
        total,
        algorithms,
        venues,
        per_fill,
        str(market.scope),
        run.meta,
        _notes(parents, orphans.item(), refill_share(run.fills).collect().item()),
    )


def _notes(parents: pl.DataFrame, orphans: int, refilled: float | None) -> list[str]:
    """Say what is missing and why, one sentence each."""
    ran = parents.filter(pl.col("status") != "DENIED")
    counts = {
        "Parents denied, without a cost": parents.height - ran.height,
        "Fills left out, of parents without a record (still open, or the run was cut short)": orphans,
        "Parents with fees in another currency: fees and shortfall undefined": ran["fees"].null_count(),
        "Parents without a decision, arrival or end mid: shortfall undefined": ran.filter(
            pl.any_horizontal(pl.col("shortfall", *PARTS).is_null()) & pl.col("fees").is_not_null()
        ).height,
        "Parents without a horizon VWAP (no market data, nobody else traded, or the data ends before the horizon)": ran[
            "vwap_horizon"
        ].null_count(),
    }
    notes = [f"{what}: {count}." for what, count in counts.items() if count]
    if refilled is not None:
        notes.append(
            f"Refill share: {refilled:.2%} of taker volume at a price taken from within the last second."
        )
    return [*notes, f"Mid rule: {MID_RULE}."]
