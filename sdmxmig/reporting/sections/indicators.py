"""Sections on indicators, core and additional separately, and on their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.reporting.sections.blocks import ReportCell, ReportRow, ReportTable, build_row
from sdmxmig.reporting.sections.columns import build_table, choose_text_columns, tabulate
from sdmxmig.reporting.sections.consistency import warn_about_rates
from sdmxmig.reporting.sections.latest_values import (
    build_latest_values_cell,
    format_number,
    format_unit,
    list_value_cautions,
    summarise_latest,
)
from sdmxmig.reporting.sections.series import RATE_UNIT, state_not_final
from sdmxmig.reporting.sections.standard import VERIFIED, format_status_mark
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, capitalise, lower_first_letter
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import FEASIBLE, IndicatorResult, IndicatorValue

MAX_REASONS = 2
NET_RATE = "NET_RATE"
TIER_TITLES = {
    ("A", "core"): "Core migration indicators",
    ("B", "core"): "Core indicators of other fields",
    ("A", "additional"): "Additional migration indicators",
    ("B", "additional"): "Additional indicators of other fields",
}


@VIEWS.add("indicators")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    tiers = [
        {"id": name, "matrix": build_matrix(part, name, results=chosen, assessment=assessment, wording=wording)}
        for name in ("core", "additional")
        for part in ("A", "B")
        if (chosen := sorted(filter(has_information, assessment.of(part, name)), key=build_indicator_sort_key))
    ]
    return {
        "label": wording.say("Indicators"),
        "heading": state_net_rate(assessment, wording),
        "core": tabulate_core_tiers(assessment, wording),
        "tiers": tiers,
        "challenging": describe_challenging(assessment, wording),
        "challenges": tabulate_challenges(assessment, wording),
    }


def state_net_rate(assessment: Assessment, wording: Wording) -> str:
    """State the net migration rate, or else how many core indicators have a figure."""
    core = assessment.of("A", "core")
    with_figure = [result for result in core if not summarise_latest(result, assessment, wording).is_absent]
    known = next((result for result in with_figure if result.indicator.id == NET_RATE), None)
    if known is None:
        return wording.say(
            "{n} of {all} core migration indicators have a figure in this report",
            n=wording.number(len(with_figure)),
            all=wording.number(len(core)),
        )
    return wording.pair(wording.of(known.indicator.name), summarise_latest(known, assessment, wording).text)


def describe_origin(assessment: Assessment, wording: Wording) -> str:
    """Count the core indicators by origin: United Nations, sdmxmig, and SDG indicators among the latter."""
    core = [result.indicator for part in ("A", "B") for result in assessment.of(part, "core")]
    of_un = {indicator.id for indicator in core if indicator.status == VERIFIED}
    of_sdg = {indicator.id for indicator in core if indicator.sdg is not None}
    counts = {"un": len(of_un), "all": len(core), "sdg": len(of_sdg - of_un), "own": len(core) - len(of_un)}
    return wording.say(
        "This report uses {all} core indicators: {un} from a UNSD presentation of June 2022. The presentation "
        "prints the text of no other indicator. sdmxmig, the program that wrote this report, therefore proposes {own} "
        "others, of which {sdg} are SDG indicators. The tables show the indicators with an answer or data.",
        **{name: wording.number(count) for name, count in counts.items()},
    )


def tabulate_core_tiers(assessment: Assessment, wording: Wording) -> list[ReportTable]:
    """Tabulate the core indicators by part; notes name the base of a table's shares and rates."""
    parts = [assessment.of(part, "core") for part in ("A", "B")]
    return [table for results in parts if (table := tabulate_core(results, assessment, wording))]


def describe_bases(results: Sequence[IndicatorResult], assessment: Assessment, wording: Wording) -> Iterator[str]:
    if RATE_UNIT in {value.unit for result in results for value in result.values}:
        yield wording.say(
            "The rates were calculated for this report: counts of the year divided by the average of the yearly "
            "population figures (not of a census) at its start and end."
        )
        yield from warn_about_rates(assessment, wording)


