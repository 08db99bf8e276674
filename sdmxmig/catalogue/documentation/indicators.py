"""Pages of indicators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdmxmig.catalogue.documentation.pages import (
    AREAS,
    FactRow,
    Library,
    Page,
    PageLink,
    SitePage,
    Standing,
    StatedNote,
)
from sdmxmig.catalogue.indicators import Indicator, Purpose, TermSelection
from sdmxmig.catalogue.topics import TOPIC_LIST
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.words import NOTHING, LanguageText

CONCEPT_SCHEMES = ("CS_MIG", "CROSS_DOMAIN_CONCEPTS")
SOURCE_TYPES, UNITS, OBJECTIVES = "CL_SRC_TYPE", "CL_UNIT_MEASURE", "CL_GCM_OBJECTIVE"
AVERAGED_CALCULATIONS = ("rate", "net_rate")
SUITABILITY_WORDS = {"yes": "well suited", "partly": "partly suited"}
TEMPORARY_PREFIX = "TMP_"
IRREGULAR, ADMINISTRATIVE = "PA2", "ADMIN"
MEASURE_TEXTS = {"stock": "stock, at a date", "flow": "flow, in a year"}


def build_indicator_pages(page: Page) -> Iterator[SitePage]:
    indicators = page.library.catalogue.indicators.values()
    if not indicators:
        return
    areas = [describe_area(area_id, page) for area_id in list_area_ids(page.library)]
    yield page.build_section_page("indicators", page.label("Indicators"), {"areas": areas})
    for indicator in indicators:
        yield build_indicator_page(indicator, page.next())


def list_area_ids(library: Library) -> list[str]:
    used_areas = {indicator.policy_area for indicator in library.catalogue.indicators.values()}
    in_order = [item.id for item in library.scheme(AREAS) or () if item.id in used_areas]
    return [*in_order, *sorted(used_areas - set(in_order))]


def describe_area(area_id: str, page: Page) -> dict[str, object]:
    item = page.library.item(AREAS, area_id)
    indicators = page.library.catalogue.indicators.values()
    members = [indicator for indicator in indicators if indicator.policy_area == area_id]
    tiers = [
        {
            "title": page.say(title),
            "rows": [build_overview_row(indicator, page) for indicator in members if indicator.tier == tier],
        }
        for tier, title in (("core", "Core indicators"), ("additional", "Additional indicators"))
    ]
    return {
        "id": area_id,
        "name": page.of(item.name) if item else LanguageText(area_id),
        "part": members[0].part,
        "standing": page.standing(item) if item else Standing("candidate"),
        "tiers": [tier for tier in tiers if tier["rows"]],
    }


def build_overview_row(indicator: Indicator, page: Page) -> FactRow:
    sdg_number, unit = indicator.sdg.number if indicator.sdg else "", page.library.name(UNITS, indicator.unit)
    href = f"indicator-{indicator.id}.html"
    return page.row(indicator, href=href, cells=(indicator.un_number, sdg_number, page.of(unit)))


def build_indicator_page(indicator: Indicator, page: Page) -> SitePage:
    href = f"indicator-{indicator.id}.html"
    place = page.library.item(AREAS, indicator.policy_area)
    area_link = PageLink(
        page.of(place.name) if place else LanguageText(indicator.policy_area),
        f"indicators.html#{indicator.policy_area}",
    )
    values = {
        "indicator": indicator,
        "head": page.standing(indicator),
        "area": area_link,
        "tier": page.say("Core indicator" if indicator.tier == "core" else "Additional indicator"),
        "measure": page.say(MEASURE_TEXTS[indicator.measure])
        if indicator.measure in MEASURE_TEXTS
        else indicator.measure,
        "unit": page.of(page.library.name(UNITS, indicator.unit)),
        "numerator": page.of(indicator.numerator),
        "denominator": page.of(indicator.denominator),
        "note": page.of(indicator.note),
        "formula": page.say_code("calculation", indicator.calculation),
        "averaged": indicator.calculation in AVERAGED_CALCULATIONS,
        "variants": list_variants(indicator, page),
        "flows": link_flows(indicator, page),
        "primary": [link_topic(component, CONCEPT_SCHEMES, page) for component in indicator.primary_topics],
        "secondary": [link_topic(name, (TOPIC_LIST, *CONCEPT_SCHEMES), page) for name in indicator.secondary_topics],
        "types": list_source_types(indicator, page),
        "sdg": describe_sdg(indicator, page),
        "purpose": describe_purpose(indicator.purpose, page),
    }
    words = (indicator.id, indicator.un_number, indicator.sdg.number if indicator.sdg else "", str(indicator.name))
    return SitePage(
        file=href,
        template="indicator.html.j2",
        title=page.of(indicator.name),
        section="indicators",
        values=values,
        sources=page.sources,
        entries=(page.entry(indicator, "Indicator", href, " ".join(words)),),
        crumbs=(PageLink(page.label("Indicators"), "indicators.html"), area_link),
        eyebrow=indicator.id,
    )


def list_variants(indicator: Indicator, page: Page) -> list[dict[str, object]]:
    return [
        {
            "id": variant.id,
            "name": page.of(variant.name) if variant.name else LanguageText(variant.id),
            "terms": describe_terms(variant.terms, page),
            "otherwise": describe_terms(variant.otherwise, page),
            "basis": page.of(variant.basis),
        }
        for variant in indicator.variants
    ]


def describe_terms(selections: Mapping[str, TermSelection], page: Page) -> list[tuple[str, dict[str, str]]]:
    return [
        (page.say_code("term", name) or name, describe_term(selection, page.library))
        for name, selection in selections.items()
    ]


def describe_term(selection: TermSelection, library: Library) -> dict[str, str]:
    flow = library.flow(selection.flow)
    return {
        "flow": selection.flow,
        "href": library.address(flow.ref) if flow else "",
        "codes": ", ".join(f"{name} = {code}" for name, code in selection.codes),
    }


def link_flows(indicator: Indicator, page: Page) -> list[PageLink]:
    ids = dict.fromkeys(term.flow for variant in indicator.variants for term in variant.terms.values())
    dataflows = filter(None, map(page.library.flow, ids))
    return [page.link_with_status(flow, flow.ref.id, page.library.address(flow.ref)) for flow in dataflows]


def link_topic(name: str, scheme_ids: Iterable[str], page: Page) -> PageLink:
    for scheme_id in scheme_ids:
        item, scheme = page.library.item(scheme_id, name), page.library.scheme(scheme_id)
        if item and scheme:
            return PageLink(page.of(item.name), f"{page.library.address(scheme.ref)}#{name}", note=name)
    return PageLink(LanguageText(name))


def write_suits_column(indicator: Indicator) -> str:
    if indicator.id.startswith(TEMPORARY_PREFIX):
        return "TEMPORARY"
    return "FLOW" if indicator.measure == "flow" and indicator.part == "A" else "STOCK"


def list_source_types(indicator: Indicator, page: Page) -> list[FactRow]:
    scheme = page.library.scheme(SOURCE_TYPES)
    if scheme is None:
        return []
    column, address = write_suits_column(indicator), page.library.address(scheme.ref)
    rows = []
    for level, label in SUITABILITY_WORDS.items():
        for item in scheme:
            if item.note(column) == level and (indicator.policy_area != IRREGULAR or item.parent == ADMINISTRATIVE):
                texts = {annotation.type: page.of(annotation.text) for annotation in item.annotations}
                pros = [texts.get(note_type, NOTHING) for note_type in ("STRENGTHS", "WEAKNESSES")]
                rows.append(page.row(item, href=f"{address}#{item.id}", cells=(page.say(label), *pros)))
    return rows


def describe_sdg(indicator: Indicator, page: Page) -> dict[str, object] | None:
    if indicator.sdg is None:
        return None
    sdg_indicator = indicator.sdg
    return {
        "number": sdg_indicator.number,
        "name": page.words.english(sdg_indicator.official_name),
        "series": ", ".join(sdg_indicator.series),
        "asked": page.say_code("asked", sdg_indicator.disaggregation),
        "asks": page.words.english(sdg_indicator.asks),
        "standing": page.standing(sdg_indicator),
    }


def describe_purpose(stated: Purpose, page: Page) -> list[tuple[str, list[StatedNote]]]:
    statements: list[tuple[str, list[StatedNote]]] = []
    if stated.question:
        question = StatedNote("", page.of(stated.question), status=stated.question_status)
        statements.append((page.say("Policy question"), [question]))
    if stated.objectives:
        goals = []
        for code in stated.objectives:
            item = page.library.item(OBJECTIVES, code)
            name = page.of(item.name if item else Text.of(en=code))
            goals.append(StatedNote(item.note("NUMBER") if item else "", name, status=stated.objectives_status))
        statements.append((page.say("Objectives of the Global Compact for Migration"), goals))
    for label, matters, status in (
        ("Matters by sex", stated.by_sex, stated.by_sex_status),
        ("Matters for children", stated.for_children, stated.for_children_status),
    ):
        statements.append((page.say(label), [StatedNote("", page.label("yes" if matters else "no"), status=status)]))
    return statements
