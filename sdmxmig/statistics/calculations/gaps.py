"""Gaps, each counted once, and quality issues."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import groupby

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.benchmarking import Difference, Profile, Scale, SharedGap
from sdmxmig.catalogue.study import Sign
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.text import fill_message, join_texts
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Findings
from sdmxmig.statistics.calculations.alignment import join_titles
from sdmxmig.statistics.calculations.availability import COUNTED
from sdmxmig.statistics.calculations.evidence import Claims
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.demography.accounts import NOT_TESTABLE, TracedAccount
from sdmxmig.statistics.model import indicator_results
from sdmxmig.statistics.model.assessment import Assessment, Change, Gap, GapReason, Progress, Score
from sdmxmig.statistics.model.availability import LATER_YEARS
from sdmxmig.statistics.model.evidence import (
    DECLARED,
    FOUND,
    NOT_FOUND,
    UNTESTED,
    QualityIssue,
    QueriedFigure,
    RuleCount,
    Statement,
)
from sdmxmig.statistics.model.indicator_results import IndicatorResult

AVAILABILITY, TOPICS = "AVAIL", "DIS"
AVAILABILITY_ITEM, GAPS_TOPICS_ITEM = indicator_results.AVAILABILITY, indicator_results.TOPICS
CORE, PARTIAL = "core", "partial"
CITATION, BETWEEN = "SOURCE_DETAIL", "between publications"
TIME, ITEM = "TIME_PERIOD", "_ITEM"


def list_item_gaps(scores: Iterable[Score], scales: Mapping[str, Scale]) -> Iterator[Gap]:
    for score in scores:
        if score.is_gap:
            action = score.item.action or score.item.recommendation or score.item.name
            partial = scales[score.item.scale].gap(score.answer) == PARTIAL
            reason = GapReason(
                score.item.id,
                score.label,
                evidence=score.evidence,
                quoted=score.quoted,
                practice=score.practice,
                sources=score.sources,
            )
            yield Gap(score.item.id, score.item.name, action=action, reasons=(reason,), is_partial=partial)


def list_indicator_gaps(results: Iterable[IndicatorResult], scales: Mapping[str, Scale]) -> Iterator[Gap]:
    availability, topics = scales.get(AVAILABILITY), scales.get(TOPICS)
    for result in results:
        if result.indicator.tier != CORE or {AVAILABILITY_ITEM, GAPS_TOPICS_ITEM}.intersection(result.contradicted):
            continue
        if not result.is_produced and availability and availability.gap(result.declared):
            yield build_indicator_gap(result, AVAILABILITY_ITEM, availability)
        elif result.is_produced and topics and topics.gap(result.answer_to(GAPS_TOPICS_ITEM)):
            yield build_indicator_gap(result, GAPS_TOPICS_ITEM, topics)


def build_indicator_gap(result: IndicatorResult, item: str, scale: Scale) -> Gap:
    indicator, answered = result.indicator, result.answers.get(item)
    answer = answered.answer if answered else result.declared
    partial = scale.id == TOPICS or scale.gap(answer) == PARTIAL
    action = scale.action(answer) or indicator.name
    stated = answered or result
    reason = GapReason(
        indicator.id,
        scale.label(answer),
        evidence=stated.evidence,
        quoted=answered.quoted if answered else "",
        practice=stated.practice,
        sources=stated.sources,
    )
    return Gap(indicator.id, indicator.name, action=action, reasons=(reason,), is_partial=partial)


def list_difference_gaps(issues: Iterable[QualityIssue], differences: Sequence[Difference]) -> Iterator[Gap]:
    seen = {issue.issue: issue for issue in issues if issue.state == FOUND}
    for difference in differences:
        signs = seen[difference.issue].signs if difference.issue in seen else ()
        shown = tuple(sign for sign in signs if is_lasting(sign, difference))
        if shown:
            reason = GapReason(difference.id, shown=shown)
            yield Gap(difference.id, difference.name, action=difference.action, reasons=(reason,), is_partial=True)


def is_lasting(sign: Statement, difference: Difference) -> bool:
    """Check whether annual figures differ from a count for longer than the usual period of revision."""
    later_years = dict(sign.numbers).get(LATER_YEARS)
    return later_years is None or later_years > difference.revision_years


def merge_same_gaps(gaps: Iterable[Gap], same_gaps: Iterable[SharedGap]) -> tuple[Gap, ...]:
    single = {gap.id: gap for gap in gaps}
    joint: dict[str, Gap] = {}
    taken: set[str] = set()
    for same in same_gaps:
        parts = [single[name] for name in same.subjects if name in single and name not in taken]
        if len(parts) > 1 or (parts and same.name):
            taken.update(part.id for part in parts)
            joint |= {part.id: merge_gaps(same, parts) for part in parts}
    return tuple({gap.id: gap for gap in (joint.get(name, alone) for name, alone in single.items())}.values())


def merge_gaps(same: SharedGap, parts: Sequence[Gap]) -> Gap:
    first = parts[0]
    return Gap(
        same.id,
        same.name or first.statement,
        action=same.action or first.action,
        reasons=tuple(reason for part in parts for reason in part.reasons),
        is_partial=any(part.is_partial for part in parts),
    )


UNKNOWN_ANSWERS = frozenset({"", "DK", "_U"})
SEARCHED_OUTCOMES = frozenset({FOUND, NOT_FOUND})
TOPICS_ITEM = "L02"


@dataclass(frozen=True, slots=True)
class EarlierGap:
    subjects: tuple[str, ...]
    name: Text


@dataclass(frozen=True, slots=True)
class EarlierAssessment:
    """An earlier assessment; `known` are its known subjects (`.L02` for topics), or None."""

    area: str
    since: str
    answers: int
    gaps: tuple[EarlierGap, ...]
    known: frozenset[str] | None = None


def classify_progress(before: EarlierAssessment, now: Assessment, differences: Sequence[Difference] = ()) -> Progress:
    """Classify earlier gaps as closed (all answered, no gap), open, or lost (unknown)."""
    issues = {difference.id: difference.issue for difference in differences}
    still_open = {subject for gap in now.gaps for subject in gap.subjects}
    known_now = collect_known_subjects(now)
    asked_then = {subject for gap in before.gaps for subject in gap.subjects}
    known_then = before.known or frozenset()

    def is_answered(subject: str) -> bool:
        topics = build_topics_id(subject)
        return issues.get(subject, subject) in known_now and (topics not in known_then or topics in known_now)

    def is_learned(gap: Gap) -> bool:
        return before.known is not None and not any(issues.get(name, name) in known_then for name in gap.subjects)

    gone = [gap for gap in before.gaps if still_open.isdisjoint(gap.subjects)]
    closed = [gap for gap in gone if all(map(is_answered, gap.subjects))]
    other = [gap for gap in now.gaps if asked_then.isdisjoint(gap.subjects)]
    return Progress(
        before.since,
        closed=tuple(Change(gap.subjects[0], gap.name) for gap in closed),
        opened=tuple(Change(gap.id, gap.statement) for gap in other if not is_learned(gap)),
        learned=tuple(Change(gap.id, gap.statement) for gap in other if is_learned(gap)),
        lost=tuple(Change(gap.subjects[0], gap.name) for gap in gone if gap not in closed),
    )


def collect_known_subjects(now: Assessment) -> Set[str]:
    items = {score.item.id for score in now.scores if score.answer not in UNKNOWN_ANSWERS}
    indicators = {
        result.indicator.id for result in now.indicators if result.declared not in UNKNOWN_ANSWERS or result.is_produced
    }
    topics = {build_topics_id(result.indicator.id) for result in now.indicators if has_no_open_topics(result)}
    return items | indicators | topics | {issue.issue for issue in now.quality if issue.state in SEARCHED_OUTCOMES}


def has_no_open_topics(result: IndicatorResult) -> bool:
    return not result.is_produced or result.is_complete or result.answer_to(TOPICS_ITEM) not in UNKNOWN_ANSWERS


def build_topics_id(indicator: str) -> str:
    return f"{indicator}.{TOPICS_ITEM}"


RUN_OUTCOMES = ("pass", "fail")
"""Outcomes of rules that tested something; the reason states the rest."""
UNBALANCED = "UNBALANCED"
UNKNOWN_CODE = "_U"
ANSWERS_KIND = "answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentMaterial:
    catalogue: Catalogue
    claims: Claims
    figures: Figures
    traced: Sequence[TracedAccount]
    findings: Findings
    language: str


@dataclass(frozen=True, slots=True)
class IssueEvidence:
    """Evidence found for an issue, and missing evidence; if both are empty, everything was tested."""

    found: tuple[Statement, ...] = ()
    lacking: tuple[Statement, ...] = ()


def find_issues(
    issues: Iterable[str], assessment: Assessment, material: AssessmentMaterial
) -> tuple[QualityIssue, ...]:
    """Find quality issues; an issue is “not found” only if all its signs were tested in full."""
    return tuple(build_quality_issue(issue, assessment, material) for issue in issues)


def build_quality_issue(issue: str, assessment: Assessment, material: AssessmentMaterial) -> QualityIssue:
    claims = material.claims
    declared = [sign for sign in claims.study.quality if sign.id == issue]
    signs = [sign for sign in declared if concerns_country(sign, claims.profile)]
    looks = [CHECK_BY_KIND[sign.kind](sign, assessment, material) for sign in signs]
    found = tuple(statement for look in looks for statement in look.found)
    lacking = tuple(dict.fromkeys(statement for look in looks for statement in look.lacking))
    if len(signs) < len(declared):
        lacking = (*lacking, Statement("quality.collected"))
    is_in_data = any(look.found and sign.kind != ANSWERS_KIND for sign, look in zip(signs, looks, strict=True))
    state = FOUND if is_in_data else DECLARED if found else NOT_FOUND if looks and not lacking else UNTESTED
    rules = dict.fromkeys(rule for sign in signs for rule in sign.rules)
    counts = ((rule, sum(finding.rule == rule for finding in material.findings.items)) for rule in rules)
    items = tuple(item for sign in signs if sign.kind != ANSWERS_KIND for item in sign.items)
    reported = tuple(pair for pair in counts if pair[1])
    return QualityIssue(issue, state, signs=found or lacking, rules=reported, items=items)


def concerns_country(sign: Sign, profile: Profile) -> bool:
    return not (sign.of_collection and profile.is_from_public_sources)


def select_findings_on_country(findings: Findings, claims: Claims) -> Findings:
    signs = [sign for sign in claims.study.quality if not concerns_country(sign, claims.profile)]
    of_collection = {rule for sign in signs for rule in sign.rules}
    others = list_flows_of_other_producers(claims)
    return replace(
        findings,
        items=tuple(of for of in findings.items if of.rule not in of_collection and of.flow not in others),
        unlisted=tuple(of for of in findings.unlisted if of.rule not in of_collection and of.flow not in others),
    )


def list_flows_of_other_producers(claims: Claims) -> tuple[str, ...]:
    return claims.study.others if claims.profile.is_from_public_sources else ()


def state_partial_search(sentence: str, count: int, total: int) -> tuple[Statement, ...]:
    """State how many of the parts could be searched; empty if all could."""
    numbers = (("count", Decimal(count)), ("total", Decimal(total)))
    return (Statement(sentence, numbers=numbers),) if count < total else ()


def find_issue_findings(sign: Sign, _assessment: Assessment, material: AssessmentMaterial) -> IssueEvidence:
    claims = material.claims
    found = [finding for finding in material.findings.items if finding.rule in sign.rules]
    if found:
        names = tuple(claims.name_of(rule) for rule in dict.fromkeys(finding.rule for finding in found))
        return IssueEvidence(
            (Statement(sign.sentence, (("found", names),), numbers=(("count", Decimal(len(found))),)),)
        )
    verdicts = [verdict for verdict in material.findings.verdicts if verdict.rule in sign.rules]
    unseen = set(sign.rules).difference(verdict.rule for verdict in verdicts)
    in_full = sum(verdict.outcome in RUN_OUTCOMES and not verdict.reason for verdict in verdicts)
    return IssueEvidence(lacking=state_partial_search("quality.checks", in_full, len(verdicts) + len(unseen)))


def find_marked_observations(sign: Sign, _assessment: Assessment, material: AssessmentMaterial) -> IssueEvidence:
    """Find observations with these statuses; without marked figures, the search is incomplete."""
    where = [locate(dataset.flow, marked) for dataset, marked in select_marked(sign, material)]
    if not where:
        return IssueEvidence(lacking=(Statement("quality.unmarked"),))
    codelists = [dataset.flow.codelist("OBS_STATUS") for dataset in material.figures.reported]
    names = {code: codes[code].name for codes in codelists for code in sign.codes if codes and code in codes}
    return IssueEvidence(
        (Statement(sign.sentence, (("found", tuple(names.values())), ("where", tuple(dict.fromkeys(where))))),)
    )


def find_series_breaks(sign: Sign, assessment: Assessment, material: AssessmentMaterial) -> IssueEvidence:
    """Find breaks in series; if the previous figure cites another source, the break is between publications."""
    where: dict[str, dict[Text, None]] = {sign.sentence: {}, "quality.publications": {}}
    for dataset, marked in select_marked(sign, material):
        for is_between, sentence in enumerate(where):
            if not (found := marked.filter(pl.col(BETWEEN) == bool(is_between))).is_empty():
                where[sentence][locate(dataset.flow, found)] = None
    statements = tuple(Statement(sentence, (("where", tuple(found)),)) for sentence, found in where.items() if found)
    return IssueEvidence(statements) if statements else find_marked_observations(sign, assessment, material)


def select_marked(sign: Sign, material: AssessmentMaterial) -> Iterator[tuple[Dataset, pl.DataFrame]]:
    others = list_flows_of_other_producers(material.claims)
    for dataset in material.figures.reported:
        if dataset.flow.id in others:
            continue
        observations = dataset.observations
        if "OBS_STATUS" in observations.columns:
            another = pl.lit(value=False)
            if CITATION in observations.columns:
                cited = pl.col(CITATION).cast(pl.String).str.split("; ")
                before = cited.shift().over(dataset.flow.structure.series_key)
                another = (cited.list.set_intersection(before).list.len() == 0).fill_null(value=False)
            observations = observations.sort("TIME_PERIOD").with_columns(another.alias(BETWEEN))
            marked = observations.filter(pl.col("OBS_STATUS").cast(pl.String).is_in(list(sign.codes)))
            if not marked.is_empty():
                yield dataset, marked


def locate(flow: Flow, observations: pl.DataFrame) -> Text:
    years = ", ".join(sorted({str(period)[:4] for period in observations.get_column("TIME_PERIOD")}))
    title, groups = flow.dataflow.name, name_groups(flow, observations)
    words = groups if groups and flow.id == COUNTED else [title, *groups]
    titles = ((language, " – ".join(name.in_language(language) for name in words)) for language, _ in title)
    return Text(tuple((language, f"{title} ({years})") for language, title in titles))


def name_groups(flow: Flow, observations: pl.DataFrame) -> list[Text]:
    names = []
    for dimension in flow.structure.series_key:
        codelist, codes = flow.codelist(dimension), observations.get_column(dimension).cast(pl.String).unique()
        if codelist and "_T" in codelist and len(codes) == 1 and codes[0] != "_T":
            names.append(codelist[codes[0]].name)
    return names


def find_unknown_shares(sign: Sign, assessment: Assessment, material: AssessmentMaterial) -> IssueEvidence:
    """Find shares of “unknown” above the tolerated share; breakdowns without “unknown” may have omitted it."""
    claims = material.claims
    large = [unknown_share for unknown_share in assessment.unknown_shares if 100 * unknown_share.share > sign.most]
    statements = []
    for unknown_share in large:
        words = (
            ("flow", (claims.name_of(unknown_share.flow),)),
            ("dimension", (claims.name_of(unknown_share.dimension),)),
            ("period", (Text.of(en=unknown_share.period),)),
        )
        statements.append(Statement(sign.sentence, words, numbers=(("share", 100 * unknown_share.share),)))
    divided = {
        (dataset.flow.id, dimension)
        for dataset in material.figures.reported
        for dimension in dataset.flow.structure.series_key
        if UNKNOWN_CODE in (dataset.flow.codelist(dimension) or ())
        and dataset.observations.get_column(dimension).n_unique() > 1
    }
    known = len(divided.intersection((share.flow, share.dimension) for share in assessment.unknown_shares))
    return IssueEvidence(tuple(statements), state_partial_search("quality.checks", known, max(len(divided), 1)))


def find_open_identities(sign: Sign, assessment: Assessment, material: AssessmentMaterial) -> IssueEvidence:
    """Find identities that do not balance, except those that balance by construction."""
    claims = material.claims
    testable = [
        identity_result
        for identity_result in assessment.identities
        if identity_result.identity in sign.identities and identity_result.outcome != NOT_TESTABLE
    ]
    open_ones = tuple(claims.name_of(tested.identity) for tested in testable if tested.outcome == UNBALANCED)
    if open_ones:
        return IssueEvidence((Statement(sign.sentence, (("found", open_ones),)),))
    constructed = tuple(claims.name_of(tested.identity) for tested in testable if tested.is_by_construction)
    if constructed:
        return IssueEvidence(lacking=(Statement("quality.by_construction", (("found", constructed),)),))
    return IssueEvidence(lacking=state_partial_search("quality.accounts", len(testable), len(sign.identities)))


def find_mirror_gaps(sign: Sign, _assessment: Assessment, material: AssessmentMaterial) -> IssueEvidence:
    """Find emigration below the partner countries' immigration, in the latest year that both report."""
    for dataset in material.figures.reported:
        if dataset.flow.id != "DF_MIRROR":
            continue
        frame, structure = dataset.observations, dataset.flow.structure
        frame = frame.filter(pl.col("DIRECTION") == "E").rename({structure.measure.id: "VALUE"}).drop_nulls("VALUE")
        own, partner = (frame.filter(pl.col("REPORTED_BY") == reporter) for reporter in ("OWN", "PARTNER"))
        same = [name for name in (*structure.key, "UNIT_MULT") if name in frame.columns and name != "REPORTED_BY"]
        both = own.join(partner, on=same, suffix="_PARTNER")
        latest = both.filter(pl.col("TIME_PERIOD") == pl.col("TIME_PERIOD").max())
        if latest.is_empty():
            continue
        first, second = (sum(map(Decimal, latest[name]), Decimal(0)) for name in ("VALUE", "VALUE_PARTNER"))
        if 100 * second <= (100 + sign.most) * first:
            return IssueEvidence()
        words = (("period", (Text.of(en=latest["TIME_PERIOD"][0]),)),)
        return IssueEvidence((Statement(sign.sentence, words, numbers=(("first", first), ("second", second))),))
    return IssueEvidence(lacking=state_partial_search("quality.checks", 0, 1))