def tabulate_core(results: Sequence[IndicatorResult], assessment: Assessment, wording: Wording) -> ReportTable | None:
    known = [result for result in sorted(results, key=build_indicator_sort_key) if is_described(result)]
    if not known:
        return None
    columns = {
        "Available": build_availability_cell,
        "Newest figure found": summarise_latest,
    }
    cells = [{head: cell(result, assessment, wording) for head, cell in columns.items()} for result in known]
    shown = [head for head in columns if not all(of_result[head].is_absent for of_result in cells)]
    rows: list[ReportRow] = []
    pairs = zip(known, cells, strict=True)
    for area, members in groupby(pairs, key=lambda pair: pair[0].indicator.policy_area):
        area_name = wording.reference(assessment, "CL_POLICY_AREA", area)
        rows.append(build_row((wording.pair(wording.say("Policy area"), area_name),), "group"))
        rows.extend(
            build_row((name_by_proposal(result.indicator, wording), *(of_result[head] for head in shown)))
            for result, of_result in members
        )
    return ReportTable(
        f"table-indicators-{results[0].indicator.part.lower()}",
        name_tier(results[0].indicator, wording),
        columns=choose_text_columns(("Indicator", *shown), wording),
        rows=tuple(rows),
        notes=(*describe_unread_texts(known, wording), *describe_bases(known, assessment, wording)),
        stacked=True,
    )


def describe_unread_texts(results: Sequence[IndicatorResult], wording: Wording) -> Iterator[str]:
    if not all(result.indicator.checked or result.indicator.status == VERIFIED for result in results):
        yield wording.say("Only definitions of indicators marked “UN proposal” come from a UN document.")


def name_by_proposal(indicator: Indicator, wording: Wording) -> ReportCell:
    """Name an indicator without the mark that a note explains for the whole table."""
    cell = name_indicator(indicator, wording)
    return cell if indicator.status == VERIFIED else replace(cell, mark="")


def name_indicator(indicator: Indicator, wording: Wording) -> ReportCell:
    numbers = wording.join_with_commas((indicator.un_number, f"SDG {indicator.sdg.number}" if indicator.sdg else ""))
    return ReportCell(wording.of(indicator.name), note=numbers, mark=format_status_mark(indicator, wording))


def build_availability_cell(result: IndicatorResult, assessment: Assessment, wording: Wording) -> ReportCell:
    """Describe the published data, or else write the rating in words."""
    if result.practice:
        return ReportCell(wording.of(result.practice), sources=result.sources)
    cell = build_rating_cell(result, assessment, wording)
    is_calculated = any(value.unit == RATE_UNIT for value in result.values)  # then its counts are published
    text = (
        wording.pair(wording.say("Counts"), lower_first_letter(cell.text))
        if cell.level and is_calculated
        else cell.text
    )
    return replace(cell, text=text, sign="", level="")  # the words say it, and the table has no legend


def build_rating_cell(result: IndicatorResult, assessment: Assessment, wording: Wording) -> ReportCell:
    return wording.rating(assessment.scale("AVAIL"), result.standing, is_described=bool(result.practice))


def name_topics(topics: Sequence[str], assessment: Assessment, wording: Wording) -> str:
    return wording.join_with_commas(lower_first_letter(wording.reference(assessment, "", topic)) for topic in topics)


def name_tier(indicator: Indicator, wording: Wording) -> str:
    return wording.say(TIER_TITLES[indicator.part, indicator.tier])


def build_indicator_sort_key(result: IndicatorResult) -> tuple[str, int, str]:
    return result.indicator.policy_area, result.indicator.order, result.indicator.id


def is_described(result: IndicatorResult) -> bool:
    return bool(result.is_known or result.practice)


def has_information(result: IndicatorResult) -> bool:
    return bool(is_described(result) or result.answers or result.parts or has_feasibility(result))


def has_feasibility(result: IndicatorResult) -> bool:
    feasibility = result.feasibility
    by_sources = feasibility.least or feasibility.most
    return bool(feasibility.declared or (by_sources and not feasibility.repeats_availability))


