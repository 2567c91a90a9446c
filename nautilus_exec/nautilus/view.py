"""The market as one parent may see it at this instant, read from the platform's cache when asked."""

from collections.abc import Mapping
from typing import Any

from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Spec
from nautilus_exec.core.tape import Tape
from nautilus_exec.nautilus.working import Working


def view_of(store: Any, work: Working, tapes: Mapping[str, Tape]) -> MarketView:
    """Tops of the routing set from the cache, and the tape of the symbol where somebody wanted one."""
    tops = {}
    for venue, instrument_id in work.instrument_ids.items():
        quote = store.quote(instrument_id)
        if quote is not None:
            tops[venue] = work.ruler.top(quote)
    return MarketView(tops, tapes.get(work.order.instrument_id.symbol.value))


def wants_tape(spec: Spec) -> bool:
    """Whether this parent's decisions depend on the market's volume."""
    return spec.max_participation is not None or bool(getattr(spec.params, "needs_tape", False))


def wants_feed(work: Working) -> bool:
    """Whether the hub must hear of this parent though it has no trigger."""
    return work.run.mode != "backtest" or wants_tape(work.parent.spec)
