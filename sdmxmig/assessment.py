"""Assessing a country: what its profile says, what its data show, and how both compare with the Recommendations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal

from sdmxmig.calculations.alignment import Numbers, alignment
from sdmxmig.calculations.availability import data_availability
from sdmxmig.calculations.breakdowns import breakdowns
from sdmxmig.calculations.claims import Claims
from sdmxmig.calculations.composites import composites
from sdmxmig.calculations.contradictions import contradictions
from sdmxmig.calculations.evidence import evidence
from sdmxmig.calculations.feasibility import challenges, feasibility
from sdmxmig.calculations.figures import Figures
from sdmxmig.calculations.flow_rules import flow_rules
from sdmxmig.calculations.gaps import indicator_gaps, item_gaps
from sdmxmig.calculations.indicator_values import topic_names, topics_shown, values_of
from sdmxmig.calculations.quality import QualityMaterial, quality, readiness, rule_counts
from sdmxmig.calculations.roadmap import roadmap
from sdmxmig.calculations.scores import areas, modules
from sdmxmig.calculations.timelines import timelines
from sdmxmig.calculations.unknowns import unknown_shares
from sdmxmig.catalogue import Catalogue, metadata_about
from sdmxmig.catalogue.labels import labels, names, names_in, scheme
from sdmxmig.demography.accounts import Identity, TracedAccount, outcomes_of, share_tested, trace
from sdmxmig.demography.ledger import books_of
from sdmxmig.errors import DeclarationError
from sdmxmig.model.accounts import Account, IdentityResult
from sdmxmig.model.artefacts import Text
from sdmxmig.model.assessment import Assessment, Score
from sdmxmig.model.data import Dataset
from sdmxmig.model.findings import SEVERITIES, Findings
from sdmxmig.model.indicator_results import IndicatorResult, SubjectAnswer, candidate_texts, headline
from sdmxmig.model.indicators import Indicator
from sdmxmig.model.profile import Answer, BenchmarkItem, Profile
from sdmxmig.model.scores import ExplainedNumber
from sdmxmig.workspace import Workspace

__all__ = ["assess", "candidate_texts", "headline"]

NO_FINDINGS = Findings()
AVAILABILITY = "L01"
"""The item that asks whether an indicator is available."""
SERIES, GROUPS, ISSUES = "CL_SERIES", "CL_DEF_GROUP", "CL_QUALITY_ISSUE"
GUARDS = "G"
"""How the ids of identities begin that only guard against the impossible, such as negative flows."""
ACCOUNT = "A01"
"""The account of the whole population."""
NO_ACCOUNT = "NOT_TESTABLE"


def assess(
    workspace: Workspace,
    catalogue: Catalogue,
    datasets: Sequence[Dataset],
    findings: Findings,
    profile: Profile,
    *,
    answers: Findings = NO_FINDINGS,
    year: str = "",
    provenance: Sequence[tuple[str, str]] = (),
) -> Assessment:
    """Compare a country's statistics with the Recommendations.

    Indicators are computed from the datasets of the workspace's area, items are answered by the profile, and both
    are brought together: what is declared but not in the data is only not shown, what the data contradict is said.
    `findings` are about the data, `answers` about the answers of the profile. `year` is that of the assessment, by
    default the profile's. Raises `DeclarationError` if the profile is that of another country or an indicator names a
    calculation or term that does not exist.
    """
    if profile.area != workspace.area:
        message = f"The profile is of “{profile.area}”, the workspace of “{workspace.area}”."
        raise DeclarationError(message, profile.place, f'Write area = "{workspace.area}" if it is the same country.')
    claims, area = claims_of(profile, catalogue), workspace.area
    figures = Figures(datasets, area, claims.names)
    traced = trace(books_of(datasets), catalogue.identities, (area,))
    material = Material(catalogue, claims, figures=figures, traced=traced, findings=findings)
    found = Assessment(
        area=area,
        country=workspace.name,
        office=workspace.office,
        year=year or profile.year,
        signed_off=profile.signed_off,
        scores=tuple(score(item, claims) for item in catalogue.items.values()),
        indicators=tuple(result(one, figures, claims, year or profile.year) for one in catalogue.indicators.values()),
        accounts=accounts_among(traced, catalogue.identities),
        series=timelines(figures, names_in(catalogue, SERIES)),
        gaps=(),
        findings=tuple((severity, findings.count(severity)) for severity in SEVERITIES),
        sources=dict(profile.sources),
        provenance=tuple(provenance),
    )
    found = compared(with_names(looked_at(found, material), material), material)
    found = replace(found, contradictions=contradictions(found.evidence, found.indicators, claims, answers))
    return replace(found, roadmap=roadmap(catalogue.plan, found, profile))


@dataclass(frozen=True, slots=True)
class Material:
    """What an assessment is made from: declarations, answers, figures, tests of accounts, and findings."""

    catalogue: Catalogue
    claims: Claims
    _: KW_ONLY
    figures: Figures
    traced: Sequence[TracedAccount]
    findings: Findings


def looked_at(found: Assessment, material: Material) -> Assessment:
    """An assessment with all that the data and the answers show by themselves."""
    figures, claims, area = material.figures, material.claims, found.area
    return replace(
        found,
        breakdowns=breakdowns(figures),
        holdings=data_availability(figures.datasets, area),
        flow_rules=flow_rules(figures.datasets, area),
        identities=outcomes_of(material.traced, material.catalogue.identities, area),
        evidence=evidence(claims, figures.datasets, area, material.findings),
        unknown_shares=unknown_shares(figures),
        challenges=challenges(material.catalogue.indicators.values(), claims),
        about=about(claims),
        rules=rule_counts(material.findings, claims),
    )


def with_names(found: Assessment, material: Material) -> Assessment:
    """An assessment with the names, scales and sentences that showing it takes."""
    catalogue = material.catalogue
    parts = [part for one in found.indicators for part in one.parts]
    return replace(
        found,
        labels={**labels(catalogue), **topic_names(parts, material.figures.datasets)},
        scales=tuple(scale for _, scale in sorted(catalogue.scales.items())),
        sentences={**catalogue.study.sentences, **messages(catalogue)},
    )


def compared(found: Assessment, material: Material) -> Assessment:
    """An assessment with all that follows from comparing answers, values, accounts and findings."""
    catalogue, claims = material.catalogue, material.claims
    tested, years = testable(found.identities, found.accounts)
    numbers = Numbers(material.figures, material.traced, sentences=claims.study.sentences)
    datasets, issues = material.figures.datasets, scheme(catalogue, ISSUES)
    aligned = alignment(claims, numbers, scheme(catalogue, GROUPS))
    seen = QualityMaterial(
        datasets,
        material.findings,
        identities=found.identities,
        results=found.indicators,
        shares=found.unknown_shares,
        described=described(catalogue),
        effects=tuple(dict.fromkeys(effect for one in aligned for effect in one.effects)),
    )
    return replace(
        found,
        modules=modules(found.scores, catalogue.scales),
        areas=areas(found.indicators),
        gaps=(*item_gaps(found.scores, catalogue.scales), *indicator_gaps(found.indicators, catalogue.scales)),
        alignment=aligned,
        composites=composites(found.indicators, claims),
        tested=tested,
        tested_years=years,
        quality=quality(issues.ids if issues else (), seen, claims),
        readiness=readiness(seen, claims),
    )


def claims_of(profile: Profile, catalogue: Catalogue) -> Claims:
    """A profile with all that its answers mean."""
    asked = {**catalogue.items, **catalogue.questions}
    return Claims(profile, asked, scales=catalogue.scales, study=catalogue.study, names=names(catalogue))


def messages(catalogue: Catalogue) -> dict[str, Text]:
    """What the rules say that find answers which exclude each other."""
    return {f"rule.{rule}": catalogue.rules[rule].message for rule in catalogue.study.answers}


def described(catalogue: Catalogue) -> frozenset[str]:
    """The dataflows that have reference metadata."""
    return frozenset(name for name in catalogue.flows if metadata_about(catalogue, [name]))


def accounts_among(traced: Iterable[TracedAccount], identities: Iterable[Identity]) -> tuple[Account, ...]:
    """The population accounts among the tests of identities."""
    own = {identity.id for identity in identities if identity.is_account}
    return tuple(one.account for one in traced if one.account.identity in own)


def testable(results: Sequence[IdentityResult], accounts: Iterable[Account]) -> tuple[ExplainedNumber, ExplainedNumber]:
    """The share of the identities of the population account that can be tested, and that of the years of the account.

    Mere guards, such as that no flow is negative, are no part of it.
    """
    counted = [one for one in results if not one.identity.startswith(GUARDS)]
    inputs = tuple((one.identity, str(one.tests)) for one in counted)
    share = ExplainedNumber(share_tested(counted) if counted else None, "formula.tested", inputs=inputs)
    yearly = [one for one in accounts if one.identity == ACCOUNT and not one.population]
    tested = sum(one.outcome != NO_ACCOUNT for one in yearly)
    outcomes = tuple((f"{ACCOUNT} {one.period}", one.outcome) for one in yearly)
    return share, ExplainedNumber(
        Decimal(tested) / len(yearly) if yearly else None, "formula.tested_years", inputs=outcomes
    )


def about(claims: Claims) -> dict[str, tuple[SubjectAnswer, ...]]:
    """What the profile says of sources, products and actions, by subject; of indicators it stands with them."""
    indicators = {item.id for item in claims.items.values() if item.of == "indicator"}
    return {
        subject: tuple(answered(one, claims) for one in answers.values())
        for subject, answers in sorted(claims.profile.about.items())
        if not indicators.issuperset(answers)
    }


def answered(given: Answer, claims: Claims) -> SubjectAnswer:
    """One answer with what it means."""
    label, is_words = claims.label(given.item, given.answer), not claims.scale(given.item).labels
    return SubjectAnswer(
        given.item,
        given.answer,
        label=label,
        practice=given.practice,
        sources=given.sources,
        mark=given.mark,
        is_words=is_words,
    )


def score(item: BenchmarkItem, claims: Claims) -> Score:
    """How one item is answered; without an answer it has neither points nor a gap."""
    given, scale = claims.profile.of(item.id), claims.scale(item.id)
    return Score(
        item,
        given.answer,
        label=scale.label(given.answer),
        points=claims.points(item.id, given.answer),
        practice=given.practice,
        sources=given.sources,
        mark=given.mark,
        is_gap=bool(scale.gap(given.answer)),
    )


def result(indicator: Indicator, figures: Figures, claims: Claims, year: str) -> IndicatorResult:
    """How one indicator stands: all its values, why others are missing, and what the profile says of it."""
    found = values_of(indicator, figures)
    claim = claims.profile.of(AVAILABILITY, indicator.id)
    given = claims.profile.about.get(indicator.id, {})
    latest = max((value.period for value in found.values), default="")
    return IndicatorResult(
        indicator,
        claim.answer,
        practice=claim.practice,
        values=found.values,
        missing=found.missing,
        sources=claim.sources,
        mark=claim.mark,
        parts=found.parts,
        undivided=found.undivided,
        answers={item: answered(one, claims) for item, one in given.items()},
        topics=topics_shown(indicator, figures),
        delay=int(year) - int(latest) if latest else None,
        feasibility=feasibility(indicator, claims),
    )
