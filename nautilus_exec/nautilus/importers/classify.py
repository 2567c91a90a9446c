"""The class of a print, from its sale condition and its venue.

Conditions are those of the US tapes (CTA and UTP participant specifications). One bad letter is enough to exclude a
print; a code that nobody knows excludes too, so that nothing unknown enters a volume or fills an order.
"""

from collections.abc import Mapping

CONTINUOUS, AUCTION, OFF_EXCHANGE, BLOCK = "continuous", "auction", "off_exchange", "block"
SUB_TICK, EXCLUDED, OFFICIAL = "sub_tick", "excluded", "official"

CLASSES = (CONTINUOUS, SUB_TICK, BLOCK, AUCTION, OFF_EXCHANGE, EXCLUDED, OFFICIAL)
"""In the order of the reports. Continuous prints are trades of the platform; all others are records."""

ELIGIBLE = frozenset("@EFI ")
"""Regular (blank, @ on tape C), automatic execution (E), intermarket sweep (F), odd lot (I)."""
AUCTIONS = frozenset("O56")
"""Opening (O), reopening (5) and closing (6) prints."""
OFFICIALS = frozenset("MQ")
"""The market centre's official close (M) and open (Q): repeats of a print that is already there."""
CLOSING = "6"


def classify(condition: str, off_exchange: bool) -> str:
    """Return the class that a condition gives at a venue; size and tick can still make it a block or sub-tick."""
    letters = frozenset(condition)
    if letters & OFFICIALS:
        return OFFICIAL
    if not letters <= ELIGIBLE | AUCTIONS:
        return EXCLUDED
    if off_exchange:
        return OFF_EXCHANGE
    return AUCTION if letters & AUCTIONS else CONTINUOUS


def table(conditions: list[str], venues: Mapping[str, bool]) -> dict[tuple[str, str], str]:
    """Return the class of each (condition, venue); ``venues`` says which are off-exchange."""
    return {(c, name): classify(c, off) for c in conditions for name, off in venues.items()}
