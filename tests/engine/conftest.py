"""No test of the shell passes over an error: neither one the package recorded nor one the platform logged."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nautilus_exec.nautilus import shared as module
from tests.engine import shell

type Play = Callable[..., shell.Story]


@pytest.fixture
def errors_expected() -> list[str]:
    """Ask for it where the package records errors; they are left in it after the run is looked at."""
    return []


@pytest.fixture
def play(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Iterator[Play]:
    """Play stories; afterwards no error was recorded or logged, no order is open, and the engines are gone."""
    stories: list[shell.Story] = []

    def one(*args: Any, **kw: Any) -> shell.Story:
        stories.append(shell.play(*args, **kw))
        return stories[-1]

    before = set(module._runs)
    yield one
    recorded = [e for run in module._runs.keys() - before for e in module._runs[run].errors]
    broken = [e for story in stories for e in story.owner.errors]
    left = [str(o) for story in stories for o in story.left]
    for story in stories:
        story.eng.dispose()
    time.sleep(0.02)  # the platform logs from a thread of its own
    out, err = capfd.readouterr()
    logged = [line for line in (out + err).splitlines() if "[ERROR]" in line]
    assert not broken
    assert not left
    if "errors_expected" not in request.fixturenames:
        assert not recorded
        assert not logged
