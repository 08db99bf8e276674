"""The first page: what the countries have in common, how far they may be compared, and a line on each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdmxmig.model.indicator_results import headline
from sdmxmig.model.region import Country, RegionalStudy
from sdmxmig.reporting.blocks import ReportCell, ReportRow, ReportTable, row
from sdmxmig.reporting.columns import number_columns, text_columns
from sdmxmig.reporting.region.naming import country_file, country_name
from sdmxmig.reporting.region.views import REGION_VIEWS
from sdmxmig.reporting.standard import with_caveat
from sdmxmig.reporting.summary import SummaryFigure
from sdmxmig.reporting.wording import NOT_KNOWN, Wording

THREE = 3


@REGION_VIEWS.add("overview")
def view(study: RegionalStudy, wording: Wording) -> Mapping[str, object]:
    """All that the first page shows."""
    return {
        "label": wording.say("Summary"),
        "heading": heading(study, wording),
        "figures": key_figures(study, wording),
        "table": table(study, wording),
        "missing": missing(study, wording),
        "next": steps(study, wording),
    }


def heading(study: RegionalStudy, wording: Wording) -> str:
    """Between how many core indicators of Part A the countries produce."""
    counted = [headline(country.assessment.of("A", "core")) for country in study.countries]
    produced = [headline.produced for headline in counted]
    values = {
        "total": wording.number(max(headline.total for headline in counted)),
        "least": wording.number(min(produced)),
        "most": wording.number(max(produced)),
    }
    if min(produced) == max(produced):
        sentence = wording.say(
            "Every country produces {least} of the {total} core migration indicators (Part A)", **values
        )
    else:
        sentence = wording.say(
            "The countries produce between {least} and {most} of the {total} core migration indicators (Part A)",
            **values,
        )
    return with_caveat(sentence, max(counted, key=lambda headline: headline.candidates), wording)


def key_figures(study: RegionalStudy, wording: Wording) -> list[SummaryFigure]:
    """Countries, what they all produce, definitions, comparable figures, common gaps, and mirrored flows."""
    countries = len(study.countries)
    pairs = countries * (countries - 1)
    core = [country.assessment.of("A", "core") for country in study.countries]
    produced: list[set[str]] = [{result.indicator.id for result in results if result.is_produced} for results in core]
    rules = {comparable.definition.key for comparison in study.comparisons for comparable in comparison.groups}
    drafts = sum(country.assessment.is_draft for country in study.countries)
    number = wording.number
    return [
        SummaryFigure(
            wording.say("Countries"), number(countries), note=wording.say("{n} not reviewed", n=number(drafts))
        ),
        SummaryFigure(
            wording.say("Core indicators that every country produces"),
            of(len(set.intersection(*produced)), max(len(results) for results in core), wording),
            note=wording.say("Part A, as far as is known"),
        ),
        SummaryFigure(
            wording.say("Different definitions behind the figures"),
            number(len(rules)),
            note=wording.say("by residence rule and the stay that is counted"),
        ),
        SummaryFigure(
            wording.say("Key figures that can be compared"),
            of(sum(comparison.is_comparable for comparison in study.comparisons), len(study.comparisons), wording),
            note=between(study, wording),
        ),
        SummaryFigure(
            wording.say("Gaps that every country has"),
            of(sum(len(gap.areas) == countries for gap in study.gaps), len(study.gaps), wording),
            note=wording.say("of all gaps that are known"),
        ),
        SummaryFigure(
            wording.say("Flows that both countries report"),
            of(sum(corridor.is_mirrored for corridor in study.corridors), pairs, wording),
            note=wording.say("pairs of origin and destination"),
        ),
    ]


def between(study: RegionalStudy, wording: Wording) -> str:
    """What is said below the number of key figures: between whom, and how many one common source has beside them."""
    if not study.one_source:
        return wording.say("between two countries or more")
    return wording.say(
        "between two countries or more; figures of one common source: {n}", n=wording.number(len(study.one_source))
    )


def missing(study: RegionalStudy, wording: Wording) -> list[str]:
    """Three gaps that most countries have, with how many they are."""
    return [
        with_countries(f"{wording.of(gap.statement)} ({gap.code})", gap.areas, study, wording)
        for gap in study.gaps[:THREE]
        if len(gap.areas) > 1
    ]


def steps(study: RegionalStudy, wording: Wording) -> list[str]:
    """The first three actions that several countries could take together."""
    return [with_countries(wording.of(action.name), action.areas, study, wording) for action in study.actions[:THREE]]


def with_countries(subject: str, areas: Sequence[str], study: RegionalStudy, wording: Wording) -> str:
    """A phrase with the number of countries that it concerns."""
    return wording.say(
        "{what}: {n} of {total} countries",
        what=subject,
        n=wording.number(len(areas)),
        total=wording.number(len(study.countries)),
    )


def table(study: RegionalStudy, wording: Wording) -> ReportTable:
    """One row a country, in the order of their codes."""
    columns = (
        *text_columns(("Country", "Profile"), wording),
        *number_columns(
            ("Questions answered", "Core indicators produced (Part A)", "with all primary topics", "Gaps"), wording
        ),
    )
    rows = tuple(country_row(study, country, wording) for country in study.countries)
    note = wording.say("What is not known is counted neither as produced nor as a gap. Countries are not ranked.")
    return ReportTable(
        "table-countries",
        wording.say("The countries of the study"),
        columns=columns,
        rows=rows,
        notes=(note,),
        stacked=True,
    )


def country_row(study: RegionalStudy, country: Country, wording: Wording) -> ReportRow:
    """One country in numbers."""
    assessment = country.assessment
    counted = headline(assessment.of("A", "core"))
    answered = sum(score.answer not in NOT_KNOWN for score in assessment.scores)
    state = wording.say("draft") if assessment.is_draft else wording.say("reviewed")
    return row(
        (
            ReportCell(
                links=((country_file(country.area, wording.language), country_name(study, country.area, wording)),)
            ),
            ReportCell(assessment.year, note=state),
            of(answered, len(assessment.scores), wording),
            of(counted.produced, counted.total - counted.not_applicable, wording),
            of(counted.complete, counted.total - counted.not_applicable, wording),
            wording.number(len(assessment.gaps)),
        )
    )


def of(reached: int, total: int, wording: Wording) -> str:
    """A count with its total, such as “3 of 5”."""
    return wording.say("{n} of {total}", n=wording.number(reached), total=wording.number(total))
