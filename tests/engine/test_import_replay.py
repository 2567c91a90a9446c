"""An imported catalog through BacktestNode: the order at equal stamps, and fills no better than the book."""

from typing import Any

import pytest
from nautilus_trader.backtest import (
    BacktestDataConfig,
    BacktestEngineConfig,
    BacktestNode,
    BacktestRunConfig,
    BacktestVenueConfig,
)
from nautilus_trader.common import LoggerConfig, LogLevel
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import BookType, InstrumentId, NautilusDataType, OrderSide, TimeInForce

from nautilus_exec.nautilus.importers.run import import_files
from tests.books import BUY, Script
from tests.fixtures import excerpt
from tests.fixtures.excerpt import frame, ns, write

ABC = InstrumentId.from_str("ABC.XNYS")
ORDER = (NautilusDataType.TradeTick, NautilusDataType.OrderBookDelta, NautilusDataType.QuoteTick)


def replay(catalog, strategy: Any) -> None:
    venue = BacktestVenueConfig(
        "XNYS",
        "NETTING",
        "MARGIN",
        ["1000000 USD"],
        book_type=BookType.L2_MBP,
        queue_position=True,
        liquidity_consumption=True,
        fee_model=MakerTakerFeeModel(0, 0),
    )
    data = [BacktestDataConfig(kind, str(catalog), instrument_ids=[ABC]) for kind in ORDER]
    engine = BacktestEngineConfig(logging=LoggerConfig(stdout_level=LogLevel.ERROR, print_config=False))
    config = BacktestRunConfig([venue], data, engine, id="replay", raise_exception=True)
    node = BacktestNode([config])
    node.build()
    node.add_strategy("replay", strategy)
    node.run()
    node.dispose()
    assert not strategy.errors


class Watcher(Script):
    """Notes what arrives, and the best prices of the managed book at each quote."""

    def on_start(self) -> None:
        super().on_start()
        self.seen: list[tuple[int, str]] = []
        self.best: dict[int, tuple[Any, Any]] = {}
        self.subscribe_trades(ABC)
        self.subscribe_book_deltas(ABC, BookType.L2_MBP, managed=True)
        self.subscribe_quotes(ABC)

    def on_trade(self, trade: Any) -> None:
        self.seen.append((trade.ts_event, "trade"))

    def on_book_deltas(self, deltas: Any) -> None:
        self.seen.append((deltas.ts_event, "book"))

    def on_quote(self, quote: Any) -> None:
        self.seen.append((quote.ts_event, "quote"))
        book = self.c.order_book(ABC)
        self.best[quote.ts_event] = tuple(
            None if p is None else float(str(p)) for p in (book.best_bid_price(), book.best_ask_price())
        )


@pytest.fixture
def catalog(tmp_path):
    src = write(tmp_path / "src")
    import_files(src, tmp_path / "c", src / "instruments.toml")
    return tmp_path / "c"


def test_at_one_stamp_trades_come_first_then_every_book_then_one_quote(catalog):
    watcher = Watcher()
    replay(catalog, watcher)
    at_one = [kind for stamp, kind in watcher.seen if stamp == ns(1.0)]
    assert at_one[:2] == ["trade", "trade"]
    assert set(at_one[2:-1]) == {"book"}
    assert at_one[-1] == "quote"


def test_a_side_that_goes_away_is_gone_at_its_own_quote(catalog):
    """Without the last flag on a one-sided snapshot the book would still show what stood before."""
    watcher = Watcher()
    replay(catalog, watcher)
    opening, closing = (ns(0.3), 10.01), (ns(6.5 * 3600 + 7), 10.02)
    assert watcher.best == {
        **{at: (price, price) for at, price in (opening, closing)},
        ns(6.5 * 3600 + 8): (10.01, 10.03),
        ns(0.5): (10.00, 10.02),
        ns(1.0): (9.99, 10.02),
        ns(2.0): (9.99, None),
        ns(3.0): (None, None),
        ns(4.0): (None, 10.03),
        ns(5.0): (10.01, 10.03),
    }


def scripted(tmp_path, quotes, trades, *acts) -> list[tuple[int, float]]:
    """Import rows and replay them with orders at seconds after the open; return the fills."""
    src = write(tmp_path / "src")
    frame("quotes", [(t, "XNYS", *row) for t, *row in quotes]).write_parquet(src / "quotes.parquet")
    frame("trades", [(t, "XNYS", *row, "", 0) for t, *row in trades]).write_parquet(src / "trades.parquet")
    import_files(src, tmp_path / "c", src / "instruments.toml")
    since = (excerpt.OPEN_NS - 1_700_000_000 * 10**9) / 1e9
    owner = Script([(since + t, act) for t, act in acts])
    replay(tmp_path / "c", owner)
    return owner.fills()


