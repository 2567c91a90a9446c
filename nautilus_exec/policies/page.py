"""The tables of ``docs/algorithms.md``, written from the structs of the parameters."""

from collections.abc import Iterable, Sequence

from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.describe import POLICIES, Parameter, parameters, summary, title

BEGIN = "<!-- algorithms: written by make docs -->\n"
END = "<!-- end of algorithms -->\n"


def refreshed(text: str) -> str:
    """Return the page with what stands between its two marks written anew; raises ``InvalidInput`` without them."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise InvalidInput("page", text[:40], f"a page with the lines {BEGIN.strip()} and {END.strip()}")
    return f"{head}{BEGIN}\n{tables()}\n{END}{tail}"


def tables(policies: Sequence[type[Policy]] = POLICIES) -> str:
    """Return the algorithms in Markdown: what is common to all of them first, then each with what it adds."""
    common = [told for told in parameters(policies[0]) if told.common]
    parts = ["## Parameters of every algorithm\n", _table(common)]
    for policy in policies:
        parts += [f"## {policy.id}: {title(policy)}\n", _prose(summary(policy))]
        parts.append(_table([told for told in parameters(policy) if not told.common]))
    return "\n".join(parts)


def default(told: Parameter) -> str:
    """Return the default, or in its place what holds where nothing is given."""
    return told.absent if told.default is None else told.default


def allowed(told: Parameter) -> str:
    """Return the choices or the range of a value; empty where its type says all."""
    return " · ".join(told.choices) if told.choices else str(told.range)


def meaning(told: Parameter) -> str:
    """Return what a parameter means, and which other it excludes."""
    return told.meaning + (f" Not with {told.instead_of}." if told.instead_of else "")


def unit(told: Parameter) -> str:
    """Return the type of a value with its unit."""
    return f"{told.type}, {told.unit}" if told.unit else told.type


def _table(rows: Iterable[Parameter]) -> str:
    head = "| parameter | type | default | range or choices | amend | meaning |\n|---|---|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(_cells(told))} |\n" for told in rows)


def _cells(told: Parameter) -> tuple[str, ...]:
    given = default(told)
    shown = "–" if not given else f"*{given}*" if told.default is None else f"`{given}`"
    amend = "yes" if told.amendable else ""
    return f"`{told.name}`", unit(told), shown, allowed(told), amend, meaning(told)


def _prose(text: str) -> str:
    return text.replace("``", "`") + "\n"
