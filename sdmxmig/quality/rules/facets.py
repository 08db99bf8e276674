"""Length and form of free texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdmxmig.primitives.patterns import ExpressionError, pattern
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.columns import distinct, rows_with
from sdmxmig.quality.rules.reasons import because
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.findings import Fault, NotTestable

SHORTEST, LONGEST, FORM = "minLength", "maxLength", "pattern"
LEGIBLE = "\t\n\r"
SHOWN = 40
"""So many characters of a text are shown in a message."""


@KINDS.add("TEXT-AS-ALLOWED")
def text_as_allowed(check: Check) -> Iterable[Fault | NotTestable]:
    """A free text has the length and form that its component allows, and no control characters."""
    check.parameters.close()
    structure = check.dataset.flow.structure
    free = [
        component
        for component in structure.components
        if component.data_type == "String" and check.dataset.flow.codelist(component) is None
    ]
    if not free:
        yield NotTestable(because("{flow} has no component of free text", flow=check.dataset.flow.id))
    for component in free:
        facets = dict(component.facets)
        for text in filter(None, distinct(check, component)):
            for limit in broken(text, facets):
                words = {"value": shortened(text), "component": component.id, "limit": limit}
                yield fault(check, component, text, words)


def fault(check: Check, component: Component, text: str, words: Mapping[str, str]) -> Fault:
    rows = rows_with(check, component, text)
    return Fault(rows, component.id, parameters=words, observed=words["value"], expected=words["limit"])


def broken(text: str, facets: Mapping[str, str]) -> Iterator[str]:
    """The limits of a component that a text breaks, as the standard writes them; a limit that is no number is none.

    >>> list(broken("abc", {"maxLength": "2"})), list(broken("a b", {"pattern": "[a-z]+"})), list(broken("ab", {}))
    (['maxLength = 2'], ['pattern = [a-z]+'], [])
    """
    shortest, longest, form = (facets.get(name, "") for name in (SHORTEST, LONGEST, FORM))
    if shortest.isdecimal() and len(text) < int(shortest):
        yield f"{SHORTEST} = {shortest}"
    if longest.isdecimal() and len(text) > int(longest):
        yield f"{LONGEST} = {longest}"
    if form and not has_form(text, form):
        yield f"{FORM} = {form}"
    if strange := sorted({sign for sign in text if is_control(sign)}):
        yield " ".join(f"U+{ord(sign):04X}" for sign in strange)


def is_control(sign: str) -> bool:
    return (ord(sign) < 0x20 and sign not in LEGIBLE) or 0x7F <= ord(sign) <= 0x9F


def has_form(text: str, form: str) -> bool:
    try:
        return pattern(form).fullmatch(text) is not None
    except ExpressionError:
        return True


def shortened(text: str) -> str:
    plain = "".join("�" if is_control(sign) else sign for sign in text)
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}…"
