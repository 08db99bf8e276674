"""Pages of indicators."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.catalogue.documentation.pages import (
    AREAS,
    FactRow,
    Library,
    Page,
    PageLink,
    SearchEntry,
    SitePage,
    Standing,
    StatedNote,
    standing,
)
from sdmxmig.catalogue.indicators import Indicator, TermSelection
from sdmxmig.catalogue.topics import TOPIC_LIST
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.words import LanguageText, Words

CONCEPTS, SOURCE_TYPES, UNITS, OBJECTIVES = "CS_MIG", "CL_SRC_TYPE", "CL_UNIT_MEASURE", "CL_GCM_OBJECTIVE"
FORMULAS = {
    "share": "100 × numerator ÷ denominator, both at the same date",
    "rate": "1,000 × numerator ÷ average population of the year",
    "net_rate": "1,000 × net migration (as published, else inflow − outflow) ÷ average population of the year",
    "count": "the number itself",
    "per_1000": "1,000 × numerator ÷ denominator, both at the same date",
    "per_100000": "100,000 × numerator ÷ denominator",
    "ratio": "numerator ÷ denominator",
    "share_of_start": "100 × events ÷ population at the start of the year",
    "published": "as published by its producer",
}
TERMS = {
    "numerator": "numerator",
    "denominator": "denominator",
    "population": "population",
    "count": "number",
    "value": "value",
    "inflow": "inflow",
    "outflow": "outflow",
    "published": "net migration as published",
    "events": "events",
}
AVERAGED = ("rate", "net_rate")
ASKED = {
    "N": "The name of the SDG indicator mentions migrants or citizenship.",
    "R": "The custodian recommends or foresees a breakdown by migration or citizenship.",
    "none": "The custodian does not ask for a breakdown by migration.",
}
SUITS = {"yes": "well suited", "partly": "partly suited"}
TEMPORARY = "TMP_"
"""How the ids of indicators on temporary mobility begin."""
IRREGULAR, ADMINISTRATIVE = "PA2", "ADMIN"
MEASURES = {"stock": "stock, at a date", "flow": "flow, in a year"}


def indicator_pages(library: Library, words: Words) -> Iterator[SitePage]:
    if not library.catalogue.indicators:
        return
    page = Page(library, words)
    areas = [area(item_id, page) for item_id in area_ids(library)]
    title = LanguageText(words.say("Indicators"))
    yield page.of_section("indicators", title, {"areas": areas})
    for indicator in library.catalogue.indicators.values():
        yield indicator_page(indicator, library, words)


def area_ids(library: Library) -> list[str]:
    used_areas = {indicator.policy_area for indicator in library.catalogue.indicators.values()}
    in_order = [item.id for item in library.scheme(AREAS) or () if item.id in used_areas]
    return [*in_order, *sorted(used_areas - set(in_order))]


def area(area_id: str, page: Page) -> dict[str, object]:
    item = page.library.item(AREAS, area_id)
    members = [
        indicator for indicator in page.library.catalogue.indicators.values() if indicator.policy_area == area_id
    ]
    tiers = [
        {
            "title": page.say(title),
            "rows": [overview_row(indicator, page) for indicator in members if indicator.tier == tier],
        }
        for tier, title in (("core", "Core indicators"), ("additional", "Additional indicators"))
    ]
    return {
        "id": area_id,
        "name": page.of(item.name) if item else LanguageText(area_id),
        "part": members[0].part,
        "standing": standing(item, page) if item else Standing("candidate"),
        "tiers": [tier for tier in tiers if tier["rows"]],
    }


def overview_row(indicator: Indicator, page: Page) -> FactRow:
    return FactRow(
        indicator.id,
        page.of(indicator.name),
        standing=standing(indicator, page),
        href=f"indicator-{indicator.id}.html",
        cells=(
            indicator.un_number,
            indicator.sdg.number if indicator.sdg else "",
            page.of(page.library.name(UNITS, indicator.unit)),
        ),
    )


def indicator_page(indicator: Indicator, library: Library, words: Words) -> SitePage:
    page = Page(library, words)
    title = words.of(indicator.name)
    href = f"indicator-{indicator.id}.html"
    place = library.item(AREAS, indicator.policy_area)
    values = {
        "indicator": indicator,
        "head": standing(indicator, page),
        "area": PageLink(
            words.of(place.name) if place else LanguageText(indicator.policy_area),
            f"indicators.html#{indicator.policy_area}",
        ),
        "tier": words.say("Core indicator") if indicator.tier == "core" else words.say("Additional indicator"),
        "measure": words.say(MEASURES[indicator.measure]) if indicator.measure in MEASURES else indicator.measure,
        "unit": words.of(library.name(UNITS, indicator.unit)),
        "numerator": words.of(indicator.numerator),
        "denominator": words.of(indicator.denominator),
        "note": words.of(indicator.note),
        "formula": words.say(FORMULAS[indicator.calculation]) if indicator.calculation in FORMULAS else "",
        "averaged": indicator.calculation in AVERAGED,
        "variants": variants(indicator, library, words),
        "flows": flows(indicator, library, words),
        "primary": [topic(component, library, words) for component in indicator.primary_topics],
        "secondary": [further_topic(name, library, words) for name in indicator.secondary_topics],
        "types": source_types(indicator, page),
        "sdg": sdg(indicator, page),
        "purpose": purpose(indicator, library, words),
    }
    number = f"{indicator.un_number} {indicator.sdg.number if indicator.sdg else ''}"
    entries = (
        SearchEntry(title.text, words.say("Indicator"), href=href, words=f"{indicator.id} {number} {indicator.name}"),
    )
    crumbs = (PageLink(LanguageText(words.say("Indicators")), "indicators.html"), values["area"])
    return SitePage(
        href,
        "indicator.html.j2",
        title=title,
        section="indicators",
        values=values,
        sources=page.sources,
        entries=entries,
        crumbs=crumbs,  # type: ignore[arg-type]
        eyebrow=indicator.id,
    )


def variants(indicator: Indicator, library: Library, words: Words) -> list[dict[str, object]]:
    return [
        {
            "id": variant.id,
            "name": words.of(variant.name) if variant.name else LanguageText(variant.id),
            "terms": [
                (words.say(TERMS[name]) if name in TERMS else name, term(selection, library))
                for name, selection in variant.terms.items()
            ],
        }
        for variant in indicator.variants
    ]


def term(selection: TermSelection, library: Library) -> dict[str, str]:
    flow = library.flow(selection.flow)
    return {
        "flow": selection.flow,
        "href": library.address(flow.ref) if flow else "",
        "codes": ", ".join(f"{name} = {code}" for name, code in selection.codes),
    }


def flows(indicator: Indicator, library: Library, words: Words) -> list[PageLink]:
    ids = dict.fromkeys(term.flow for variant in indicator.variants for term in variant.terms.values())
    dataflows = [flow for flow in map(library.flow, ids) if flow]
    return [
        PageLink(
            words.of(dataflow.name),
            library.address(dataflow.ref),
            note=dataflow.ref.id,
            status=dataflow.status or "candidate",
        )
        for dataflow in dataflows
    ]


def further_topic(name: str, library: Library, words: Words) -> PageLink:
    item, topics = library.item(TOPIC_LIST, name), library.scheme(TOPIC_LIST)
    if item is None or topics is None:
        return topic(name, library, words)
    return PageLink(words.of(item.name), f"{library.address(topics.ref)}#{name}", note=name)


def topic(component: str, library: Library, words: Words) -> PageLink:
    for scheme_id in (CONCEPTS, "CROSS_DOMAIN_CONCEPTS"):
        concept, scheme = library.item(scheme_id, component), library.scheme(scheme_id)
        if concept and scheme:
            return PageLink(words.of(concept.name), f"{library.address(scheme.ref)}#{component}", note=component)
    return PageLink(LanguageText(component))


def suits_column(indicator: Indicator) -> str:
    if indicator.id.startswith(TEMPORARY):
        return "TEMPORARY"
    return "FLOW" if indicator.measure == "flow" and indicator.part == "A" else "STOCK"


def source_types(indicator: Indicator, page: Page) -> list[FactRow]:
    scheme = page.library.scheme(SOURCE_TYPES)
    column = suits_column(indicator)
    rows = []
    for level, label in SUITS.items():
        for item in scheme or ():
            fits = item.note(column) == level
            if fits and (indicator.policy_area != IRREGULAR or item.parent == ADMINISTRATIVE):
                texts = {annotation.type: page.of(annotation.text) for annotation in item.annotations}
                pros = tuple(texts.get(note_type, LanguageText("")) for note_type in ("STRENGTHS", "WEAKNESSES"))
                address = f"{page.library.address(scheme.ref)}#{item.id}" if scheme else ""
                row = FactRow(
                    item.id,
                    page.of(item.name),
                    standing=standing(item, page),
                    href=address,
                    cells=(page.say(label), *pros),
                )
                rows.append(row)
    return rows


def sdg(indicator: Indicator, page: Page) -> dict[str, object] | None:
    if indicator.sdg is None:
        return None
    sdg_indicator = indicator.sdg
    return {
        "number": sdg_indicator.number,
        "name": page.words.english(sdg_indicator.official_name),
        "series": ", ".join(sdg_indicator.series),
        "asked": page.say(ASKED[sdg_indicator.disaggregation]) if sdg_indicator.disaggregation in ASKED else "",
        "asks": page.words.english(sdg_indicator.asks),
        "standing": Standing(sdg_indicator.status, page.sources.of(sdg_indicator.source)),
    }


def purpose(indicator: Indicator, library: Library, words: Words) -> list[tuple[str, list[StatedNote]]]:
    stated_purpose = indicator.purpose
    statements: list[tuple[str, list[StatedNote]]] = []
    if stated_purpose.question:
        statements.append(
            (
                words.say("Policy question"),
                [StatedNote("", words.of(stated_purpose.question), status=stated_purpose.question_status)],
            )
        )
    objectives = [(code, library.item(OBJECTIVES, code)) for code in stated_purpose.objectives]
    if objectives:
        goals = [
            StatedNote(
                item.note("NUMBER") if item else "",
                words.of(item.name if item else Text.of(en=code)),
                status=stated_purpose.objectives_status,
            )
            for code, item in objectives
        ]
        statements.append((words.say("Objectives of the Global Compact for Migration"), goals))
    for label, matters, status in (
        ("Matters by sex", stated_purpose.by_sex, stated_purpose.by_sex_status),
        ("Matters for children", stated_purpose.for_children, stated_purpose.for_children_status),
    ):
        statements.append(
            (
                words.say(label),
                [StatedNote("", LanguageText(words.say("yes") if matters else words.say("no")), status=status)],
            )
        )
    return statements
