"""When an exchange takes orders for its closing auction for the last time: before the close, by venue and date."""

from datetime import UTC, date, datetime
from typing import NamedTuple

from nautilus_exec.units import MINUTE, SECOND, Nanos

OURS_NS = 30 * SECOND
"""Our own cut-off lies this much before the venue's, for delays on the way; chosen by us."""


class Cutoff(NamedTuple):
    """From ``valid_from`` on the venue takes no market-on-close order later than ``before_ns`` before the close."""

    valid_from: date
    before_ns: Nanos
    source: str


_NYSE = (
    Cutoff(date(2010, 3, 1), 15 * MINUTE, "NYSE Rule 123C, SR-NYSE-2009-111: 15:45 New York"),
    # Approved 2019-01-31. The day it took effect is not known to us: until June the earlier cut-off is the safe one.
    Cutoff(date(2019, 6, 1), 10 * MINUTE, "SR-NYSE-2018-58, Release 34-85021: 15:50 New York"),
)
_NASDAQ = (
    Cutoff(
        date(2010, 3, 1), 10 * MINUTE, "Nasdaq Rule 4702(b)(11) before SR-NASDAQ-2018-068: 15:50 New York"
    ),
    # Approved 2018-10-19; later than that for the same reason.
    Cutoff(date(2019, 1, 1), 5 * MINUTE, "SR-NASDAQ-2018-068: 15:55 New York for market-on-close orders"),
)
CUTOFFS: dict[str, tuple[Cutoff, ...]] = {"XNYS": _NYSE, "NYSE": _NYSE, "XNAS": _NASDAQ, "NASDAQ": _NASDAQ}
"""By venue, oldest first. Half days move with the close, so that it is told from the close back."""


def cutoff_before_close(venue: str, close_ns: Nanos) -> Nanos | None:
    """How long before the close the venue's cut-off was on that day; None where the table does not say."""
    day = datetime.fromtimestamp(close_ns // SECOND, UTC).date()
    known = [rule for rule in CUTOFFS.get(venue, ()) if rule.valid_from <= day]
    return known[-1].before_ns if known else None
