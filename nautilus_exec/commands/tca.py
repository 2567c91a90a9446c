"""``exec-nt tca``: what the orders of a run cost."""

import os
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console

from nautilus_exec.errors import InvalidInput
from nautilus_exec.tca.analysis import Analysis, analyse
from nautilus_exec.tca.load import Run, load_run
from nautilus_exec.tca.market import Market, Scope, market_of, no_market

_PIPE_WIDTH = 110
"""Columns of the tables where the output is no terminal; chosen by us: no figure needs to break."""


def tca(
    catalog: Annotated[Path, typer.Argument(help="a run's folder, or a folder of runs")],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
    html: Annotated[Path | None, typer.Option(help="write one self-contained page")] = None,
    market: Annotated[
        Path | None, typer.Option(help="market catalog; by default the one that the run names")
    ] = None,
    volume: Annotated[
        Scope, typer.Option(help="whose prints count: the listing venue's, all lit venues', or all eligible")
    ] = Scope.LISTING,
) -> None:
    """Measure what the orders of a run cost: slippage, shortfall and its parts, participation, fees."""
    run = load_run(catalog)
    against = _market(run, market, volume)
    analysis = analyse(run, against)
    if html is not None:
        # Before anything is printed: a reader that closes the pipe must not cost the page.
        _write_page(html, analysis, run, against)
    if as_json:
        from nautilus_exec.tca.report.as_json import to_json

        typer.echo(to_json(analysis))
    else:
        _show(analysis)
    if html is not None:
        typer.echo(f"report: {html}", err=as_json)


def _show(analysis: Analysis) -> None:
    from nautilus_exec.tca.report.terminal import tables

    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)
    for table in tables(analysis):
        console.print(table)
    for note in analysis.notes:
        typer.echo(note)


def _write_page(path: Path, analysis: Analysis, run: Run, market: Market) -> None:
    """Write the page whole or not at all."""
    # Plotly is slow to load, and only the page needs it.
    from nautilus_exec.tca.report.html import to_html

    if not path.parent.is_dir():
        raise InvalidInput("html", str(path), "a file in a folder that exists")
    part = path.with_name(path.name + ".part")
    part.write_text(to_html(analysis, run, market), encoding="utf-8")
    os.replace(part, path)


def _market(run: Run, given: Path | None, scope: Scope) -> Market:
    """Return the market of the run's instruments; without a catalog every market benchmark stays undefined."""
    path = given or _named(run.meta)
    if path is None:
        return no_market(scope)
    from nautilus_exec.nautilus.catalog import Catalog, CatalogMarket

    source = CatalogMarket(Catalog(path))
    ran = run.parents.filter(pl.col("status") != "DENIED").select(pl.col("instrument").unique()).collect()
    wanted = ran["instrument"].to_list()
    missing = sorted(set(wanted) - set(source.instruments()))
    if missing:
        raise InvalidInput("market", str(path), f"a catalog with {', '.join(missing)}")
    return market_of(source, wanted, scope)


def _named(meta: dict[str, Any]) -> Path | None:
    """Return the catalog that the runs name, from the working folder or beside the run; None where none is named."""
    named = [(one.get("catalog"), one["folder"]) for one in meta.values()]
    found = {_resolve(Path(catalog), Path(folder)) for catalog, folder in named if catalog}
    if len(found) > 1:
        raise InvalidInput(
            "market", sorted(map(str, found)), "one market catalog for all runs: name it with --market"
        )
    return found.pop() if found else None


def _resolve(path: Path, folder: Path) -> Path:
    for candidate in (path, folder / path):
        if candidate.is_dir():
            return candidate.resolve()
    raise InvalidInput("market", str(path), "a market catalog that is there: name it with --market")
