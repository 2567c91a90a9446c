"""The facts of a catalog's instruments: what a TOML file says, and the platform's objects made from it."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from nautilus_trader import model

from nautilus_exec.errors import InvalidInput

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_/-]*$")]

FILE_NAME = "instruments.toml"
"""Where a catalog keeps the facts of what was imported into it."""


class Fees(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one venue charges; a negative fee is a rebate.

    Units: ``per_share`` is currency per unit traded, ``bps`` is basis points of the notional, ``fixed`` is currency
    per fill.
    """

    kind: Literal["per_share", "bps", "fixed"]
    maker: Decimal
    taker: Decimal


class Venue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place where an instrument trades, or where its trades are reported."""

    routable: bool = True
    """Whether orders may be sent there."""
    off_exchange: bool = False
    """A trade reporting facility: prints without a book; never routable."""
    fees: Fees | None = None


class Instrument(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"kind": "class"}
):
    """One instrument and the venues that trade it. Prices are multiples of ``tick``, sizes of ``lot``."""

    symbol: Name
    kind: Literal["equity", "currency_pair", "crypto_spot", "crypto_perpetual"]
    tick: Decimal
    lot: Decimal
    currency: str
    base: str | None = None
    """Base currency of a pair."""
    round_lot: Decimal | None = None
    sub_tick: Decimal | None = None
    """The finer grid on which prints may lie (hidden midpoint executions); none: a print off the tick is an error."""
    block: Decimal | None = None
    """Prints of this size or more are blocks; none: nothing is."""
    calendar: str | None = None
    """Name of an exchange_calendars calendar."""
    session: str | None = None
    """``HH:MM-HH:MM`` every day, in ``timezone``; instead of a calendar."""
    timezone: str = "UTC"
    listing: str | None = None
    """The venue that holds the auctions."""
    venues: dict[Name, Venue]

    def id(self, venue: str) -> str:
        """Name the instrument at one venue, as the platform does: ``SYMBOL.VENUE``."""
        return f"{self.symbol}.{venue}"

    @property
    def ids(self) -> tuple[str, ...]:
        """Every instrument id, venues in the file's order."""
        return tuple(self.id(venue) for venue in self.venues)

    @property
    def routable_ids(self) -> tuple[str, ...]:
        """The ids orders may be sent to."""
        return tuple(self.id(name) for name, venue in self.venues.items() if venue.routable)


class Instruments(msgspec.Struct, frozen=True):
    """The instruments of a file or of a catalog."""

    instrument: tuple[Instrument, ...] = ()

    def symbol(self, name: str) -> Instrument:
        """Return the instrument of that symbol; raises ``InvalidInput`` if there is none."""
        for each in self.instrument:
            if each.symbol == name:
                return each
        raise InvalidInput("symbol", name, f"one of {', '.join(i.symbol for i in self.instrument) or 'none'}")

    def at(self, instrument_id: str) -> tuple[Instrument, Venue]:
        """Return the instrument and the venue of ``SYMBOL.VENUE``; raises ``InvalidInput`` if there is none."""
        symbol, _, venue = instrument_id.rpartition(".")
        for each in self.instrument:
            if each.symbol == symbol and venue in each.venues:
                return each, each.venues[venue]
        raise InvalidInput("instrument", instrument_id, f"one of {', '.join(self.ids) or 'none'}")

    @property
    def ids(self) -> tuple[str, ...]:
        """Every instrument id."""
        return tuple(one for each in self.instrument for one in each.ids)

    def merged(self, others: "Instruments") -> "Instruments":
        """Add instruments and venues; raises ``InvalidInput`` where the same thing has other facts."""
        by_symbol = {each.symbol: each for each in self.instrument}
        for new in others.instrument:
            old = by_symbol.get(new.symbol)
            by_symbol[new.symbol] = new if old is None else _merge(old, new)
        return Instruments(tuple(by_symbol.values()))


def _merge(old: Instrument, new: Instrument) -> Instrument:
    venues = {**old.venues, **new.venues}
    for field in Instrument.__struct_fields__:
        before, after = getattr(old, field), getattr(new, field)
        if field != "venues" and before != after:
            raise InvalidInput(f"{new.symbol}.{field}", after, f"{before!r} as the catalog has it")
    for name, venue in old.venues.items():
        if venues[name] != venue:
            raise InvalidInput(f"{new.id(name)}", venues[name], f"{venue!r} as the catalog has it")
    return msgspec.structs.replace(old, venues=venues)


def check(instruments: Iterable[Instrument]) -> None:
    """Refuse facts that contradict each other, with ``InvalidInput`` naming the key."""
    seen: set[str] = set()
    for each in instruments:
        if each.symbol in seen:
            raise InvalidInput("symbol", each.symbol, "each symbol once")
        seen.add(each.symbol)
        _check_one(each)


