"""Summary page: annual changes of flows, the first chart, peers and progress."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal
from itertools import dropwhile

from sdmxmig.catalogue.folders import read_code_words
from sdmxmig.primitives import text
from sdmxmig.reporting.charts.years import FlowYear
from sdmxmig.reporting.sections.answers import is_known, is_mostly_rated, list_first_questions, state_no_gap
from sdmxmig.reporting.sections.blocks import CitedSentence, ReportCell, ReportColumn, ReportFigure, ReportTable
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.composition import (
    MIN_YEARS,
    find_longest_series,
    list_doubtful_years,
    state_net_by_citizenship,
)
from sdmxmig.reporting.sections.consistency import (
    FLOW_TEXTS,
    is_final,
    list_conflicting_counts,
    list_quality_findings,
    list_size_points,
    state_flow_size,
    state_growth,
    state_size,
)
from sdmxmig.reporting.sections.gaps import name_action
from sdmxmig.reporting.sections.items import has_answers
from sdmxmig.reporting.sections.key_figures import (
    FLOW_NAMES,
    SummaryFigure,
    choose_leading_figures,
    describe_migrants,
    find_newest_year,
    find_source_keys,
    list_migrant_sources,
    quote_remarks,
    state_main_countries,
)
from sdmxmig.reporting.sections.movements import draw_country_bars
from sdmxmig.reporting.sections.office import RESIDENTS, list_sourced_comments, list_sourced_steps
from sdmxmig.reporting.sections.plain_words import (
    group_by_sentence,
    phrase_gap,
    weigh_gap,
    write_gap_sentence,
)
from sdmxmig.reporting.sections.quantities import find_common_limits, find_latest_flow, find_newest
from sdmxmig.reporting.sections.references import KEY_IN_NOTE, name_sources
from sdmxmig.reporting.sections.roadmap import format_due_month
from sdmxmig.reporting.sections.series import (
    FOOTNOTE_MARK,
    PROJECTION,
    find_known,
    find_series,
    find_value,
    index_by_period,
    is_break,
    state_not_final,
)
from sdmxmig.reporting.sections.trends import (
    draw_flows,
    draw_population,
    has_values,
    list_flow_years,
    list_net_alone,
    name_flow_statuses,
)
from sdmxmig.reporting.sections.views import VIEWS
from sdmxmig.reporting.sections.wording import Wording, capitalise, lower_first_letter
from sdmxmig.statistics.model.assessment import (
    Action,
    Assessment,
    Change,
    CountryFigure,
    Gap,
    PeerComparison,
)
from sdmxmig.statistics.model.availability import MODEL_ESTIMATE

NET_FLOW = "DF_ACCOUNT"
MIN_CHANGE = Decimal("0.1")
"""Minimum change of net migration that leads page one."""
THREE = 3
"""Maximum number of gaps and steps on page one."""


@dataclass(frozen=True, slots=True)
class SummaryPoint:
    subject: str
    text: str
    _: KW_ONLY
    note: str = ""
    sources: tuple[str, ...] = ()


@VIEWS.add("summary")
def view(assessment: Assessment, wording: Wording) -> Mapping[str, object]:
    headline, size = state_main_figures(assessment, wording), list_sizes(assessment, wording)
    chart = draw_decade(assessment, wording)
    cited: dict[str, Sequence[CitedSentence | SummaryFigure | SummaryPoint]] = {
        "figures": choose_leading_figures(
            assessment, wording, heading=headline, text=" ".join(one.sentence for one in size)
        ),
        "size": [*quote_comment(NET_FLOW, assessment, wording), *size],
        "residents": quote_comment(RESIDENTS, assessment, wording),
        "changes": list_changes(assessment, wording),
        "countries": list(state_main_countries(assessment, wording, drawn=chart.title if chart else "")),
        "quality": list_quality_findings(assessment, wording),
        "steps": list_steps(assessment, wording),
    }
    keys = [key for several in cited.values() for one in several for key in one.sources]
    keys += (*chart.cited, *KEY_IN_NOTE.findall(" ".join(chart.data.notes))) if chart else ()
    return {
        "label": wording.say("Summary"),
        "heading": headline,
        **cited,
        "rests": ""
        if has_answers(assessment)
        else wording.say("The questions of the profile are unanswered: all results come from the data."),
        "limits": find_common_limits(assessment, wording),
        "guide": wording.say("Codes in square brackets are sources, listed at the end."),
        "gaps": list_gaps(assessment, wording),
        "no_flows": wording.say("No national series of immigration or emigration by calendar year was found.")
        if cited["figures"] and not list_flow_years(assessment)
        else "",
        "no_gap": state_no_gaps_found(assessment, wording),
        "questions": list_first_questions(assessment, wording)
        if has_open_questions(assessment) and not cited["steps"]
        else (),
        "steps_heading": wording.say("First steps" if assessment.roadmap.actions else "Steps proposed by this report"),
        "steps_note": write_steps_note(assessment, wording, n=len(cited["steps"])),
        "figure": chart,
        "sources": name_sources([*list_headline_sources(assessment, wording), *keys], assessment, wording),
        "peers": tabulate_peers(assessment, wording),
        "progress": describe_progress(assessment, wording),
    }


def state_main_figures(assessment: Assessment, wording: Wording) -> str:
    sentence = describe_main_figure(assessment, wording)
    # Publication and missing detail would state the same fact twice.
    produced = {result.indicator.id for result in assessment.indicators if result.is_produced}
    missing = sorted(choose_gaps(assessment), key=lambda group: not produced.isdisjoint(group[0].subjects))
    if not sentence and missing:
        sentence = capitalise(phrase_gap(missing[0], assessment, wording))
    if not sentence and not any(map(is_known, assessment.scores)):
        return wording.say(
            "{country}: no answers yet, and no figures of calendar years on immigration, emigration or migrants.",
            country=wording.of(assessment.country) or assessment.area,
        )
    return wording.say("{sentence}.", sentence=sentence or state_no_gap(assessment, wording))


def list_headline_sources(assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    stated = list_headlines(assessment, wording)
    return stated[0].sources if stated else list_size_sources(assessment)


def list_size_sources(assessment: Assessment) -> tuple[str, ...]:
    points = list_size_points(assessment)
    if not points and (keys := list_migrant_sources(assessment)):
        return keys
    flows = (find_latest_flow(assessment, role) for role in FLOW_TEXTS)
    points = points or tuple(filter(None, flows))[:1]
    return find_source_keys((source for point in points for source in point.sources), assessment)


def list_sizes(assessment: Assessment, wording: Wording) -> list[CitedSentence]:
    """List the sentences on the size of migration and of net migration by citizenship, without the heading."""
    stated, size = list_headlines(assessment, wording), state_size(assessment, wording)
    further = [*stated[1:], *([CitedSentence(size, list_size_sources(assessment))] if stated and size else [])]
    sizes = [replace(one, sentence=wording.say("{sentence}.", sentence=one.sentence)) for one in further]
    return [*sizes, *state_net_by_citizenship(assessment, wording)]


def list_headlines(assessment: Assessment, wording: Wording) -> list[CitedSentence]:
    """List the change of net migration and the growth of the population, or the census that contradicts them."""
    stated = [state_net_change(assessment, wording), state_growth(assessment, wording)]
    return [one for one in stated if one]


def state_net_change(assessment: Assessment, wording: Wording) -> CitedSentence | None:
    """State a large change between the last two years of net gain, if they are comparable and a source explains it."""
    latest = find_latest_flow(assessment, "net")
    is_explained = bool(quote_comment(NET_FLOW, assessment, wording))
    if latest is None or not is_explained or list_conflicting_counts(assessment) or is_break(latest):
        return None
    before = index_by_period(find_series(assessment, "net")).get(str(int(latest.period) - 1))
    if before is None or not (is_final(before) and is_final(latest)) or not before.value or not latest.value:
        return None
    change = latest.value / before.value - 1
    if min(before.value, latest.value) < 0 or not MIN_CHANGE <= abs(change) <= 1:
        return None
    sentence = wording.say(
        "Net migration rose by {share} from {before} to {year}"
        if change > 0
        else "Net migration fell by {share} from {before} to {year}",
        share=wording.write_percent(abs(change), 0),
        before=before.period,
        year=latest.period,
    )
    return CitedSentence(sentence, find_source_keys((*before.sources, *latest.sources), assessment))


def describe_main_figure(assessment: Assessment, wording: Wording) -> str:
    stated = list_headlines(assessment, wording)
    return (
        (stated[0].sentence if stated else "")
        or state_size(assessment, wording)
        or describe_migrants(assessment, wording)
        or state_flow_size(assessment, wording)
    )


def state_no_gaps_found(assessment: Assessment, wording: Wording) -> str:
    if assessment.gaps or not has_answers(assessment) or not is_mostly_rated(assessment):
        return ""
    return wording.say("{sentence}.", sentence=state_no_gap(assessment, wording))


def has_open_questions(assessment: Assessment) -> bool:
    """Check whether too few answers are rated to show gaps, so that page one asks the office instead."""
    return has_answers(assessment) and not assessment.gaps and not is_mostly_rated(assessment)


def list_gaps(assessment: Assessment, wording: Wording) -> list[SummaryPoint]:
    return [
        SummaryPoint(", ".join(gap.id for gap in group), phrase_gap(group, assessment, wording))
        for group in choose_gaps(assessment)
    ]


def choose_gaps(assessment: Assessment) -> list[tuple[Gap, ...]]:
    """Choose three gaps, preferring those with a plain sentence and those that the first actions close."""
    gap_by_subject = {subject: gap for gap in assessment.gaps for subject in gap.subjects}
    produced = {result.indicator.id for result in assessment.indicators if result.is_produced}
    chosen: dict[str, Gap] = {}

    def weight(gap: Gap) -> tuple[bool, tuple[bool, int]]:
        return gap.is_partial, weigh_gap(gap, produced)

    queues = [
        sorted((gap_by_subject[subject] for subject in action.closes if subject in gap_by_subject), key=weight)
        for action in _list_first_actions(assessment)
    ]
    for queue in queues:
        chosen |= {gap.id: gap for gap in [gap for gap in queue if gap.id not in chosen][:1]}
    all_gaps = [gap for queue in queues for gap in queue] + sorted(assessment.gaps, key=weight)
    chosen |= {gap.id: gap for gap in all_gaps if gap.id not in chosen}
    told = sorted(chosen.values(), key=lambda gap: write_gap_sentence(gap, produced) is None)
    return group_by_sentence(told, produced)[:THREE]


def _list_first_actions(assessment: Assessment) -> tuple[Action, ...]:
    return assessment.roadmap.actions[:THREE]


def list_steps(assessment: Assessment, wording: Wording) -> list[SummaryPoint]:
    """List the first actions of the roadmap, or otherwise the steps that sources support."""
    steps = [
        SummaryPoint(
            ", ".join(gap.id for gap in assessment.gaps if not set(gap.subjects).isdisjoint(action.closes)),
            name_action(action, assessment, wording),
            note=describe_responsibility(action, assessment, wording),
        )
        for action in _list_first_actions(assessment)
    ]
    return steps or [
        SummaryPoint(subject, wording.of(answer.practice), sources=answer.sources)
        for subject, answer in list_sourced_steps(assessment)[:THREE]
    ]


def describe_responsibility(action: Action, assessment: Assessment, wording: Wording) -> str:
    when = format_due_month(action, assessment.roadmap.start, wording)
    return wording.qualified((wording.of(action.responsible), when))


def write_steps_note(assessment: Assessment, wording: Wording, *, n: int) -> str:
    actions = _list_first_actions(assessment)
    if not actions and 0 < n < THREE:
        return wording.say("No further step was found in the sources of this report.")
    if not actions or any(action.decided for action in actions):
        return ""
    return wording.say("Lead agencies and dates are proposals until the country decides.")


TREND_TEXTS = {
    "DF_IMM": (
        "immigration",
        "Immigration rose by {share} from {before} to {year}",
        "Immigration fell by {share} from {before} to {year}",
        "Immigration rose from {earlier} in {before} to {now} in {year}",
    ),
    "DF_EMI": (
        "emigration",
        "Emigration rose by {share} from {before} to {year}",
        "Emigration fell by {share} from {before} to {year}",
        "Emigration rose from {earlier} in {before} to {now} in {year}",
    ),
}
"""Role, rise, fall, and a rise above 100 per cent, which a small figure before makes large."""


def list_changes(assessment: Assessment, wording: Wording) -> list[CitedSentence]:
    """List the change of each flow between the last two years, unless the series breaks, and then the stated causes.

    Figures of different publications are compared only if both are cited, since the earlier may be revised.
    """
    found: list[CitedSentence] = []
    causes: list[CitedSentence] = []
    for flow, (role, rise, fall, multiple) in TREND_TEXTS.items():
        series = find_series(assessment, role)
        latest = find_newest(series)
        if latest is None or latest.value is None or is_break(latest) or latest.period < find_newest_year(assessment):
            continue
        before = str(int(latest.period) - 1)
        if value := find_value(series, before):
            change = latest.value / value - 1
            share = wording.write_percent(abs(change))
            if share != wording.write_percent(Decimal(0)):
                sentence = wording.say(
                    multiple if change > 1 else rise if change > 0 else fall,
                    share=share,
                    before=before,
                    year=latest.period,
                    earlier=wording.number(value),
                    now=wording.number(latest.value),
                )
                if doubtful := sorted({before, latest.period} & list_doubtful_years(assessment, flow)):
                    doubt = wording.say(
                        "the figures of {year} are in doubt, because unusually many children are recorded",
                        year=doubtful[0],
                    )
                    sentence = wording.join_with_semicolons((sentence, doubt))
                compared = [index_by_period(series)[before], latest]
                keys = find_source_keys((source for point in compared for source in point.sources), assessment)
                found.append(CitedSentence(wording.say("{sentence}.", sentence=sentence), keys))
                causes += list_stated_causes(flow, latest.period, assessment, wording)
    return found + causes


def quote_comment(flow: str, assessment: Assessment, wording: Wording) -> list[CitedSentence]:
    answers = list_sourced_comments(flow, assessment)
    return [CitedSentence(wording.of(answer.practice), answer.sources) for answer in answers]


def list_stated_causes(flow: str, year: str, assessment: Assessment, wording: Wording) -> list[CitedSentence]:
    """List the office's comment on a flow, or the sentences on its data that name the year and a source."""
    return quote_comment(flow, assessment, wording) or quote_remarks(flow, year, assessment, wording)


