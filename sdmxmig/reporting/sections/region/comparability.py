"""Comparability of countries, and how near their definitions are to the reference documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportRow, ReportTable, row
from sdmxmig.reporting.sections.columns import text_columns
from sdmxmig.reporting.sections.items import rating
from sdmxmig.reporting.sections.net_migration import latest_flow
from sdmxmig.reporting.sections.quantities import newest
from sdmxmig.reporting.sections.region.matrix import Line, matrices, occurring, signs, stated
from sdmxmig.reporting.sections.region.naming import (
    SENTENCE_END,
    areas_named,
    codes,
    country_link,
    country_name,
    definition_name,
    plain_name,
    practice,
    quoted,
)
from sdmxmig.reporting.sections.region.views import REGION_VIEWS
from sdmxmig.reporting.sections.series import of_role
from sdmxmig.reporting.sections.wording import NOT_KNOWN, Wording, lowered, raised
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.alignment import FlowRule
from sdmxmig.statistics.model.assessment import Score
from sdmxmig.statistics.model.availability import MODEL_ESTIMATE
from sdmxmig.statistics.model.region import Comparison, Country, Definition, RegionalStudy


def compared_items(study: RegionalStudy) -> list[str]:
    asked_items = {score.item.id for country in study.countries for score in country.assessment.scores}
    return [item for item in study.definitions if item in asked_items]


def scores(country: Country) -> Mapping[str, Score]:
    return {score.item.id: score for score in country.assessment.scores}


def one_by_one(study: RegionalStudy, wording: Wording) -> list[ReportTable]:
    kept = stated(lines_of(study, wording), study)
    if not kept:
        return []
    caption = wording.say("Alignment of definitions with the reference documents, by country")
    return matrices("table-alignment", caption, lines=kept, study=study, wording=wording, head="Definition")


def practised(study: RegionalStudy, country: Country) -> bool:
    """Whether the profile of a country describes one of the definitions in words."""
    of_country = scores(country)
    return any(item in of_country and of_country[item].practice for item in study.definitions)


def lines_of(study: RegionalStudy, wording: Wording) -> list[Line]:
    scores_by_area = {country.area: scores(country) for country in study.countries}
    lines: list[Line] = []
    for item in compared_items(study):
        question = next(of[item] for of in scores_by_area.values() if item in of).item
        lines.append((ReportCell(wording.of(question.name)), partial(item_cell, item, wording)))
    return lines


def item_cell(item: str, wording: Wording, country: Country) -> ReportCell:
    score = scores(country).get(item)
    if score is None:
        return ReportCell(wording.say("not asked"), is_absent=True)
    return rating(score, country.assessment.scale(score.item.scale), wording)


MAX_COLUMNS = 12
IMMIGRATION = "B05"
RESIDENCE = ("B01", "B02", IMMIGRATION, "B06")
"""The definitions of residence, of immigration and of emigration: shown side by side without a rating too."""
POPULATION = "DF_POP"


@REGION_VIEWS.add("comparability")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    alignment, in_words = one_by_one(study, wording), practices(study, wording)
    if not (any(map(has_flows, study.countries)) or alignment or in_words):
        return {}
    return {
        "label": wording.say("Comparability"),
        "heading": heading(study, wording)
        if alignment or any(map(has_flows, study.countries))
        else wording.say("Definitions of residence and migration, by country"),
        "figures": figures(study, wording),
        "rules": rules(study, wording),
        "alignment": alignment,
        "legend": occurring(signs(wording), alignment),
        "practices": in_words,
    }


def heading(study: RegionalStudy, wording: Wording) -> str:
    if not any(map(has_flows, study.countries)) and not study.other_flows:
        return wording.say("No national figures on migration flows in this study")
    stated = [definition.key for _, definition in study.rules if definition.has_rule]
    if len(set(stated)) == 1 and len(stated) == len(study.countries):
        return wording.say("All countries of the study state the same residence rule of migration flows")
    if len(set(stated)) > 1:
        return wording.say("National migration flows follow different residence rules")
    return wording.say("Migration flows are not compared between the countries")


def figures(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    heads = ("Key figure", "Comparable with each other", "Comparable with no other country", "No data")
    caption = wording.say("Comparable countries by figure")
    rows = tuple(
        comparable_row(comparison, study, wording) for comparison in study.comparisons if comparison.is_comparable
    )
    if not rows:
        return None
    return ReportTable(
        "table-comparable",
        caption,
        columns=text_columns(heads, wording),
        rows=rows,
        stacked=True,
    )


def comparable_row(comparison: Comparison, study: RegionalStudy, wording: Wording) -> ReportRow:
    together, alone = [], []
    for group in comparison.groups:
        areas = [figure.area for figure in group.figures]
        if group.is_comparable:
            together.append(f"{areas_named(study, areas, wording)} ({definition_name(group.definition, wording)})")
        else:
            alone += areas
    return row(
        (
            plain_name(comparison, study, wording),
            wording.semicolons(together) or wording.say("none"),
            areas_named(study, sorted(alone), wording) or wording.say("none"),
            areas_named(study, comparison.missing, wording) or wording.say("none"),
        )
    )


def has_flows(country: Country) -> bool:
    return any(latest_flow(country.assessment, role) for role in ("immigration", "emigration"))


def behind(study: RegionalStudy, country: Country) -> list[FlowRule]:
    """Return the rules of a country's data behind its national key figures; those of a model are not national."""
    flows = {name for comparison in study.comparisons for names in comparison.figure.flows for name in names}
    population = newest(of_role(country.assessment, "population"))
    if population is not None and population.kind == MODEL_ESTIMATE:
        flows.discard(POPULATION)
    return [flow_rule for flow_rule in country.assessment.flow_rules if flow_rule.flow in flows]


