"""Codes and suggestions for unknown ones."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cache

from sdmxmig.catalogue.ages import same_ages
from sdmxmig.catalogue.aliases import rows_of
from sdmxmig.catalogue.areas import WORD_COLUMNS, WORDS
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.columns import distinct, numbered_texts, rows_with
from sdmxmig.quality.rules.reasons import because
from sdmxmig.sdmx.model.artefacts import ItemScheme
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
