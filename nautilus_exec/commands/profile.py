"""``exec-nt profile build``: a volume profile from the days before an order."""

import json
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.profile_build import Built, Hours, build
from nautilus_exec.nautilus.profile_days import clock
from nautilus_exec.nautilus.profile_sources import Source, VolumeFile, scan, trades_file
from nautilus_exec.nautilus.profiles import profile_path, save
from nautilus_exec.policies.text import parse_duration

app = typer.Typer(help="Volume profiles for VWAP.", no_args_is_help=True)


Src = Annotated[Path, typer.Argument(help="a catalog, or a Parquet or CSV file of trades or of volumes")]
Out = Annotated[Path, typer.Option(help="file to write: CATALOG/profiles/NAME.json makes it NAME there")]
Until = Annotated[str | None, typer.Option(help="the order's day, YYYY-MM-DD: only days before it")]
Days = Annotated[int, typer.Option(help="how many days, the newest that can be used")]
Median = Annotated[bool, typer.Option("--median/--mean", help="statistic over day fractions")]
Bins = Annotated[str | None, typer.Option(help="bin width such as 30m; default: the source's own, or 15m")]
Calendar = Annotated[str | None, typer.Option(help="exchange calendar, such as XNYS; default: the catalog's")]
Session = Annotated[str | None, typer.Option(help="hours without a calendar, such as 09:30-16:00")]
Timezone = Annotated[str | None, typer.Option(help="zone of --session, such as America/New_York")]
Names = Annotated[
    list[str] | None, typer.Option(help="of a catalog: SYMBOL.VENUE, or SYMBOL for all lit venues")
]
Symbol = Annotated[str | None, typer.Option(help="of a file of volumes with several")]
TsColumn = Annotated[str, typer.Option(help="of a file of trades: UTC nanoseconds")]
SizeColumn = Annotated[str, typer.Option(help="of a file of trades")]
ClosingPrint = Annotated[
    bool, typer.Option("--closing-print", help="a day's last trade is its closing auction")
]
Foreign = Annotated[
    bool, typer.Option("--foreign", help="of another instrument or later days: no check of its date")
]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.callback()
def profile() -> None:
    """Volume profiles for VWAP."""


@app.command("build")
def build_command(
    src: Src,
    out: Out,
    until: Until = None,
    days: Days = 20,
    median: Median = True,
    bins: Bins = None,
    calendar: Calendar = None,
    session: Session = None,
    timezone: Timezone = None,
    instrument: Names = None,
    symbol: Symbol = None,
    ts_column: TsColumn = "ts_event",
    size_column: SizeColumn = "size",
    closing_print: ClosingPrint = False,
    foreign: Foreign = False,
    as_json: AsJson = False,
) -> None:
    """Make a volume profile from the newest days strictly before --until."""
    name = profile_path(out.parent, out.stem).stem
    source, own = _source(src, instrument or [], symbol, ts_column, size_column, closing_print)
    given = Hours(calendar=calendar, session=session, timezone=timezone)
    built = build(
        source,
        given if given != Hours() else own,
        name=name,
        days=days,
        statistic="median" if median else "mean",
        until=None if until is None else _date(until),
        bins_ns=None if bins is None else parse_duration("bins", bins),
        foreign=foreign,
    )
    save(built.profile, out)
    if as_json:
        typer.echo(json.dumps(_as_dict(built, out), indent=2))
    else:
        _show(built, out)


def _source(
    src: Path,
    instruments: list[str],
    symbol: str | None,
    ts_column: str,
    size_column: str,
    closing_print: bool,
) -> tuple[Source, Hours]:
    """Return the source of volumes that ``src`` is, and the hours it knows of.

    An option that does not belong to the source is refused.
    """
    if src.is_dir():
        if symbol is not None or closing_print:
            field = "symbol" if symbol is not None else "closing-print"
            raise InvalidInput(field, symbol or closing_print, "no such option with a catalog")
        # Only a catalog needs the platform, which is slow to load.
        from nautilus_exec.nautilus.profile_catalog import catalog_trades

        return catalog_trades(src, instruments)
    if instruments:
        raise InvalidInput("instrument", instruments[0], "a catalog as SRC, to have instruments")
    if "bin_start" not in scan(src).collect_schema().names():
        if symbol is not None:
            raise InvalidInput("symbol", symbol, "a file of volumes (date, bin_start, volume) as SRC")
        return trades_file(src, ts_column, size_column, closing_print=closing_print), Hours()
    if closing_print:
        raise InvalidInput("closing-print", closing_print, "a file of trades as SRC")
    return VolumeFile(src, symbol), Hours()


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("until", text, "a date as YYYY-MM-DD") from None


def _left_out(built: Built) -> Iterator[tuple[str, list[date]]]:
    """Yield each run of days left out for one reason."""
    for reason, run in groupby(built.choice.left_out, key=lambda entry: entry[1]):
        yield reason, [day for day, _ in run]


def _show(built: Built, out: Path) -> None:
    """Print what was used and left out, one line each, and the bins."""
    profile, used = built.profile, built.choice.used
    typer.echo(f"profile {profile.name}{' (FOREIGN: not checked against the order)' * profile.foreign}")
    typer.echo(f"source: {profile.source}")
    typer.echo(f"used: {_days_text(used)}")
    for reason, run in _left_out(built):
        typer.echo(f"left out: {_days_text(run)}: {reason}")
    for note in built.notes:
        typer.echo(note)
    typer.echo(f"volume of a day in these bins: {profile.day_volume:,.0f}")
    for label, share in (("opening", profile.opening_share), ("closing", profile.closing_share)):
        if share is not None:
            typer.echo(f"{label} auction: {share:.2%} of the whole day")
    Console().print(_table(built))
    typer.echo(f"written: {out}")


def _days_text(days: list[date]) -> str:
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    return f"{len(days)} {'day' if len(days) == 1 else 'days'}, {span}"


def _table(built: Built) -> Table:
    """Return the bins: start, end (not in it), share and what is done by its end."""
    profile = built.profile
    table = Table(title=f"share of the day by bin, {profile.timezone}")
    for heading in ("from", "to (before)", "share", "done by then"):
        table.add_column(heading, justify="right")
    bins = zip(profile.edges_ns, profile.edges_ns[1:], profile.fractions, strict=False)
    for start, end, fraction in bins:
        table.add_row(clock(start), clock(end), f"{fraction:.2%}", f"{profile.curve.at(end):.2%}")
    return table


def _as_dict(built: Built, out: Path) -> dict[str, Any]:
    """Return what was made, for a machine: days as dates, times as clock times and nanoseconds."""
    profile = built.profile
    return {
        "file": str(out),
        "name": profile.name,
        "source": profile.source,
        "foreign": profile.foreign,
        "timezone": profile.timezone,
        "last_day": profile.last_day,
        "day_volume": profile.day_volume,
        "opening_share": profile.opening_share,
        "closing_share": profile.closing_share,
        "edges_ns": list(profile.edges_ns),
        "edges": [clock(edge) for edge in profile.edges_ns],
        "fractions": list(profile.fractions),
        "used": [day.isoformat() for day in built.choice.used],
        "left_out": [{"day": day.isoformat(), "reason": why} for day, why in built.choice.left_out],
        "notes": built.notes,
    }