def rules_behind(study: RegionalStudy) -> dict[str, dict[str, FlowRule]]:
    """Return the stated rules of the data behind the key figures, by country."""
    rules_by_area = {country.area: behind(study, country) for country in study.countries}
    return {
        area: {rule.flow: rule for rule in rules if Definition(rule.rules, rule.bases).is_stated}
        for area, rules in rules_by_area.items()
        if rules
    }


def limits(study: RegionalStudy, wording: Wording) -> Iterator[str]:
    """Yield the limits stated by the data behind each country's key figures, with dataflows."""
    for country in study.countries:
        for flows, sentences in remarks(study, country).items():
            yield with_name(flows, sentences, country, study, wording)


def coverage(study: RegionalStudy, wording: Wording) -> Iterator[str]:
    """Yield remarks common to all data behind a country's key figures, such as an omitted part."""
    for country in study.countries:
        if shared := remarks(study, country).get(()):
            yield with_name((), shared, country, study, wording)


def remarks(study: RegionalStudy, country: Country) -> dict[tuple[Text, ...], list[str]]:
    """Group the remarks on a country's data by dataflow; no dataflows if all share them."""
    flow_rules = behind(study, country)
    names_by_sentence: dict[str, list[Text]] = {}
    for flow_rule in flow_rules:
        said = (sentence for comment in flow_rule.comments for sentence in SENTENCE_END.split(str(comment)))
        for sentence in dict.fromkeys(said):
            names_by_sentence.setdefault(sentence, []).append(flow_rule.name)
    sentences_by_names: dict[tuple[Text, ...], list[str]] = {}
    for sentence, names in names_by_sentence.items():
        about = () if len(names) == len(flow_rules) else tuple(names)
        sentences_by_names.setdefault(about, []).append(sentence)
    return sentences_by_names


def with_name(
    flows: Sequence[Text], sentences: Sequence[str], country: Country, study: RegionalStudy, wording: Wording
) -> str:
    name = country_name(study, country.area, wording)
    if flows:
        about = wording.commas(lowered(wording.of(flow)) for flow in flows)
        name = wording.say("{first} ({second})", first=name, second=about)
    return wording.say(
        "National figures, {country}: {limits}",
        country=name,
        limits=" ".join(quoted(sentence, [country.area], study, wording) for sentence in sentences),
    )


def rules(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    """Tabulate residence rule and counted stay by country; dataflows whose rules are the same share a column."""
    stated = {area: of_country for area, of_country in rules_behind(study).items() if of_country}
    if not stated:
        return None
    names = {flow: rule.name for of_country in stated.values() for flow, rule in of_country.items()}
    shown = [country for country in study.countries if country.area in stated]
    flows_by_cells: dict[tuple[ReportCell, ...], list[str]] = {}
    for flow in sorted(names):
        rules_of_flow = ({rule.flow: rule for rule in country.assessment.flow_rules}.get(flow) for country in shown)
        flows_by_cells.setdefault(tuple(rule_cell(rule, wording) for rule in rules_of_flow), []).append(flow)
    heads = [
        ReportColumn(raised(wording.commas(lowered(wording.of(names[flow])) for flow in flows)))
        for flows in flows_by_cells.values()
    ]
    countries = (country_name(study, country.area, wording) for country in shown)
    rows = list(zip(countries, *flows_by_cells, strict=True))
    caption = wording.say("Residence rules and types of stay in the data")
    return ReportTable(
        "table-rules",
        caption,
        columns=(ReportColumn(wording.say("Country")), *heads),
        rows=tuple(row(cells) for cells in rows),
        stacked=True,
    )


def rule_cell(flow_rule: FlowRule | None, wording: Wording) -> ReportCell:
    if flow_rule is None:
        return wording.absent()
    if not Definition(flow_rule.rules, flow_rule.bases).is_stated:
        return wording.absent("not stated")
    mixed = wording.say("several") if len(flow_rule.rules) > 1 or len(flow_rule.bases) > 1 else ""
    basis = wording.say("type of stay: {basis}", basis=lowered(codes(flow_rule.bases, wording)))
    words = codes(flow_rule.rules, wording)
    return ReportCell(words, note=basis, mark=mixed, is_absent=words == wording.say("not stated"))


def practices(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    if len(study.countries) > MAX_COLUMNS:
        return None
    if not any(practised(study, country) for country in study.countries):
        return None
    scores_by_area = {country.area: scores(country) for country in study.countries}
    rows: list[ReportRow] = []
    for item in compared_items(study):
        asked = {area: of[item] for area, of in scores_by_area.items() if item in of}
        described = {area: score for area, score in asked.items() if score.practice}
        if item not in RESIDENCE and all(score.answer in NOT_KNOWN for score in described.values()):
            continue
        if described:
            rows.append(row((wording.of(next(iter(asked.values())).item.name),), "group"))
            rows += [practice_row(study, area, score, wording) for area, score in described.items()]
    is_rated = any(row.cells[-1].level != "described" for row in rows if not row.kind)
    if not is_rated:
        rows = [replace(row, cells=row.cells[:2]) for row in rows]
    heads = ("Country", "National practice", "Alignment")[: 3 if is_rated else 2]
    caption = wording.say("National practice, definition by definition")
    columns = text_columns(heads, wording)
    return ReportTable("table-practices", caption, columns=columns, rows=tuple(rows), stacked=True)


def practice_row(study: RegionalStudy, area: str, score: Score, wording: Wording) -> ReportRow:
    scale = study.country(area).assessment.scale(score.item.scale)
    described = ReportCell(practice(score.practice, wording), sources=score.sources)
    return row((country_link(study, area, wording), described, rating(score, scale, wording)))
