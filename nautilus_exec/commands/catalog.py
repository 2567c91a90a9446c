"""``exec-nt catalog``: bring market data in, make a simulated day, show what is there."""

import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.catalog import Catalog, Contents
from nautilus_exec.nautilus.importers.classify import CLASSES
from nautilus_exec.nautilus.importers.demo import UNTIL, import_demo
from nautilus_exec.nautilus.importers.report import Report
from nautilus_exec.nautilus.importers.run import Options, import_files, located
from nautilus_exec.nautilus.importers.spec import load_spec
from nautilus_exec.units import SECOND

app = typer.Typer(no_args_is_help=True, help="Market data: import it, simulate it, show it.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Into = Annotated[Path, typer.Option("--into", help="The catalog folder; made if it is not there.")]


@app.command("import")
def import_(
    src: Annotated[Path, typer.Argument(help="A folder or file with quotes and trades, .parquet or .csv.")],
    into: Into,
    instruments: Annotated[Path, typer.Option("--instruments", help="TOML file of the instruments.")],
    session: Annotated[str, typer.Option("--session", help="regular or all hours.")] = "all",
    aggressor: Annotated[
        str, typer.Option("--aggressor", help="Side of a trade: quote rule or none.")
    ] = "quote",
    as_json: Json = False,
) -> None:
    """Import quotes and trades into a catalog; nothing is left out without a count."""
    options = Options.parse(session, aggressor)
    total = _rows(src, instruments)
    with _bar() as bar:
        task = bar.add_task(f"import {src.name}", total=total)
        report = import_files(src, into, instruments, options, lambda rows: bar.advance(task, rows))
    _show_report(report, into, as_json)


@app.command()
def demo(
    into: Into,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.")] = 7,
    days: Annotated[int, typer.Option("--days", help="Sessions, ending at --until.")] = 1,
    until: Annotated[str, typer.Option("--until", help="Last session, YYYY-MM-DD.")] = UNTIL.isoformat(),
    as_json: Json = False,
) -> None:
    """Make simulated sessions of one equity (DEMO) on five venues."""
    with _bar() as bar:
        task = bar.add_task("simulate and import", total=None)
        report = import_demo(into, seed, days, _date(until), lambda rows: bar.advance(task, rows))
    _show_report(report, into, as_json)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("until", text, "a date as YYYY-MM-DD") from error


@app.command()
def show(
    catalog: Annotated[Path, typer.Argument(help="The catalog folder.")],
    as_json: Json = False,
) -> None:
    """Show the instruments of a catalog and how much data each has."""
    contents = Catalog(catalog).summary()
    if as_json:
        typer.echo(msgspec.json.encode([asdict(one) for one in contents]).decode())
    else:
        Console().print(_contents_table(catalog, contents))
        Console().print(_print_table(contents))


def _rows(src: Path, instruments: Path) -> int | None:
    counts = [files.rows() for files in located(src, load_spec(instruments))]
    return None if None in counts else sum(count or 0 for count in counts)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,} rows"))
    return Progress(*columns, TimeRemainingColumn(), console=Console(file=sys.stderr), transient=True)


def _show_report(report: Report, into: Path, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode({"catalog": str(into), **report.as_dict()}).decode())
        return
    table = Table(title=f"Imported into {into}", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, counts in report.as_dict().items():
        table.add_section()
        table.add_row(f"[bold]{name.replace('_', ' ')}", "" if counts else "none")
        for key, count in counts.items():
            table.add_row(f"  {key.replace('_', ' ')}", f"{count:,.0f}")
    Console().print(table)


def _contents_table(catalog: Path, contents: Iterable[Contents]) -> Table:
    table = Table("instrument", title=str(catalog))
    for name in ("quotes", "trades", "book deltas", "days", "first (UTC)", "last (UTC)"):
        table.add_column(name, justify="right")
    for one in contents:
        counts = [f"{n:,}" for n in (one.quotes, one.trades, one.deltas, one.days)]
        table.add_row(one.instrument, *counts, _when(one.first_ns), _when(one.last_ns))
    return table


def _print_table(contents: Iterable[Contents]) -> Table:
    rows = [one for one in contents if one.prints]
    names = [name for name in CLASSES if any(name in one.prints for one in rows)]
    table = Table("instrument", title="Other prints")
    for name in names:
        table.add_column(name.replace("_", " "), justify="right")
    for one in rows:
        table.add_row(one.instrument, *(f"{one.prints.get(name, 0):,}" for name in names))
    return table


def _when(stamp_ns: int | None) -> str:
    if stamp_ns is None:
        return ""
    return f"{datetime.fromtimestamp(stamp_ns // SECOND, UTC):%Y-%m-%d %H:%M}"
