"""Facts in artefacts: the value of a field of an item, by the words of ``facts.csv``.

A fact names an artefact (``CL_SUBPOP``, ``SDMX:CL_SEX(2.1)``), an item (a definition also by its number) and a field.
The list of indicators has the name ``INDICATORS``; its items are found by number in the framework (``MI 1.1``), by SDG
number (``sdg 10.2.1``), by place (``PA3/2``), or are all those of a kind (``PA3 core sdg``).
"""

from __future__ import annotations

from collections.abc import Mapping

from shipped import CATALOGUE

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.catalogue.item_schemes import index_aggregates
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme
from sdmxmig.sdmx.model.maps import RepresentationMap
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Hierarchy

INDICATORS = "INDICATORS"
NAMES = {
    "PA1": "MIG_SHARE EMI_STOCK_RATIO IMM_RATE EMI_RATE NET_RATE RETURN_SHARE TMP_POP_RATIO TMP_INFLOW TMP_OUTFLOW",
    "PA2": "IRR_CROSS ENTRY_REFUSED OVERSTAY IRR_FOUND RETURNED DEATHS_MISSING IRR_STOCK_SHARE REGULARISED SMUGGLED "
    "DETAINED UAM_DETECTED",
    "PA3": "BASIC_SERVICES SOCIAL_PROTECTION SKILLED_BIRTHS HEALTH_COVERAGE LEARNING_PROFICIENCY BIRTH_REGISTRATION "
    "SAFE_WATER FAMILY_PLANNING",
    "PA4": "POV_50_MEDIAN POV_NATIONAL INADEQUATE_HOUSING LITERACY_NUMERACY CTZ_ACQ_RATE LANGUAGE_PROFICIENCY "
    "GOOD_HEALTH TERTIARY_EDUCATION OVERCROWDING CIVIC_PARTICIPATION INCLUSIVE_DECISIONS",
    "PA5": "UNEMPLOYMENT_RATE HOURLY_EARNINGS WORK_INJURIES RECRUITMENT_COST LF_PARTICIPATION EMPLOYMENT_RATIO "
    "INFORMAL_EMPLOYMENT YOUTH_NEET REMITTANCE_COST OVERQUALIFICATION LABOUR_RIGHTS",
    "PA6": "DISCRIMINATION VIOLENCE_VICTIMS TRAFFICKING_VICTIMS PARTNER_VIOLENCE CHILD_LABOUR HOMICIDE_VICTIMS "
    "SAFE_WALKING VIOLENCE_REPORTED DISPUTE_RESOLUTION EARLY_MARRIAGE",
}
OF_THE_FRAMEWORK = {name: area for area, names in NAMES.items() for name in names.split()}
"""The sixty indicators that the framework counts, with their policy areas. Ids never change and are never used again.

What is printed about the framework is said of these; an indicator that is added beside them is in no list of tests.
"""
LISTS = ("codes", "children", "leaves", "primary", "variants", "series")
"""Fields that hold several values; an expectation then names some of them."""


def stated(catalogue: Catalogue, artefact: str, item: str, field: str) -> str | list[str] | None:
    """The value of a field; None if the artefact or item is not there."""
    if artefact == INDICATORS:
        return of_indicators(catalogue.indicators, item, field)
    found = scheme_or_tree(catalogue, artefact)
    if isinstance(found, Hierarchy):
        return list(index_aggregates(found).get(item, ()))
    if field == "codes":
        return [one.id for one in found] if found and len(found) else list(codes_of_maps(catalogue, artefact))
    if found is None:
        return None
    if not item:
        return str(len(found)) if field == "count" else annotation(found.annotations, field.removeprefix("@"))
    one = item_of(found, item)
    return of_item(found, one, field) if one else None


def is_verified(catalogue: Catalogue, artefact: str, item: str, field: str) -> bool:
    """Whether a field appears as verified, by its own status or else by that of its item."""
    if artefact == INDICATORS:
        return any(indicator.status == "verified" for indicator in indicators_of(catalogue.indicators, item))
    found = scheme_or_tree(catalogue, artefact)
    indicator = item_of(found, item) if isinstance(found, ItemScheme) else None
    if indicator is None:
        return False
    own = indicator.note(f"{field.removeprefix('@')}_STATUS")
    return (own or indicator.status) == "verified"


