"""The analysis as tables for a terminal."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.table import Table

from nautilus_exec.tca.analysis import Analysis
from nautilus_exec.tca.report.as_json import rows
from nautilus_exec.tca.report.columns import (
    BEHAVIOUR,
    DONE,
    GROUP,
    IDENTITY,
    PARTS,
    PARTS_BPS,
    QUALITY,
    SLIPPAGES,
    VENUE,
    Column,
    text,
)

_RUN, _PARENT, _ALGORITHM, _SIDE, _STATUS = IDENTITY[0], IDENTITY[1], IDENTITY[2], IDENTITY[6], IDENTITY[7]
_QUANTITY, _FILLED, _DONE, _NOTIONAL, _FEES = DONE[:5]

PARENT_TABLE = (
    _PARENT, _ALGORITHM, _SIDE, _STATUS, _QUANTITY, _DONE, *SLIPPAGES[:2], SLIPPAGES[3], PARTS_BPS[0], BEHAVIOUR[0],
)  # fmt: skip
VENUE_TABLE = (
    VENUE[0], VENUE[1], DONE[6], _FILLED, VENUE[2], PARTS[3], PARTS[6], *QUALITY[:2],
    *(column for column in QUALITY if column.key in {"markout_5s_bps", "markout_5m_bps"}),
)  # fmt: skip
TOTAL_TABLE = (
    GROUP[0], GROUP[1], _QUANTITY, _FILLED, _DONE, _NOTIONAL, _FEES, *SLIPPAGES, BEHAVIOUR[0], *BEHAVIOUR[2:],
    *QUALITY[:2], QUALITY[3],
)  # fmt: skip


def tables(analysis: Analysis, most: int = 50) -> list[Table]:
    """Return the summary, the shortfall, the parents (the ``most`` costliest) and the venues, ready to print."""
    shown = worst(analysis.parents, most)
    title = "Parents" if shown.height == analysis.parents.height else f"The {most} costliest parents"
    columns = PARENT_TABLE if analysis.parents["run_id"].n_unique() < 2 else (_RUN, *PARENT_TABLE)
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
    return (IDENTITY[9], *TOTAL_TABLE, *PARTS, *PARTS_BPS)


def _summary(row: dict[str, Any], scope: str) -> Table:
    """One currency: what was done beside what it cost."""
    table = _empty(f"Total, {row['currency']} (volume: {scope})")
    for head in ("", "total", "", row["currency"], "bps"):
        table.add_column(head, justify="right" if head else "left")
    left = [(c.head, text(row[c.key], c.kind) + _unit(row, c)) for c in TOTAL_TABLE]
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
