"""The market-data actor: watches quotes for triggers and prints for tapes, for those who asked and nobody else."""

from collections import Counter
from typing import Any, cast

from nautilus_trader.common import DataActor
from nautilus_trader.model import InstrumentId

from nautilus_exec.core.intent import Trigger
from nautilus_exec.core.tape import PrintClass, Tape
from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.config import HubConfig
from nautilus_exec.nautilus.convert import Ruler
from nautilus_exec.nautilus.messages import Fired, Watch
from nautilus_exec.nautilus.prints import Print, data_type
from nautilus_exec.nautilus.shared import join, seen

type Watched = list[tuple[Trigger, Watch]]


class Hub(DataActor):
    """Relays what was asked for: a quote that does not matter costs a comparison and no step."""

    def __init__(self, config: HubConfig | None = None) -> None:
        config = config or HubConfig()
        self.run = config.run
        self.shared = join(self.run.run_id, "hub")
        self.watched: dict[Any, Watched] = {}
        self.watches: dict[str, Watch] = {}
        self.wanted: dict[str, frozenset[Any]] = {}
        self.held: Counter[Any] = Counter()
        self.rulers: dict[Any, Ruler] = {}
        self.taped: dict[str, set[str]] = {}
        self.numbered = 0

    def on_start(self) -> None:
        """Listen for what is wanted."""
        self.store = self.cache
        self.subscribe_topic(topics.HUB_SUB, self._on_watch)

    @seen
    def _on_watch(self, message: object) -> None:
        watch = cast(Watch, message)
        self._drop(watch.parent_id)
        if watch.triggers:
            self.watches[watch.parent_id] = watch
        for trigger in watch.triggers:
            self.watched.setdefault(_instrument(watch.symbol, trigger.venue), []).append((trigger, watch))
        venues = (*watch.venues, *(trigger.venue for trigger in watch.triggers))
        self._hold(watch.parent_id, frozenset(_instrument(watch.symbol, venue) for venue in venues))
        self._tape(watch)

    def _hold(self, parent_id: str, wanted: frozenset[Any]) -> None:
        """Have quotes of these instruments come for a parent; one that nobody wants any more is given back."""
        had = self.wanted.pop(parent_id, frozenset())
        if wanted:
            self.wanted[parent_id] = wanted
        for instrument_id in wanted - had:
            self.held[instrument_id] += 1
            if self.held[instrument_id] == 1:
                self.rulers[instrument_id] = Ruler.of(self.store.instrument(instrument_id))
                self.subscribe_quotes(instrument_id)
        for instrument_id in had - wanted:
            self.held[instrument_id] -= 1
            if not self.held[instrument_id]:
                self.unsubscribe_quotes(instrument_id)

    def _drop(self, parent_id: str) -> None:
        """Forget a parent's triggers."""
        old = self.watches.pop(parent_id, None)
        if old is None:
            return
        for trigger in old.triggers:
            instrument_id = _instrument(old.symbol, trigger.venue)
            pairs = self.watched.pop(instrument_id, [])
            left = [pair for pair in pairs if pair[1].parent_id != parent_id]
            if left:
                self.watched[instrument_id] = left

    @seen
    def on_quote(self, quote: Any) -> None:
        """Test the triggers of this instrument; those of a parent fire once, together."""
        watched = self.watched.get(quote.instrument_id)
        if not watched:
            return
        top = self.rulers[quote.instrument_id].top(quote)
        fired = [
            watch
            for trigger, watch in watched
            if trigger.fires(*((top.bid, top.bid_lots) if trigger.bid else (top.ask, top.ask_lots)))
        ]
        for watch in fired:
            if watch.parent_id in self.watches:
                self._drop(watch.parent_id)
                venues = frozenset(_instrument(watch.symbol, venue) for venue in watch.venues)
                self._hold(watch.parent_id, venues)
                self.publish_message(watch.topic, Fired(watch.parent_id))

    def _tape(self, watch: Watch) -> None:
        """Keep the symbol's tape from the first who wants it to the last."""
        wanting = self.taped.setdefault(watch.symbol, set())
        had = bool(wanting)
        (wanting.add if watch.tape else wanting.discard)(watch.parent_id)
        if bool(wanting) == had:
            return
        self.shared.tapes.setdefault(watch.symbol, Tape())
        same = self._same(watch.symbol)
        reports = [InstrumentId.from_str(i) for i in self.run.reports]
        for instrument_id in same:
            self.rulers.setdefault(instrument_id, Ruler.of(self.store.instrument(instrument_id)))
            (self.subscribe_trades if wanting else self.unsubscribe_trades)(instrument_id)
        for instrument_id in [*same, *(i for i in reports if i.symbol.value == watch.symbol)]:
            self.rulers.setdefault(instrument_id, self.rulers[same[0]])
            kind = data_type(instrument_id.value)
            (self.subscribe_data if wanting else self.unsubscribe_data)(kind)
        relay = self.subscribe_topic if wanting else self.unsubscribe_topic
        relay(topics.market_data(watch.symbol), self.on_data)

    def _same(self, symbol: str) -> list[Any]:
        return [i for i in self.store.instrument_ids() if i.symbol.value == symbol]

    @seen
    def on_trade(self, trade: Any) -> None:
        """Count a continuous print of a routable venue."""
        instrument_id = trade.instrument_id
        ruler = self.rulers[instrument_id]
        lots, ticks = trade.size.raw // ruler.lot_raw, trade.price.raw // ruler.tick_raw
        tape = self.shared.tapes[instrument_id.symbol.value]
        stamp, number = trade.ts_event, trade.trade_id.value
        tape.fold(instrument_id.venue.value, lots, stamp, number, price_ticks=ticks)

    @seen
    def on_data(self, data: Any) -> None:
        """Count a print that fills no order, by its class."""
        report = getattr(data, "data", data)
        if not isinstance(report, Print):
            return
        instrument_id = InstrumentId.from_str(report.instrument_id)
        kind = _CLASSES.get(report.print_class, PrintClass.EXCLUDED)
        ruler = self.rulers.get(instrument_id)
        # A venue outside this run: who only awaits an auction needs no other than its own.
        if ruler is None:
            return
        lots, ticks = round(report.size / ruler.lot_size), round(report.price / ruler.tick_size)
        tape = self.shared.tapes[instrument_id.symbol.value]
        self.numbered += 1
        number = f"print {self.numbered}"
        tape.fold(instrument_id.venue.value, lots, report.ts_event, number, kind, ticks)
        if kind is PrintClass.AUCTION:
            self.publish_message(topics.auction(instrument_id.symbol.value), report)


def _instrument(symbol: str, venue: str) -> Any:
    return InstrumentId.from_str(f"{symbol}.{venue}")


_CLASSES = {kind.value: kind for kind in PrintClass} | {"sub_tick": PrintClass.CONTINUOUS}
"""A hidden midpoint execution is continuous trading that the tick cannot say."""
