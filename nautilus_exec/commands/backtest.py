"""The verb ``exec-nt backtest``: replay a run file and say what became of its parents."""

import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from nautilus_exec.nautilus.backtest import Outcome, run_backtest
from nautilus_exec.tca.records import ParentRecord

_PIPE_WIDTH = 120


def backtest(
    run_file: Annotated[Path, typer.Argument(help="Run file, TOML.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the runs; default: the run file's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replay a catalog with parent orders and record every decision, child and fill."""
    console = Console(stderr=True)
    with console.status(f"replaying {run_file} …"):
        outcome = run_backtest(run_file, out)
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(outcome), indent=2))
        return
    table_console().print(parents_table(outcome))
    typer.echo(f"{outcome.events:,} events in {outcome.seconds:.1f} s; records in {outcome.folder}")
    typer.echo(f"what it cost: exec-nt tca {outcome.folder} --html report.html")


def table_console() -> Console:
    """The console for tables; wide enough for every figure where the output is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_WIDTH)


def parents_table(outcome: Outcome) -> Table:
    """One row a parent: status, reason, what was filled and at which average price."""
    table = Table(title=f"run {outcome.run_id}", title_justify="left")
    for name in ("parent", "instrument", "side", "algorithm", "status", "reason"):
        table.add_column(name, overflow="fold")
    for name in ("quantity", "filled", "average", "fees", "children"):
        table.add_column(name, justify="right")
    for parent in outcome.parents:
        table.add_row(*_cells(parent))
    return table


def _cells(parent: ParentRecord) -> list[str]:
    average = "-" if parent.avg_px is None else f"{parent.avg_px:.4f}"
    return [
        parent.parent_id,
        parent.instrument,
        "BUY" if parent.side > 0 else "SELL",
        parent.algorithm,
        parent.status,
        parent.reason,
        f"{parent.quantity * parent.lot:,.10g}",
        f"{parent.filled * parent.lot:,.10g}",
        average,
        f"{parent.fees:,.2f} {parent.currency}",
        str(parent.children),
    ]
