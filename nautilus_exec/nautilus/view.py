"""The market as one parent may see it at this instant, read from the platform's cache when asked."""

from collections.abc import Mapping
from typing import Any

from nautilus_exec.core.market import MarketView, Top
from nautilus_exec.core.spec import Spec
from nautilus_exec.nautilus.convert import Ruler
from nautilus_exec.nautilus.shared import Run
from nautilus_exec.nautilus.working import Working


def view_of(store: Any, work: Working, run: Run) -> MarketView:
    """Tops of the routing set from the cache, the tape of the symbol where somebody wanted one, and our own orders."""
    spec = work.parent.spec
    own = {venue.venue: run.resting.opposite(venue.instrument, spec.side) for venue in spec.venues}
    return MarketView(tops_of(store, work.instrument_ids, work.ruler), run.tapes.get(work.symbol), own=own)


def tops_of(store: Any, instrument_ids: Mapping[str, Any], ruler: Ruler) -> dict[str, Top]:
    """The latest quote per venue; a venue that has never quoted is not there."""
    quotes = {venue: store.quote(instrument_id) for venue, instrument_id in instrument_ids.items()}
    return {venue: ruler.top(quote) for venue, quote in quotes.items() if quote is not None}


def wants_tape(spec: Spec) -> bool:
    """Whether this parent's decisions depend on the market's volume, or its order on an official print."""
    counts = spec.max_participation is not None or spec.auction is not None
    return counts or bool(getattr(spec.params, "needs_tape", False))


def wants_feed(work: Working) -> bool:
    """Whether the hub must hear of this parent though it has no trigger."""
    return work.run.mode != "backtest" or wants_tape(work.parent.spec)
