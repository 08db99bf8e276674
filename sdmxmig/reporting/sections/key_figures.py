"""The figures of page one: population, migrants and flows of the latest year, and main countries."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal
from itertools import chain, product

from sdmxmig.primitives import text
from sdmxmig.reporting.sections.blocks import CitedSentence
from sdmxmig.reporting.sections.composition import (
    CENSUS_IN_WORDS,
    MIGRANTS,
    MIGRANTS_IN_WORDS,
    STATUS_DIMENSIONS,
    MigrantCount,
    find_newest_migrants,
    index_counts,
    name_source_type,
    select_breakdowns,
)
from sdmxmig.reporting.sections.consistency import find_population, state_size
from sdmxmig.reporting.sections.items import CODES_IN_BRACKETS
from sdmxmig.reporting.sections.movements import (
    CAPTIONS,
    TWO_WAY_DIMENSIONS,
    list_foreign_countries,
    name_country,
)
from sdmxmig.reporting.sections.movements import find_latest_breakdown as latest_countries
from sdmxmig.reporting.sections.quantities import (
    build_label,
    describe_figure,
    describe_quantity,
    find_latest_flow,
    find_newest,
    join_bounds,
    name_flow_unit,
    state_count_year,
    state_share,
)
from sdmxmig.reporting.sections.series import find_series, is_recent, list_source_keys, name_break
from sdmxmig.reporting.sections.wording import (
    CITATION,
    Wording,
    capitalise,
    extract_first_sentence,
    lower_first_letter,
)
from sdmxmig.statistics.calculations.availability import ESTIMATES_FLOW
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.availability import MODEL_ESTIMATE, Bounds, Breakdown

ORIGIN_COLUMNS = (
    *product(("DF_POP", "DF_POP_TOPIC"), TWO_WAY_DIMENSIONS[1:]),
    *product(("DF_IMM",), TWO_WAY_DIMENSIONS),
)
DESTINATION_COLUMNS = (("DF_EMI", "C_RESIDENCE"), ("DF_EMI", "C_CITIZEN"), ("DF_EMI", "C_BIRTH"))
FLOW_ROLES = {"DF_IMM": "immigration", "DF_EMI": "emigration"}
FLOW_NAMES = {"immigration": "Immigration", "emigration": "Emigration", "net": "Net migration"}
THREE = 3
EDITION = re.compile(r"\((\d{4})\)")
"""The year of publication in a citation: “United Nations, DESA (2020). International Migrant Stock”."""
SENTENCE_END = re.compile(r"(?<=\.)\s+|(?<=。)")
MAX_LEAD_AGE = 2
"""Maximum number of years by which the first figure may be older than the flows."""


@dataclass(frozen=True, slots=True)
class SummaryFigure:
    label: str
    value: str
    _: KW_ONLY
    note: str
    sources: tuple[str, ...] = ()
    has_remark: bool = False


def quote_remarks(flow: str, year: str, assessment: Assessment, wording: Wording) -> list[CitedSentence]:
    """Quote the sentences of the remarks on a dataflow that name a year and a source."""
    remarks = [wording.of(remark) for rule in assessment.flow_rules if rule.flow == flow for remark in rule.comments]
    sentences = [sentence for remark in remarks for sentence in SENTENCE_END.split(remark) if year in sentence]
    cited = [(CITATION.sub("", sentence), tuple(dict.fromkeys(CITATION.findall(sentence)))) for sentence in sentences]
    return [CitedSentence(sentence, keys) for sentence, keys in cited if keys]


def choose_leading_figures(
    assessment: Assessment, wording: Wording, *, heading: str = "", text: str = ""
) -> list[SummaryFigure]:
    """Choose figures for page one: migrants, net migration, or substitutes.

    Figures in the heading are omitted unless they have a share or remark, further ones also if the text has them.
    """
    latest = find_newest_migrants(assessment)
    flows = list(_find_flow_figures(assessment, wording))
    is_shown = latest is not None and (is_current(latest.count, assessment) or not any(flows))
    estimate = _estimate_figure(latest, assessment, wording)
    migrants = _find_migrants(latest, assessment, wording) if latest and is_shown else None
    wanted = (migrants, *reversed(flows), _find_population(assessment, wording))
    first = [*filter(None, (migrants, estimate)), *flows[-1:], _find_other_migrants(latest, assessment, wording)]
    if latest and (is_long_before_flows(latest.count, assessment) or not latest.is_exact):
        first = [*first[1:], migrants]
    chosen = [figure for figure in first if figure and not is_repeated(figure, heading)]
    stated = f"{heading} {text}"
    further = [figure for figure in wanted if figure and figure not in chosen and not is_repeated(figure, stated)]
    return chosen + further[: max(0, THREE - len(chosen))]


def is_repeated(figure: SummaryFigure, heading: str) -> bool:
    return figure.value in heading and not figure.has_remark


def describe_migrants(assessment: Assessment, wording: Wording) -> str:
    latest = find_newest_migrants(assessment)
    estimate = format_estimate(latest, assessment, wording)
    if latest is None:
        return estimate
    count, known = latest.count, latest.known
    number, year = describe_quantity(known, wording), state_count_year(count, wording, known)
    is_of_census = year == wording.year(count.period, wording.say("census"))
    sentence = (
        wording.say(CENSUS_IN_WORDS[latest.name], number=number, year=count.period)
        if is_of_census
        else wording.say(MIGRANTS_IN_WORDS[latest.name], number=number, year=year)
    )
    before = describe_previous_census(latest, assessment, wording)
    return capitalise(wording.join_with_semicolons((sentence, before, estimate)))


def format_estimate(latest: MigrantCount | None, assessment: Assessment, wording: Wording) -> str:
    estimate = find_newer_estimate(latest, assessment)
    if estimate is None:
        return ""
    if part := find_newer_part(estimate, assessment):
        return wording.say(
            "{number} people born in {country} in {year}, estimated by the United Nations",
            number=describe_quantity(part.known, wording),
            country=name_country(part.count, part.codes[0], assessment.area, wording),
            year=part.count.period,
        )
    return wording.say(
        "{number} international migrants in {year}, estimated by the United Nations",
        number=describe_quantity(estimate.known, wording),
        year=estimate.count.period,
    )


def list_migrant_sources(assessment: Assessment) -> tuple[str, ...]:
    """Return the source keys of the newest count of migrants and of a newer estimate."""
    latest = find_newest_migrants(assessment)
    estimate = find_newer_estimate(latest, assessment)
    newer = estimate and (find_newer_part(estimate, assessment) or estimate)
    named = [one for one in (latest, newer) if one]
    cited = (one.count.list_breakdown_sources(one.codes) or (one.count.source,) for one in named)
    return find_source_keys(chain(*cited), assessment)


def describe_previous_census(latest: MigrantCount, assessment: Assessment, wording: Wording) -> str:
    """State the size of the same group in the previous census; empty if the count is not from a census."""
    count, codes = latest.count, latest.codes
    alike = select_breakdowns(assessment, count.flow, STATUS_DIMENSIONS)
    censuses = [one for one in alike if one.kind == count.kind == "census" and one.value(*codes) is not None]
    earlier = [one for one in censuses if one.period[:4] < count.period[:4]]
    if not earlier:
        return ""
    before = max(earlier, key=lambda one: one.period)
    number = describe_quantity(before.known(*codes), wording)
    return wording.say("{number} in {year}", number=number, year=state_count_year(before, wording))


def _find_population(assessment: Assessment, wording: Wording) -> SummaryFigure | None:
    series = find_population(assessment)
    point = find_newest(series)
    if series is None or point is None or point.kind == MODEL_ESTIMATE:  # of another producer than the office
        return None
    is_census = series is find_series(assessment, "census")
    day = insert_hard_spaces(wording.day(series.note, point.period))
    dated = [day] if day else [point.period, wording.of(series.note)]
    name = wording.say("Residents counted" if is_census else "Population")
    date = text.find_day_in_year(series.note.in_language("en"), point.period)
    if date and is_older_than_flows(str(date - dt.timedelta(1)), assessment):  # 1 January ends the year before
        name = wording.say("{name}, {year}", name=name, year=day)
        dated = []
    said = lower_first_letter(extract_first_sentence(wording.of(point.comment))) if is_census else ""
    note = wording.qualified((*dated, build_label([point], wording), said))
    sources = find_source_keys(point.sources, assessment)
    return SummaryFigure(name, describe_quantity(point.known, wording), note=note, sources=sources)


def _find_migrants(latest: MigrantCount, assessment: Assessment, wording: Wording) -> SummaryFigure:
    count, known = latest.count, latest.known
    day = "" if count.kind else insert_hard_spaces(wording.day(count.day, count.period))
    year = wording.qualified(
        (
            day or state_count_year(count, wording, known),
            "" if count.kind else lower_first_letter(name_source_type(count, wording)),
        )
    )
    remark = shorten_remark(latest, wording)
    if known is not None and count.whole and "%" not in remark:  # a published share is enough
        of_all = state_share(known, count.whole, wording)
        remark = wording.join_with_semicolons((of_all, remark))
    before = describe_previous_census(latest, assessment, wording) if state_size(assessment, wording) else ""
    name, is_dated = wording.say(latest.name), is_older_than_flows(count.period, assessment)
    broken = name_break(index_counts(assessment, count.flow, latest.codes), count.period, wording)
    if broken:  # producers may compare it with revised figures that the data do not have
        broken = wording.say("{remark}: not comparable with the earlier figures in this report", remark=broken)
    return SummaryFigure(
        wording.say("{name}, {year}", name=name, year=year) if is_dated else name,
        format_on_one_line(known, wording),
        note=wording.join_with_semicolons(("" if is_dated else year, remark, before, broken)),
        sources=list_count_sources(latest, assessment),
        has_remark=bool(remark),
    )


def list_count_sources(latest: MigrantCount, assessment: Assessment) -> tuple[str, ...]:
    """Return the source keys of a count and of the total population behind its share."""
    groups = [latest.codes, *([("_T", "_T")] if latest.count.whole else [])]
    return find_source_keys(latest.count.list_breakdown_sources(*groups), assessment)


def insert_hard_spaces(day: str) -> str:
    return day.replace(" ", "\u00a0")


def format_on_one_line(known: Decimal | Bounds | None, wording: Wording) -> str:
    """Write a figure on one line, with a single bound without “thousand”."""
    if isinstance(known, Bounds) and (known.lower is None or known.upper is None):
        return join_bounds(known, [wording.number(known.upper or known.lower or 0)], wording)
    return describe_quantity(known, wording)


def shorten_remark(count: MigrantCount, wording: Wording) -> str:
    return CODES_IN_BRACKETS.sub("", extract_first_sentence(lower_first_letter(wording.of(count.comment))))


def describe_age_of_figure(latest: MigrantCount | None, assessment: Assessment, wording: Wording) -> str:
    if latest is None or is_recent(latest.count.period, assessment):
        return ""
    return shorten_remark(latest, wording)


def find_newer_estimate(
    latest: MigrantCount | None, assessment: Assessment, *, groups: Sequence[tuple[str, str]] = MIGRANTS
) -> MigrantCount | None:
    """Return the latest United Nations estimate, unless the data have a count of that or the previous year."""
    estimate = find_newest_migrants(assessment, groups=groups, flows=[ESTIMATES_FLOW])
    is_newer = estimate is not None and (
        latest is None or int(latest.count.period[:4]) + 1 < int(estimate.count.period[:4])
    )
    return estimate if is_newer else None


def list_newest_by_group(assessment: Assessment) -> list[tuple[tuple[str, str], MigrantCount]]:
    """Return the newest national count of each group of migrants, then newer estimates by the United Nations."""
    counts = {group: find_newest_migrants(assessment, groups=[group]) for group in MIGRANTS}
    estimates = {group: find_newer_estimate(count, assessment, groups=[group]) for group, count in counts.items()}
    return [(group, count) for known in (counts, estimates) for group, count in known.items() if count]


def name_edition(source: str, wording: Wording) -> str:
    """State that a figure is a United Nations estimate, and its edition."""
    if edition := EDITION.search(source):
        return wording.say("estimated by the United Nations, edition of {year}", year=edition[1])
    return wording.say("estimated by the United Nations")


def format_short_estimate(estimate: MigrantCount, wording: Wording) -> str:
    """Write the year and producer of an estimate and the first sentence of its comment."""
    edition = name_edition(" ".join(estimate.count.list_breakdown_sources(estimate.codes)), wording)
    note = wording.qualified((estimate.count.period, edition))
    return wording.join_with_semicolons(
        (note, extract_first_sentence(lower_first_letter(wording.of(estimate.comment))))
    )


def find_newer_part(estimate: MigrantCount, assessment: Assessment) -> MigrantCount | None:
    """Return the largest country of birth in an estimate that is newer than the one of all migrants."""
    newest = latest_countries(assessment, ESTIMATES_FLOW, "C_BIRTH")
    countries = list_foreign_countries(newest, assessment.area) if newest else []
    if newest is None or newest.period <= estimate.count.period or not countries:
        return None
    return MigrantCount(newest, countries[0][:1])


def _estimate_figure(latest: MigrantCount | None, assessment: Assessment, wording: Wording) -> SummaryFigure | None:
    estimate = find_newer_estimate(latest, assessment)
    if estimate is None:
        return None
    figure = SummaryFigure(
        wording.say("International migrants"),  # of some countries it counts foreign citizens, or refugees as well
        describe_quantity(estimate.known, wording),
        note=format_short_estimate(estimate, wording),
        sources=find_source_keys(estimate.count.list_breakdown_sources(estimate.codes), assessment),
        has_remark=bool(estimate.comment),
    )
    part = find_newer_part(estimate, assessment)
    if part is None:
        return figure
    every = wording.say("all countries: {number} in {year}", number=figure.value, year=figure.note)
    country = name_country(part.count, part.codes[0], assessment.area, wording)
    return replace(
        figure,
        label=wording.say("Born in {country}", country=country),
        value=describe_quantity(part.known, wording),
        note=wording.join_with_semicolons((format_short_estimate(part, wording), every)),
        sources=(*find_source_keys([part.count.source], assessment), *figure.sources),
    )


def _find_other_migrants(latest: MigrantCount | None, assessment: Assessment, wording: Wording) -> SummaryFigure | None:
    if latest is None:
        return None
    other = find_newest_migrants(assessment, groups=[codes for codes in MIGRANTS if codes != latest.codes])
    if other is None or other.count is latest.count or not is_current(other.count, assessment):
        return None
    figure = _find_migrants(other, assessment, wording)
    note = wording.say("{sentence}.", sentence=figure.note)
    apart = wording.say("Not comparable with “{name}”.", name=wording.say(latest.name))
    return replace(figure, note=f"{note} {apart}")


def is_current(count: Breakdown, assessment: Assessment) -> bool:
    """Check whether a count is recent; a yearly one that is long before the flows has newer ones elsewhere."""
    is_of_census = count.kind == "census"
    return is_recent(count.period, assessment) and (is_of_census or not is_long_before_flows(count, assessment))


def is_long_before_flows(count: Breakdown, assessment: Assessment) -> bool:
    return is_older_than_flows(str(int(count.period[:4]) + MAX_LEAD_AGE), assessment)


def is_older_than_flows(period: str, assessment: Assessment) -> bool:
    return period[:4] < find_newest_year(assessment)


def find_newest_year(assessment: Assessment) -> str:
    """Return the newest year of immigration, emigration or net migration; empty without any."""
    flows = (find_latest_flow(assessment, role) for role in FLOW_NAMES)
    return max((point.period[:4] for point in flows if point), default="")


def _find_flow_figures(assessment: Assessment, wording: Wording) -> Iterable[SummaryFigure]:
    for role, name in FLOW_NAMES.items():
        point = find_latest_flow(assessment, role)
        if point is not None and not is_older_than_flows(point.period, assessment):
            formatted = describe_quantity(point.known, wording, signed=role == "net")
            remark = describe_figure(point, assessment, wording) if role == "net" else build_label([point], wording)
            unit = lower_first_letter(name_flow_unit(assessment, wording))
            # The difference of moves is not a number of moves.
            year = point.period if role == "net" else wording.say("{unit} in {year}", unit=unit, year=point.period)
            note, sources = wording.qualified((year, remark)), find_source_keys(point.sources, assessment)
            yield SummaryFigure(wording.say(name), formatted, note=note, sources=sources)


def find_source_keys(sources: Iterable[str], assessment: Assessment) -> tuple[str, ...]:
    return list_source_keys("; ".join(sources), assessment)


def state_main_countries(assessment: Assessment, wording: Wording, *, drawn: str = "") -> Iterator[CitedSentence]:
    for breakdowns in (ORIGIN_COLUMNS, DESTINATION_COLUMNS):
        found = (latest_countries(assessment, flow, dimension) for flow, dimension in breakdowns)
        breakdown = next((one for one in found if one and names_main_countries(one, assessment)), None)
        if breakdown is None:
            continue
        named = list_foreign_countries(breakdown, assessment.area)[:THREE]
        label = wording.say(CAPTIONS[breakdown.flow, breakdown.by[0]], year=state_count_year(breakdown, wording))
        largest = wording.join_with_semicolons(
            f"{name_country(breakdown, code, assessment.area, wording)}\u00a0{wording.number(value)}"
            for code, value in named
        )
        shown = sum(value for _, value in breakdown.figures)
        remainders = [whole - shown for whole in list_totals(breakdown, assessment) if whole >= shown]
        is_whole = any(remainder < named[-1][1] for remainder in remainders)
        if not drawn or not drawn.startswith(label):
            which = (
                "of the {n} foreign countries in the source"
                if not is_whole and not breakdown.lists_largest
                else "most frequent foreign countries"
                if breakdown.by[0] != "C_RESIDENCE"
                else ""
            )
            listed = wording.number(len(list_foreign_countries(breakdown, assessment.area)))
            name = (
                wording.say("{first} ({second})", first=label, second=wording.say(which, n=listed)) if which else label
            )
            yield CitedSentence(
                wording.say("{sentence}.", sentence=wording.pair(name, largest)),
                find_source_keys(breakdown.list_breakdown_sources(*((code,) for code, _ in named)), assessment),
            )


def names_main_countries(breakdown: Breakdown, assessment: Assessment) -> bool:
    return is_of_latest_flow(breakdown, assessment) and len(list_foreign_countries(breakdown, assessment.area)) >= THREE


def is_of_latest_flow(breakdown: Breakdown, assessment: Assessment) -> bool:
    """Check whether a breakdown of migrants by country is for the year on page one; true for residents."""
    role = FLOW_ROLES.get(breakdown.flow)
    point = find_latest_flow(assessment, role) if role else None
    return point is None or point.period == breakdown.period


def list_totals(breakdown: Breakdown, assessment: Assessment) -> list[Decimal]:
    """Return the totals to which countries may add up: everyone, the foreign-born and the foreign citizens."""
    counts = select_breakdowns(assessment, breakdown.flow, STATUS_DIMENSIONS)
    migrants = [count.value(*codes) for count in counts if count.period == breakdown.period for codes in MIGRANTS]
    return [whole for whole in (breakdown.whole, *migrants) if whole is not None]
