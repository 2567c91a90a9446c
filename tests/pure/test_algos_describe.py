"""What is said of the parameters holds: defaults and ranges are those that decoding uses, exclusions are refused."""

from pathlib import Path
from typing import Any, cast

import pytest

from nautilus_exec.decode import decode
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.describe import (
    POLICIES,
    Parameter,
    Range,
    named,
    parameters,
    schema,
    summary,
    title,
)
from nautilus_exec.policies.fixatdl import STRATEGY_TAG
from nautilus_exec.policies.page import refreshed, tables
from nautilus_exec.policies.params import CommonParams, Session
from nautilus_exec.policies.shortfall import Shortfall
from nautilus_exec.policies.slices import Sliced
from nautilus_exec.policies.twap import Twap
from nautilus_exec.policies.vwap import Vwap
from nautilus_exec.units import SECOND
from tests.builders import T0, facts, prepared

PAGE = Path(__file__).parents[2] / "docs" / "algorithms.md"
GIVEN = {
    "end_time": "15:00 UTC",
    "duration": "300s",
    "interval": "60s",
    "slices": "3",
    "urgency": "low",
    "risk_aversion": "0",
    "display_size": "100",
    "display_min": "100",
    "display_max": "200",
    "profile": "p",
    "auction_volume": "20000",
}
NEEDED: dict[str, dict[str, str]] = {
    "risk_aversion": {"sigma": "1", "eta": "1", "gamma": "0", "epsilon": "0"}
}

LEAST: dict[str, dict[str, str]] = {
    "POV": {"target_participation": "0.1"},
    "ICEBERG": {"display_size": "100"},
    "SNIPER": {"limit_price": "100.10"},
    "MOC": {"cutoff": "60s", "auction_volume": "20000"},
}
"""Without which an algorithm is refused."""
KNOWN: dict[str, Any] = {"MOC": {"session": Session(T0, T0 + 1_800 * SECOND)}}
"""Facts beside the usual ones: a close at 15:00 UTC."""
AMENDABLE = {"limit_price", "end_time", "duration", "max_participation"}
OWN_AMENDABLE = {"POV": {"target_participation", "min_participation"}}


def decoded(policy: type[Policy], given: dict[str, str]) -> CommonParams:
    return decode(policy.Params, LEAST.get(policy.id, {}) | given)


def told(policy: type[Policy], name: str) -> Parameter:
    return {one.name: one for one in parameters(policy)}[name]


def every(test: Any) -> Any:
    return pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)(test)


@every
def test_every_parameter_has_a_meaning_in_whole_sentences(policy: type[Policy]):
    for one in parameters(policy):
        assert one.meaning.endswith((".", ").")), one.name
        assert one.meaning[0].isupper() or one.meaning.startswith("kappa"), one.name
    assert title(policy)
    assert "Formula: " in summary(policy)


@every
def test_a_default_that_is_told_is_the_one_that_holds(policy: type[Policy]):
    for one in parameters(policy):
        assert one.default is None or decoded(policy, {one.name: one.default}) == decoded(policy, {})


@every
def test_a_bound_that_is_told_is_the_one_that_decoding_keeps(policy: type[Policy]):
    def accepts(name: str, value: float) -> bool:
        text = f"{value:g}"
        try:
            decoded(policy, {name: text})
        except InvalidInput:
            return False
        return True

    for one in parameters(policy):
        inside = {"ge": True, "le": True, "gt": False, "lt": False}
        for side, kept in inside.items():
            bound = getattr(one.range, side)
            if bound is not None:
                assert accepts(one.name, bound) is kept, (one.name, side)
                beyond = -1 if side in ("ge", "gt") else 1
                assert not accepts(one.name, bound + beyond), (one.name, side)


@every
def test_two_parameters_that_exclude_each_other_are_refused_together(policy: type[Policy]):
    excluded = [one for one in parameters(policy) if one.instead_of]
    assert "duration" in {one.name for one in excluded}
    known = facts(**KNOWN.get(policy.id, {}))
    for one in excluded:
        pair = {name: GIVEN[name] for name in (one.name, one.instead_of)} | NEEDED.get(one.instead_of, {})
        alone = {"end_time": GIVEN["end_time"]} | {one.instead_of: GIVEN[one.instead_of]}
        policy.prepare(decoded(policy, alone | NEEDED.get(one.instead_of, {})), known)
        with pytest.raises(InvalidInput) as refused:
            policy.prepare(decoded(policy, {"end_time": GIVEN["end_time"]} | pair), known)
        assert refused.value.field == one.name


