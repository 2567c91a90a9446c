"""TWAP: the contract, and its formula by hand."""

from typing import cast

import pytest

from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.slices import Sliced
from nautilus_exec.policies.twap import Twap
from nautilus_exec.units import SECOND
from tests.builders import T0, ledger, market, prepared
from tests.contract import PolicyContract


class TestContract(PolicyContract):
    @pytest.fixture
    def policy(self) -> type[Policy]:
        return Twap


def due(**params: str) -> tuple[int, ...]:
    return cast(Sliced, prepared(params=params).params).schedule.due


def test_equal_parts_by_largest_remainder():
    assert due(slices="3") == (334, 667, 1_000)
    assert due(slices="8") == (125, 250, 375, 500, 625, 750, 875, 1_000)


def test_twelve_slices_where_nothing_is_said():
    assert len(due()) == 12
    assert len(due(interval="50s")) == 6


def test_a_shorter_last_slice_still_gets_an_equal_part():
    assert due(interval="120s") == (334, 667, 1_000)


def test_the_first_part_is_due_at_the_start():
    made = prepared(params={"slices": "4"})
    assert [
        Twap.decide(made, ledger(), market(T0 + s * SECOND), T0 + s * SECOND).planned
        for s in (0, 74, 75, 299)
    ] == [250, 250, 500, 1_000]
