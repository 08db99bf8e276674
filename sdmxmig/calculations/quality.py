"""What usually goes wrong, and how ready a workspace is for exchange: what findings and data show of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from itertools import groupby

from sdmxmig.calculations.claims import Claims
from sdmxmig.calculations.evidence import measure_of
from sdmxmig.demography.accounts import NOT_TESTABLE
from sdmxmig.model.accounts import IdentityResult
from sdmxmig.model.alignment import Effect
from sdmxmig.model.artefacts import Text
from sdmxmig.model.data import Dataset
from sdmxmig.model.evidence import QualityIssue, Readiness, RuleCount, UnknownShare
from sdmxmig.model.findings import SEVERITIES, Findings
from sdmxmig.model.indicator_results import IndicatorResult
from sdmxmig.model.scores import Statement
from sdmxmig.model.study import Sign

FOUND, NOT_FOUND, UNTESTED = "found", "not found", "not testable"
RAN = ("pass", "fail")
"""How a rule ends that could test something."""
UNBALANCED = "UNBALANCED"
UNKNOWN_CODE = "_U"
YES, PARTLY, NO = "yes", "partly", "no"


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to look at: the data of a country, what validation found, and what was computed.

    `described` are the dataflows that have reference metadata, `effects` what definitions do to numbers.
    """

    datasets: Sequence[Dataset]
    findings: Findings
    _: KW_ONLY
    identities: Sequence[IdentityResult]
    results: Sequence[IndicatorResult]
    shares: Sequence[UnknownShare]
    described: frozenset[str] = frozenset()
    effects: Sequence[Effect] = ()


Look = tuple[bool, list[Statement]]
"""Whether something could be looked at, and what was found."""


def quality(issues: Iterable[str], seen: Seen, claims: Claims) -> tuple[QualityIssue, ...]:
    """Every issue of quality with what is seen of it; one without a sign that can be tested is not testable."""
    found = []
    for issue in issues:
        own = [one for one in claims.study.quality if one.id == issue]
        looks = [LOOKS[one.kind](one, seen, claims) for one in own]
        signs = tuple(statement for _, statements in looks for statement in statements)
        state = FOUND if signs else NOT_FOUND if any(tested for tested, _ in looks) else UNTESTED
        rules = dict.fromkeys(rule for one in own for rule in one.rules)
        counts = ((rule, sum(one.rule == rule for one in seen.findings.items)) for rule in rules)
        found.append(QualityIssue(issue, state, signs=signs, rules=tuple(pair for pair in counts if pair[1])))
    return tuple(found)


def by_rules(sign: Sign, seen: Seen, claims: Claims) -> Look:
    """Findings of some rules; tested if one of them ran."""
    own = [one for one in seen.findings.items if one.rule in sign.rules]
    tested = any(one.rule in sign.rules and one.outcome in RAN for one in seen.findings.verdicts)
    if not own:
        return tested, []
    names = tuple(claims.named(rule) for rule in dict.fromkeys(one.rule for one in own))
    return True, [Statement(sign.sentence, (("found", names),), numbers=(("count", Decimal(len(own))),))]


def by_status(sign: Sign, seen: Seen, _claims: Claims) -> Look:
    """Observations with one of these statuses; tested where observations have a status at all."""
    import polars as pl

    total, count = 0, 0
    names: dict[str, Text] = {}
    for one in seen.datasets:
        if "OBS_STATUS" not in one.observations.columns:
            continue
        status = one.observations.get_column("OBS_STATUS").cast(pl.String)
        codelist = one.flow.codelist("OBS_STATUS")
        total += status.len() - status.null_count()
        count += status.filter(status.is_in(list(sign.codes))).len()
        names |= {code: codelist[code].name for code in sign.codes if codelist and code in codelist}
    if not count:
        return bool(total), []
    numbers = (("count", Decimal(count)), ("total", Decimal(total)))
    return True, [Statement(sign.sentence, (("found", tuple(names.values())),), numbers=numbers)]


def by_unknown(sign: Sign, seen: Seen, claims: Claims) -> Look:
    """Shares of “unknown” that are larger than what is still no issue."""
    large = [one for one in seen.shares if 100 * one.share > sign.most]
    found = []
    for one in large:
        words = (
            ("flow", (claims.named(one.flow),)),
            ("dimension", (claims.named(one.dimension),)),
            ("period", (Text.of(en=one.period),)),
        )
        found.append(Statement(sign.sentence, words, numbers=(("share", 100 * one.share),)))
    return bool(seen.shares), found


