"""Comparability of countries, and alignment of their definitions with reference documents."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import tabulate
from sdmxmig.reporting.sections.items import build_rating_cell
from sdmxmig.reporting.sections.quantities import find_latest_flow, find_newest
from sdmxmig.reporting.sections.region.matrix import Line, build_matrices, drop_unrated_lines, explain_signs
from sdmxmig.reporting.sections.region.naming import (
    SENTENCE_END,
    build_country_link,
    describe_practice,
    quote_comment,
)
from sdmxmig.reporting.sections.series import find_series
from sdmxmig.reporting.sections.standard import count_checked_texts, describe_standard
from sdmxmig.reporting.sections.standard import write_heading as write_standard
from sdmxmig.reporting.sections.views import REGION_VIEWS
from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS, Wording, capitalise
from sdmxmig.statistics.model.assessment import Score
from sdmxmig.statistics.model.availability import MODEL_ESTIMATE, FlowRule
from sdmxmig.statistics.model.region import Country, RegionalStudy


def list_compared_items(study: RegionalStudy) -> list[str]:
    asked_items = {score.item.id for country in study.countries for score in country.assessment.scores}
    return [item for item in study.definitions if item in asked_items]


def index_scores(country: Country) -> Mapping[str, Score]:
    return {score.item.id: score for score in country.assessment.scores}


def list_item_rows(study: RegionalStudy, wording: Wording) -> list[ReportTable]:
    kept = drop_unrated_lines(build_lines(study, wording), study, least=2)
    if not kept:
        return []
    caption = wording.say("Alignment of definitions with the reference documents, by country")
    return build_matrices("table-alignment", caption, lines=kept, study=study, wording=wording, head="Definition")


def build_lines(study: RegionalStudy, wording: Wording) -> list[Line]:
    scores_by_area = {country.area: index_scores(country) for country in study.countries}
    lines: list[Line] = []
    for item in list_compared_items(study):
        question = next(of[item] for of in scores_by_area.values() if item in of).item
        lines.append((ReportCell(wording.of(question.name)), partial(build_item_cell, item, wording)))
    return lines


def build_item_cell(item: str, wording: Wording, country: Country) -> ReportCell:
    score = index_scores(country).get(item)
    if score is None:
        return ReportCell(wording.say("not asked"), is_absent=True)
    return build_rating_cell(score, country.assessment.scale(score.item.scale), wording)


MAX_COLUMNS = 12
IMMIGRATION_ITEM = "B05"
RESIDENCE_ITEMS = ("B01", "B02", IMMIGRATION_ITEM, "B06")
"""The definitions of residence, of immigration and of emigration: shown side by side without a rating too."""
POPULATION = "DF_POP"


@REGION_VIEWS.add("comparability")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    alignment, in_words = list_item_rows(study, wording), tabulate_practices(study, wording)
    if not (any(map(has_flows, study.countries)) or alignment or in_words):
        return {}
    return {
        "label": wording.say("Comparability"),
        "heading": write_heading(study, wording)
        if any(map(has_flows, study.countries))
        else wording.say("Definitions of residence and migration, by country"),
        "alignment": alignment,
        "legend": explain_signs(alignment, wording),
        "practices": in_words,
        "checked": state_status(study, wording),
    }


def state_status(study: RegionalStudy, wording: Wording) -> str:
    """State the reference documents of the comparison."""
    assessment = study.countries[0].assessment
    if not assessment.standard.name or not (study.gaps or list_item_rows(study, wording)):
        return ""
    checked = count_checked_texts(assessment)
    sentences = describe_standard(assessment, checked, wording)[:2]
    if assessment.standard.is_published:
        sentences = [
            wording.say("{sentence}.", sentence=write_standard(assessment.standard, checked, wording)),
            *sentences,
        ]
    return " ".join(sentences)


def write_heading(study: RegionalStudy, wording: Wording) -> str:
    stated = [definition.key for _, definition in study.rules if definition.has_rule]
    if len(set(stated)) == 1 and len(stated) == len(study.countries):
        return wording.say("All countries of the study state the same residence rule of migration flows")
    if len(set(stated)) > 1:
        return wording.say("National migration flows follow different residence rules")
    return wording.say("Migration flows are not compared between the countries")


def has_flows(country: Country) -> bool:
    return any(find_latest_flow(country.assessment, role) for role in ("immigration", "emigration"))


def list_figure_rules(study: RegionalStudy, country: Country) -> list[FlowRule]:
    """Return the residence rules of a country's key figures, except model estimates."""
    flows = {name for comparison in study.comparisons for names in comparison.figure.flows for name in names}
    population = find_newest(find_series(country.assessment, "population"))
    if population is not None and population.kind == MODEL_ESTIMATE:
        flows.discard(POPULATION)
    return [flow_rule for flow_rule in country.assessment.flow_rules if flow_rule.flow in flows]


def list_coverage_remarks(study: RegionalStudy, country: Country, wording: Wording) -> list[str]:
    """List the remarks common to all key figures of a country, such as an omitted area."""
    said = [
        dict.fromkeys(sentence for comment in flow_rule.comments for sentence in SENTENCE_END.split(str(comment)))
        for flow_rule in list_figure_rules(study, country)
    ]
    shared = [sentence for sentence in said[0] if all(sentence in sentences for sentences in said)] if said else []
    return [quote_comment(sentence, [country.area], study, wording) for sentence in shared]


def tabulate_practices(study: RegionalStudy, wording: Wording) -> ReportTable | None:
    if len(study.countries) > MAX_COLUMNS:
        return None
    scores_by_area = {country.area: index_scores(country) for country in study.countries}
    rows: list[ReportRow] = []
    for item in list_compared_items(study):
        asked = {area: of[item] for area, of in scores_by_area.items() if item in of}
        described = {area: score for area, score in asked.items() if score.practice}
        if item not in RESIDENCE_ITEMS and all(score.answer in UNKNOWN_ANSWERS for score in described.values()):
            continue
        if len(described) > 1:
            rows.append(build_row((wording.of(next(iter(asked.values())).item.name),), "group"))
            rows += [build_practice_row(study, area, score, wording) for area, score in asked.items()]
    caption = wording.say("National practice, definition by definition")
    heads = ("Country", "National practice")
    return tabulate("table-practices", caption, heads, rows, wording, stacked=True)


def build_practice_row(study: RegionalStudy, area: str, score: Score, wording: Wording) -> ReportRow:
    known = describe_practice(score.practice, wording) if score.practice else capitalise(wording.say("not found"))
    practice = ReportCell(known, sources=score.sources)
    return build_row((build_country_link(study, area, wording), practice))
