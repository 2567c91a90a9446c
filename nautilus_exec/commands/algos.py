"""``exec-nt algos``: the algorithms and their parameters, for a reader, a program and an order ticket."""

import os
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.describe import (
    POLICIES,
    Parameter,
    named,
    parameters,
    schema,
    summary,
    title,
)
from nautilus_exec.policies.fixatdl import NOTE, fixatdl
from nautilus_exec.policies.page import allowed, default, meaning, refreshed, unit

_PIPE_WIDTH = 140
"""Columns of the tables where the output is no terminal; chosen by us."""

_WIDTHS = {"type": 18, "default": 18, "range or choices": 18, "amend": 5, "meaning": 62}
"""Columns of the table's columns at most, so that the meaning has most of the room."""


def algos(
    name: Annotated[str | None, typer.Argument(help="one algorithm, such as TWAP; default: all")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, with a JSON schema")] = False,
    atdl: Annotated[
        Path | None, typer.Option("--fixatdl", help="write one FIXatdl 1.1 file per algorithm into a folder")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="write the tables of a documentation page anew")
    ] = None,
) -> None:
    """Say what the algorithms do, and their parameters: type, unit, default, range, amendable, meaning."""
    chosen = POLICIES if name is None else (named(name),)
    if atdl is not None or page is not None:
        written = _write_atdl(atdl, chosen) if atdl is not None else []
        written += _write_page(page) if page is not None else []
        for path in written:
            typer.echo(f"written: {path}", err=as_json)
        if atdl is not None:
            typer.echo(NOTE, err=as_json)
    if as_json:
        told = [_as_dict(policy) for policy in chosen]
        typer.echo(msgspec.json.format(msgspec.json.encode(told if name is None else told[0])).decode())
    elif atdl is None and page is None:
        _show(chosen)


def _write_atdl(folder: Path, chosen: tuple[type[Policy], ...]) -> list[Path]:
    made = {folder / f"{policy.id}.xml": fixatdl(policy, version("exec-nt")) for policy in chosen}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in made.items():
            _write(path, text)
    except OSError as error:
        raise InvalidInput("fixatdl", str(folder), "a folder that can be written to") from error
    return list(made)


def _write_page(page: Path) -> list[Path]:
    if not page.is_file():
        raise InvalidInput("page", str(page), "a page that is there")
    _write(page, refreshed(page.read_text(encoding="utf-8")))
    return [page]


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def _as_dict(policy: type[Policy]) -> dict[str, Any]:
    return {
        "id": policy.id,
        "title": title(policy),
        "description": summary(policy),
        "parameters": [_told(parameter) for parameter in parameters(policy)],
        "schema": schema(policy),
    }


def _told(parameter: Parameter) -> dict[str, Any]:
    """One parameter, with the bounds that it has."""
    bounds = {name: bound for name, bound in asdict(parameter.range).items() if bound is not None}
    return asdict(parameter) | {"range": bounds}


def _show(chosen: tuple[type[Policy], ...]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)
    for policy in chosen:
        console.print(f"[bold]{policy.id}[/bold]: {title(policy)}", highlight=False)
        console.print(summary(policy).replace("``", ""), highlight=False, markup=False)
        own = [told for told in parameters(policy) if len(chosen) == 1 or not told.common]
        console.print(_table(own))
    if len(chosen) > 1:
        console.print("[bold]Parameters of every algorithm[/bold]")
        console.print(_table([told for told in parameters(chosen[0]) if told.common]))


def _table(rows: list[Parameter]) -> Table:
    table = Table("parameter")
    for heading, width in _WIDTHS.items():
        table.add_column(heading, overflow="fold", max_width=width)
    for told in rows:
        amend = "yes" if told.amendable else ""
        cells = (told.name, unit(told), default(told), allowed(told), amend, meaning(told))
        table.add_row(*map(escape, cells))
    return table