def by_identities(sign: Sign, seen: Seen, claims: Claims) -> Look:
    """Accounting identities that do not close; tested if one of them could be."""
    own = [one for one in seen.identities if one.identity in sign.identities and one.outcome != NOT_TESTABLE]
    open_ones = tuple(claims.named(one.identity) for one in own if one.outcome == UNBALANCED)
    found = [Statement(sign.sentence, (("found", open_ones),))] if open_ones else []
    return bool(own), found


def by_attribute(sign: Sign, seen: Seen, _claims: Claims) -> Look:
    """Datasets that say different things in an attribute; tested where several of them say something."""
    said: dict[str, Text] = {}
    telling = 0
    for one in seen.datasets:
        code = one.attributes.get(sign.attribute, UNKNOWN_CODE)
        if code not in ("", UNKNOWN_CODE):
            telling += 1
            codelist = one.flow.codelist(sign.attribute)
            said[code] = codelist[code].name if codelist and code in codelist else Text.of(en=code)
    found = [Statement(sign.sentence, (("found", tuple(said.values())),))] if len(said) > 1 else []
    return telling > 1, found


def by_delay(sign: Sign, seen: Seen, _claims: Claims) -> Look:
    """Indicators whose latest value is older than so many years; tested where there are values."""
    dated = [one for one in seen.results if one.delay is not None]
    late = tuple(one.indicator.name for one in dated if one.delay is not None and one.delay > sign.most)
    found = [Statement(sign.sentence, (("found", late),), numbers=(("most", Decimal(sign.most)),))] if late else []
    return bool(dated), found


def by_effects(sign: Sign, seen: Seen, _claims: Claims) -> Look:
    """Two figures for one thing that lie too far apart, said as the effect says it; tested where there are two."""
    own = [one for one in seen.effects if one.sentence.id == sign.sentence and one.share is not None]
    return bool(own), [one.sentence for one in own if one.share is not None and abs(100 * one.share) > sign.most]


LOOKS: Mapping[str, Callable[[Sign, Seen, Claims], Look]] = {
    "rules": by_rules,
    "status": by_status,
    "unknown": by_unknown,
    "identities": by_identities,
    "attribute": by_attribute,
    "delay": by_delay,
    "effects": by_effects,
}


def readiness(seen: Seen, claims: Claims) -> tuple[Readiness, ...]:
    """How far the workspace is ready for exchange, beside what the profile says of it."""
    found = []
    for sign in claims.study.readiness:
        count, total = COUNTS[sign.kind](sign, seen)
        shown = "unknown" if not total else YES if count == total else PARTLY if count else NO
        words = (("attribute", (claims.named(sign.attribute),)),) if sign.attribute else ()
        numbers = (("count", Decimal(count)), ("total", Decimal(total)))
        sentence = Statement(sign.sentence, words, numbers=numbers)
        answer = claims.answer(sign.item) if sign.item else ""
        found.append(
            Readiness(sign.id, sign.item, answer=answer, shown=shown, count=count, total=total, sentence=sentence)
        )
    return tuple(found)


def without_errors(_sign: Sign, seen: Seen) -> tuple[int, int]:
    """Dataflows in which validation found no error; of none if it did not run."""
    flows = {one.flow.id for one in seen.datasets} if seen.findings.verdicts else set()
    wrong = {one.flow for one in seen.findings.items if one.severity == SEVERITIES[0]}
    return len(flows - wrong), len(flows)


def filled(sign: Sign, seen: Seen) -> tuple[int, int]:
    """Observations that carry an attribute."""
    count, total = 0, 0
    for one in seen.datasets:
        total += one.observations.height
        if sign.attribute in one.observations.columns:
            count += one.observations.height - one.observations.get_column(sign.attribute).null_count()
    return count, total


def described(_sign: Sign, seen: Seen) -> tuple[int, int]:
    """Dataflows with reference metadata."""
    flows = {one.flow.id for one in seen.datasets}
    return len(flows & seen.described), len(flows)


def basic(sign: Sign, seen: Seen) -> tuple[int, int]:
    """Basic dataflows for which there are values."""
    flows = {one.flow.id for one in seen.datasets if one.observations.get_column(measure_of(one.flow)).len()}
    return len(flows.intersection(sign.codes)), len(sign.codes)


COUNTS: Mapping[str, Callable[[Sign, Seen], tuple[int, int]]] = {
    "errors": without_errors,
    "filled": filled,
    "metadata": described,
    "flows": basic,
}


def rule_counts(findings: Findings, claims: Claims) -> tuple[RuleCount, ...]:
    """How often each rule found something, errors first, then by rule."""
    order = {severity: number for number, severity in enumerate(SEVERITIES)}
    key = sorted((order[one.severity], one.severity, one.rule) for one in findings.items)
    return tuple(
        RuleCount(rule, severity, findings=len(list(own)), name=claims.named(rule))
        for (_, severity, rule), own in groupby(key)
    )
