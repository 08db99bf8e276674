"""Production section, with age and sex of migrants compared with all residents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sdmxmig.catalogue.ages import find_partitions, parse_age_code
from sdmxmig.reporting.charts.bars import AgeClass, draw_pyramid
from sdmxmig.reporting.charts.years import FlowYear
from sdmxmig.reporting.sections import composition, movements, trends
from sdmxmig.reporting.sections.account import is_testable, tabulate_identities
from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportFigure, ReportTable, build_figure
from sdmxmig.reporting.sections.columns import build_table, tabulate
from sdmxmig.reporting.sections.composition import GROUP_NAMES, parse_group_key, select_breakdowns
from sdmxmig.reporting.sections.items import list_module_scores
from sdmxmig.reporting.sections.key_figures import describe_migrants
from sdmxmig.reporting.sections.quantities import (
    MentionedNotes,
    describe_residence,
    find_latest_flow,
    find_newest,
    state_count_year,
)
from sdmxmig.reporting.sections.series import build_citation_line, build_labels, find_series, list_rates
from sdmxmig.reporting.sections.summary import draw_decade
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import UNKNOWN_ANSWERS, Wording, lower_first_letter
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.availability import MODEL_ESTIMATE, Availability, Breakdown

MODULES = ("C", "D", "E", "F")


@VIEWS.add("production")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    years = trends.list_flow_years(assessment)
    population = find_series(assessment, "population")
    has_flows = any(year.immigration is not None or year.emigration is not None for year in years)
    groups, pyramid = composition.draw_population_groups(assessment, wording), draw_age_pyramid(assessment, wording)
    places, streams = movements.draw_country_bars(assessment, wording), movements.build_streams(assessment, wording)
    on_page_one = draw_decade(assessment, wording)
    is_new = places is not None and (on_page_one is None or places.title != on_page_one.title)
    once = MentionedNotes(assessment, wording)  # blocks are in the section's order
    return {
        "label": wording.say("Production today"),
        "heading": state_net_migration(years, assessment, wording) or build_heading(assessment, wording),
        "flows": once(trends.tabulate_flows(assessment, wording)) if has_flows else None,
        "moves": [once(table) for table in composition.tabulate_moves(assessment, wording)] if has_flows else [],
        "population": once(trends.draw_population(population, assessment, wording))
        if population and (latest := find_newest(population)) and latest.kind != MODEL_ESTIMATE
        else None,
        "rates": trends.tabulate_rates(
            list_rates(assessment), find_series(assessment, "net rate"), assessment, wording
        ),
        "migrants": [once(table) for table in composition.tabulate_migrants(assessment, wording)],
        "groups": once(groups),
        "pyramid": once(pyramid),
        "parts": trends.tabulate_parts(assessment, wording),
        "countries": movements.build_heading(assessment, wording),
        "places": once(places) if is_new else None,
        "streams": once(streams),
        "identities": None if is_testable(assessment) else tabulate_identities(assessment, wording),
        "held": tabulate_data_availability(assessment, wording),
    }


def state_net_migration(years: Sequence[FlowYear], assessment: Assessment, wording: Wording) -> str:
    """State net migration of the last two years that the report does not infer; empty if unknown or incomparable."""
    newest = find_latest_flow(assessment, "net")
    years = [year for year in years if newest is None or year.period <= newest.period]
    if len(years) < 2 or any(year.net is None for year in years[-2:]) or years[-1].is_break:
        return ""
    (before, earlier), (now, year) = (
        (wording.write_signed(year.net or Decimal(0)), trends.describe_flow_year(year, assessment, wording))
        for year in years[-2:]
    )
    message = "Net migration was {now} in {year}, after {before} in {earlier}"
    return wording.say(message, now=now, year=year, before=before, earlier=earlier)


def build_heading(assessment: Assessment, wording: Wording) -> str:
    answers = (score.answer for module in MODULES for score in list_module_scores(assessment, module))
    if migrants := describe_migrants(assessment, wording):
        return migrants
    if UNKNOWN_ANSWERS.issuperset(answers):
        return count_data(assessment, wording)
    return wording.say("Published statistics on migration")


def count_data(assessment: Assessment, wording: Wording) -> str:
    holdings = assessment.holdings
    if not holdings:
        return wording.say("No figures on migration")
    return wording.say(
        "Data of this report: {values} values in {n} statistics, {first} to {last}",
        values=wording.number(sum(holding.values for holding in holdings)),
        n=wording.number(len(holdings)),
        first=min(holding.first for holding in holdings)[: len("2026")],
        last=max(holding.last for holding in holdings)[: len("2026")],
    )


def tabulate_data_availability(assessment: Assessment, wording: Wording) -> ReportTable | None:
    heads = ("Statistics", "Years", "Values", "Divided by")
    rows = (
        (
            ReportCell(wording.of(availability.name), note=availability.flow),
            availability.first
            if availability.first == availability.last
            else f"{availability.first}–{availability.last}",
            wording.number(availability.values),
            build_breakdown_cell(availability, wording),
        )
        for availability in assessment.holdings
    )
    return tabulate("table-held", wording.say("Data availability"), heads, rows, wording, numbers=(2,))


def build_breakdown_cell(availability: Availability, wording: Wording) -> ReportCell:
    common = wording.join_with_commas(
        wording.say(
            "{topic} “{code}” only", topic=lower_first_letter(wording.of(code.topic)), code=wording.of(code.name)
        )
        for code in availability.common
    )
    source = wording.of(availability.source)
    source = wording.pair(wording.say("type of source"), lower_first_letter(source)) if source else ""
    if availability.topics:
        names = (lower_first_letter(wording.of(topic.name) or topic.dimension) for topic in availability.topics)
        return ReportCell(wording.join_with_commas(names), note=wording.join_with_semicolons((common, source)))
    return ReportCell(common or wording.say("totals only"), note=source, is_absent=not common)


MIGRANTS = ((("BIRTH_STATUS", "FB"),), (("CTZ_STATUS", "FC"),))
ROUNDING_STEPS = (Decimal("0.005"), Decimal("0.01"), Decimal("0.02"), Decimal("0.05"), Decimal("0.1"), Decimal("0.2"))


def draw_age_pyramid(assessment: Assessment, wording: Wording) -> ReportFigure | None:
    for of in MIGRANTS:
        migrants = max(
            select_breakdowns(assessment, "DF_POP", ("SEX", "AGE"), of),
            key=lambda breakdown: breakdown.period,
            default=None,
        )
        codes = choose_age_groups(migrants) if migrants else ()
        if migrants and codes:
            everybody = select_breakdowns(assessment, "DF_POP", ("SEX", "AGE"))
            residents = next((breakdown for breakdown in everybody if breakdown.period == migrants.period), None)
            return _draw_pyramid_figure(
                migrants, residents if residents and has_all(residents, codes) else None, assessment, wording
            )
    return None


def choose_age_groups(breakdown: Breakdown) -> tuple[str, ...]:
    both = {age for sex, age in dict(breakdown.figures) if sex == "F" and breakdown.value("M", age) is not None}
    covering, _ = find_partitions(both)
    return max(covering, key=len, default=())


def has_all(breakdown: Breakdown, codes: Iterable[str]) -> bool:
    return all(breakdown.value(sex, code) is not None for code in codes for sex in ("F", "M"))


def _draw_pyramid_figure(
    migrants: Breakdown, residents: Breakdown | None, assessment: Assessment, wording: Wording
) -> ReportFigure:
    codes = choose_age_groups(migrants)
    shares = {sex: list_shares(migrants, sex, codes) for sex in ("M", "F")}
    others = {sex: list_shares(residents, sex, codes) if residents else [None] * len(codes) for sex in ("M", "F")}
    names = [wording.of(migrants.names[f"AGE.{code}"]) if f"AGE.{code}" in migrants.names else code for code in codes]
    classes = tuple(
        AgeClass(
            shorten_age_group(code),
            float(shares["M"][n]),
            women=float(shares["F"][n]),
            all_men=convert_share(others["M"][n]),
            all_women=convert_share(others["F"][n]),
        )
        for n, code in enumerate(codes)
    )
    group = wording.say(GROUP_NAMES[parse_group_key(migrants.of)])
    oldest = max(range(len(codes)), key=lambda n: shares["M"][n] + shares["F"][n])
    title = wording.say(
        "{who} by age and sex, {year}: the largest age group is {age}, {share} of them",
        who=group,
        year=state_count_year(migrants, wording),
        age=lower_first_letter(names[oldest]),
        share=wording.write_percent(shares["M"][oldest] + shares["F"][oldest]),
    )
    description = wording.say(
        "Pyramid of {n} age groups, men on one side and women on the other, as shares of each population. Women are "
        "{women} of those shown.",
        n=wording.number(len(codes)),
        women=wording.write_percent(sum(shares["F"], Decimal(0))),
    )
    words = {"men": wording.say("Men"), "women": wording.say("Women"), "shown": group}
    if residents:
        words["all"] = wording.say("Total population")
    labels = build_labels("figure-pyramid", title, description=description, words=words, wording=wording)
    source, keys = build_citation_line([migrants.source, residents.source if residents else ""], assessment, wording)
    figure_data = collect_pyramid_data(migrants, residents, names, wording)
    notes = describe_residence(("DF_POP",), assessment, wording)
    drawn = draw_pyramid(classes, list_marks(classes, wording), labels)
    return build_figure(labels, drawn, data=figure_data, source=source, cited=keys, notes=notes)


def convert_share(share: Decimal | None) -> float | None:
    return None if share is None else float(share)


def shorten_age_group(code: str) -> str:
    """Shorten an age group to fit between two bars.

    >>> shorten_age_group("Y15T19"), shorten_age_group("Y_GE85")
    ('15–19', '85+')
    """
    first, after = parse_age_code(code) or (0, 0)
    if code.startswith("Y_GE"):
        return f"{first}+"
    return str(first) if after == first + 1 else f"{first}–{after - 1}"


def list_shares(breakdown: Breakdown, sex: str, codes: Sequence[str]) -> list[Decimal]:
    total = sum((breakdown.value(either, code) or Decimal(0) for either in ("F", "M") for code in codes), Decimal(0))
    return [(breakdown.value(sex, code) or Decimal(0)) / (total or Decimal(1)) for code in codes]


def list_marks(classes: Sequence[AgeClass], wording: Wording) -> tuple[tuple[float, str], ...]:
    most = max(
        max(age_class.men, age_class.women, age_class.all_men or 0, age_class.all_women or 0) for age_class in classes
    )
    step = next((step for step in ROUNDING_STEPS if float(step) * 3 >= most), ROUNDING_STEPS[-1])
    return tuple(
        (float(step) * n, wording.write_percent(step * n)) for n in (1, 2, 3) if float(step) * n <= most * 1.05
    )


def collect_pyramid_data(
    migrants: Breakdown, residents: Breakdown | None, names: Sequence[str], wording: Wording
) -> ReportTable:
    heads = [(migrants, "M", "Men"), (migrants, "F", "Women")]
    if residents:
        heads += [(residents, "M", "All men"), (residents, "F", "All women")]
    rows = (
        (name, *(wording.number(breakdown.value(sex, code) or Decimal(0)) for breakdown, sex, _ in heads))
        for name, code in zip(names, choose_age_groups(migrants), strict=True)
    )

    return build_table(
        "data-pyramid",
        wording.say("Data for this figure: persons by age and sex"),
        ("Age", *(ReportColumn(wording.say(head), is_number=True) for _, _, head in heads)),
        rows,
        wording,
    )
