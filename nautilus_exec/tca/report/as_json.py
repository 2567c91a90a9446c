"""The analysis as JSON with stable keys."""

import math
from collections.abc import Iterable
from typing import Any

import msgspec
import polars as pl

from nautilus_exec.tca.analysis import Analysis
from nautilus_exec.tca.report.columns import (
    ALGORITHM_COLUMNS,
    PARENT_COLUMNS,
    TOTAL_COLUMNS,
    VENUE_COLUMNS,
    Column,
)

JSON_VERSION = 1


def to_json(analysis: Analysis) -> str:
    """Return the analysis as one indented JSON object.

    Keys: ``version`` (1), ``scope`` (whose volume counts), ``runs`` (run id to the content of its run.json), ``notes``
    (sentences on what is missing), ``totals``, ``algorithms``, ``parents`` and ``venues`` (lists of rows), ``columns``
    (row key to meaning). Null is undefined or unobserved, never zero. Instants are UTC nanoseconds, shares fractions,
    ``*_bps`` basis points, numbers to twelve digits; positive is a cost unless the meaning says otherwise.
    """
    every = {c.key: c.meaning for c in (*PARENT_COLUMNS, *ALGORITHM_COLUMNS, *VENUE_COLUMNS)}
    content = {
        "version": JSON_VERSION,
        "scope": analysis.scope,
        "runs": analysis.meta,
        "notes": analysis.notes,
        "totals": rows(analysis.totals, TOTAL_COLUMNS),
        "algorithms": rows(analysis.algorithms, ALGORITHM_COLUMNS),
        "parents": rows(analysis.parents, PARENT_COLUMNS),
        "venues": rows(analysis.venues, VENUE_COLUMNS),
        "columns": every,
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode()


def rows(frame: pl.DataFrame, columns: Iterable[Column]) -> list[dict[str, Any]]:
    """Return a frame's rows with the keys of ``columns`` and no others; a column the frame lacks is null."""
    keys = [column.key for column in columns]
    return [{key: _settled(row.get(key)) for key in keys} for row in frame.iter_rows(named=True)]


def _settled(value: Any) -> Any:
    """Round to twelve digits: polars sums in the order its threads come, so the last digits differ from run to run."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.12g}") if math.isfinite(value) else None
