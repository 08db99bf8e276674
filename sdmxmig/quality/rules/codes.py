"""Codes and suggestions for unknown ones.

Validity of codes by year.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cache

from sdmxmig.catalogue.ages import same_ages
from sdmxmig.catalogue.aliases import rows_of
from sdmxmig.catalogue.areas import WORD_COLUMNS, WORDS
from sdmxmig.primitives import periods
from sdmxmig.primitives.lazily import pl
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.columns import distinct, numbered_texts, rows_with
from sdmxmig.quality.rules.words import because
from sdmxmig.sdmx.frames import values_of
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.findings import Fault, NotTestable

ALIKE = 0.7
"""How much two texts must resemble each other before one is suggested for the other."""
ALIKE_WORDS = 0.8
SHORT_LIST = 8

NUMBERS = re.compile(r"\d+")


@KINDS.add("CODE-IN-LIST")
def code_in_list(check: Check) -> Iterable[Fault | NotTestable]:
    """Every code of a dimension or attribute is in the codelist of its component."""
    check.parameters.close()
    flow = check.dataset.flow
    coded = [component for component in flow.structure.components if flow.codelist(component) is not None]
    if not coded:
        yield NotTestable(because("{flow} has no coded component", flow=flow.id))
    for component in coded:
        codelist = flow.codelist(component)
        codes = set(codelist.ids) if codelist else set()
        if numbered_texts(check, component) <= codes:
            continue
        for value in distinct(check, component):
            if value is not None and value not in codes and codelist:
                yield strange_code(check, component, codelist, value)


def strange_code(check: Check, component: Component, codelist: ItemScheme, value: str) -> Fault:
    parameters = {
        "value": value,
        "component": component.id,
        "codelist": codelist.ref.id,
        "nearest": nearest_code(value, codelist, component.id),
    }
    rows, expected = rows_with(check, component, value), f"a code of {codelist.ref.short}"
    return Fault(rows, component.id, parameters=parameters, observed=value, expected=expected)


def nearest_code(value: str, codelist: ItemScheme, concept: str = "") -> str:
    """Find the most similar code by id or name in any language.

    Prefixes match: “Russia” for “Russian Federation”. Else by table words of `concept` (“Wommen”: “women”, F), else all
    codes of a short list. Equal ages come first: Y_LT15 means Y0T14.
    """
    if same := same_ages(value, codelist.ids):
        return spoken_code(codelist, same)
    spoken: dict[str, str] = {}
    for item in codelist.items:
        for text in (item.id, *(name for _, name in item.name)):
            spoken.setdefault(text.casefold(), item.id)
    folded = value.casefold().strip()
    numbers = NUMBERS.findall(folded)  # “0-14 years” is not like “14 years”
    spoken = {text: code for text, code in spoken.items() if NUMBERS.findall(text) == numbers} or spoken
    begun = sorted(
        (text for text in spoken if len(folded) >= 3 and text.startswith(folded)), key=lambda name: (len(name), name)
    )
    exact = [folded] if folded in spoken else []
    alike = exact or begun or difflib.get_close_matches(folded, sorted(spoken), n=1, cutoff=ALIKE)
    if not alike:
        spoken = words_of(concept)
        alike = difflib.get_close_matches(folded, sorted(spoken), n=1, cutoff=ALIKE_WORDS)
    if not alike or spoken[alike[0]] not in codelist:
        return ", ".join(codelist.ids) if len(codelist) <= SHORT_LIST else ""
    return spoken_code(codelist, spoken[alike[0]])


def spoken_code(codelist: ItemScheme, code: str) -> str:
    item = codelist[code]
    return f"{item.id} ({item.name})" if item.name else item.id


@cache
def words_of(concept: str) -> dict[str, str]:
    rows = rows_of(WORDS, WORD_COLUMNS, None)
    return {word.casefold(): code for name, code, word, *_ in rows if name == concept}


@KINDS.add("CODE-VALID-IN-PERIOD")
def code_valid_in_period(check: Check) -> Iterable[Fault | NotTestable]:
    """A code that its list limits to some years is used in periods of these years only.

    Parameter `except`: dimensions that may name what is no more, as the country of birth does. A period that reaches
    into the validity of a code counts as within it.
    """
    parameters = check.parameters
    excepted = parameters.strings("except")
    parameters.close()
    structure = check.dataset.flow.structure
    if structure.time is None:
        yield NotTestable(because("{flow} has no time dimension", flow=check.dataset.flow.id))
        return
    time = structure.time.id
    limited_by_dimension = {
        dimension: limited
        for dimension in structure.series_key
        if dimension not in excepted and (limited := limited_codes(check, dimension))
    }
    if not limited_by_dimension:
        yield NotTestable(because("no codelist of {flow} limits a code to some years", flow=check.dataset.flow.id))
    for dimension, limited in limited_by_dimension.items():
        used = [code for code in values_of(check.frame, dimension) if code in limited]
        frame = check.frame.filter(pl.col(dimension).is_in(used)) if used else check.frame.clear()
        pairs = frame.group_by(dimension, time, maintain_order=True).agg("row")
        for code, period, rows in pairs.iter_rows():
            if period is not None and is_outside(period, limited[code]):
                span = f"{limited[code].valid_from or '…'} – {limited[code].valid_to or '…'}"
                words = {"value": code, "component": dimension, "period": period, "span": span}
                yield Fault(tuple(rows), dimension, parameters=words, observed=f"{code} {period}", expected=span)


def limited_codes(check: Check, dimension: str) -> dict[str, Item]:
    codelist = check.dataset.flow.codelist(dimension)
    return {item.id: item for item in codelist.items if item.valid_from or item.valid_to} if codelist else {}


def is_outside(text: str, item: Item) -> bool:
    """Whether a period is entirely outside the validity of a code; false for invalid periods.

    >>> from sdmxmig.sdmx.model.artefacts import Text
    >>> is_outside("1993", Item("SU", Text(), valid_to="1992")), is_outside("1992", Item("SU", Text(), valid_to="1992"))
    (True, False)
    >>> [is_outside(text, Item("X", Text(), valid_from="2024-06-01")) for text in ("2024-05", "2024")]
    [True, False]
    """
    period = periods.parse(text)
    if period is None:
        return False
    first, after = period.first_day.isoformat(), periods.shift(period, 1).first_day.isoformat()
    ended = bool(item.valid_to) and first[: len(item.valid_to)] > item.valid_to[:10]
    return ended or (bool(item.valid_from) and after <= item.valid_from[:10])