def build_matrix(
    part: str, name: str, results: Sequence[IndicatorResult], assessment: Assessment, wording: Wording
) -> ReportTable:
    columns = {
        "Indicator": _name_cell,
        "Declared availability": _build_declared_cell
        if any(result.declared or result.practice for result in results)
        else None,
        "Latest values": build_latest_values_cell,
        "Topics of disaggregation": _build_primary_topics_cell,
        "Feasibility": build_feasibility_cell if any(map(has_feasibility, results)) else None,
    }
    cells = {head: cell for head, cell in columns.items() if cell}
    rows: list[ReportRow] = []
    for area, members in groupby(
        sorted(results, key=build_indicator_sort_key),
        key=lambda result: result.indicator.policy_area,
    ):
        rows.append(build_row((wording.reference(assessment, "CL_POLICY_AREA", area),), "group"))
        rows.extend(build_row([cell(member, assessment, wording) for cell in cells.values()]) for member in members)
    caption = wording.say("{tier} by policy area", tier=name_tier(results[0].indicator, wording))
    return build_table(
        f"table-{name}-{part.lower()}", caption, cells, rows, wording, notes=_list_notes(results, wording), stacked=True
    )


def _list_notes(results: Sequence[IndicatorResult], wording: Wording) -> tuple[str, ...]:
    parts = any(value.unit == RATE_UNIT and value.variant != "_T" for result in results for value in result.values)
    note = (
        "The rate of a group, such as foreign citizens, is per 1,000 of the average total population. The "
        "rate per 1,000 of the group itself follows if the data give the size of the group at both ends "
        "of the year."
    )
    return (wording.say(note),) if parts else ()


def _name_cell(result: IndicatorResult, _: Assessment, wording: Wording) -> ReportCell:
    indicator = result.indicator
    return ReportCell(
        wording.of(indicator.name), note=format_code(indicator), mark=format_status_mark(indicator, wording)
    )


def _build_declared_cell(result: IndicatorResult, assessment: Assessment, wording: Wording) -> ReportCell:
    return replace(
        build_rating_cell(result, assessment, wording), note=wording.of(result.practice), sources=result.sources
    )


def _build_primary_topics_cell(result: IndicatorResult, assessment: Assessment, wording: Wording) -> ReportCell:
    further = result.indicator.secondary_topics
    in_data = result.topics_in_data
    notes = (
        [wording.say("breakdowns of the values: {topics}", topics=name_topics(in_data, assessment, wording))]
        if in_data
        else []
    )
    if further:
        notes.append(wording.say("further: {topics}", topics=name_topics(further, assessment, wording)))
    primary = name_topics(result.indicator.primary_topics, assessment, wording)
    return ReportCell(capitalise(primary) or wording.say("none"), note=wording.join_with_semicolons(notes))


def build_feasibility_cell(result: IndicatorResult, assessment: Assessment, wording: Wording) -> ReportCell:
    feasibility, scale = result.feasibility, assessment.scale("FEAS")
    reasons = [wording.statement(reason, assessment) for reason in feasibility.reasons[:MAX_REASONS]]
    declared = wording.rating(scale, feasibility.declared, is_described=result.describes(FEASIBLE))
    if feasibility.repeats_availability:
        return declared
    if feasibility.computed:
        answer = lower_first_letter(wording.of(scale.label(feasibility.computed)))
        reasons.insert(0, f"{wording.say('sdmxmig estimate: {answer}', answer=answer)}.")
    return replace(declared, note=" ".join(reasons))


def describe_challenging(assessment: Assessment, wording: Wording) -> str:
    if not assessment.challenges:
        return ""
    return wording.say(
        "Indicators named by the office as most challenging: {named}. Indicators with a recorded obstacle: {n}.",
        named=wording.number(sum(challenge.is_named for challenge in assessment.challenges)),
        n=wording.number(sum(bool(challenge.decisive or challenge.some) for challenge in assessment.challenges)),
    )


def tabulate_challenges(assessment: Assessment, wording: Wording) -> ReportTable | None:
    results = {result.indicator.id: result for result in assessment.indicators}
    heads = ("Indicator", "Named by the office", "Decisive obstacles", "Some obstacles", "Obstacles in the profile")
    rows = []
    for challenge in assessment.challenges:
        indicator = results[challenge.indicator].indicator
        name = ReportCell(
            wording.of(indicator.name), note=format_code(indicator), mark=format_status_mark(indicator, wording)
        )
        answer = wording.say("yes") if challenge.is_named else wording.say("no")
        rows.append(
            build_row((name, answer, *map(wording.number, (challenge.decisive, challenge.some, challenge.asked))))
        )
    caption = wording.say("Challenging indicators and recorded obstacles")
    return tabulate("table-challenges", caption, heads, rows, wording, numbers=(2, 3, 4))


