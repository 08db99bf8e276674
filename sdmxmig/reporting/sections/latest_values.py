"""Latest values of indicators, and reasons for missing values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from sdmxmig.primitives import text
from sdmxmig.reporting.sections.blocks import NO_FIGURE, ReportCell
from sdmxmig.reporting.sections.composition import GROUP_NAMES, MigrantCount
from sdmxmig.reporting.sections.key_figures import (
    describe_age_of_figure,
    find_source_keys,
    format_short_estimate,
    list_newest_by_group,
)
from sdmxmig.reporting.sections.quantities import INFERRED, describe_quantity, state_share, write_share
from sdmxmig.reporting.sections.series import label_statuses, state_not_final
from sdmxmig.reporting.sections.wording import Labelled, Wording, lower_first_letter
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.calculations.availability import ESTIMATES_FLOW
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.indicator_results import (
    PER_GROUP,
    PER_SAME,
    PER_TOTAL,
    BoundedValue,
    IndicatorResult,
    IndicatorValue,
)

PER_TEXTS = {
    PER_TOTAL: "per 1,000 of the total population",
    PER_SAME: "per 1,000 of the total population of the same sex and age",
    PER_GROUP: "per 1,000 of the group itself",
}
SHARE, PERCENT, NUMBER = "MIG_SHARE", "PT", "NUMBER"
COUNT_UNIT = "count"
MAX_REASONS, MAX_VALUES_IN_BRIEF = 2, 2


def summarise_latest(result: IndicatorResult, assessment: Assessment, wording: Wording) -> ReportCell:
    newest = index_newest_values(result)
    shown = [newest["_T"]] if "_T" in newest else list(newest.values())[:MAX_VALUES_IN_BRIEF]
    sources = [source for value in shown for source in value.sources]
    named = ((value, format_value_with_period(value, result, assessment, wording, has_whole=True)) for value in shown)
    texts = [text if value.variant == "_T" else wording.pair(wording.of(value.name), text) for value, text in named]
    if result.indicator.id == SHARE:
        text_by_variant = {value.variant: text for value, text in zip(shown, texts, strict=True)}
        newest_counts = list_newest_by_group(assessment)
        national = [(group, count) for group, count in newest_counts if count.count.flow != ESTIMATES_FLOW]
        known = national or newest_counts  # estimates of the United Nations may be of another territory
        sources += [source for group, count in known for source in count.count.list_breakdown_sources(group)]
        texts = []
        for group, count in known:
            shares = [text_by_variant.pop(variant) for variant in group if variant in text_by_variant]
            texts += shares or [wording.pair(wording.say(GROUP_NAMES[group]), format_migrant_count(count, wording))]
            texts += filter(
                None, [] if count.count.flow == ESTIMATES_FLOW else [describe_age_of_figure(count, assessment, wording)]
            )
        texts += text_by_variant.values()
    parts = [] if shown else list_newest_parts(result)
    texts += [summarise_part(part, result, assessment, wording) for part in parts]
    sources += [source for part in parts for source in part.sources]
    if words := wording.join_with_semicolons(texts) or describe_topics(result, assessment, wording):
        return ReportCell(words, sources=find_source_keys(sources, assessment))
    return wording.absent()


def list_newest_parts(result: IndicatorResult) -> list[IndicatorValue]:
    newest = max((part.period for part in result.parts), default="")
    parts = [part for part in result.parts if part.period == newest]
    return parts if len(parts) <= MAX_VALUES_IN_BRIEF else []


def summarise_part(part: IndicatorValue, result: IndicatorResult, assessment: Assessment, wording: Wording) -> str:
    names = wording.join_with_commas(wording.reference(assessment, topic, code) for topic, code in part.codes)
    return wording.pair(names, format_value_with_period(part, result, assessment, wording))


def format_migrant_count(migrants: MigrantCount, wording: Wording) -> str:
    count, known = migrants.count, migrants.known
    number = describe_quantity(known, wording)
    if known is not None and count.whole:
        number = state_share(known, count.whole, wording)
    lack = "" if count.whole else wording.say("no total of the same source in this report")
    label = label_statuses(count.kind, count.statuses, wording)
    note = (
        format_short_estimate(migrants, wording)
        if count.flow == ESTIMATES_FLOW
        else wording.qualified((count.period, label))
    )
    return f"{number} ({wording.join_with_semicolons((note, lack))})"


def index_newest_values(result: IndicatorResult) -> dict[str, IndicatorValue]:
    """Return the latest value of each group in order; if there is a total, only values of its year.

    A value that the report infers is returned only without any other.
    """
    ordered = sorted(result.values, key=lambda value: (value.status != INFERRED, value.period))
    newest = {value.variant: value for value in ordered}
    if total := newest.get("_T"):  # parts of an earlier year do not add up to it
        newest = {variant: value for variant, value in newest.items() if value.period == total.period}
    return {
        variant: newest[variant] for variant in dict.fromkeys(v.variant for v in result.values) if variant in newest
    }


def build_latest_values_cell(result: IndicatorResult, assessment: Assessment, wording: Wording) -> ReportCell:
    newest = index_newest_values(result)
    against = [
        contradiction for contradiction in assessment.contradictions if contradiction.subject == result.indicator.id
    ]
    by_topic = describe_topics(result, assessment, wording)
    notes = [*list_missing_values(result, assessment, wording), by_topic] if newest or not by_topic else []
    notes += list_value_cautions(newest.values(), assessment, wording)
    notes += [wording.statement(contradiction.sentence, assessment) for contradiction in against]
    if result.is_shown:
        notes.append(wording.of(result.indicator.note))
    note = wording.join_with_semicolons(notes)
    if not newest:
        return ReportCell(by_topic or NO_FIGURE, note=note, is_absent=not by_topic)
    ordered = list(newest.values())
    texts = [format_value_with_group_rate(value, result, assessment, wording) for value in ordered[:5]]
    names = ["" if value.variant == "_T" else wording.pair(wording.of(value.name), "") for value in ordered[:5]]
    return ReportCell(
        wording.join_with_semicolons(name + value for name, value in zip(names, texts, strict=True)), note=note
    )


def format_value_with_period(
    value: IndicatorValue, result: IndicatorResult, assessment: Assessment, wording: Wording, *, has_whole: bool = False
) -> str:
    """Write a value with its period, after newer bounds; `has_whole` adds the whole to a share."""
    number = format_value(value, result, assessment, wording)
    if has_whole and value.whole is not None:
        number = wording.say("{share} of {whole} persons", share=number, whole=wording.number(value.whole))
    text = f"{number} ({format_period(value, wording)})"
    newer = result.find_newer_bounds(value.variant)
    if newer is None:
        return text
    return wording.join_with_commas(
        (f"{write_share(newer.bounds, Decimal(100), wording)} ({format_period(newer, wording)})", text)
    )


def format_value_with_group_rate(
    value: IndicatorValue, result: IndicatorResult, assessment: Assessment, wording: Wording
) -> str:
    text = format_value_with_period(value, result, assessment, wording)
    if value.per != PER_TOTAL:
        return text
    own = [rate for rate in result.group_rates if rate.variant == value.variant]
    if not own:
        return text
    newest = max(own, key=lambda rate: rate.period)
    return wording.qualified(
        (text, f"{format_value(newest, result, assessment, wording)} ({format_period(newest, wording)})")
    )


def list_value_cautions(values: Iterable[IndicatorValue], assessment: Assessment, wording: Wording) -> list[str]:
    caveats = dict.fromkeys(caveat for value in values for caveat in value.caveats)
    return [wording.statement(caveat, assessment) for caveat in caveats]


def format_period(value: IndicatorValue | BoundedValue, wording: Wording) -> str:
    day = wording.day(value.basis, value.period)
    remarks = (day,) if day else (value.period, wording.of(value.basis))
    return wording.qualified((*remarks, state_not_final([value.status], wording, str(value.basis))))


def describe_topics(result: IndicatorResult, assessment: Assessment, wording: Wording) -> str:
    topics = dict.fromkeys(topic for part in result.parts for topic, _ in part.codes)
    names = wording.join_with_commas(wording.reference(assessment, "", topic) for topic in topics)
    return wording.say("values by topic in the data: {topics}", topics=names) if topics else ""


def list_missing_values(result: IndicatorResult, assessment: Assessment, wording: Wording) -> list[str]:
    variants = {value.variant for value in result.values}
    causes: list[str] = []
    without_value: dict[str, None] = {}
    for variant, reason in result.missing:
        if variants or (reason not in causes and len(causes) == MAX_REASONS):
            without_value |= {} if variant in variants else {variant: None}
        elif reason not in causes:
            causes.append(reason)
    names = {variant.id: lower_first_letter(wording.of(variant.name)) for variant in result.indicator.variants}
    phrases = translate_reasons(causes, assessment, wording)
    if without_value:
        message = "no values for: {populations}" if variants else "also no values for: {populations}"
        phrases.append(
            wording.say(
                message,
                populations=wording.join_with_commas(names.get(population, population) for population in without_value),
            )
        )
    return phrases


def format_value(value: IndicatorValue, result: IndicatorResult, assessment: Assessment, wording: Wording) -> str:
    if value.unit in (PERCENT, NUMBER):  # the name of the indicator says what is counted
        return format_number(value, result, wording)
    return f"{format_number(value, result, wording)} {format_unit(value, assessment, wording)}"


def format_unit(value: IndicatorValue, assessment: Assessment, wording: Wording) -> str:
    return wording.say(PER_TEXTS[value.per]) if value.per in PER_TEXTS else wording.unit(assessment, value.unit)


def format_number(value: IndicatorValue, result: IndicatorResult, wording: Wording) -> str:
    if value.unit == PERCENT:
        return wording.write_percent(value.value / 100)
    if result.indicator.calculation == "net_rate":
        return wording.write_signed(value.value, 1)
    return wording.number(value.value, 0 if result.indicator.calculation == COUNT_UNIT else 1)


NO_DATA, NO_TERM = "no data for {flow}", "no {name}"
REASONS = (
    NO_DATA,
    "the reference date of the population is not given",
    "the population does not refer to 1 January or 31 December",
    "no single value of {name} for {years}",
    "no {name} that can be compared with the year before on 1 January {years}",
    "no {name} on 1 January {years}",
    "no {name} at both ends of any year",
    "no {name} other than zero for {years}",
    "no {name} under the same residence rule for {years}",
    "no {name} for {years}",
    "no {name} by year, only for periods such as {period}",
    NO_TERM,
)
"""As `terms` and `figures` of `sdmxmig.statistics.calculations` write them; the first that fits is taken."""
REASON_PATTERNS = {
    message: re.compile(re.sub(r"\\{([a-z]+)\\}", r"(?P<\1>.+)", re.escape(message))) for message in REASONS
}
TERM_FIELDS = ("flow", "name")
FLOWS_PREFIX = "DATAFLOWS."
PART = re.compile(r"[^(),:]+")
"""A name within a term such as “immigration (birth status: native-born)”."""


def translate_reasons(english: Iterable[str], labelled: Labelled, wording: Wording) -> list[str]:
    if wording.language == "en":
        return list(english)
    names = index_names(labelled)
    return [_translate_reason(reason, names, wording) for reason in english]


def index_names(labelled: Labelled) -> dict[str, Text]:
    """Return the names of dataflows and codes by lower-case English name."""
    labels = sorted(labelled.labels.items(), reverse=True)
    flows = {
        label.in_language("en").lower().split(" by ")[0]: label for key, label in labels if key.startswith(FLOWS_PREFIX)
    }
    return flows | {label.in_language("en").lower(): label for _, label in labels}


def _translate_reason(reason: str, names: Mapping[str, Text], wording: Wording) -> str:
    for message, shape in REASON_PATTERNS.items():
        if fitting := shape.fullmatch(reason):
            values = {
                place: _translate_term(value, names, wording) if place in TERM_FIELDS else value
                for place, value in fitting.groupdict().items()
            }
            return wording.say(message, **values)
    return wording.of(Text.of({"en": reason}))


def _translate_term(value: str, names: Mapping[str, Text], wording: Wording) -> str:
    phrase = PART.sub(lambda part: _translate_name(part[0], names, wording), value)
    return phrase.replace(": ", wording.say(": ")).replace(", ", wording.say(", "))


def _translate_name(part: str, names: Mapping[str, Text], wording: Wording) -> str:
    name = part.strip()
    label = (
        lower_first_letter(wording.of(names[name.lower()]))
        if name.lower() in names
        else text.isolate_english(name, wording.language)
    )
    return part.replace(name, label) if name else part
