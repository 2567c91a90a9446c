"""The analysis as tables for a terminal."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.table import Table

from nautilus_exec.tca.analysis import Analysis
from nautilus_exec.tca.report.as_json import rows
from nautilus_exec.tca.report.columns import PARTS, PARTS_BPS, Column, pick, text

SUMMARY = pick(
    "parents", "denied", "quantity", "filled", "completion", "notional", "fees", "arrival_slippage_bps",
    "vwap_horizon_slippage_bps", "vwap_interval_slippage_bps", "twap_slippage_bps", "participation",
    "participation_max_5m", "schedule_deviation_max", "schedule_deviation_mean", "effective_spread_bps", "e_over_q",
    "share_improved",
)  # fmt: skip
PARENT_TABLE = pick(
    "parent_id", "algorithm", "side", "status", "quantity", "completion", "arrival_slippage_bps",
    "vwap_horizon_slippage_bps", "twap_slippage_bps", "shortfall_bps", "participation",
)  # fmt: skip
VENUE_TABLE = pick(
    "venue", "liquidity", "fills", "filled", "cost", "spread", "explicit", "effective_spread_bps", "e_over_q",
    "markout_5s_bps", "markout_5m_bps",
)  # fmt: skip


def tables(analysis: Analysis, most: int = 50) -> list[Table]:
    """Return the summary, the shortfall, the parents (the ``most`` costliest) and the venues, ready to print."""
    shown = worst(analysis.parents, most)
    title = "Parents" if shown.height == analysis.parents.height else f"The {most} costliest parents"
    columns = PARENT_TABLE if analysis.parents["run_id"].n_unique() < 2 else (*pick("run_id"), *PARENT_TABLE)
    return [
        *(_summary(row, analysis.scope) for row in rows(analysis.totals, _wanted())),
        _table(f"{title} (bps, positive is a cost)", shown, columns),
        _table("By venue and liquidity", analysis.venues, VENUE_TABLE),
    ]


def worst(parents: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return the ``most`` costliest parents by shortfall in bps, in the order they came."""
    if parents.height <= most:
        return parents
    ranked = parents.with_row_index("came").sort("shortfall_bps", descending=True, nulls_last=True)
    return ranked.head(most).sort("came").drop("came")


def _wanted() -> Sequence[Column]:
    return (*pick("currency"), *SUMMARY, *PARTS, *PARTS_BPS)


def _summary(row: dict[str, Any], scope: str) -> Table:
    """One currency: what was done beside what it cost."""
    table = _empty(f"Total, {row['currency']} (volume: {scope})")
    for head in ("", "total", "", row["currency"], "bps"):
        table.add_column(head, justify="right" if head else "left")
    left = [(c.head, text(row[c.key], c.kind) + _unit(row, c)) for c in SUMMARY]
    right = [(c.head, text(row[c.key], c.kind), text(row[f"{c.key}_bps"], "bps")) for c in PARTS]
    blank = ("", "", "")
    for at, pair in enumerate(left):
        table.add_row(*pair, *(right[at] if at < len(right) else blank))
    return table


def _unit(row: dict[str, Any], column: Column) -> str:
    return " bps" if column.kind == "bps" and row[column.key] is not None else ""


def _table(title: str, frame: pl.DataFrame, columns: Iterable[Column]) -> Table:
    columns = tuple(columns)
    table = _empty(title)
    for column in columns:
        # Text may go on in the next line; a figure may not: cut in two it would be a wrong one.
        words = column.kind in {"text", "side"}
        table.add_column(
            column.head, justify="left" if words else "right", overflow="fold", no_wrap=not words
        )
    for row in rows(frame, columns):
        table.add_row(*(text(row[c.key], c.kind) for c in columns))
    return table


def _empty(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
