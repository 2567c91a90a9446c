"""The recorder in a run, and the layout it writes."""

from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nautilus_exec.errors import BrokenInvariant, InvalidInput
from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.arrow import count_records, schema, to_batch, write_records, write_run_json
from nautilus_exec.nautilus.recorder import Recorder, RecorderConfig
from nautilus_exec.tca.records import RECORDS, ChildRecord, DecisionRecord, FillRecord, ParentRecord
from tests.books import run, top
from tests.parts import Script

_PLAIN: dict[Any, Any] = {str: "x", int: 1, float: 1.5, bool: False}


def record(kind: type[msgspec.Struct], **over: Any) -> Any:
    """A record with every field set to a plain value of its type, and None where that is allowed."""
    given = {f.name: _PLAIN.get(f.type) for f in msgspec.structs.fields(kind)}
    return kind(**given | over)


def publish(*messages: tuple[str, object]) -> Script:
    """A strategy that publishes the messages at one second."""
    return Script([(1, lambda s: [s.publish_message(topic, m) for topic, m in messages])])


def recorder(tmp_path: Path, **config: Any) -> Recorder:
    return Recorder(RecorderConfig(out=tmp_path, run_id="run-1", **config))


def story(children: int = 1, fills: int = 2) -> list[tuple[str, object]]:
    """One parent that says it had so many children and fills; it had one and two."""
    return [
        (topics.REC_DECISION, record(DecisionRecord)),
        (topics.REC_FILL, record(FillRecord, parent_id="P", seq=0)),
        (topics.REC_FILL, record(FillRecord, parent_id="P", seq=1)),
        (topics.REC_CHILD, record(ChildRecord, parent_id="P")),
        (topics.REC_PARENT, record(ParentRecord, parent_id="P", children=children, fills=fills)),
    ]


def test_records_published_in_a_run_lie_on_disk_after_it(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    run([top(0, 100, 300, 100.02, 300), top(2, 100, 300, 100.02, 300)], publish(*story()), keeper).dispose()
    keeper.verify()
    counts = {kind.__name__: count_records(tmp_path / "run-1", kind) for kind in RECORDS}
    assert counts == {"ParentRecord": 1, "ChildRecord": 1, "FillRecord": 2, "DecisionRecord": 1}


@pytest.mark.parametrize(
    ("children", "fills", "named"),
    [(2, 2, "ChildRecord rows of P: 1; expected 2"), (1, 3, "FillRecord rows of P: 2; expected 3")],
)
def test_a_record_the_parent_counted_and_nobody_received_is_an_error(
    tmp_path: Path, children: int, fills: int, named: str
) -> None:
    keeper = recorder(tmp_path)
    for _, message in story(children, fills):
        keeper.take(message)
    keeper.flush()
    with pytest.raises(BrokenInvariant, match=named):
        keeper.verify()


def test_the_highest_revision_of_a_parent_counts(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    for revision, fills in ((2, 1), (1, 0)):
        keeper.take(record(ParentRecord, parent_id="P", revision=revision, children=0, fills=fills))
    keeper.take(record(FillRecord, parent_id="P"))
    keeper.flush()
    keeper.verify()


def test_a_child_written_again_is_one_child(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    keeper.take(record(ParentRecord, parent_id="P", children=1, fills=0))
    for revision in (1, 2):
        keeper.take(record(ChildRecord, parent_id="P", child_id="C", revision=revision))
    keeper.flush()
    keeper.verify()
    assert count_records(keeper.run_dir, ChildRecord) == 2


def test_children_without_a_parent_record_are_an_error(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    keeper.take(record(ChildRecord, parent_id="LOST"))
    keeper.flush()
    with pytest.raises(BrokenInvariant, match="ParentRecord of LOST"):
        keeper.verify()


def test_rows_that_are_not_on_disk_are_an_error(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    keeper.take(record(DecisionRecord))
    with pytest.raises(BrokenInvariant, match="DecisionRecord rows"):
        keeper.verify()


def test_something_else_on_a_record_topic_is_an_error(tmp_path: Path) -> None:
    keeper = recorder(tmp_path)
    keeper.take({"not": "a record"})
    with pytest.raises(BrokenInvariant, match="dict"):
        keeper.verify()


def test_flushes_within_one_stamp_do_not_overwrite_each_other(tmp_path: Path) -> None:
    keeper = recorder(tmp_path, flush_rows=2)
    for seq in range(5):
        keeper.take(record(FillRecord, parent_id="P", seq=seq, ts_init=7))
    keeper.flush()
    files = sorted((tmp_path / "run-1/data/custom/FillRecord").glob("*/*.parquet"))
    assert [f.parent.name for f in files] == ["000000", "000001", "000002"]
    assert len({f.name for f in files}) == 1
    assert pl.scan_parquet(files).select("seq").collect()["seq"].to_list() == [0, 1, 2, 3, 4]


def test_a_second_recorder_of_the_same_run_adds_to_what_is_there(tmp_path: Path) -> None:
    for seq in (0, 1):
        keeper = recorder(tmp_path)
        keeper.take(record(DecisionRecord, seq=seq))
        keeper.flush()
        keeper.verify()
    assert count_records(tmp_path / "run-1", DecisionRecord) == 2


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"run_id": ""}, "run_id"),
        ({"run_id": "a/b"}, "run_id"),
        ({"flush_rows": 0}, "flush_rows"),
        ({"fush": 1}, "fush"),
    ],
)
def test_a_bad_configuration_names_the_field(bad: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{named}: "):
        RecorderConfig(**{"out": "OUT", "run_id": "r"} | bad)


@pytest.mark.parametrize("kind", RECORDS)
def test_every_field_survives_the_way_to_disk(tmp_path: Path, kind: type[msgspec.Struct]) -> None:
    path = write_records(tmp_path, kind, [record(kind)])
    (row,) = pl.read_parquet(path).with_columns(pl.col("ts_event", "ts_init").cast(pl.Int64)).to_dicts()
    expected = msgspec.to_builtins(record(kind))
    assert {k: row[k] for k in expected} == expected
    assert {"ts_event": 1, "ts_init": 1}.items() <= row.items()


def test_a_value_of_the_wrong_type_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(pa.ArrowException):
        write_records(tmp_path, FillRecord, [record(FillRecord, lots="many")])
    assert not list(tmp_path.rglob("*.*"))


def test_an_empty_batch_has_the_schema_of_a_full_one() -> None:
    assert to_batch(FillRecord, []).schema == schema(FillRecord)


def test_file_names_carry_the_range_and_the_schema_its_type_name(tmp_path: Path) -> None:
    stamps = (1_514_903_400_000_000_007, 1_514_903_399_000_000_000)
    path = write_records(tmp_path, FillRecord, [record(FillRecord, ts_init=t) for t in stamps])
    assert path.name == "2018-01-02T14-29-59-000000000Z_2018-01-02T14-30-00-000000007Z.parquet"
    assert pq.read_schema(path).metadata[b"type_name"] == b"FillRecord"


def test_run_json_is_written_whole(tmp_path: Path) -> None:
    path = write_run_json(tmp_path / "run-1", {"run_id": "run-1", "seeds": [1, 2]})
    assert msgspec.json.decode(path.read_bytes()) == {"run_id": "run-1", "seeds": [1, 2]}
    assert [f.name for f in path.parent.iterdir()] == ["run.json"]