CHART_YEARS = 10
FIGURE, DATA = "figure-decade", "data-decade"


def draw_decade(assessment: Assessment, wording: Wording) -> ReportFigure | None:
    """Draw flows of the last ten years, or else migrants or population over time, or origins; None without data."""
    years = list(dropwhile(lambda year: not has_values(year, assessment), list_flow_years(assessment)[-CHART_YEARS:]))
    if years:
        title = name_series(years, assessment, wording)
        figure = _adapt_to_brief(draw_flows(assessment, years, wording, name=FIGURE, title=title))
        return replace(figure, notes=(*figure.notes, *list_net_alone(years, wording)))
    if longest := find_longest_series(assessment):
        group, series = longest
        recent = replace(series, points=series.points[-CHART_YEARS:])
        return draw_population(recent, assessment, wording, group=group, name=FIGURE)
    population = find_series(assessment, "population")
    latest = find_newest(population)
    if population is None or latest is None or latest.status == PROJECTION or latest.kind == MODEL_ESTIMATE:
        origins = draw_country_bars(assessment, wording, FIGURE, has_rule=False)
        return replace(origins, data=replace(origins.data, id=DATA)) if origins else None
    last_years = sorted(population.points, key=lambda point: point.period)[-CHART_YEARS:]
    return _adapt_to_brief(
        draw_population(replace(population, points=tuple(last_years)), assessment, wording, name=FIGURE)
    )


