"""The quote that stood before a trade: each instrument's quotes once more, in order, for one walk beside its trades."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from nautilus_exec.nautilus.importers.encode import Ints

ROW = np.dtype([("ts", "<i8"), ("bid", "<i8"), ("ask", "<i8")])
CHUNK = 262_144
"""Rows in memory at a time; chosen by us (6 MiB)."""
NO_BID, NO_ASK = -1, np.iinfo(np.int64).max


class StandingQuotes:
    """Ticks of the last quote per stamp, kept in a plain file; read forward only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO = path.open("wb")
        self._rows = np.array([(np.iinfo(np.int64).min, NO_BID, NO_ASK)], ROW)
        self._end = False

    def append(self, stamps_ns: Ints, bid: Ints, ask: Ints) -> None:
        """Add quotes; an absent bid is ``NO_BID``, an absent ask ``NO_ASK``."""
        rows = np.empty(len(stamps_ns), ROW)
        rows["ts"], rows["bid"], rows["ask"] = stamps_ns, bid, ask
        rows.tofile(self._file)

    def rewind(self) -> None:
        """Finish writing and go to the start."""
        self._file.close()
        self._file = self._path.open("rb")

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def before(self, stamps_ns: Ints) -> tuple[Ints, Ints]:
        """Return bid and ask ticks of the last quote strictly before each stamp; stamps never go back."""
        found = np.empty(len(stamps_ns), ROW)
        done = 0
        while done < len(stamps_ns):
            ready = self._ready(stamps_ns)
            at = np.searchsorted(self._rows["ts"], stamps_ns[done:ready], side="left") - 1
            found[done:ready] = self._rows[at]
            done = max(done, ready)
            if done < len(stamps_ns):
                self._advance()
        return found["bid"].copy(), found["ask"].copy()

    def _ready(self, stamps_ns: Ints) -> int:
        # A stamp is answered when the quotes in memory reach it: a later one cannot be strictly before.
        last = self._rows["ts"][-1]
        return len(stamps_ns) if self._end else int(np.searchsorted(stamps_ns, last, side="right"))

    def _advance(self) -> None:
        fresh: NDArray[np.void] = np.fromfile(self._file, ROW, CHUNK)
        self._end = len(fresh) < CHUNK
        self._rows = np.concatenate([self._rows[-1:], fresh])


def aggressor(price: Ints, bid: Ints, ask: Ints) -> NDArray[np.int8]:
    """Return 1 for a buyer (at or above the ask), 2 for a seller (at or below the bid), else 0: the quote rule.

    Ticks. In a crossed quote a price can be both: neither is said. Source: Lee and Ready (1991), without the tick test;
    matched to the quote strictly before, Holden and Jacobsen (2014), J. Finance 69(4), 1747-1785.
    """
    buyer, seller = price >= ask, price <= bid
    return np.where(buyer & ~seller, 1, np.where(seller & ~buyer, 2, 0)).astype(np.int8)
