"""Codes allowed in tables of records.

Spellings of yes and no.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_uppercase

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.areas import hint_for
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.model.records import AREAS, TABLES

OWN_AREAS = frozenset({"AA", "ZZ", *(f"Q{letter}" for letter in "MNOPQRSTUVWXYZ"), *(f"X{x}" for x in ascii_uppercase)})
"""The codes of countries that ISO 3166-1 leaves to its users; made-up countries have them."""
COUNTRIES, SOURCE_TYPES = "CL_AREA", "CL_SRC_TYPE"
TOTAL = "_T"
"""No person has the code of all together."""
JUDGED_ELSEWHERE = frozenset({"CL_ADM_ITEM", "CL_DIRECTION", "CL_RES_OUTCOME", "CL_DUR_BASIS", "CL_INTEG_METHOD"})
"""Lists of columns that are ours, or of which a table takes a few codes only."""


def codes_of_lists(catalogue: Catalogue) -> Mapping[str, frozenset[str]]:
    named = {column.codelist for table in TABLES for column in table.columns if column.codelist} - JUDGED_ELSEWHERE
    codes = {name: frozenset(catalogue.item_scheme(name).ids) for name in sorted(named)}
    return {name: (listed | OWN_AREAS if name == AREAS else listed) - {TOTAL} for name, listed in codes.items()}


def check_area(area: str, catalogue: Catalogue) -> None:
    codelist = catalogue.item_scheme(COUNTRIES)
    if area not in {*codelist.ids, *OWN_AREAS}:
        raise SdmxmigError(f"“{area}” is no code of {COUNTRIES}.", hint=hint_for(area, codelist))


def check_source_type(code: str, catalogue: Catalogue) -> None:
    types = catalogue.item_scheme(SOURCE_TYPES)
    if code not in types:
        hint = did_you_mean(code, types.ids) or f"See: sdmxmig show {SOURCE_TYPES}"
        raise SdmxmigError(f"“{code}” is no code of {SOURCE_TYPES}.", hint=hint)


TRUE = ("true", "yes", "y", "1", "1.0")
FALSE = ("false", "no", "n", "0", "0.0")