def name_series(years: Sequence[FlowYear], assessment: Assessment, wording: Wording) -> str:
    known = {
        role
        for role in FLOW_NAMES
        for year in years
        if find_known(find_series(assessment, role), year.period) is not None
    }
    known |= {"net" for year in years if year.net is not None}
    names = [lower_first_letter(wording.say(name)) for role, name in FLOW_NAMES.items() if role in known]
    first, last = years[0].period, years[-1].period
    period = first if first == last else f"{first}–{last}"
    known_net = [(year.net, year.period) for year in years if year.net is not None and not year.is_break]
    if len(known_net) < max(len(years), MIN_YEARS):
        return wording.qualified((capitalise(wording.series(names)), period))
    words = name_flow_statuses(years, assessment, wording)
    least, most = (
        wording.year(year, wording.qualified((wording.write_signed(net), words[year])))
        for net, year in (min(known_net), max(known_net))
    )
    return wording.say("Net migration, {years}: lowest {least}, highest {most}", years=period, least=least, most=most)


def _adapt_to_brief(figure: ReportFigure) -> ReportFigure:
    """Remove notes that another section has, except the explanation of a mark in the chart."""
    notes = tuple(note for note in figure.notes if note.startswith(FOOTNOTE_MARK))
    return replace(figure, data=replace(figure.data, id=DATA), notes=notes)