def scheme_or_tree(catalogue: Catalogue, name: str) -> ItemScheme | Hierarchy | None:
    """A scheme or hierarchy by its name; agency and version may be left out."""
    wanted = Ref.parse(name)
    for ref, artefact in catalogue.artefacts.items():
        if isinstance(artefact, Hierarchy) and ref.id == wanted.id and wanted.agency in ("", ref.agency):
            return artefact
    try:
        return catalogue.item_scheme(name)
    except DeclarationError:
        return None


def item_of(scheme: ItemScheme, name: str) -> Item | None:
    """An item by its id, a definition also by its number (``D05``)."""
    return next((one for one in scheme if name in (one.id, one.note("DEFINITION_ID"))), None)


def of_item(scheme: ItemScheme, item: Item, field: str) -> str | list[str]:
    """A field of an item; annotations are named with an at sign."""
    if field.startswith("@"):
        return annotation(item.annotations, field[1:])
    if field == "children":
        return [one.id for one in scheme if one.parent == item.id]
    return str(getattr(item, field))


def annotation(notes: tuple[Annotation, ...], kind: str) -> str:
    """The text of an annotation, empty if missing."""
    return next((str(note.text) or note.title for note in notes if note.type == kind), "")


def codes_of_maps(catalogue: Catalogue, name: str) -> set[str]:
    """Codes of a list that is only named here, as far as maps know them."""
    wanted = Ref.parse(name)
    codes: set[str] = set()
    for artefact in catalogue.artefacts.values():
        if isinstance(artefact, RepresentationMap):
            for number, source in enumerate(artefact.sources):
                if isinstance(source, Ref) and (source.agency, source.id) == (wanted.agency, wanted.id):
                    codes |= {line.sources[number].value for line in artefact.mappings}
            for number, target in enumerate(artefact.targets):
                if isinstance(target, Ref) and (target.agency, target.id) == (wanted.agency, wanted.id):
                    codes |= {line.targets[number] for line in artefact.mappings}
    return codes


def indicators_of(indicators: Mapping[str, Indicator], words: str) -> list[Indicator]:
    """The indicators that are meant: by number in the framework, by SDG number, by place or by kind."""
    listed = [indicator for indicator in indicators.values() if indicator.id in OF_THE_FRAMEWORK]
    if words.startswith("sdg "):
        return [one for one in listed if one.sdg and one.sdg.number.split(" ")[0] == words.removeprefix("sdg ")]
    if "/" in words:
        area, _, place = words.partition("/")
        return [one for one in listed if one.policy_area == area and str(one.order) == place]
    if words in {indicator.un_number for indicator in listed if indicator.un_number}:
        return [indicator for indicator in listed if indicator.un_number == words]
    return [one for one in listed if all(is_of(one, word) for word in words.split())]


def is_of(indicator: Indicator, kind: str) -> bool:
    """Whether an indicator is of a kind: ``core``, ``additional``, ``A``, ``B``, ``PA1`` …, ``sdg``."""
    if kind == "sdg":
        return indicator.part == "B" and indicator.sdg is not None
    return kind in (indicator.tier, indicator.part, indicator.policy_area)


def topic_names(indicator: Indicator) -> str:
    """The names of the secondary topics of an indicator, in English."""
    topics = CATALOGUE.item_scheme("CL_TOPIC")
    return ", ".join(str(topics[topic].name) for topic in indicator.secondary_topics if topic in topics).lower()


def of_indicators(indicators: Mapping[str, Indicator], words: str, field: str) -> str | list[str] | None:
    """A field of the indicator that is meant, or the number of those that are meant."""
    meant = indicators_of(indicators, words)
    if field == "count":
        return str(len(meant))
    if len(meant) != 1:
        return None
    one = meant[0]
    values: dict[str, str | list[str]] = {
        "variants": [variant.id for variant in one.variants],
        "primary": list(one.primary_topics),
        "secondary": topic_names(one),
        "sdg": one.sdg.number if one.sdg else "",
        "series": list(one.sdg.series) if one.sdg else [],
        "official_name": one.sdg.official_name if one.sdg else "",
        "disaggregation": one.sdg.disaggregation if one.sdg else "",
    }
    return values[field] if field in values else str(getattr(one, field))
