"""``exec-nt catalog``: bring market data in, make a simulated day, show what is there."""

import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from nautilus_exec.errors import ExecError
from nautilus_exec.nautilus.catalog import Catalog, Contents
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
    with _one_line_errors():
        options = Options.parse(session, aggressor)
        total = _rows(src, instruments)
        with _bar() as bar:
            task = bar.add_task(f"import {src.name}", total=total)
            report = import_files(src, into, instruments, options, lambda rows: bar.advance(task, rows))
        _show_report(report, into, as_json)


@app.command()
def show(
    catalog: Annotated[Path, typer.Argument(help="The catalog folder.")],
    as_json: Json = False,
) -> None:
    """Show the instruments of a catalog and how much data each has."""
    with _one_line_errors():
        contents = Catalog(catalog).summary()
    if as_json:
        typer.echo(msgspec.json.encode([asdict(one) for one in contents]).decode())
    else:
        Console().print(_contents_table(catalog, contents))


def _rows(src: Path, instruments: Path) -> int | None:
    counts = [files.rows() for files in located(src, load_spec(instruments))]
    return None if None in counts else sum(count or 0 for count in counts)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,} rows"))
    return Progress(*columns, TimeRemainingColumn(), console=Console(file=sys.stderr), transient=True)


class _one_line_errors:  # noqa: N801  # reads as a statement where it is used
    """Turn an error of the package into one line on stderr and its exit status."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ExecError):
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(error.exit_code) from error


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
    table = Table(title=str(catalog))
    for name in (
        "instrument",
        "quotes",
        "trades",
        "book deltas",
        "prints",
        "days",
        "first (UTC)",
        "last (UTC)",
    ):
        table.add_column(name, justify="left" if name in ("instrument", "prints") else "right")
    for one in contents:
        prints = ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in one.prints.items())
        counts = [f"{n:,}" for n in (one.quotes, one.trades, one.deltas)]
        table.add_row(one.instrument, *counts, prints, str(one.days), _when(one.first_ns), _when(one.last_ns))
    return table


def _when(stamp_ns: int | None) -> str:
    if stamp_ns is None:
        return ""
    return f"{datetime.fromtimestamp(stamp_ns // SECOND, UTC):%Y-%m-%d %H:%M:%S}"