PERCENT_UNIT = "PT"
MAX_PEERS = 3


def tabulate_peers(assessment: Assessment, wording: Wording) -> ReportTable | None:
    """Tabulate measures by country, starting with this one; without comparable figures, only notes."""
    if not assessment.peers:
        return None
    shown = [comparison for comparison in assessment.peers if comparison.others]
    listed = [{peer.area: peer for peer in (comparison.own, *comparison.others)} for comparison in shown]
    names = {area: wording.of(peer.name) or area for peers in listed for area, peer in peers.items()}
    return build_table(
        "table-peers",
        wording.say("Countries that apply the same residence rule"),
        ("Indicator", *(ReportColumn(name, is_number=True) for name in names.values())),
        (
            (
                describe_measure(comparison, wording),
                *(
                    build_peer_cell(peers[area], comparison, wording) if area in peers else wording.absent()
                    for area in names
                ),
            )
            for comparison, peers in zip(shown, listed, strict=True)
        ),
        wording,
        notes=filter(None, (list_sources(shown, wording), count_left_out(assessment.peers, wording))),
    )


def describe_measure(comparison: PeerComparison, wording: Wording) -> str:
    return wording.say("{name}, {year}", name=wording.of(comparison.name), year=wording.year(comparison.own.period))


def build_peer_cell(peer: CountryFigure, comparison: PeerComparison, wording: Wording) -> ReportCell:
    value = (
        wording.write_percent(peer.value / 100) if comparison.unit == PERCENT_UNIT else wording.number(peer.value, 1)
    )
    year = wording.year(peer.period) if peer.period != comparison.own.period else ""
    return ReportCell(value, note=wording.qualified((year, state_not_final([peer.status], wording))))


