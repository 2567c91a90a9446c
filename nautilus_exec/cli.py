"""The command ``exec-nt``: its verbs, and one line for every error."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from nautilus_exec.commands.algos import algos
from nautilus_exec.commands.backtest import backtest
from nautilus_exec.commands.catalog import app as catalog
from nautilus_exec.commands.profile import app as profile
from nautilus_exec.commands.tca import tca
from nautilus_exec.errors import ExecError

app = typer.Typer(
    name="exec-nt",
    help="Execute large orders on NautilusTrader, and see what the execution cost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(catalog, name="catalog")
app.add_typer(profile, name="profile")
app.command()(algos)
app.command()(backtest)
app.command()(tca)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"exec-nt {version('exec-nt')} on nautilus_trader {version('nautilus_trader')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say it.")
    ] = False,
) -> None:
    """Execute large orders on NautilusTrader, and see what the execution cost."""


def main() -> None:
    """Run the command; an error is one line on stderr and its exit code."""
    try:
        app()
    except ExecError as error:
        typer.echo(f"exec-nt: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
