"""What is read from run folders, and what is refused."""

from pathlib import Path

import polars as pl
import pytest

from nautilus_exec.errors import InvalidInput
from nautilus_exec.tca.load import Run, assumptions_of, load_run
from nautilus_exec.tca.records import SCHEMA_VERSION
from tests.runs import T0, child, decision, fill, parent, run_of, write_run


@pytest.fixture
def run() -> Run:
    return run_of(
        [parent()], [fill("P-1", 0, 100, 10.1)], [child("P-1", 0, 100, 10.1)], [decision("P-1", 0, 100, 0)]
    )


def only(folder: Path, record: str) -> Path:
    return next((folder / "data" / "custom" / record).glob("*.parquet"))


def test_a_run_comes_back_from_its_folder(tmp_path: Path, run: Run) -> None:
    back = load_run(write_run(tmp_path, run))
    for name in ("parents", "children", "fills", "decisions"):
        assert getattr(back, name).collect().equals(getattr(run, name).collect()), name
    assert back.fills.collect()["ts_event"].to_list() == [T0]
    assert back.meta["R-1"]["mode"] == "backtest"


def test_a_folder_of_runs_is_read_whole(tmp_path: Path) -> None:
    for run_id in ("R-1", "R-2"):
        one = run_of([parent(run_id=run_id)], meta={run_id: {"run_id": run_id}})
        write_run(tmp_path, one)
    both = load_run(tmp_path)
    assert both.parents.collect()["run_id"].to_list() == ["R-1", "R-2"]
    assert sorted(both.meta) == ["R-1", "R-2"]


def test_the_highest_revision_and_the_first_of_a_doubled_fill_count() -> None:
    late = parent(revision=2, filled=120)
    run = run_of([late, parent(revision=1)], [fill("P-1", 0, 100, 10.1), fill("P-1", 0, 100, 10.1)])
    assert run.parents.collect()["filled"].to_list() == [120]
    assert run.fills.collect().height == 1


def test_two_venues_may_use_the_same_trade_id() -> None:
    fills = [fill("P-1", 0, 50, 10.1, trade_id="T"), fill("P-1", 1, 50, 10.1, trade_id="T")]
    assert run_of([parent()], fills).fills.collect().height == 2


def test_a_record_kind_that_was_never_written_is_empty(tmp_path: Path, run: Run) -> None:
    folder = write_run(tmp_path, run)
    only(folder, "FillRecord").unlink()
    assert load_run(folder).fills.collect().height == 0


def test_an_older_record_without_a_later_column_takes_its_default(tmp_path: Path, run: Run) -> None:
    folder = write_run(tmp_path, run)
    file = only(folder, "ParentRecord")
    pl.read_parquet(file).drop("assumptions", "schema_version").write_parquet(file)
    assert load_run(folder).parents.collect()["assumptions"].to_list() == ["{}"]


def test_a_newer_record_is_refused_in_one_line(tmp_path: Path, run: Run) -> None:
    folder = write_run(tmp_path, run)
    file = only(folder, "FillRecord")
    pl.read_parquet(file).with_columns(schema_version=SCHEMA_VERSION + 1).write_parquet(file)
    with pytest.raises(InvalidInput, match=r"schema_version: 2; expected at most 1 in .*FillRecord"):
        load_run(folder)


def test_a_missing_column_is_refused_by_name(tmp_path: Path, run: Run) -> None:
    folder = write_run(tmp_path, run)
    file = only(folder, "ChildRecord")
    pl.read_parquet(file).drop("venue").write_parquet(file)
    with pytest.raises(InvalidInput, match="column: 'venue'"):
        load_run(folder)


@pytest.mark.parametrize("make", [False, True])
def test_a_folder_without_a_run_is_refused(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "none"
    if make:
        folder.mkdir()
    with pytest.raises(InvalidInput, match="catalog: "):
        load_run(folder)


def test_a_broken_run_json_is_refused(tmp_path: Path, run: Run) -> None:
    folder = write_run(tmp_path, run)
    (folder / "run.json").write_text("{")
    with pytest.raises(InvalidInput, match=r"run\.json"):
        load_run(folder)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"latency": "0s"}, {"latency": "0s"}),
        ('{"latency": "0s"}', {"latency": "0s"}),
        ("", {}),
        ([1], {"assumptions": [1]}),
    ],
)
def test_assumptions_are_a_table_however_they_were_written(given: object, read: dict[str, object]) -> None:
    assert assumptions_of({"assumptions": given}) == read
