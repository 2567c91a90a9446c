"""``exec-nt algos`` as its user meets it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from nautilus_exec.commands.algos import algos
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.amend import amendable
from nautilus_exec.nautilus.plugins import ALGORITHMS
from nautilus_exec.policies.describe import POLICIES
from tests.fixatdl_rules import violations

NAMES = [policy.id for policy in POLICIES]


def run(*args: object) -> Result:
    app = typer.Typer()
    app.command()(algos)
    return CliRunner().invoke(app, [str(a) for a in args])


def test_every_algorithm_that_can_be_attached_is_described() -> None:
    assert {kind.policy for kind in ALGORITHMS} == set(POLICIES)


def test_what_is_said_to_be_amendable_is_what_an_amend_takes() -> None:
    common = {"quantity", "limit_price", "end_time", "duration", "max_participation"}
    for policy in POLICIES:
        own = {"target_participation", "min_participation"} if policy.id == "POV" else set()
        assert set(amendable(policy)) == common | own


def test_all_algorithms_are_shown_with_what_they_share_once() -> None:
    text = run().stdout
    assert "TWAP: Time-weighted average price" in text
    assert "VWAP: Volume-weighted average price" in text
    assert "Parameters of every algorithm" in text
    assert text.count("│ max_participation ") == 1
    assert text.count("│ volume_curve ") == 1


def test_one_algorithm_is_shown_whole() -> None:
    text = run("vwap").stdout
    assert "TWAP:" not in text
    for cell in ("volume_curve", "static · history", "max_participation", "above 0, below 1", "yes", "60s"):
        assert cell in text


def test_json_has_parameters_and_a_schema() -> None:
    told = json.loads(run("--json").stdout)
    assert [one["id"] for one in told] == NAMES
    one = json.loads(run("TWAP", "--json").stdout)
    (cap,) = [each for each in one["parameters"] if each["name"] == "max_participation"]
    assert (cap["type"], cap["default"], cap["range"], cap["amendable"]) == (
        "fraction",
        None,
        {"gt": 0.0, "lt": 1.0},
        True,
    )
    assert one["schema"]["$ref"] == "#/$defs/TwapParams"


def test_an_unknown_algorithm_is_refused() -> None:
    error = run("TWOP").exception
    assert isinstance(error, InvalidInput)
    assert str(error) == f"algorithm: 'TWOP'; expected one of {', '.join(NAMES)}"


def test_fixatdl_is_a_file_an_algorithm_and_says_what_it_was_held_to(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "tickets"
    result = run("--fixatdl", folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.xml" for name in NAMES)
    assert "our own rules of FIXatdl 1.1, not to its schema" in result.stdout
    for path in folder.iterdir():
        assert violations(path.read_text(encoding="utf-8")) == []


def test_one_algorithms_file_beside_json_leaves_standard_output_to_json(tmp_path: Path) -> None:
    result = run("IS", "--json", "--fixatdl", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["IS.xml"]
    assert json.loads(result.stdout)["id"] == "IS"


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    error = run("--fixatdl", tmp_path / "taken").exception
    assert isinstance(error, InvalidInput)
    assert error.field == "fixatdl"


def test_the_tables_of_a_page_are_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Mine\n<!-- algorithms: written by make docs -->\nold\n<!-- end of algorithms -->\nkept\n"
    )
    assert run("--page", page).stdout.strip() == f"written: {page}"
    text = page.read_text()
    assert text.startswith("# Mine\n")
    assert text.endswith("kept\n")
    assert "old" not in text.splitlines()
    assert "| `volume_curve` |" in text


@pytest.mark.parametrize("text", [None, "# no marks\n"])
def test_a_page_that_is_none_is_refused_and_left(tmp_path: Path, text: str | None) -> None:
    page = tmp_path / "page.md"
    if text is not None:
        page.write_text(text)
    error = run("--page", page).exception
    assert isinstance(error, InvalidInput)
    assert error.field == "page"
    assert text is None or page.read_text() == text
