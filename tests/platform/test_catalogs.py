"""Catalogs: what the platform's reader takes from files it did not write, and what a node makes of their order."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from nautilus_trader.backtest import (
    BacktestDataConfig,
    BacktestEngineConfig,
    BacktestNode,
    BacktestRunConfig,
    BacktestVenueConfig,
)
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import (
    BookAction,
    BookOrder,
    NautilusDataType,
    OrderBookDelta,
    OrderBookDeltas,
    QuoteTick,
    TradeTick,
    register_custom_data_class,
)
from nautilus_trader.persistence import ParquetDataCatalog

from nautilus_exec.nautilus.arrow import schema, write_records
from nautilus_exec.tca.records import FillRecord
from tests.books import BUY, F_LAST, SELL, XNYS, deltas, equity, ns, px, qty, quote, top, trade
from tests.engine.test_recorder import record
from tests.parts import Script

TRADES, DELTAS, QUOTES = (
    NautilusDataType.TradeTick,
    NautilusDataType.OrderBookDelta,
    NautilusDataType.QuoteTick,
)
FILLS = NautilusDataType.Custom("FillRecord")


class StoredFill:
    """What the platform asks of a class of custom data, around our record."""

    def __init__(self, fill: FillRecord) -> None:
        self.fill, self.ts_event, self.ts_init = fill, fill.ts_event, fill.ts_init

    @classmethod
    def type_name_static(cls) -> str:
        return "FillRecord"

    @classmethod
    def arrow_schema_py(cls) -> pa.Schema:
        return schema(FillRecord)

    @classmethod
    def from_json(cls, data: bytes) -> "StoredFill":
        return cls(msgspec.json.decode(data, type=FillRecord))

    def to_json(self) -> str:
        return msgspec.json.encode(self.fill).decode()

    def encode_record_batch_py(self, _: list[Any]) -> pa.RecordBatch:
        raise NotImplementedError

    @classmethod
    def decode_record_batch_py(cls, _: dict[str, str], batch: pa.RecordBatch) -> "list[StoredFill]":
        for name in ("ts_event", "ts_init"):
            at = batch.schema.get_field_index(name)
            batch = batch.set_column(at, name, batch.column(at).cast(pa.int64()))
        return [cls(msgspec.convert(row, FillRecord)) for row in batch.to_pylist()]


@pytest.fixture(scope="module", autouse=True)
def _registered() -> None:
    register_custom_data_class(StoredFill)


def fills(count: int) -> list[FillRecord]:
    """Fills two to a stamp, from stamp 1 on, with an unobserved bid."""
    return [record(FillRecord, seq=i, ts_event=i, ts_init=i // 2 + 1, bid=None) for i in range(count)]


def test_the_platform_reads_back_a_thousand_fills_of_two_flushes_that_share_a_stamp(tmp_path: Path) -> None:
    written = fills(1000)
    for part in (written[:501], written[501:]):
        write_records(tmp_path, FillRecord, part)
    read = ParquetDataCatalog(str(tmp_path)).query_custom_data(FILLS)
    assert sorted((r.data.fill for r in read), key=lambda f: f.seq) == written


def test_the_platform_knows_their_range_and_reads_a_part_of_it(tmp_path: Path) -> None:
    write_records(tmp_path, FillRecord, fills(1000))
    catalog = ParquetDataCatalog(str(tmp_path))
    assert catalog.get_intervals(FILLS) == [(1, 500)]
    assert len(catalog.query_custom_data(FILLS, start=100, end=199)) == 200


@pytest.mark.parametrize("skip", [False, True])
def test_the_platform_drops_in_silence_what_it_is_given_again_for_the_same_range(
    tmp_path: Path, *, skip: bool
) -> None:
    """The reason for one folder per flush: a file of the same range stays as it is, and nobody is told."""
    catalog = ParquetDataCatalog(str(tmp_path))
    catalog.write_quote_ticks([quote(1, 100, 1, 101, 1)])
    catalog.write_quote_ticks([quote(1, 100, 1, 101, 2)], skip_disjoint_check=skip)
    assert [int(q.ask_size.as_double()) for q in catalog.query_quote_ticks()] == [1]


def stored(folder: Path, data: Sequence[Any]) -> Path:
    catalog = ParquetDataCatalog(str(folder))
    catalog.write_instruments([equity()])
    catalog.write_quote_ticks([x for x in data if isinstance(x, QuoteTick)])
    catalog.write_trade_ticks([x for x in data if isinstance(x, TradeTick)])
    catalog.write_order_book_deltas([d for x in data if isinstance(x, OrderBookDeltas) for d in x.deltas])
    return folder


def run_node(folder: Path, order: Sequence[NautilusDataType], owner: Script) -> None:
    venue = BacktestVenueConfig(
        "XNYS",
        "NETTING",
        "MARGIN",
        ["1000000 USD"],
        book_type="L2_MBP",
        queue_position=True,
        liquidity_consumption=True,
        fee_model=MakerTakerFeeModel(0, 0),
    )
    config = BacktestRunConfig(
        venues=[venue],
        data=[BacktestDataConfig(kind, str(folder), instrument_id=XNYS) for kind in order],
        engine=BacktestEngineConfig(run_analysis=False, bypass_logging=True),
        raise_exception=True,
        dispose_on_completion=False,
    )
    node = BacktestNode([config])
    node.build()
    node.add_strategy(config.id, owner)
    node.run()
    node.dispose()


@pytest.mark.parametrize(
    ("order", "expected"),
    [([TRADES, DELTAS, QUOTES], [(50, 100.0)]), ([DELTAS, TRADES, QUOTES], [(100, 100.0)])],
)
def test_a_node_keeps_the_order_of_its_data_at_equal_stamps(
    tmp_path: Path, order: list[NautilusDataType], expected: list[tuple[int, float]]
) -> None:
    """A bid behind 300; print of 200 and book of 100 at one stamp, then a print of 150: 50 fill, or 100 book first."""
    at_once = [trade(3, 100, 200), deltas(3, 100, 100, 100.02, 300), quote(3, 100, 100, 100.02, 300)]
    data = [*top(1, 100, 300, 100.02, 300), *at_once, trade(4, 100, 150), *top(5, 100, 300, 100.02, 300)]
    owner = Script([(2, lambda s: s.limit(BUY, 100, 100))])
    run_node(stored(tmp_path, data), order, owner)
    assert owner.fills() == expected


def one_sided(t: float, seq: int, *, closed: bool) -> OrderBookDeltas:
    """A snapshot of a bid alone."""
    bid = OrderBookDelta(
        XNYS,
        BookAction.ADD,
        BookOrder(BUY, px(100), qty(300), 0),
        F_LAST if closed else 0,
        seq + 1,
        ns(t),
        ns(t),
    )
    return OrderBookDeltas(XNYS, [OrderBookDelta.clear(XNYS, seq, ns(t), ns(t)), bid])


@pytest.mark.parametrize(("closed", "expected"), [(True, []), (False, [(100, 100.02)])])
def test_the_last_delta_of_every_snapshot_must_carry_f_last(
    tmp_path: Path, closed: bool, expected: list[tuple[int, float]]
) -> None:
    """Without it a one-sided book from a catalog is held back: the ask that went away still fills."""
    data = [
        *top(1, 100, 300, 100.02, 300),
        one_sided(2, 10**6, closed=closed),
        quote(2, 100, 300, 100.02, 0),
        OrderBookDeltas(XNYS, [_shifted(d, 10**7) for d in deltas(5, 100, 300, 100.02, 300).deltas]),
        quote(5, 100, 300, 100.02, 300),
    ]
    owner = Script([(3, lambda s: s.ioc(BUY, 100, 100.02))])
    run_node(stored(tmp_path, data), [DELTAS, QUOTES], owner)
    assert owner.fills() == expected


def _shifted(delta: OrderBookDelta, by: int) -> OrderBookDelta:
    return OrderBookDelta(
        delta.instrument_id,
        delta.action,
        delta.order,
        delta.flags,
        delta.sequence + by,
        delta.ts_event,
        delta.ts_init,
    )


def test_an_ask_that_falls_through_is_on_the_sell_side() -> None:
    """Guards the helper: a snapshot is bid, then ask."""
    sides = [d.order.side for d in deltas(1, 100, 1, 101, 1).deltas[1:]]
    assert sides == [BUY, SELL]
