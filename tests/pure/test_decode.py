"""What a user wrote, decoded: the error names the place, the value and what was expected."""

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest

from nautilus_exec.decode import decode
from nautilus_exec.errors import InvalidInput


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    side: Literal["BUY", "SELL"]
    size: Annotated[int, msgspec.Meta(ge=1)] = 1
    colour: Colour | None = None


class Root(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    leaves: list[Leaf] = []
    named: dict[str, Leaf] = {}
    rate: float = 0.0
    limits: dict[str, float] = {}
    pairs: list[Leaf] | None = None
    either: list[tuple[int, int]] = []
    deep: Annotated[list[Leaf], msgspec.Meta(description="leaves")] | None = None


def refused(given: dict[str, Any], kind: type = Root) -> str:
    with pytest.raises(InvalidInput) as caught:
        decode(kind, given)
    return str(caught.value)


def test_text_is_read_as_what_the_field_wants():
    assert decode(Root, {"rate": "0.5", "leaves": [{"side": "BUY", "size": "3"}]}) == Root(
        leaves=[Leaf("BUY", 3)], rate=0.5
    )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"leaves": [{"side": "HOLD"}]}, "leaves.0.side: 'HOLD'; expected one of BUY, SELL"),
        (
            {"named": {"x": {"side": "BUY"}, "y": {"side": "HOLD"}}},
            "named.y.side: 'HOLD'; expected one of BUY, SELL",
        ),
        ({"limits": {"a": "1", "b": "fast"}}, "limits.b: 'fast'; expected"),
        (
            {"leaves": [{"side": "BUY", "colour": "green"}]},
            "leaves.0.colour: 'green'; expected one of red, blue",
        ),
        ({"leaves": [{"side": "BUY", "size": "0"}]}, "leaves.0.size: '0'; expected `int` >= 1"),
        ({"leaves": [{"side": "BUY", "sise": 1}]}, "leaves.0.sise: 1; expected one of side, size, colour"),
        ({"leaves": [{"size": 1}]}, "leaves.0.side: None; expected a value: it is required"),
        ({"deep": [{"side": "HOLD"}]}, "deep.0.side: 'HOLD'; expected one of BUY, SELL"),
        ({"rate": "fast"}, "rate: 'fast'; expected `float`"),
    ],
)
def test_the_error_names_the_place_the_value_and_what_was_expected(given: dict[str, Any], says: str):
    assert refused(given).startswith(says)


def test_a_place_that_cannot_be_found_is_said_as_the_library_says_it():
    assert refused({"pairs": {"x": 1}}) == "pairs: {'x': 1}; expected `array | null`, got `object`"
    assert refused({"either": [[1, "x"]]}).startswith("either[0][1]: {'either': [[1, 'x']]}; expected `int`")


def test_a_mistake_at_the_top_names_the_input():
    assert refused({"side": "HOLD"}, Leaf) == "side: 'HOLD'; expected one of BUY, SELL"
    assert refused({"foo": 1}, Leaf).startswith("foo: 1; expected one of side")