def find_mixed_attributes(sign: Sign, _assessment: Assessment, material: AssessmentMaterial) -> IssueEvidence:
    """Find differing values of an attribute between datasets; all of them, and at least two, must state it."""
    names_by_code: dict[str, Text] = {}
    telling, asked = 0, 0
    for dataset in material.figures.datasets:
        if sign.attribute not in dataset.flow.structure or (sign.codes and dataset.flow.id not in sign.codes):
            continue
        if dataset.attributes.get("STOCK_METHOD") == "CEN":  # a census has its own day beside the yearly figures
            continue
        asked += 1
        code = dataset.attributes.get(sign.attribute, UNKNOWN_CODE)
        if code not in ("", UNKNOWN_CODE):
            telling += 1
            codelist = dataset.flow.codelist(sign.attribute)
            names_by_code[code] = codelist[code].name if codelist and code in codelist else Text.of(en=code)
    if len(names_by_code) > 1:
        return IssueEvidence((Statement(sign.sentence, (("found", tuple(names_by_code.values())),)),))
    return IssueEvidence(lacking=state_partial_search("quality.stated", telling, max(asked, 2)))


def find_delays(sign: Sign, assessment: Assessment, _material: AssessmentMaterial) -> IssueEvidence:
    oldest = str(int(assessment.year or 0) - sign.most)
    late: list[Text] = []
    for holding in assessment.holdings:
        if holding.last < oldest:
            late.append(add_end_year(holding.last, holding.name))
        else:
            late += [
                add_end_year(topic.last, holding.name, topic.name) for topic in holding.topics if topic.last < oldest
            ]
    if late:
        return IssueEvidence(
            (Statement(sign.sentence, (("found", tuple(late)),), numbers=(("most", Decimal(sign.most)),)),)
        )
    return IssueEvidence(lacking=() if assessment.holdings else state_partial_search("quality.checks", 0, 1))


