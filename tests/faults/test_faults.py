"""The tests' own strength: each seeded fault, in a copy of the package, makes the tests that it names fail.

Two copies are tested at a time. What runs is the copy's package and the copy's tests.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.faults.seeded import FAULTS, Fault

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FAILED = re.compile(r"^E\s+(assert |AssertionError|tests\.script_reader\.Mismatch)", re.MULTILINE)
NONE = Fault("none", "", "", "", tuple(sorted({test for fault in FAULTS for test in fault.killers})))


def copied(folder: Path) -> Path:
    """The package and its tests in a folder of their own."""
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("nautilus_exec", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def seed(fault: Fault, folder: Path) -> None:
    """Put the fault into the copy; its text must be there exactly once."""
    path = folder / fault.file
    text = path.read_text()
    found = text.count(fault.old)
    assert found == 1, f"stale: {fault.file} has {fault.old!r} {found} times; change tests/faults/seeded.py"
    path.write_text(text.replace(fault.old, fault.new))


def checked(folder: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run these tests of the copy against the copy."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    env = clean | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
    )


def run(fault: Fault, folder: Path) -> subprocess.CompletedProcess[str]:
    """Copy, seed, test."""
    copied(folder)
    if fault is not NONE:
        seed(fault, folder)
    return checked(folder, fault.killers)


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Any]]]:
    """The runs of all faults that were asked for, two at a time."""
    items = [item for item in request.session.items if item.path == Path(__file__)]
    asked = [item.callspec.params["fault"] for item in items if hasattr(item, "callspec")]
    with ThreadPoolExecutor(2) as pool:
        yield {
            fault.name: pool.submit(run, fault, tmp_path_factory.mktemp("copy")) for fault in [NONE, *asked]
        }


def test_the_unchanged_copy_passes(outcomes: dict[str, Future[Any]]) -> None:
    done = outcomes[NONE.name].result()
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_noticed(fault: Fault, outcomes: dict[str, Future[Any]]) -> None:
    done = outcomes[fault.name].result()
    assert done.returncode == 1, f"it survives, or nothing ran: {done.stdout + done.stderr}"
    assert FAILED.search(done.stdout), f"it fails, but not by an assertion: {done.stdout}"


def test_every_fault_is_named_once() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(names) == len(set(names)) >= 20
