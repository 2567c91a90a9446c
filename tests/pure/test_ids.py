"""Child ids: short, unique, a function of the facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_exec.core.ids import MAX_LENGTH, base32, child_id, child_prefix, digest


def test_numbers_are_written_in_crockfords_base_32():
    assert base32(0, 2) == "00"
    assert base32(31, 1) == "Z"
    assert base32(32 * 18 + 1, 3) == "0J1"


def test_a_number_that_does_not_fit_is_refused():
    with pytest.raises(OverflowError, match="2 base-32 digits"):
        base32(1024, 2)


def test_an_id_is_a_function_of_parent_receipt_generation_and_number():
    assert child_id(child_prefix("P", 1, 0), 0) == child_id(child_prefix("P", 1, 0), 0)
    others = [("Q", 1, 0), ("P", 2, 0), ("P", 1, 1)]
    assert len({child_prefix("P", 1, 0), *(child_prefix(*each) for each in others)}) == 4


@given(st.text(max_size=60), st.integers(0, 2**63 - 1), st.integers(0, 1023), st.integers(0, 32**5 - 1))
def test_an_id_has_at_most_18_plain_characters(parent: str, received: int, generation: int, seq: int):
    made = child_id(child_prefix(parent, received, generation), seq)
    assert len(made) <= MAX_LENGTH
    assert made.isascii()
    assert made.isalnum()


def test_a_digest_has_as_many_bits_as_asked_for():
    assert all(0 <= digest(str(number), 5) < 32 for number in range(200))
    assert len({digest(str(number), 50) for number in range(2_000)}) == 2_000