def add_end_year(last: str, *names: Text) -> Text:
    year = Text.of(en=f"({last[:4]})")
    return join_titles([join_titles(names), year], " ")


def find_definition_effects(sign: Sign, assessment: Assessment, _material: AssessmentMaterial) -> IssueEvidence:
    compared = [effect for effect in assessment.counts if effect.sentence.id == sign.sentence]
    found = tuple(
        effect.sentence for effect in compared if effect.share is not None and abs(100 * effect.share) > sign.most
    )
    return IssueEvidence(found, () if compared else state_partial_search("quality.checks", 0, 1))


def find_weak_answers(sign: Sign, _assessment: Assessment, material: AssessmentMaterial) -> IssueEvidence:
    claims = material.claims
    statements = []
    for item in sign.items:
        answer = claims.answer(item)
        if claims.scale(item).gap(answer):
            words = (("question", (claims.question(item),)), ("answer", (claims.label(item, answer),)))
            statements.append(Statement(sign.sentence, words))
    answered = sum(claims.answer(item) not in UNKNOWN_ANSWERS for item in sign.items)
    return IssueEvidence(tuple(statements), state_partial_search("quality.answered", answered, len(sign.items)))


CHECK_BY_KIND: Mapping[str, Callable[[Sign, Assessment, AssessmentMaterial], IssueEvidence]] = {
    "rules": find_issue_findings,
    "status": find_marked_observations,
    "breaks": find_series_breaks,
    "unknown": find_unknown_shares,
    "identities": find_open_identities,
    "mirror": find_mirror_gaps,
    "attribute": find_mixed_attributes,
    "delay": find_delays,
    "effects": find_definition_effects,
    ANSWERS_KIND: find_weak_answers,
}


