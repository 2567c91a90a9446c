"""POV: the contract in three ways, and its formula by hand."""

import pytest

from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.pov import Pov
from tests.contract import PolicyContract


class TestPov(PolicyContract):
    """A tenth of all: of the 12,000 that others trade, 1,333 are due."""

    @pytest.fixture
    def policy(self) -> type[Policy]:
        return Pov

    @pytest.fixture
    def given(self) -> dict[str, str]:
        return {"target_participation": "0.1"}

    @pytest.fixture
    def prints(self) -> int:
        return 400


class TestWithJitter(TestPov):
    @pytest.fixture
    def given(self) -> dict[str, str]:
        jitter = {"randomize_size": "0.5", "randomize_time": "0.5"}
        return {"target_participation": "0.1", "interval": "10s", "min_child": "5"} | jitter


class TestWithAFloor(TestPov):
    @pytest.fixture
    def given(self) -> dict[str, str]:
        return {"target_participation": "0.1", "min_participation": "0.08", "catch_up_limit": "true"}

    @pytest.fixture
    def monotone(self) -> bool:
        return False
