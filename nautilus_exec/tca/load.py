"""Read the records of a run: the one place that knows the layout of a run folder."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from nautilus_exec.errors import InvalidInput
from nautilus_exec.tca.records import (
    SCHEMA_VERSION,
    ChildRecord,
    DecisionRecord,
    FillRecord,
    ParentRecord,
)

PARENT_KEY = ("run_id", "parent_id")

_KEYS: dict[type[msgspec.Struct], tuple[str, ...]] = {
    ParentRecord: PARENT_KEY,
    ChildRecord: (*PARENT_KEY, "child_id"),
    FillRecord: (*PARENT_KEY, "child_id", "trade_id"),
    DecisionRecord: (*PARENT_KEY, "seq"),
}
_DTYPES: dict[object, pl.DataType] = {
    int: pl.Int64(),
    int | None: pl.Int64(),
    float: pl.Float64(),
    float | None: pl.Float64(),
    bool: pl.Boolean(),
    str: pl.String(),
}


@dataclass(frozen=True, slots=True)
class Run:
    """The records of one run or of many, lazily, and what ran.

    ``parents``, ``children``, ``fills`` and ``decisions`` have the columns of the record structs, one row per key
    (the highest revision). ``meta`` maps a run id to the content of its ``run.json``, with ``folder`` added.
    """

    parents: pl.LazyFrame
    children: pl.LazyFrame
    fills: pl.LazyFrame
    decisions: pl.LazyFrame
    meta: dict[str, Any]


def schema_of(record: type[msgspec.Struct]) -> dict[str, pl.DataType]:
    """Return the Polars schema of a record struct, column by column in the struct's order."""
    return {f.name: _DTYPES[f.type] for f in msgspec.structs.fields(record)}


def load_run(path: Path | str) -> Run:
    """Read one run folder (``run.json`` and ``data/``), or a folder that holds many.

    Raises ``InvalidInput`` where there is no run, a ``run.json`` cannot be read, a column is missing, or a record was
    written by a newer schema than this package knows.
    """
    root = Path(path)
    folders = _run_folders(root)
    meta = dict(_meta(folder) for folder in folders)
    parents, children, fills, decisions = (latest(_scan(folders, record), record) for record in _KEYS)
    return Run(parents, children, fills, decisions, meta)


def latest(frame: pl.LazyFrame, record: type[msgspec.Struct]) -> pl.LazyFrame:
    """Keep one row per key: the highest ``revision`` where the record has one, else the first written.

    A fill's key is its child and trade id, so a fill that was journaled twice counts once.
    """
    keys = list(_KEYS[record])
    if "revision" in schema_of(record):
        return frame.sort(*keys, "revision").unique(keys, keep="last", maintain_order=True)
    return frame.unique(keys, keep="first", maintain_order=True)


def _run_folders(root: Path) -> list[Path]:
    if not root.is_dir():
        raise InvalidInput("catalog", str(root), "a run folder, or a folder of run folders")
    if (root / "run.json").is_file():
        return [root]
    folders = sorted(found.parent for found in root.glob("*/run.json"))
    if not folders:
        raise InvalidInput("catalog", str(root), "a folder with run.json, or one whose subfolders have it")
    return folders


def _meta(folder: Path) -> tuple[str, dict[str, Any]]:
    file = folder / "run.json"
    try:
        content = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidInput("run.json", str(file), f"a JSON object ({error})") from error
    return str(content.get("run_id", folder.name)), content | {"folder": str(folder)}


def _files(folder: Path, record: type[msgspec.Struct]) -> list[Path]:
    """Find a record's Parquet files where the platform's catalog keeps custom data."""
    return sorted((folder / "data" / "custom" / record.__name__).rglob("*.parquet"))


def _scan(folders: list[Path], record: type[msgspec.Struct]) -> pl.LazyFrame:
    files = [file for folder in folders for file in _files(folder, record)]
    schema = schema_of(record)
    if not files:
        return pl.LazyFrame(schema=schema)
    return pl.concat([_conform(pl.scan_parquet(file), record, file) for file in files])


def _conform(frame: pl.LazyFrame, record: type[msgspec.Struct], file: Path) -> pl.LazyFrame:
    """Select the struct's columns with its types; a column that an older version lacked takes the struct's default.

    The platform keeps ``ts_event`` and ``ts_init`` as stamps of UTC nanoseconds: the cast makes integers of them.
    """
    have = frame.collect_schema().names()
    _refuse_newer(frame, have, file)
    columns = []
    for field in msgspec.structs.fields(record):
        dtype = _DTYPES[field.type]
        if field.name in have:
            columns.append(pl.col(field.name).cast(dtype))
        elif field.default is msgspec.NODEFAULT:
            raise InvalidInput("column", field.name, f"it in {file}")
        else:
            columns.append(pl.lit(field.default, dtype).alias(field.name))
    return frame.select(columns)


def _refuse_newer(frame: pl.LazyFrame, have: list[str], file: Path) -> None:
    if "schema_version" not in have:
        return
    newest = frame.select(pl.col("schema_version").cast(pl.Int64).max()).collect().item()
    if newest is not None and newest > SCHEMA_VERSION:
        raise InvalidInput(
            "schema_version", newest, f"at most {SCHEMA_VERSION} in {file}: use a newer exec-nt"
        )


def assumptions_of(meta: dict[str, Any]) -> dict[str, Any]:
    """Return what a run's simulation assumed, as a flat name-to-value table; empty when live."""
    given = meta.get("assumptions", {})
    if isinstance(given, str):
        given = json.loads(given) if given else {}
    return given if isinstance(given, dict) else {"assumptions": given}


def in_units(count: str, step: str) -> pl.Expr:
    """Return ``count`` steps in units, the float closest to the decimal: 15777 ticks of 0.01 are 157.77 exactly.

    A decimal step has no exact float, its inverse has: divide where the inverse is whole, or a price that equals the
    touch would differ from it in the last digit.
    """
    inverse = (1 / pl.col(step)).round()
    whole = (inverse >= 1) & ((1 / pl.col(step) - inverse).abs() < 1e-9 * inverse)
    return pl.when(whole).then(pl.col(count) / inverse).otherwise(pl.col(count) * pl.col(step))
