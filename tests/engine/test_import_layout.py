"""What the importer writes is what the platform itself writes: same folders, names, schemas and values."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nautilus_trader.model import (
    CustomData,
    InstrumentClose,
    InstrumentCloseType,
    InstrumentId,
    NautilusDataType,
    Price,
)
from nautilus_trader.persistence import ParquetDataCatalog

from nautilus_exec.nautilus.importers import encode, layout
from nautilus_exec.nautilus.importers.run import import_files
from nautilus_exec.nautilus.instruments import load_instruments, to_platform
from nautilus_exec.nautilus.prints import Print, data_type
from tests.fixtures.excerpt import CLOSE_S, ns, write

VENUES = ("ABC.XNYS", "ABC.XNAS", "ABC.ARCX")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Return our catalog and one made of the platform's own objects, written by the platform."""
    root = tmp_path_factory.mktemp("layout")
    src = write(root / "src")
    import_files(src, root / "ours", src / "instruments.toml")
    (root / "theirs").mkdir()
    ours, theirs = ParquetDataCatalog(str(root / "ours")), ParquetDataCatalog(str(root / "theirs"))
    theirs.write_instruments(to_platform(load_instruments(src / "instruments.toml")))
    for one in VENUES:
        theirs.write_quote_ticks(ours.query_quote_ticks([one]))
        theirs.write_order_book_deltas(ours.query_order_book_deltas([one]))
        theirs.write_trade_ticks(ours.query_trade_ticks([one])) if one != "ABC.XNAS" else None
    for one in (*VENUES, "ABC.FINR"):
        records = ours.query_custom_data(NautilusDataType.Custom("Print"), [one])
        theirs.write_custom_data([CustomData(data_type(one), Print(**r.data.to_dict())) for r in records])
    stamp = ns(CLOSE_S + 7)
    iid = InstrumentId.from_str("ABC.XNYS")
    close = InstrumentClose(iid, Price.from_str("10.02"), InstrumentCloseType.END_OF_SESSION, stamp, stamp)
    theirs.write_instrument_closes([close])
    return root / "ours", root / "theirs"


def files(root):
    return sorted(str(path.relative_to(root)) for path in root.glob("data/**/*.parquet"))


def test_folders_and_file_names_are_the_platforms(both):
    assert files(both[0]) == files(both[1])
    assert len(files(both[0])) == 3 + 3 + 3 + 2 + 4 + 1


def test_schemas_metadata_and_values_are_the_platforms(both):
    for name in files(both[0]):
        ours, theirs = (pq.read_table(root / name) for root in both)
        assert ours.schema.equals(theirs.schema, check_metadata=True), name
        assert plain(ours).equals(plain(theirs)), name


def plain(table):
    """Return the table with its dictionary columns as text: the order of a dictionary says nothing."""
    fields = [f.with_type(pa.string()) if pa.types.is_dictionary(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields))


def test_every_column_is_compressed_with_zstandard(both):
    for root in both:
        for name in files(root):
            group = pq.read_metadata(root / name).row_group(0)
            assert {group.column(i).compression for i in range(group.num_columns)} == {"ZSTD"}, name


@pytest.mark.parametrize("tick", ["0.01", "0.0001", "0.25", "1", "0.00000001"])
def test_decimals_hold_products_beyond_64_bits(tick):
    """A price of 1,000 at 16 decimals passes 2^63: the high half must carry."""
    counts = np.array([0, 1, 99_999, 92_233_720, 4_611_686_018_427, 2**40 + 12_345], np.int64)
    found = encode.decimals(counts, encode.scale(Decimal(tick))).to_pylist()
    assert found == [Decimal(int(n)) * Decimal(tick) for n in counts]


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        (10, "1970-01-01T00-00-00-000000010Z"),
        (1_514_903_400_115_000_001, "2018-01-02T14-30-00-115000001Z"),
    ],
)
def test_file_names_carry_their_stamps(stamp, text):
    assert layout.file_name(stamp, stamp) == f"{text}_{text}.parquet"
    assert layout.stamps(f"{text}_{text}.parquet") == (stamp, stamp)