def _check_one(each: Instrument) -> None:
    for field in ("tick", "lot", "round_lot", "sub_tick", "block"):
        step = getattr(each, field)
        if step is not None and not (step.is_finite() and step > 0):
            raise InvalidInput(f"{each.symbol}.{field}", str(step), "a number above 0")
    if not each.venues:
        raise InvalidInput(f"{each.symbol}.venues", {}, "at least one venue")
    if each.listing is not None and each.listing not in each.venues:
        raise InvalidInput(f"{each.symbol}.listing", each.listing, f"one of {', '.join(each.venues)}")
    if each.calendar is not None and each.session is not None:
        raise InvalidInput(f"{each.symbol}.session", each.session, "a calendar or a session, not both")
    if each.kind != "equity" and each.base is None:
        raise InvalidInput(f"{each.symbol}.base", None, "the base currency of a pair")
    for name, venue in each.venues.items():
        if venue.off_exchange and venue.routable:
            raise InvalidInput(f"{each.id(name)}.routable", True, "false: an off-exchange venue is data only")


def load_instruments(path: str | Path) -> Instruments:
    """Read a TOML file of instruments; ``[[source]]`` tables beside them are left to the importer.

    Raises ``InvalidInput`` for a file that is absent or not TOML, an unknown key, a wrong type or facts that
    contradict each other.
    """
    tables = read_toml(path)
    tables.pop("source", None)
    tables.pop("title", None)
    unknown = sorted(set(tables) - {"instrument"})
    if unknown:
        raise InvalidInput(f"{Path(path).name}: key", unknown[0], "title, instrument or source")
    loaded = convert(tables, Instruments, path)
    check(loaded.instrument)
    return loaded


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file into tables; raises ``InvalidInput`` when it is absent or not TOML."""
    try:
        tables: dict[str, Any] = msgspec.toml.decode(Path(path).read_bytes())
    except FileNotFoundError as error:
        raise InvalidInput("instruments file", str(path), "a file that exists") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("instruments file", str(path), f"TOML ({error})") from error
    return tables


def convert[T](tables: object, kind: type[T], path: str | Path) -> T:
    """Type the tables of a file; raises ``InvalidInput`` with the place of an unknown key or a wrong value."""
    try:
        return msgspec.convert(tables, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput("instruments file", str(path), f"keys and types as documented: {error}") from error


def precision(step: Decimal) -> int:
    """Count the decimals of a tick or a lot: 0.01 has 2, 100 has 0."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def to_platform(instruments: Instruments) -> list[object]:
    """Make the platform's instrument for every venue with a book; off-exchange venues are data only."""
    return [
        _platform(each, each.id(name))
        for each in instruments.instrument
        for name, venue in each.venues.items()
        if not venue.off_exchange
    ]


def _platform(each: Instrument, instrument_id: str) -> object:
    iid, raw = model.InstrumentId.from_str(instrument_id), model.Symbol(each.symbol)
    tick = model.Price.from_str(format(each.tick.normalize(), "f"))
    quote = model.Currency.from_str(each.currency)
    lot = model.Quantity.from_str(format(each.lot.normalize(), "f"))
    if each.kind == "equity":
        return model.Equity(iid, raw, quote, precision(each.tick), tick, 0, 0, lot_size=lot)
    base, decimals = model.Currency.from_str(each.base or ""), (precision(each.tick), precision(each.lot))
    if each.kind == "crypto_perpetual":
        return model.CryptoPerpetual(
            iid, raw, base, quote, quote, False, *decimals, tick, lot, 0, 0, lot_size=lot
        )
    return model.CurrencyPair(iid, raw, base, quote, *decimals, tick, lot, 0, 0, lot_size=lot)


def dump_instruments(instruments: Instruments) -> str:
    """Write the facts as TOML text that ``load_instruments`` reads back."""
    return "\n".join(_dump_one(each) for each in instruments.instrument)


def _dump_one(each: Instrument) -> str:
    facts = msgspec.to_builtins(each)
    venues = facts.pop("venues")
    lines = [
        "[[instrument]]",
        *(f"{key} = {_text(value)}" for key, value in facts.items() if value is not None),
    ]
    for name, venue in venues.items():
        lines += ["", f"[instrument.venues.{_text(name)}]"]
        lines += [f"{key} = {_text(value)}" for key, value in venue.items() if value is not None]
    return "\n".join([*lines, ""])


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_text(item)}" for key, item in value.items()) + " }"
    return msgspec.json.encode(value).decode()
