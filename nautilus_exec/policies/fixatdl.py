"""FIXatdl 1.1: a description of an algorithm from which an order ticket can be drawn.

Values travel in the StrategyParametersGrp (tags 957 to 960) and are the text that a parent order carries. Source: FIX
Algorithmic Trading Definition Language 1.1 with errata of 21 December 2010. Order of elements and required attributes
are held to our own rules of it (``tests/fixatdl_rules.py``), not to its schema.
"""

from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.describe import Parameter, parameters, summary, title

NAMESPACE = "http://www.fixprotocol.org/FIXatdl-1-1"
STRATEGY_TAG = 25847
"""Tag of the algorithm's id, chosen by us among those left to agreement, as TargetStrategy (847) is a number."""
NOTE = "Held to our own rules of FIXatdl 1.1, not to its schema."

_TYPES = {
    "integer": "Int_t",
    "number": "Float_t",
    "fraction": "Percentage_t",
    "boolean": "Boolean_t",
    "time": "UTCTimestamp_t",
    "price": "Price_t",
}
_CONTROLS = {
    "integer": "SingleSpinner_t",
    "fraction": "SingleSpinner_t",
    "price": "SingleSpinner_t",
    "boolean": "CheckBox_t",
    "choice": "DropDownList_t",
    "time": "Clock_t",
}
_STEPS = {
    "integer": {"increment": "1"},
    "fraction": {"increment": "0.01"},
    "price": {"incrementPolicy": "Tick"},
}


def fixatdl(policy: type[Policy], version: str) -> str:
    """Return the FIXatdl document of one algorithm; ``version`` is that of its interface."""
    root = Element("Strategies", _root())
    told = parameters(policy)
    names = {"name": policy.id, "uiRep": title(policy), "wireValue": policy.id, "version": version}
    strategy = SubElement(root, "Strategy", names | {"fixMsgType": "D"})
    SubElement(strategy, "Description").text = summary(policy)
    for parameter in told:
        _add_parameter(strategy, parameter)
    layout = SubElement(strategy, "lay:StrategyLayout")
    panel = SubElement(layout, "lay:StrategyPanel", orientation="VERTICAL", collapsible="false")
    _add_panel(panel, policy.id, [one for one in told if not one.common])
    _add_panel(panel, "Every algorithm", [one for one in told if one.common])
    for parameter in told:
        _add_rules(strategy, parameter)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {NOTE} -->\n{tostring(root, encoding="unicode")}\n'


def _root() -> dict[str, str]:
    spaces = {"xmlns": "Core", "xmlns:lay": "Layout", "xmlns:val": "Validation"}
    return {name: f"{NAMESPACE}/{space}" for name, space in spaces.items()} | {
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "strategyIdentifierTag": str(STRATEGY_TAG),
        "changeStrategyOnCxlRpl": "false",
        "tag957Support": "true",
    }


def _add_parameter(strategy: Element, told: Parameter) -> None:
    given = {"name": told.name, "xsi:type": _TYPES.get(told.type, "String_t")}
    given["use"] = "required" if told.required else "optional"
    given["mutableOnCxlRpl"] = str(told.amendable).lower()
    if not told.amendable:
        given["revertOnCxlRpl"] = "true"
    if told.type == "boolean":
        # The standard's own Y and N are not what an order's parameters carry.
        given |= {"trueWireValue": "true", "falseWireValue": "false"}
    least, most = _bounds(told)
    given |= {"minValue": least} if least else {}
    given |= {"maxValue": most} if most else {}
    parameter = SubElement(strategy, "Parameter", given)
    SubElement(parameter, "Description").text = told.meaning
    for choice in told.choices:
        SubElement(parameter, "EnumPair", enumID=choice, wireValue=choice)


def _bounds(told: Parameter) -> tuple[str, str]:
    """The least and the most that the type can say; what is beyond an open bound is left to a rule."""
    bounds = told.range
    least = bounds.gt if bounds.ge is None else bounds.ge
    most = bounds.lt if bounds.le is None else bounds.le
    return _decimal(least), _decimal(most)


def _decimal(number: float | None) -> str:
    """The number without an exponent, which XML's decimal does not know."""
    return "" if number is None else f"{Decimal(f'{number:.15g}'):f}"


def _add_panel(panel: Element, name: str, shown: list[Parameter]) -> None:
    group = SubElement(
        panel, "lay:StrategyPanel", title=name, border="Line", orientation="VERTICAL", collapsible="false"
    )
    for told in shown:
        _add_control(group, told)


def _add_control(group: Element, told: Parameter) -> None:
    label = told.name.replace("_", " ") + (f" ({told.unit})" if told.unit else "")
    given = {"xsi:type": f"lay:{_CONTROLS.get(told.type, 'TextField_t')}", "ID": f"c_{told.name}"}
    given |= {"parameterRef": told.name, "label": label, "tooltip": told.meaning}
    if told.default is not None:
        given["initValue"] = told.default
    control = SubElement(group, "lay:Control", given | _STEPS.get(told.type, {}))
    for choice in told.choices:
        SubElement(control, "lay:ListItem", enumID=choice, uiRep=choice.replace("_", " "))


def _add_rules(strategy: Element, told: Parameter) -> None:
    """What no attribute can say: an open bound, and two parameters of which only one may be given."""
    opens = [
        (code, bound) for code, bound in (("GT", told.range.gt), ("LT", told.range.lt)) if bound is not None
    ]
    if opens:
        either = _rule(strategy, f"{told.name}: {told.range}")
        _edit(either, field=told.name, operator="NX")
        both = _edit(either, logicOperator="AND")
        for code, bound in opens:
            _edit(both, field=told.name, operator=code, value=_decimal(bound))
    if told.instead_of:
        either = _rule(strategy, f"{told.name}: not where {told.instead_of} is given")
        _edit(either, field=told.name, operator="NX")
        _edit(either, field=told.instead_of, operator="NX")


def _rule(strategy: Element, message: str) -> Element:
    rule = SubElement(strategy, "val:StrategyEdit", errorMessage=message)
    return _edit(rule, logicOperator="OR")


def _edit(parent: Element, **given: str) -> Element:
    return SubElement(parent, "val:Edit", given)
