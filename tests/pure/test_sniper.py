"""Sniper: the contract with and without a cool-down, and its rules by hand."""

import pytest

from nautilus_exec.core.spec import EndBehavior
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.sniper import Sniper
from nautilus_exec.units import Side
from tests.contract import PolicyContract


class TestSniper(PolicyContract):
    @pytest.fixture
    def policy(self) -> type[Policy]:
        return Sniper

    @pytest.fixture
    def given(self) -> dict[str, str]:
        return {"limit_price": "100.20"}

    @pytest.fixture(params=EndBehavior)
    def mode(self, request: pytest.FixtureRequest) -> dict[str, str]:
        return {"style": "aggressive", "end_behavior": str(request.param)}

    @pytest.fixture
    def side(self) -> Side:
        """The limit is a buyer's."""
        return Side.BUY

    @pytest.fixture
    def scheduled(self) -> bool:
        return False


class TestWithACoolDown(TestSniper):
    @pytest.fixture
    def given(self) -> dict[str, str]:
        fires = {"min_size": "200", "max_take_fraction": "0.3", "cooldown": "3s"}
        return {"limit_price": "100.20"} | fires
