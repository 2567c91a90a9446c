"""FIXatdl 1.1 of each algorithm: by our own rules of the standard, and by hand where a value matters."""

from typing import Annotated, Any, ClassVar
from xml.etree import ElementTree as ET

import pytest

from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.describe import POLICIES
from nautilus_exec.policies.fixatdl import fixatdl
from nautilus_exec.policies.meaning import means
from nautilus_exec.policies.params import CommonParams
from nautilus_exec.policies.text import parse_time
from nautilus_exec.policies.twap import Twap
from nautilus_exec.policies.vwap import Vwap
from nautilus_exec.units import MS
from tests.builders import T0
from tests.fixatdl_rules import CORE, LAY, TYPE, VAL, violations


class OddParams(CommonParams, frozen=True, kw_only=True):
    """A truth value, a required number and one far below 1."""

    catch_up: Annotated[bool, means("Whether to catch up.")] = False
    size: Annotated[int, means("How much.", unit="lots")]
    small: Annotated[float, means("Very small.")] = 1e-7


class Odd(Twap):
    """An algorithm of the tests."""

    id: ClassVar[str] = "ODD"
    Params: ClassVar[type[CommonParams]] = OddParams


EVERY: tuple[type[Policy], ...] = (*POLICIES, Odd)


def parsed(policy: type[Policy] = Vwap) -> ET.Element:
    return ET.fromstring(fixatdl(policy, "1.2"))


def parameter(name: str, policy: type[Policy] = Vwap) -> ET.Element:
    (found,) = [one for one in parsed(policy).iter(f"{CORE}Parameter") if one.get("name") == name]
    return found


def control(name: str, policy: type[Policy] = Vwap) -> ET.Element:
    (found,) = [one for one in parsed(policy).iter(f"{LAY}Control") if one.get("parameterRef") == name]
    return found


def rules(policy: type[Policy] = Vwap) -> dict[str, ET.Element]:
    return {one.get("errorMessage", ""): one for one in parsed(policy).iter(f"{VAL}StrategyEdit")}


@pytest.mark.parametrize("policy", EVERY, ids=lambda policy: policy.id)
def test_every_file_keeps_our_rules_of_the_standard(policy: type[Policy]):
    assert violations(fixatdl(policy, "1.2")) == []


def test_the_same_structs_give_the_same_bytes():
    assert fixatdl(Vwap, "1") == fixatdl(Vwap, "1")


def test_the_algorithm_is_named_and_its_parameters_travel_in_the_group_of_tag_957():
    root = parsed()
    (strategy,) = root
    assert root.get("tag957Support") == "true"
    assert (strategy.get("name"), strategy.get("wireValue"), strategy.get("version")) == (
        "VWAP",
        "VWAP",
        "1.2",
    )
    assert strategy.get("uiRep") == "Volume-weighted average price"
    assert not [one for one in root.iter(f"{CORE}Parameter") if one.get("fixTag")]


def test_what_can_be_amended_is_mutable_and_nothing_else():
    for policy in POLICIES:
        mutable = {
            one.get("name")
            for one in parsed(policy).iter(f"{CORE}Parameter")
            if one.get("mutableOnCxlRpl") == "true"
        }
        own = {"target_participation", "min_participation"} if policy.id == "POV" else set()
        assert mutable == {"limit_price", "end_time", "duration", "max_participation"} | own


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("start_time", "UTCTimestamp_t", "lay:Clock_t"),
        ("duration", "String_t", "lay:TextField_t"),
        ("limit_price", "Price_t", "lay:SingleSpinner_t"),
        ("max_participation", "Percentage_t", "lay:SingleSpinner_t"),
        ("min_child", "Int_t", "lay:SingleSpinner_t"),
        ("pay_up_ratio", "Float_t", "lay:TextField_t"),
        ("style", "String_t", "lay:DropDownList_t"),
        ("profile", "String_t", "lay:TextField_t"),
    ],
)
def test_a_parameter_has_the_type_of_its_kind_and_a_control_for_it(name: str, kind: str, shown: str):
    assert (parameter(name).get(TYPE), control(name).get(TYPE)) == (kind, shown)


