"""One TWAP parent in a paper node: the shell is not of the backtest alone.

The node runs in a process of its own under a time limit, so that a node that hangs cannot hold up the suite.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nautilus_exec.nautilus.arrow import count_records
from nautilus_exec.tca.records import RECORDS

ROOT = Path(__file__).parents[2]
LIMIT_S = 50
SECOND = 10**9

AGGRESSIVE = {"duration": "4s", "slices": "4"}
PASSIVE = {"duration": "4s", "slices": "2", "style": "passive_then_cross"}


def paper(out: Path, params: dict[str, str]) -> tuple[dict[str, Any], str]:
    """What the node of another process says about its run, and what it logged."""
    command = [sys.executable, "-m", "tests.engine.paper_node", str(out), json.dumps(params)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = next(line for line in done.stdout.splitlines() if line.startswith("{"))
    return json.loads(said), done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("params", [AGGRESSIVE, PASSIVE], ids=["aggressive", "passive_then_cross"])
def test_a_parent_is_worked_in_a_paper_node_and_its_records_are_kept(
    tmp_path: Path, params: dict[str, str]
) -> None:
    """400 over four seconds, at most 300 shown at a time and anew each tenth of a second."""
    said, logged = paper(tmp_path, params)
    assert said["errors"] == []
    assert said["open"] == []
    assert said["drained"]
    r = said["result"]
    assert (r["status"], r["filled"], r["remainder"], r["mode"]) == ("DONE", 400, 0, "paper")
    assert said["owner"] == ["Initialized", "Canceled"]
    assert r["ended_ns"] <= r["end_ns"] + SECOND
    rows = {kind.__name__: count_records(tmp_path / "paper", kind) for kind in RECORDS}
    assert (rows["ParentRecord"], rows["ChildRecord"], rows["FillRecord"]) == (1, r["children"], r["fills"])
    noise = [line for line in logged.splitlines() if "[ERROR]" in line or "adjusted to current time" in line]
    assert noise == []


@pytest.mark.slow
def test_a_drain_leaves_no_order_behind_in_a_paper_node(tmp_path: Path) -> None:
    said, logged = paper(
        tmp_path, {"duration": "60s", "slices": "2", "style": "passive_only"} | {"max_child": "100"}
    )
    assert (said["result"]["status"], said["result"]["reason"]) == ("CANCELLED", "drain")
    assert said["open"] == []
    assert said["errors"] == []
    assert "[ERROR]" not in logged