def take(size: int, price: float) -> Any:
    return lambda s: s.limit(OrderSide.BUY, size, price, TimeInForce.IOC, ABC)


def rest(size: int, price: float) -> Any:
    return lambda s: s.limit(OrderSide.BUY, size, price, TimeInForce.GTC, ABC)


def test_an_imported_book_gives_a_taker_what_it_shows_and_once(tmp_path):
    quotes = [(t, 10.00, 300, 10.02, size) for t, size in ((1, 300), (3, 300), (5, 400), (9, 400))]
    trades = [(0.5, 10.01, 1)]
    acts = [(2, take(500, 10.02)), (4, take(500, 10.02)), (6, take(500, 10.02))]
    assert scripted(tmp_path, quotes, trades, *acts) == [(300, 10.02), (400, 10.02)]


def test_an_imported_book_keeps_a_resting_order_behind_what_was_there(tmp_path):
    quotes = [(1, 10.00, 500, 10.02, 300), (9, 10.00, 500, 10.02, 300)]
    trades = [(3, 10.00, 300), (4, 10.00, 300)]
    assert scripted(tmp_path, quotes, trades, (2, rest(200, 10.00))) == [(100, 10.00)]


def test_a_print_and_the_quote_it_made_count_once_against_the_queue(tmp_path):
    """Behind 500: 300 print and the bid falls to 200 at the same stamp, then 300 more: 100 fill, not 200."""
    quotes = [(1, 10.00, 500, 10.02, 300), (3, 10.00, 200, 10.02, 300), (9, 10.00, 200, 10.02, 300)]
    trades = [(3, 10.00, 300), (4, 10.00, 300)]
    assert scripted(tmp_path, quotes, trades, (2, rest(200, 10.00))) == [(100, 10.00)]


def test_an_auction_at_a_better_price_takes_a_resting_order_along(tmp_path):
    """At its own price of 10.00, where the venue would give it 9.90; one at 9.89 stays."""
    quotes, prints = [(1, 10.00, 100, 10.02, 100), (9, 10.00, 100, 10.02, 100)], [(3, 9.90, 9000)]
    assert auctioned(tmp_path / "at", quotes, prints, (2, rest(200, 10.00))) == [(200, 10.0)]
    assert auctioned(tmp_path / "below", quotes, prints, (2, rest(200, 9.89))) == []


def test_an_auction_fills_takers_at_its_instant_up_to_its_volume(tmp_path):
    quotes, prints = [(1, 10.00, 100, 10.02, 100), (9, 10.00, 100, 10.02, 100)], [(3, 10.05, 9000)]
    take = lambda s: s.ioc(BUY, 10_000, 10.05)  # noqa: E731 - one action of a script
    assert auctioned(tmp_path / "at", quotes, prints, (3, take)) == [(9_000, 10.05)]
    # A second later the book of before is back; the auction's own second is no time to trade at its book's quote.
    assert auctioned(tmp_path / "after", quotes, prints, (4, take)) == [(100, 10.02)]


def auctioned(tmp_path, quotes, prints, *acts) -> list[tuple[int, float]]:
    src = write(tmp_path / "src")
    frame("quotes", [(t, "XNYS", *row) for t, *row in quotes]).write_parquet(src / "quotes.parquet")
    rows = [(t, "XNYS", *row, "6", 0) for t, *row in prints]
    frame("trades", rows).write_parquet(src / "trades.parquet")
    import_files(src, tmp_path / "c", src / "instruments.toml")
    since = (excerpt.OPEN_NS - 1_700_000_000 * 10**9) / 1e9
    owner = Script([(since + t, act) for t, act in acts])
    replay(tmp_path / "c", owner)
    return owner.fills()


def test_prints_that_are_no_trades_fill_nothing(tmp_path):
    """A report through the price of a resting order is a record: only the trade would have filled it."""
    src = write(tmp_path / "src")
    frame("quotes", [(t, "XNYS", 10.00, 100, 10.02, 100) for t in (1, 9)]).write_parquet(
        src / "quotes.parquet"
    )
    rows = [(4, "XNYS", 9.90, 9000, "M", 0), (5, "XNYS", 9.995, 900, "", 0)]
    others = [(6, "FINR", 9.90, 9000, "", 0), (7, "XNYS", 10.02, 1, "", 0)]
    frame("trades", [*rows, *others]).write_parquet(src / "trades.parquet")
    import_files(src, tmp_path / "c", src / "instruments.toml")
    since = (excerpt.OPEN_NS - 1_700_000_000 * 10**9) / 1e9
    owner = Script([(since + 2, rest(200, 10.00))])
    replay(tmp_path / "c", owner)
    assert owner.fills() == []