def format_code(indicator: Indicator) -> str:
    return f"{indicator.code}, SDG {indicator.sdg.number}" if indicator.sdg else indicator.code


Computed = tuple[IndicatorResult, IndicatorValue]


@VIEWS.add("values")
def view_values(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    results = sorted(assessment.indicators, key=build_indicator_sort_key)
    values = [(result, value) for result in results for value in (*result.values, *result.group_rates)]
    number = len(values) + sum(len(result.parts) for result in results)
    return {
        "label": wording.say("Computed values"),
        "heading": wording.count(
            "{n} value was computed from the tables", "{n} values were computed from the tables", number
        ),
        "table": tabulate_values(select_newest(values), number, assessment, wording) if values else None,
    }


def select_newest(values: Iterable[Computed]) -> list[Computed]:
    chosen: list[Computed] = []
    for _, group in groupby(values, key=lambda computed: computed[0].indicator.id):
        of_indicator = list(group)
        last = max(value.period for _, value in of_indicator)
        chosen += [computed for computed in of_indicator if computed[1].period == last]
    return chosen


def tabulate_values(values: list[Computed], number: int, assessment: Assessment, wording: Wording) -> ReportTable:
    heads = ("Population", "Period", "Value", "Unit", "Formula and source cells of its terms")
    return build_table(
        "table-values",
        wording.say("Computed values, with formula, terms and cells"),
        heads,
        build_indicator_rows(values, assessment, wording),
        wording,
        numbers=(2,),
        notes=(
            wording.say(
                "Values of the newest period of each indicator. All values, with those by topic ({n}), are in "
                "assessment.json.",
                n=wording.number(number),
            ),
            *list_cautions(values, assessment, wording),
        ),
        stacked=True,
    )


def build_indicator_rows(values: Iterable[Computed], assessment: Assessment, wording: Wording) -> tuple[ReportRow, ...]:
    rows: list[ReportRow] = []
    for indicator, computed in groupby(values, key=lambda one: one[0].indicator):
        rows.append(build_row((ReportCell(wording.of(indicator.name), note=indicator.code),), "group"))
        rows += [_build_row(value, result, assessment, wording) for result, value in computed]
    return tuple(rows)


def _build_row(value: IndicatorValue, result: IndicatorResult, assessment: Assessment, wording: Wording) -> ReportRow:
    return build_row(
        (
            ReportCell(wording.of(value.name)),
            ReportCell(value.period, note=format_remark(value, wording)),
            ReportCell(format_number(value, result, wording)),
            ReportCell(format_unit(value, assessment, wording)),
            ReportCell(wording.formula(value.formula), note=format_terms(value, wording)),
        )
    )


def format_remark(value: IndicatorValue, wording: Wording) -> str:
    broken = wording.say("break") if value.status == "B" else ""
    status = state_not_final([value.status], wording, str(value.basis))
    return wording.qualified((broken, wording.of(value.basis), status))


def list_cautions(values: Iterable[Computed], assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    names_by_sentence: dict[str, dict[str, None]] = {}
    for result, value in values:
        for sentence in list_value_cautions([value], assessment, wording):
            names_by_sentence.setdefault(sentence, {})[wording.of(result.indicator.name)] = None
    return tuple(
        wording.say("{sentence}.", sentence=wording.pair(wording.join_with_semicolons(names), sentence))
        for sentence, names in names_by_sentence.items()
    )


def format_terms(value: IndicatorValue, wording: Wording) -> str:
    phrases = [wording.formula(number) for _, number in value.terms]
    cells = [str(place) for place in value.places]
    if len(phrases) != len(cells):  # a term computed from its own source has no cell
        return wording.join_with_semicolons([wording.join_with_semicolons(phrases), wording.join_with_commas(cells)])
    return wording.join_with_semicolons(f"{term} ({cell})" for term, cell in zip(phrases, cells, strict=True))
