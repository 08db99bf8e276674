"""What usually goes wrong, and how ready a workspace is for exchange: what findings and data show of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from sdmxmig.calculations.claims import Claims
from sdmxmig.calculations.evidence import measure_of
from sdmxmig.demography.accounts import NOT_TESTABLE
from sdmxmig.lazily import later
from sdmxmig.model.accounts import IdentityResult
from sdmxmig.model.alignment import Effect
from sdmxmig.model.artefacts import Text
from sdmxmig.model.data import Dataset
from sdmxmig.model.evidence import QualityIssue, Readiness, RuleCount, UnknownShare
from sdmxmig.model.findings import SEVERITIES, Findings
from sdmxmig.model.indicator_results import IndicatorResult
from sdmxmig.model.scores import Statement
from sdmxmig.model.study import Sign

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")

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
        own = [sign for sign in claims.study.quality if sign.id == issue]
        looks = [LOOKS[sign.kind](sign, seen, claims) for sign in own]
        signs = tuple(statement for _, statements in looks for statement in statements)
        state = FOUND if signs else NOT_FOUND if any(tested for tested, _ in looks) else UNTESTED
        rules = dict.fromkeys(rule for sign in own for rule in sign.rules)
        counts = ((rule, sum(finding.rule == rule for finding in seen.findings.items)) for rule in rules)
        found.append(QualityIssue(issue, state, signs=signs, rules=tuple(pair for pair in counts if pair[1])))
    return tuple(found)


def by_rules(sign: Sign, seen: Seen, claims: Claims) -> Look:
    """Findings of some rules; tested if one of them ran."""
    own = [finding for finding in seen.findings.items if finding.rule in sign.rules]
    tested = any(verdict.rule in sign.rules and verdict.outcome in RAN for verdict in seen.findings.verdicts)
    if not own:
        return tested, []
    names = tuple(claims.named(rule) for rule in dict.fromkeys(finding.rule for finding in own))
    return True, [Statement(sign.sentence, (("found", names),), numbers=(("count", Decimal(len(own))),))]


def by_status(sign: Sign, seen: Seen, _claims: Claims) -> Look:
    """Observations with one of these statuses; tested where observations have a status at all."""
    total, count = 0, 0
    names: dict[str, Text] = {}
    for dataset in seen.datasets:
        if "OBS_STATUS" not in dataset.observations.columns:
            continue
        status = dataset.observations.get_column("OBS_STATUS").cast(pl.String)
        codelist = dataset.flow.codelist("OBS_STATUS")
        total += status.len() - status.null_count()
        count += status.filter(status.is_in(list(sign.codes))).len()
        names |= {code: codelist[code].name for code in sign.codes if codelist and code in codelist}
    if not count:
        return bool(total), []
    numbers = (("count", Decimal(count)), ("total", Decimal(total)))
    return True, [Statement(sign.sentence, (("found", tuple(names.values())),), numbers=numbers)]


def by_unknown(sign: Sign, seen: Seen, claims: Claims) -> Look:
    """Shares of “unknown” that are larger than what is still no issue."""
    large = [unknown_share for unknown_share in seen.shares if 100 * unknown_share.share > sign.most]
    found = []
    for unknown_share in large:
        words = (
            ("flow", (claims.named(unknown_share.flow),)),
            ("dimension", (claims.named(unknown_share.dimension),)),
            ("period", (Text.of(en=unknown_share.period),)),
        )
        found.append(Statement(sign.sentence, words, numbers=(("share", 100 * unknown_share.share),)))
    return bool(seen.shares), found


def by_identities(sign: Sign, seen: Seen, claims: Claims) -> Look:
    """Accounting identities that do not close; tested if one of them could be."""
    own = [
        identity_result
        for identity_result in seen.identities
        if identity_result.identity in sign.identities and identity_result.outcome != NOT_TESTABLE
    ]
    open_ones = tuple(
        claims.named(identity_result.identity) for identity_result in own if identity_result.outcome == UNBALANCED
    )
    found = [Statement(sign.sentence, (("found", open_ones),))] if open_ones else []
    return bool(own), found


def by_attribute(sign: Sign, seen: Seen, _claims: Claims) -> Look:
    """Datasets that say different things in an attribute; tested where several of them say something."""
    said: dict[str, Text] = {}
    telling = 0
    for dataset in seen.datasets:
        code = dataset.attributes.get(sign.attribute, UNKNOWN_CODE)
        if code not in ("", UNKNOWN_CODE):
            telling += 1
            codelist = dataset.flow.codelist(sign.attribute)
            said[code] = codelist[code].name if codelist and code in codelist else Text.of(en=code)
    found = [Statement(sign.sentence, (("found", tuple(said.values())),))] if len(said) > 1 else []
    return telling > 1, found


def by_delay(sign: Sign, seen: Seen, _claims: Claims) -> Look:
    """Indicators whose latest value is older than so many years; tested where there are values."""
    dated = [result for result in seen.results if result.delay is not None]
    late = tuple(result.indicator.name for result in dated if result.delay is not None and result.delay > sign.most)
    found = [Statement(sign.sentence, (("found", late),), numbers=(("most", Decimal(sign.most)),))] if late else []
    return bool(dated), found


def by_effects(sign: Sign, seen: Seen, _claims: Claims) -> Look:
    """Two figures for one thing that lie too far apart, said as the effect says it; tested where there are two."""
    own = [effect for effect in seen.effects if effect.sentence.id == sign.sentence and effect.share is not None]
    return bool(own), [
        effect.sentence for effect in own if effect.share is not None and abs(100 * effect.share) > sign.most
    ]


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
    flows = {dataset.flow.id for dataset in seen.datasets} if seen.findings.verdicts else set()
    wrong = {finding.flow for finding in seen.findings.items if finding.severity == SEVERITIES[0]}
    return len(flows - wrong), len(flows)


def filled(sign: Sign, seen: Seen) -> tuple[int, int]:
    """Observations that carry an attribute."""
    count, total = 0, 0
    for dataset in seen.datasets:
        total += dataset.observations.height
        if sign.attribute in dataset.observations.columns:
            count += dataset.observations.height - dataset.observations.get_column(sign.attribute).null_count()
    return count, total


def described(_sign: Sign, seen: Seen) -> tuple[int, int]:
    """Dataflows with reference metadata."""
    flows = {dataset.flow.id for dataset in seen.datasets}
    return len(flows & seen.described), len(flows)


def basic(sign: Sign, seen: Seen) -> tuple[int, int]:
    """Basic dataflows for which there are values."""
    flows = {
        dataset.flow.id for dataset in seen.datasets if dataset.observations.get_column(measure_of(dataset.flow)).len()
    }
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
    key = sorted((order[finding.severity], finding.severity, finding.rule) for finding in findings.items)
    return tuple(
        RuleCount(rule, severity, findings=len(list(own)), name=claims.named(rule))
        for (_, severity, rule), own in groupby(key)
    )
