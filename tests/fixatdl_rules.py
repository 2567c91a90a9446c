"""Our own rules of FIXatdl 1.1: order of elements, required attributes, references. They stand in for its schema."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

SPACE = "http://www.fixprotocol.org/FIXatdl-1-1"
CORE, LAY, VAL = (f"{{{SPACE}/{name}}}" for name in ("Core", "Layout", "Validation"))
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

# What an element holds, in this order, and how many: 1, ? (at most one), * (any) or + (at least one).
CHILDREN = {
    f"{CORE}Strategies": ((f"{CORE}Description", "?"), (f"{VAL}Edit", "*"), (f"{CORE}Strategy", "+")),
    f"{CORE}Strategy": (
        (f"{CORE}Description", "?"),
        (f"{CORE}Regions", "?"),
        (f"{CORE}Markets", "?"),
        (f"{CORE}SecurityTypes", "?"),
        (f"{CORE}Parameter", "*"),
        (f"{VAL}Edit", "*"),
        (f"{LAY}StrategyLayout", "?"),
        (f"{CORE}RepeatingGroup", "?"),
        (f"{VAL}StrategyEdit", "*"),
    ),
    f"{CORE}Parameter": ((f"{CORE}Description", "?"), (f"{CORE}EnumPair", "*")),
    f"{CORE}EnumPair": ((f"{CORE}Description", "?"),),
    f"{CORE}Description": (),
    f"{LAY}StrategyLayout": ((f"{LAY}StrategyPanel", "+"),),
    f"{LAY}StrategyPanel": ((f"{LAY}StrategyPanel", "*"), (f"{LAY}Control", "*")),
    f"{LAY}Control": ((f"{LAY}HelpText", "?"), (f"{LAY}ListItem", "*")),
    f"{LAY}ListItem": (),
    f"{VAL}StrategyEdit": ((f"{CORE}Description", "?"), (f"{VAL}Edit", "1")),
    f"{VAL}Edit": ((f"{VAL}Edit", "*"),),
}
REQUIRED = {
    f"{CORE}Strategies": ("strategyIdentifierTag",),
    f"{CORE}Strategy": ("name", "wireValue", "version"),
    f"{CORE}Parameter": ("name", TYPE),
    f"{CORE}EnumPair": ("enumID", "wireValue"),
    f"{LAY}Control": ("ID", TYPE),
    f"{VAL}StrategyEdit": ("errorMessage",),
}
NAMED = {"name", "ID", "parameterRef", "enumID"}
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,255}")
NUMBERS = {
    "Int_t": re.compile(r"[+-]?\d+"),
    "Float_t": re.compile(r"[+-]?\d+(\.\d+)?"),
    "Percentage_t": re.compile(r"[+-]?\d+(\.\d+)?"),
    "Price_t": re.compile(r"[+-]?\d+(\.\d+)?"),
}
PARAMETERS = {*NUMBERS, "String_t", "Boolean_t", "UTCTimestamp_t"}
CONTROLS = {
    "lay:TextField_t": {"String_t", "Float_t"},
    "lay:SingleSpinner_t": {"Int_t", "Percentage_t", "Price_t"},
    "lay:DropDownList_t": {"String_t"},
    "lay:CheckBox_t": {"Boolean_t"},
    "lay:Clock_t": {"UTCTimestamp_t"},
}


def violations(text: str) -> list[str]:
    """Return what is wrong with a document, in words; empty where nothing is."""
    root = ET.fromstring(text)
    found = [] if root.tag == f"{CORE}Strategies" else ["root"]
    for element in root.iter():
        found += _shape(element)
    if root.get("tag957Support") != "true":
        found += [
            f"{one.get('name')}: fixTag" for one in root.iter(f"{CORE}Parameter") if not one.get("fixTag")
        ]
    for strategy in root.iter(f"{CORE}Strategy"):
        found += [*_parameters(strategy), *_controls(strategy), *_edits(strategy)]
    return found


def _shape(element: ET.Element) -> Iterator[str]:
    """Children in order and number, required attributes, names that are names."""
    if element.tag not in CHILDREN:
        yield f"unknown {element.tag}"
        return
    pattern = "".join(
        f"({re.escape(tag)};){'' if often == '1' else often}" for tag, often in CHILDREN[element.tag]
    )
    if not re.fullmatch(pattern, "".join(f"{child.tag};" for child in element)):
        yield f"children of {element.tag}"
    for name in REQUIRED.get(element.tag, ()):
        if not element.get(name):
            yield f"{element.tag} without {name}"
    for name in NAMED & set(element.keys()):
        if not WORD.fullmatch(element.get(name, "")):
            yield f"{name}: {element.get(name)}"


def _parameters(strategy: ET.Element) -> Iterator[str]:
    seen = [one.get("name") for one in strategy.iter(f"{CORE}Parameter")]
    if len(seen) != len(set(seen)):
        yield "parameters of one name"
    for parameter in strategy.iter(f"{CORE}Parameter"):
        name, kind = parameter.get("name"), parameter.get(TYPE, "")
        if kind not in PARAMETERS:
            yield f"{name}: type {kind}"
        if parameter.get("use", "optional") not in ("optional", "required"):
            yield f"{name}: use"
        if parameter.get("mutableOnCxlRpl", "true") not in ("true", "false"):
            yield f"{name}: mutableOnCxlRpl"
        for bound in {"minValue", "maxValue"} & set(parameter.keys()):
            if kind not in NUMBERS or not NUMBERS[kind].fullmatch(parameter.get(bound, "")):
                yield f"{name}: {bound}"


def _controls(strategy: ET.Element) -> Iterator[str]:
    parameters = {one.get("name"): one for one in strategy.iter(f"{CORE}Parameter")}
    controls = list(strategy.iter(f"{LAY}Control"))
    if len({one.get("ID") for one in controls}) != len(controls):
        yield "controls of one ID"
    if sorted(str(one.get("parameterRef")) for one in controls) != sorted(map(str, parameters)):
        yield "one control for each parameter"
    for control in controls:
        parameter = parameters.get(control.get("parameterRef"))
        if parameter is None or parameter.get(TYPE) not in CONTROLS.get(control.get(TYPE, ""), ()):
            yield f"{control.get('ID')}: control of another type"
            continue
        values = [one.get("enumID") for one in parameter.iter(f"{CORE}EnumPair")]
        if [one.get("enumID") for one in control.iter(f"{LAY}ListItem")] != values:
            yield f"{control.get('ID')}: items"
        if values and control.get("initValue", values[0]) not in values:
            yield f"{control.get('ID')}: initValue"


def _edits(strategy: ET.Element) -> Iterator[str]:
    names = {one.get("name") for one in strategy.iter(f"{CORE}Parameter")}
    for edit in strategy.iter(f"{VAL}Edit"):
        code, logic = edit.get("operator"), edit.get("logicOperator")
        if (code is None) == (logic is None) or (logic is not None) != bool(len(edit)):
            yield "an edit is a condition or joins edits"
        if logic is not None and logic not in ("AND", "OR", "XOR", "NOT"):
            yield f"logicOperator {logic}"
        if code is not None and edit.get("field") not in names:
            yield f"field {edit.get('field')}"
        if code in ("EX", "NX") and edit.get("value") is not None:
            yield "a value where none is compared"
        if code in ("EQ", "NE", "LT", "LE", "GT", "GE") and edit.get("value") is None:
            yield "nothing to compare with"