def list_sources(shown: list[PeerComparison], wording: Wording) -> str:
    stated = dict.fromkeys(source for comparison in shown for peer in comparison.others for source in peer.sources)
    named = [*stated][:MAX_PEERS] + (["…"] if len(stated) > MAX_PEERS else [])
    return wording.say("Source: {sources}.", sources=wording.join_with_semicolons(named)) if named else ""


def count_left_out(comparisons: tuple[PeerComparison, ...], wording: Wording) -> str:
    counted: Counter[str] = Counter()
    for comparison in comparisons:
        counted.update(dict(comparison.left_out))
    reasons = [
        wording.say("{reason} ({n})", reason=wording.say(words), n=wording.number(counted[reason]))
        for reason, words in read_code_words("report", "left out").items()
        if counted[reason]
    ]
    if not reasons:
        return ""
    return wording.say(
        "Figures of other countries not shown: {reasons}.", reasons=wording.join_with_semicolons(reasons)
    )


MAX_PROGRESS_ITEMS = 3


def describe_progress(assessment: Assessment, wording: Wording) -> str:
    change = assessment.progress
    if change is None:
        return ""
    closed = wording.number(len(change.closed))
    sentences = [
        wording.say("Gaps closed since the assessment of {day}: {n}.", day=format_day(change.since, wording), n=closed)
    ]
    changes_by_sentence = {
        "New gaps: {gaps}.": change.opened,
        "Earlier gaps whose questions are now unanswered: {gaps}.": change.lost,
        "Gaps in questions that were unanswered before: {gaps}.": change.learned,
    }
    sentences += [
        wording.say(sentence, gaps=name_changes(changes, wording))
        for sentence, changes in changes_by_sentence.items()
        if changes
    ]
    return " ".join(sentences)


def format_day(since_day: str, wording: Wording) -> str:
    try:
        return text.spell_date(dt.date.fromisoformat(since_day), wording.language)
    except ValueError:
        return since_day


def name_changes(changes: tuple[Change, ...], wording: Wording) -> str:
    number = wording.number(len(changes))
    names = [wording.of(change.name) for change in changes[:MAX_PROGRESS_ITEMS]]
    further = ["…"] if len(changes) > MAX_PROGRESS_ITEMS else []
    return f"{number} ({wording.join_with_commas([*names, *further])})"
