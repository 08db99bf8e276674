"""Words and numbers of messages in every language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation

from sdmxmig.primitives import text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Rule

FIRST = "en"
TOTAL = "_T"
MOST_DIGITS = 24
"""Longer numbers than decimal arithmetic holds are shown as they were sent."""
UNSAID = ("FREQ", "REF_AREA", "DIRECTION", "EVENT", "UNIT_MEASURE")


def in_languages(rule: Rule, make: Callable[[str], Mapping[str, str]]) -> dict[str, str]:
    r"""The parameters of a message, made in every language of its rule; a language follows the name where it matters.

    >>> from sdmxmig.sdmx.model.artefacts import Text
    >>> message = Text.of(en="{number}", fr="{number}")
    >>> rule = Rule("R", "1", kind="K", level=1, severity="error", name=Text(), message=message)
    >>> in_languages(rule, lambda language: {"number": number("1234", language), "code": "NB"})
    {'number': '1,234', 'code': 'NB', 'number@fr': '1\u202f234'}
    """
    parameters = dict(make(FIRST))
    for language, _ in rule.message:
        parameters |= {
            f"{name}@{language}": value for name, value in make(language).items() if value != parameters.get(name)
        }
    return parameters


def number(figure: str, language: str) -> str:
    """A number as a language writes it, with all its decimals; what is no number stays unchanged.

    >>> number("3688.60", "en"), number("-7", "en"), number("12x", "en")
    ('3,688.60', '−7', '12x')
    """
    try:
        value = Decimal(figure)
    except InvalidOperation:
        return figure
    shape = value.as_tuple()
    if not isinstance(shape.exponent, int) or len(shape.digits) + abs(shape.exponent) > MOST_DIGITS:
        return figure
    return text.number(value, language, max(0, -shape.exponent))


def spoken_name(component: str, flow: Flow, language: str = FIRST) -> str:
    name = flow.concepts[component].in_language(language) if component in flow.concepts else component
    return name[:1].lower() + name[1:]


def name_of(flow: Flow, component: str, code: str, language: str) -> str:
    codelist = flow.codelist(component)
    if codelist is None or code not in codelist:
        return code
    return codelist[code].name.in_language(language) or code


def subject(flow: Flow, key: Iterable[tuple[str, str]], language: str) -> str:
    structure = flow.structure
    shared = dict(key)
    period = [shared[structure.time.id]] if structure.time and structure.time.id in shared else []
    names = [
        name_of(flow, dimension, shared[dimension], language)
        for dimension in structure.series_key
        if shared.get(dimension, TOTAL) != TOTAL and dimension not in UNSAID
    ]
    return text.listed([flow.dataflow.name.in_language(language) or flow.id, *period, *names], language)
