"""Gaps, each counted once; quality issues and readiness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from itertools import groupby

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.frames import by_definition
from sdmxmig.sdmx.model import indicator_results
from sdmxmig.sdmx.model.accounts import IdentityResult
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Assessment, Change, Difference, Gap, GapReason, Progress, SameGap, Score
from sdmxmig.sdmx.model.breakdowns import Availability
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.definitions import LATER_YEARS, Effect
from sdmxmig.sdmx.model.evidence import (
    DECLARED,
    FOUND,
    NOT_FOUND,
    UNTESTED,
    QualityIssue,
    Readiness,
    RuleCount,
    UnknownShare,
)
from sdmxmig.sdmx.model.findings import SEVERITIES, Findings
from sdmxmig.sdmx.model.indicator_results import IndicatorResult
from sdmxmig.sdmx.model.profile import Scale
from sdmxmig.sdmx.model.scores import Statement
from sdmxmig.sdmx.model.study import Sign
from sdmxmig.statistics.calculations.alignment import joined
from sdmxmig.statistics.calculations.evidence import Claims, measure_of
from sdmxmig.statistics.demography.accounts import NOT_TESTABLE

AVAILABILITY, TOPICS = "AVAIL", "DIS"
AVAILABILITY_ITEM, GAPS_TOPICS_ITEM = indicator_results.AVAILABILITY, indicator_results.TOPICS
CORE, PARTIAL = "core", "partial"


def item_gaps(scores: Iterable[Score], scales: Mapping[str, Scale]) -> Iterator[Gap]:
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


def indicator_gaps(results: Iterable[IndicatorResult], scales: Mapping[str, Scale]) -> Iterator[Gap]:
    availability, topics = scales.get(AVAILABILITY), scales.get(TOPICS)
    for result in results:
        if result.indicator.tier != CORE or {AVAILABILITY_ITEM, GAPS_TOPICS_ITEM}.intersection(result.contradicted):
            continue
        if not result.is_produced and availability and availability.gap(result.declared):
            yield indicator_gap(result, AVAILABILITY_ITEM, availability)
        elif result.is_produced and topics and topics.gap(result.answer_to(GAPS_TOPICS_ITEM)):
            yield indicator_gap(result, GAPS_TOPICS_ITEM, topics)


def indicator_gap(result: IndicatorResult, item: str, scale: Scale) -> Gap:
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


def difference_gaps(issues: Iterable[QualityIssue], differences: Sequence[Difference]) -> Iterator[Gap]:
    seen = {issue.issue: issue for issue in issues if issue.state == FOUND}
    for difference in differences:
        signs = seen[difference.issue].signs if difference.issue in seen else ()
        shown = tuple(sign for sign in signs if is_lasting(sign, difference))
        if shown:
            reason = GapReason(difference.id, shown=shown)
            yield Gap(difference.id, difference.name, action=difference.action, reasons=(reason,), is_partial=True)


def is_lasting(sign: Statement, difference: Difference) -> bool:
    """Check whether yearly figures differ from a count beyond the usual years of revision."""
    later_years = dict(sign.numbers).get(LATER_YEARS)
    return later_years is None or later_years > difference.revision_years


def counted_once(gaps: Iterable[Gap], same_gaps: Iterable[SameGap]) -> tuple[Gap, ...]:
    """Merge gaps that ask for the same."""
    single = {gap.id: gap for gap in gaps}
    joint: dict[str, Gap] = {}
    taken: set[str] = set()
    for same in same_gaps:
        parts = [single[name] for name in same.subjects if name in single and name not in taken]
        if len(parts) > 1 or (parts and same.name):
            taken.update(part.id for part in parts)
            joint |= {part.id: merge_gaps(same, parts) for part in parts}
    return tuple({gap.id: gap for gap in (joint.get(name, alone) for name, alone in single.items())}.values())


def merge_gaps(same: SameGap, parts: Sequence[Gap]) -> Gap:
    first = parts[0]
    return Gap(
        same.id,
        same.name or first.statement,
        action=same.action or first.action,
        reasons=tuple(reason for part in parts for reason in part.reasons),
        is_partial=any(part.is_partial for part in parts),
    )


NOT_KNOWN = frozenset({"", "DK", "_U"})
LOOKED_FOR = frozenset({FOUND, NOT_FOUND})
TOPICS_ITEM = "L02"


@dataclass(frozen=True, slots=True)
class EarlierGap:
    """An earlier gap."""

    subjects: tuple[str, ...]
    name: Text


@dataclass(frozen=True, slots=True)
class EarlierAssessment:
    """An earlier assessment; `known` subjects, with `.L02` for topics, or None."""

    area: str
    since: str
    _: KW_ONLY
    answers: int
    gaps: tuple[EarlierGap, ...]
    known: frozenset[str] | None = None


def progress(before: EarlierAssessment, now: Assessment, differences: Sequence[Difference] = ()) -> Progress:
    """Classify earlier gaps as closed, open or lost.

    Closed: all answered and no gap; lost: unknown.
    """
    issues = {difference.id: difference.issue for difference in differences}
    still_open = {subject for gap in now.gaps for subject in gap.subjects}
    known_now = known_subjects(now)
    asked_then = {subject for gap in before.gaps for subject in gap.subjects}
    known_then = before.known or frozenset()

    def is_answered(subject: str) -> bool:
        topics = topics_of(subject)
        return issues.get(subject, subject) in known_now and (topics not in known_then or topics in known_now)

    def is_learned(gap: Gap) -> bool:
        return before.known is not None and not any(issues.get(name, name) in known_then for name in gap.subjects)

    gone = [gap for gap in before.gaps if still_open.isdisjoint(gap.subjects)]
    closed = [gap for gap in gone if all(map(is_answered, gap.subjects))]
    other = [gap for gap in now.gaps if asked_then.isdisjoint(gap.subjects)]
    return Progress(
        before.since,
        before.answers,
        closed=tuple(Change(gap.subjects[0], gap.name) for gap in closed),
        opened=tuple(Change(gap.id, gap.statement) for gap in other if not is_learned(gap)),
        learned=tuple(Change(gap.id, gap.statement) for gap in other if is_learned(gap)),
        lost=tuple(Change(gap.subjects[0], gap.name) for gap in gone if gap not in closed),
    )


def known_subjects(now: Assessment) -> Set[str]:
    items = {score.item.id for score in now.scores if score.answer not in NOT_KNOWN}
    indicators = {
        result.indicator.id for result in now.indicators if result.declared not in NOT_KNOWN or result.is_produced
    }
    topics = {topics_of(result.indicator.id) for result in now.indicators if has_no_open_topics(result)}
    return items | indicators | topics | {issue.issue for issue in now.quality if issue.state in LOOKED_FOR}


def has_no_open_topics(result: IndicatorResult) -> bool:
    return not result.is_produced or result.is_complete or result.answer_to(TOPICS_ITEM) not in NOT_KNOWN


def topics_of(indicator: str) -> str:
    return f"{indicator}.{TOPICS_ITEM}"


RAN = ("pass", "fail")
"""How a rule ends that could test something."""
UNBALANCED = "UNBALANCED"
UNKNOWN_CODE = "_U"
YES, PARTLY, NO = "yes", "partly", "no"
ANSWERS = "answers"
"""The kind of sign that is seen in the profile and not in the data."""


@dataclass(frozen=True, slots=True)
class QualityMaterial:
    """Data, findings and results for quality."""

    datasets: Sequence[Dataset]
    findings: Findings
    _: KW_ONLY
    identities: Sequence[IdentityResult]
    shares: Sequence[UnknownShare]
    described: frozenset[str] = frozenset()
    effects: Sequence[Effect] = ()
    holdings: Sequence[Availability] = ()
    year: str = ""


Look = tuple[bool, list[Statement]]
"""Whether something could be looked at, and what was found, or why it could not."""


def quality(issues: Iterable[str], material: QualityMaterial, claims: Claims) -> tuple[QualityIssue, ...]:
    quality_issues = []
    for issue in issues:
        issue_signs = [sign for sign in claims.study.quality if sign.id == issue]
        looks = [(sign.kind, *LOOKS[sign.kind](sign, material, claims)) for sign in issue_signs]
        signs = tuple(statement for _, _, statements in looks for statement in statements)
        is_shown = any(tested and statements for _, tested, statements in looks)
        is_declared = any(statements for kind, _, statements in looks if kind == ANSWERS)
        is_tested = any(tested for _, tested, _ in looks)
        state = FOUND if is_shown else DECLARED if is_declared else NOT_FOUND if is_tested else UNTESTED
        rules = dict.fromkeys(rule for sign in issue_signs for rule in sign.rules)
        counts = ((rule, sum(finding.rule == rule for finding in material.findings.items)) for rule in rules)
        quality_issues.append(QualityIssue(issue, state, signs=signs, rules=tuple(pair for pair in counts if pair[1])))
    return tuple(quality_issues)


def by_rules(sign: Sign, material: QualityMaterial, claims: Claims) -> Look:
    rule_findings = [finding for finding in material.findings.items if finding.rule in sign.rules]
    tested = any(verdict.rule in sign.rules and verdict.outcome in RAN for verdict in material.findings.verdicts)
    if not rule_findings:
        return tested, []
    names = tuple(claims.named(rule) for rule in dict.fromkeys(finding.rule for finding in rule_findings))
    return True, [Statement(sign.sentence, (("found", names),), numbers=(("count", Decimal(len(rule_findings))),))]


def by_status(sign: Sign, material: QualityMaterial, _claims: Claims) -> Look:
    """Find observations with these statuses. Where no figure is marked, some may still deserve the mark."""
    total, count = 0, 0
    names: dict[str, Text] = {}
    for dataset in material.datasets:
        if "OBS_STATUS" not in dataset.observations.columns:
            continue
        status = dataset.observations.get_column("OBS_STATUS").cast(pl.String)
        codelist = dataset.flow.codelist("OBS_STATUS")
        total += status.len() - status.null_count()
        count += status.filter(status.is_in(list(sign.codes))).len()
        names |= {code: codelist[code].name for code in sign.codes if codelist and code in codelist}
    if not count:
        return False, []
    numbers = (("count", Decimal(count)), ("total", Decimal(total)))
    return True, [Statement(sign.sentence, (("found", tuple(names.values())),), numbers=numbers)]


def by_unknown(sign: Sign, material: QualityMaterial, claims: Claims) -> Look:
    """Find shares of “unknown” above the tolerated share."""
    large = [unknown_share for unknown_share in material.shares if 100 * unknown_share.share > sign.most]
    statements = []
    for unknown_share in large:
        words = (
            ("flow", (claims.named(unknown_share.flow),)),
            ("dimension", (claims.named(unknown_share.dimension),)),
            ("period", (Text.of(en=unknown_share.period),)),
        )
        statements.append(Statement(sign.sentence, words, numbers=(("share", 100 * unknown_share.share),)))
    return bool(material.shares), statements


def by_identities(sign: Sign, material: QualityMaterial, claims: Claims) -> Look:
    """Find identities that do not close. One that closes by construction tests nothing."""
    testable = [
        identity_result
        for identity_result in material.identities
        if identity_result.identity in sign.identities and identity_result.outcome != NOT_TESTABLE
    ]
    open_ones = tuple(
        claims.named(identity_result.identity) for identity_result in testable if identity_result.outcome == UNBALANCED
    )
    if open_ones:
        return True, [Statement(sign.sentence, (("found", open_ones),))]
    if testable and all(identity_result.is_by_construction for identity_result in testable):
        closed = tuple(claims.named(identity_result.identity) for identity_result in testable)
        return False, [Statement("quality.by_construction", (("found", closed),))]
    return bool(testable), []


def by_attribute(sign: Sign, material: QualityMaterial, _claims: Claims) -> Look:
    """Find datasets with different values of an attribute; tested if several state it."""
    names_by_code: dict[str, Text] = {}
    telling = 0
    for dataset in (part for each in material.datasets for part in by_definition(each)):
        if sign.codes and dataset.flow.id not in sign.codes:
            continue
        code = dataset.attributes.get(sign.attribute, UNKNOWN_CODE)
        if code not in ("", UNKNOWN_CODE):
            telling += 1
            codelist = dataset.flow.codelist(sign.attribute)
            names_by_code[code] = codelist[code].name if codelist and code in codelist else Text.of(en=code)
    statements = (
        [Statement(sign.sentence, (("found", tuple(names_by_code.values())),))] if len(names_by_code) > 1 else []
    )
    return telling > 1, statements


def by_delay(sign: Sign, material: QualityMaterial, _claims: Claims) -> Look:
    """Find dataflows, and their topics, that end more than so many years before the reference year."""
    oldest = str(int(material.year or 0) - sign.most)
    late: list[Text] = []
    for holding in material.holdings:
        if holding.last < oldest:
            late.append(ended(holding.last, holding.name))
        else:
            late += [ended(topic.last, holding.name, topic.name) for topic in holding.topics if topic.last < oldest]
    numbers = (("most", Decimal(sign.most)),)
    return bool(material.holdings), [
        Statement(sign.sentence, (("found", tuple(late)),), numbers=numbers)
    ] if late else []


def ended(last: str, *names: Text) -> Text:
    year = Text.of(en=f"({last[:4]})")
    return joined([joined(names), year], " ")


def by_effects(sign: Sign, material: QualityMaterial, _claims: Claims) -> Look:
    relevant_effects = [
        effect for effect in material.effects if effect.sentence.id == sign.sentence and effect.share is not None
    ]
    return bool(relevant_effects), [
        effect.sentence
        for effect in relevant_effects
        if effect.share is not None and abs(100 * effect.share) > sign.most
    ]


def by_answers(sign: Sign, _material: QualityMaterial, claims: Claims) -> Look:
    statements = []
    for item in sign.items:
        answer = claims.answer(item)
        if claims.scale(item).gap(answer):
            words = (("question", (claims.question(item),)), ("answer", (claims.label(item, answer),)))
            statements.append(Statement(sign.sentence, words))
    return False, statements


LOOKS: Mapping[str, Callable[[Sign, QualityMaterial, Claims], Look]] = {
    "rules": by_rules,
    "status": by_status,
    "unknown": by_unknown,
    "identities": by_identities,
    "attribute": by_attribute,
    "delay": by_delay,
    "effects": by_effects,
    ANSWERS: by_answers,
}


def readiness(material: QualityMaterial, claims: Claims) -> tuple[Readiness, ...]:
    readiness_signs = []
    for sign in claims.study.readiness:
        count, total = COUNTS[sign.kind](sign, material)
        state = "unknown" if not total else YES if count == total else PARTLY if count else NO
        words = (("attribute", (claims.named(sign.attribute),)),) if sign.attribute else ()
        numbers = (("count", Decimal(count)), ("total", Decimal(total)))
        sentence = Statement(sign.sentence, words, numbers=numbers)
        answer = claims.answer(sign.item) if sign.item else ""
        readiness_signs.append(
            Readiness(sign.id, sign.item, answer=answer, shown=state, count=count, total=total, sentence=sentence)
        )
    return tuple(readiness_signs)


def without_errors(_sign: Sign, material: QualityMaterial) -> tuple[int, int]:
    flows = {dataset.flow.id for dataset in material.datasets} if material.findings.verdicts else set()
    flows_with_errors = {finding.flow for finding in material.findings.items if finding.severity == SEVERITIES[0]}
    return len(flows - flows_with_errors), len(flows)


def filled(sign: Sign, material: QualityMaterial) -> tuple[int, int]:
    count, total = 0, 0
    for dataset in material.datasets:
        total += dataset.observations.height
        if sign.attribute in dataset.observations.columns:
            count += dataset.observations.height - dataset.observations.get_column(sign.attribute).null_count()
    return count, total


def described(_sign: Sign, material: QualityMaterial) -> tuple[int, int]:
    flows = {dataset.flow.id for dataset in material.datasets}
    return len(flows & material.described), len(flows)


def basic(sign: Sign, material: QualityMaterial) -> tuple[int, int]:
    flows = {
        dataset.flow.id
        for dataset in material.datasets
        if dataset.observations.get_column(measure_of(dataset.flow)).len()
    }
    return len(flows.intersection(sign.codes)), len(sign.codes)


COUNTS: Mapping[str, Callable[[Sign, QualityMaterial], tuple[int, int]]] = {
    "errors": without_errors,
    "filled": filled,
    "metadata": described,
    "flows": basic,
}


def rule_counts(findings: Findings, claims: Claims) -> tuple[RuleCount, ...]:
    order = {severity: number for number, severity in enumerate(SEVERITIES)}
    key = sorted((order[finding.severity], finding.severity, finding.rule) for finding in findings.items)
    return tuple(
        RuleCount(rule, severity, findings=len(list(rule_findings)), name=claims.named(rule))
        for (_, severity, rule), rule_findings in groupby(key)
    )