def count_rules(findings: Findings, claims: Claims, accounts: Set[str]) -> tuple[RuleCount, ...]:
    """Count findings by rule, the gravest first, without rules of `accounts`, which have their own section.

    A figure that several rules find is listed once.
    """
    order = {severity: number for number, severity in enumerate(SEVERITIES)}

    def key(finding: Finding) -> tuple[int, str, str]:
        return order[finding.severity], finding.severity, finding.rule

    shown: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    counts = []
    others = (finding for finding in findings.items if finding.rule not in accounts)
    for (_, severity, rule), members in groupby(sorted(others, key=key), key=key):
        found = sorted(members, key=compute_size, reverse=True)
        figures = {(one.flow, one.key): one for one in found if (one.flow, one.key) not in shown}
        shown |= figures.keys()
        given = dict.fromkeys(finding.justification.text for finding in found if finding.justification)
        counts.append(
            RuleCount(
                rule,
                severity,
                findings=len(found),
                figures=tuple(describe_figure(one, claims) for one in figures.values()),
                reasons=tuple(given),
            )
        )
    return tuple(counts)


def describe_figure(finding: Finding, claims: Claims) -> QueriedFigure:
    sentences = {language: phrase_finding(finding, claims, language) for language, _ in finding.message}
    return QueriedFigure(finding.observed, Text.of(sentences))


def phrase_finding(finding: Finding, claims: Claims, language: str) -> str:
    """Write the sentence of a finding, whose item names the figure better than its dataflow does."""
    parameters = finding.build_parameters(language)
    flow, period = claims.name_of(finding.flow).in_language(language), dict(finding.key).get(TIME, "")
    named = parameters.get("subject", "").removeprefix(join_texts((flow, period, ""), language))
    if named != parameters.get("subject") and any(name.endswith(ITEM) for name, _ in finding.key):
        parameters["subject"] = join_texts((named, period), language)
    return fill_message(finding.message.in_language(language), parameters)


def compute_size(finding: Finding) -> Decimal:
    """Return the ratio of a figure to the expected one, or their difference if there is no ratio."""
    written = dict(finding.parameters).get("factor") or finding.difference
    try:
        return abs(Decimal(written))
    except InvalidOperation:
        return Decimal(0)
