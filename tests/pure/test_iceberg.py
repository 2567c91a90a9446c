"""Iceberg: the contract with fixed and with random tips, and its tips by hand."""

import pytest

from nautilus_exec.core.spec import EndBehavior
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.iceberg import Iceberg
from tests.contract import PolicyContract


class TestFixedTip(PolicyContract):
    @pytest.fixture
    def policy(self) -> type[Policy]:
        return Iceberg

    @pytest.fixture
    def given(self) -> dict[str, str]:
        return {"display_size": "100", "peg": "join"}

    @pytest.fixture(params=EndBehavior)
    def mode(self, request: pytest.FixtureRequest) -> dict[str, str]:
        return {"style": "passive_only", "pay_up": "never", "end_behavior": str(request.param)}

    @pytest.fixture
    def scheduled(self) -> bool:
        return False


class TestRandomTip(TestFixedTip):
    @pytest.fixture
    def given(self) -> dict[str, str]:
        tips = {"display_min": "100", "display_max": "300", "refill_delay": "1s", "refill_delay_max": "9s"}
        return tips | {"peg": "join", "offset": "2", "max_chase_ticks": "5"}
