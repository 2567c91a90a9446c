"""What an import read, wrote and left out; every row is in one place."""

from collections import Counter
from dataclasses import dataclass, field

from nautilus_exec.errors import BrokenInvariant

SNAPSHOTS, AUCTION_BOOKS, QUOTE_TICKS, DELTAS, TRADES, PRINTS, CLOSES = (
    "book snapshots",
    "auction books",
    "quote ticks",
    "order book deltas",
    "trades",
    "prints",
    "instrument closes",
)


@dataclass(slots=True)
class Report:
    """Counts of one import, in rows unless a name says volume."""

    read: Counter[str] = field(default_factory=Counter)
    """Source rows: quotes, trades."""
    written: Counter[str] = field(default_factory=Counter)
    """Rows in the catalog by kind."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Source rows that are not in the catalog, ``quotes: reason`` or ``trades: reason``."""
    print_rows: Counter[str] = field(default_factory=Counter)
    """Prints by class; continuous ones are the trades."""
    print_volume: dict[str, float] = field(default_factory=dict)
    """Their volume in units."""
    noted: Counter[str] = field(default_factory=Counter)
    """Kept rows with a peculiarity."""

    def check(self) -> None:
        """Raise ``BrokenInvariant`` unless every source row was written or left out with a reason."""
        for kind, kept in (("quotes", self.written[SNAPSHOTS]), ("trades", self.print_rows.total())):
            gone = sum(n for reason, n in self.left_out.items() if reason.startswith(kind))
            if self.read[kind] != kept + gone:
                raise BrokenInvariant(f"{kind} read", self.read[kind], f"{kept} kept + {gone} left out")

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Return the counts as plain tables."""
        tables = ("read", "written", "left_out", "print_rows", "print_volume", "noted")
        return {name: {key: n for key, n in getattr(self, name).items() if n} for name in tables}