def test_bounds_are_the_least_and_most_and_an_open_one_has_a_rule():
    rho, cap, ratio = parameter("rho"), parameter("max_participation"), parameter("pay_up_ratio")
    assert (rho.get("minValue"), rho.get("maxValue")) == ("0", "1")
    assert (cap.get("minValue"), cap.get("maxValue")) == ("0", "1")
    assert (ratio.get("minValue"), ratio.get("maxValue")) == ("0", "1000")
    assert (parameter("slices").get("minValue"), parameter("slices").get("maxValue")) == ("1", None)
    (joined,) = rules()["max_participation: above 0, below 1"]
    assert [dict(one.attrib) for one in joined.iter(f"{VAL}Edit")] == [
        {"logicOperator": "OR"},
        {"field": "max_participation", "operator": "NX"},
        {"logicOperator": "AND"},
        {"field": "max_participation", "operator": "GT", "value": "0"},
        {"field": "max_participation", "operator": "LT", "value": "1"},
    ]
    assert not [message for message in rules() if message.startswith("rho")]


def test_two_parameters_of_which_one_may_be_given_have_a_rule():
    (joined,) = rules()["duration: not where end_time is given"]
    assert [dict(one.attrib) for one in joined] == [
        {"field": "duration", "operator": "NX"},
        {"field": "end_time", "operator": "NX"},
    ]
    assert "slices: not where interval is given" in rules()


def test_choices_and_defaults_are_those_of_the_struct():
    pairs = [(one.get("enumID"), one.get("wireValue")) for one in parameter("volume_curve")[1:]]
    assert pairs == [("static", "static"), ("history", "history"), ("dynamic", "dynamic")]
    assert control("volume_curve").get("initValue") == "static"
    assert [control(name).get("initValue") for name in ("rho", "min_child", "end_time")] == ["0.5", "1", None]


def test_truth_values_required_ones_and_numbers_far_below_one():
    truth = parameter("catch_up", Odd)
    assert (truth.get(TYPE), truth.get("trueWireValue"), truth.get("falseWireValue")) == (
        "Boolean_t",
        "true",
        "false",
    )
    assert control("catch_up", Odd).get("initValue") == "false"
    assert parameter("size", Odd).get("use") == "required"
    assert control("size", Odd).get("label") == "size (lots)"
    assert parameter("catch_up", Odd).get("use") == "optional"


def test_an_instant_as_fix_writes_it_is_understood_in_utc():
    assert parse_time("start_time", "20180102-14:30:00", 0, "America/New_York") == T0
    assert parse_time("start_time", "20180102-14:30:00.250", 0, "UTC") == T0 + 250 * MS


def dropped(attribute: str, tag: str) -> Any:
    def change(root: ET.Element) -> None:
        del next(root.iter(tag)).attrib[attribute]

    return change


def put(attribute: str, value: str, tag: str) -> Any:
    return lambda root: next(root.iter(tag)).set(attribute, value)


def swapped(root: ET.Element) -> None:
    strategy = root[0]
    layout = strategy.find(f"{LAY}StrategyLayout")
    assert layout is not None
    strategy.remove(layout)
    strategy.insert(1, layout)


def enums_first(root: ET.Element) -> None:
    choice = next(one for one in root.iter(f"{CORE}Parameter") if len(one) > 1)
    described = choice[0]
    choice.remove(described)
    choice.append(described)


def without_a_control(root: ET.Element) -> None:
    panel = next(one for one in root.iter(f"{LAY}StrategyPanel") if one.find(f"{LAY}Control") is not None)
    panel.remove(panel[0])


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (dropped("strategyIdentifierTag", f"{CORE}Strategies"), "without strategyIdentifierTag"),
        (dropped("tag957Support", f"{CORE}Strategies"), "fixTag"),
        (dropped("version", f"{CORE}Strategy"), "without version"),
        (dropped("wireValue", f"{CORE}EnumPair"), "without wireValue"),
        (dropped(TYPE, f"{CORE}Parameter"), "type"),
        (dropped("ID", f"{LAY}Control"), "without ID"),
        (dropped("errorMessage", f"{VAL}StrategyEdit"), "without errorMessage"),
        (put("name", "2nd", f"{CORE}Parameter"), "name: 2nd"),
        (put("minValue", "1e-7", f"{CORE}Parameter"), "minValue"),
        (put("use", "perhaps", f"{CORE}Parameter"), "use"),
        (put("parameterRef", "nothing", f"{LAY}Control"), "one control for each parameter"),
        (put("operator", "NX", f"{VAL}Edit"), "an edit is a condition or joins edits"),
        (put("enumID", "other", f"{LAY}ListItem"), "items"),
        (swapped, "children"),
        (enums_first, "children"),
        (without_a_control, "one control for each parameter"),
    ],
)
def test_the_rules_find_a_fault(fault: Any, told: str):
    root = parsed()
    fault(root)
    assert [one for one in violations(ET.tostring(root, encoding="unicode")) if told in one]
