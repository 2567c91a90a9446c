"""The run file: what to replay, where, and which parents to work."""

import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from nautilus_exec.decode import decode
from nautilus_exec.errors import InvalidInput
from nautilus_exec.units import SECOND, US, Nanos


class VenueSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a simulated venue behaves. Fees are the catalog's."""

    latency: str = "0s"
    """One-way delay of every command, such as ``5ms``."""
    account: Literal["MARGIN", "CASH"] = "MARGIN"
    balance: str = "1000000000 USD"
    book: Literal["L2", "L1"] = "L2"
    """L2: one-level books with queue position and consumption, the honest recipe; L1: quotes only."""
    can_amend: bool = False


class ParentOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One parent order and when its owner sends it."""

    instrument: str
    side: Literal["BUY", "SELL"]
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
    """When the replay ends, ISO-8601; default: eleven minutes after the session of the last arrival."""
    venues: dict[str, VenueSettings] = {}
    defaults: VenueSettings = VenueSettings()
    limits: dict[str, float | bool] = {}
    print_order: Literal["trades_first", "books_first"] = "trades_first"
    """At equal stamps; trades first is what the exchange's clock means."""


def arrival_ns(parent: ParentOrder) -> Nanos:
    """When the owner sends the parent, UTC ns; raises ``InvalidInput`` for a time without an offset."""
    try:
        moment = datetime.fromisoformat(parent.arrival)
    except ValueError as error:
        raise InvalidInput("arrival", parent.arrival, "ISO-8601 with an offset") from error
    if moment.tzinfo is None:
        raise InvalidInput("arrival", parent.arrival, "ISO-8601 with an offset")
    return int(moment.timestamp()) * SECOND + moment.microsecond * US


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
    run = decode(RunFile, table)
    catalog = Path(run.catalog)
    return run, catalog if catalog.is_absolute() else (path.parent / catalog).resolve()


def texts(parent: ParentOrder) -> dict[str, str]:
    """The parameters of a parent as its order carries them."""
    return {key: _text(value) for key, value in parent.params.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
