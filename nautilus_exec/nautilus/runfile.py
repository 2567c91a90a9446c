"""The run file: what to replay, where, and which parents to work."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec

from nautilus_exec.errors import InvalidInput


class VenueSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a simulated venue behaves. Fees are the catalog's."""

    latency: str = "0s"
    """One-way delay of every command, such as ``5ms``."""
    account: str = "MARGIN"
    """MARGIN or CASH."""
    balance: str = "1000000000 USD"
    book: str = "L2"
    """L2: one-level books with queue position and consumption, the honest recipe; L1: quotes only."""
    can_amend: bool = False


class ParentOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One parent order and when its owner sends it."""

    instrument: str
    side: str
    """BUY or SELL."""
    quantity: Decimal
    """In units of the instrument."""
    arrival: str
    """ISO-8601 with an offset."""
    algorithm: str
    id: str | None = None
    limit_price: str | None = None
    """Makes it a limit order; absent: a market order."""
    params: dict[str, Any] = {}


class RunFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole run."""

    catalog: str
    """Folder of the market data; relative paths start at the run file."""
    parents: Annotated[list[ParentOrder], msgspec.Meta(min_length=1)]
    id: str | None = None
    """Name of the run's folder below ``out``; default: the file's name."""
    out: str = "OUT"
    """Relative to the working folder."""
    end: str | None = None
    """When the replay ends, ISO-8601; default: ten minutes after the session of the last arrival."""
    venues: dict[str, VenueSettings] = {}
    defaults: VenueSettings = VenueSettings()
    limits: dict[str, float] = {}
    print_order: str = "trades_first"
    """trades_first or books_first at equal stamps; the first is what the exchange's clock means."""


def load_run_file(path: str | Path) -> tuple[RunFile, Path]:
    """Read a run file; returns it and its catalog's folder.

    Raises ``InvalidInput`` naming the field, the value and what was expected.
    """
    path = Path(path)
    try:
        table = tomllib.loads(path.read_text())
    except FileNotFoundError as error:
        raise InvalidInput("run file", str(path), "a file that exists") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("run file", str(path), f"TOML; {error}") from error
    try:
        run = msgspec.convert(table, RunFile, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{path}", "", str(error)) from error
    catalog = Path(run.catalog)
    return run, catalog if catalog.is_absolute() else (path.parent / catalog).resolve()