@every
def test_quantity_aside_limit_end_and_participation_can_be_amended(policy: type[Policy]):
    amendable = {one.name for one in parameters(policy) if one.amendable}
    assert amendable == AMENDABLE | OWN_AMENDABLE.get(policy.id, set())


def test_what_stands_in_for_a_slice_that_is_not_given_is_what_happens():
    def slices(policy: type[Policy]) -> tuple[int, ...]:
        return cast(Sliced, prepared(policy).params).schedule.edges

    assert told(Twap, "slices").absent == "12"
    assert len(slices(Twap)) == 13
    for policy in (Vwap, Shortfall):
        assert told(policy, "interval").absent == "60s"
        assert slices(policy)[1] - slices(policy)[0] == 60 * SECOND


@pytest.mark.parametrize(
    ("policy", "name", "type_", "unit", "default", "allowed"),
    [
        (Twap, "start_time", "time", "", None, ""),
        (Twap, "limit_price", "price", "currency per unit", None, ""),
        (Twap, "max_participation", "fraction", "", None, "above 0, below 1"),
        (Twap, "participation_window", "duration", "", "5m", ""),
        (Twap, "min_child", "integer", "lots", "1", "at least 1"),
        (Vwap, "rho", "fraction", "", "0.5", "at least 0, at most 1"),
        (Vwap, "profile", "name", "", None, ""),
        (Shortfall, "adv", "number", "units a day", None, "above 0"),
        (Shortfall, "eta", "number", "currency per unit, for each unit a day", None, "above 0"),
    ],
)
def test_a_parameter_as_a_desk_reads_it(
    policy: type[Policy], name: str, type_: str, unit: str, default: str | None, allowed: str
):
    one = told(policy, name)
    assert (one.type, one.unit, one.default, str(one.range)) == (type_, unit, default, allowed)


def test_choices_are_all_that_decoding_takes():
    assert told(Twap, "pay_up").choices == ("never", "slice_end", "ratio")
    assert told(Shortfall, "urgency").choices == ("low", "medium", "high")
    with pytest.raises(InvalidInput) as refused:
        decode(Shortfall.Params, {"urgency": "fast"})
    assert refused.value.expected == "one of low, medium, high"


def test_own_parameters_come_before_those_of_every_algorithm():
    assert [one.name for one in parameters(Vwap)][:3] == ["interval", "slices", "volume_curve"]
    assert [one.common for one in parameters(Twap)][:3] == [False, False, True]


def test_a_range_without_bounds_says_nothing():
    assert str(Range()) == ""


def test_an_algorithm_is_found_by_its_id():
    assert named("vwap") is Vwap
    with pytest.raises(InvalidInput) as refused:
        named("twop")
    assert (refused.value.field, refused.value.value) == ("algorithm", "twop")
    assert "TWAP, VWAP, POV, ICEBERG, IS, SNIPER" in refused.value.expected


@every
def test_the_json_schema_refuses_what_is_unknown_and_marks_units_and_amendable(policy: type[Policy]):
    made = schema(policy)
    root = made["$defs"][made["$ref"].removeprefix("#/$defs/")]
    assert root["additionalProperties"] is False
    assert set(root["properties"]) == {one.name for one in parameters(policy)}
    assert root["properties"]["min_child"]["x-unit"] == "lots"
    assert root["properties"]["end_time"]["x-amendable"] is True
    assert "x-amendable" not in root["properties"]["style"]


# --- the page ---


def test_the_page_is_what_the_structs_say():
    text = PAGE.read_text(encoding="utf-8")
    assert refreshed(text) == text, "run `make docs`"
    assert f"is in tag {STRATEGY_TAG} (chosen by us)" in text


def test_the_page_has_a_row_for_every_parameter():
    rows = [line for line in tables().splitlines() if line.startswith("| `")]
    for policy in POLICIES:
        for one in parameters(policy):
            assert [row for row in rows if row.startswith(f"| `{one.name}` |")], one.name
    assert "| `slices` | integer | *12* | at least 1 |  | Number of equal slices" in tables((Twap,))
    assert "| `max_participation` | fraction | *no cap* | above 0, below 1 | yes |" in tables((Twap,))


def test_a_page_without_its_marks_is_refused():
    with pytest.raises(InvalidInput) as refused:
        refreshed("# Something else\n")
    assert refused.value.field == "page"
