"""Assessment of a country from its profile and data, compared with the standard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.accounting import Identity
from sdmxmig.catalogue.benchmarking import CONFIRMED, EVIDENCE_ORDER, Answer, BenchmarkItem, Profile, RoadmapPlan
from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.catalogue.showing.names import collect_labels, find_scheme, index_names, load_names
from sdmxmig.catalogue.standard import Standard
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import SEVERITIES, Findings
from sdmxmig.statistics.calculations.alignment import assess_alignment, list_separate_counts
from sdmxmig.statistics.calculations.availability import (
    list_areas,
    list_breakdowns,
    list_data_availability,
    list_flow_rules,
    list_modules,
    list_unknown_shares,
)
from sdmxmig.statistics.calculations.evidence import (
    Claims,
    find_contradictions,
    find_date_contradictions,
    list_evidence,
    suspend_contradicted_answers,
)
from sdmxmig.statistics.calculations.feasibility import list_challenges, list_potentials, rate_indicator
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.gaps import (
    AssessmentMaterial,
    count_rules,
    find_issues,
    list_difference_gaps,
    list_flows_of_other_producers,
    list_indicator_gaps,
    list_item_gaps,
    merge_same_gaps,
    select_findings_on_country,
)
from sdmxmig.statistics.calculations.indicator_values import compute_values, index_topic_names, list_shown_topics
from sdmxmig.statistics.calculations.roadmap import build_roadmap
from sdmxmig.statistics.calculations.timelines import build_timelines
from sdmxmig.statistics.country import Country
from sdmxmig.statistics.demography.accounts import (
    TracedAccount,
    compute_tested_share,
    count_outcomes,
    mark_incomplete_accounts,
    trace,
)
from sdmxmig.statistics.demography.ledger import open_books
from sdmxmig.statistics.model.assessment import Account, Assessment, IdentityResult, Score
from sdmxmig.statistics.model.evidence import ExplainedNumber
from sdmxmig.statistics.model.indicator_results import IndicatorResult, SubjectAnswer, count_by_status
from sdmxmig.statistics.model.integration import IntegrationRecord

__all__ = ["assess", "count_by_status"]

NO_FINDINGS = Findings()
AVAILABILITY_ITEM = "L01"
SERIES, GROUPS, ISSUES = "CL_SERIES", "CL_DEF_GROUP", "CL_QUALITY_ISSUE"
GUARD_MODULE = "G"
ACCOUNT_INDICATOR = "A01"
NET_INDICATOR = "A12"
FLOW_ITEMS = frozenset({"FLW_IMM", "FLW_EMI"})
NOT_TESTABLE = "NOT_TESTABLE"
SOURCE = "SOURCE_DETAIL"
OWN_WORD_KINDS = ("action", "comment", "abbreviation")
INTEGRATION_LISTS = ("CL_INTEG_METHOD", "CL_RES_RULE")


def assess(
    country: Country,
    catalogue: Catalogue,
    datasets: Sequence[Dataset],
    findings: Findings,
    profile: Profile,
    *,
    answers: Findings = NO_FINDINGS,
    provenance: Sequence[tuple[str, str]] = (),
) -> Assessment:
    """Compare a country's statistics with the standard.

    Combines indicators computed from datasets with answers of the profile. Contradicted answers are reported; data that
    are declared but missing are not a contradiction. Raises `DeclarationError` for another country's profile, or an
    unknown calculation or term.
    """
    if profile.area != country.area:
        message = f"The profile is for “{profile.area}”, but the workspace is for “{country.area}”."
        raise DeclarationError(message, profile.place, f'Write area = "{country.area}" if it is the same country.')
    outdated = list_outdated_answers(profile, catalogue.standard, country.compared_with)
    supported = keep_proven_answers(clear_answers(profile, outdated), catalogue)
    claims, area = read_claims(supported, catalogue), country.area
    on_country = select_findings_on_country(findings, claims)
    figures = Figures(datasets, area, claims.names)
    traced = mark_incomplete_accounts(trace(open_books(datasets), catalogue.identities, (area,)), catalogue.identities)
    traced = add_sources(traced, datasets)
    material = AssessmentMaterial(
        catalogue=catalogue, claims=claims, figures=figures, traced=traced, findings=findings, language=country.language
    )
    assessment = Assessment(
        area=area,
        country=country.name,
        office=country.office,
        year=profile.year,
        signed_off=profile.signed_off,
        scores=tuple(compute_score(item, claims) for item in catalogue.items.values()),
        indicators=tuple(
            assess_indicator(indicator, figures, claims, profile.year) for indicator in catalogue.indicators.values()
        ),
        accounts=select_accounts(traced, catalogue.identities),
        series=build_timelines(figures, index_names(catalogue, SERIES), country.language),
        gaps=(),
        findings=tuple((severity, on_country.count(severity)) for severity in SEVERITIES),
        other_findings=sum(findings.count(severity) - on_country.count(severity) for severity in ("error", "warning")),
        sources=dict(profile.sources),
        standard=catalogue.standard,
        outdated=outdated,
        is_fictional=country.is_fictional,
        provenance=tuple(provenance),
        contact=country.contact,
        citation=country.citation,
    )
    assessment = add_evidence(assessment, material)
    against = find_contradictions(assessment.evidence, assessment.indicators, claims, answers)
    assessment = suspend_contradicted_answers(replace(add_labels(assessment, material), contradictions=against))
    assessment = add_comparisons(assessment, material)
    planned = build_roadmap(catalogue.plan, assessment, profile)
    return replace(assessment, contradictions=(*against, *find_date_contradictions(planned, claims)), roadmap=planned)


def add_evidence(assessment: Assessment, material: AssessmentMaterial) -> Assessment:
    figures, claims, area = material.figures, material.claims, assessment.area
    return replace(
        assessment,
        breakdowns=list_breakdowns(figures, material.language),
        holdings=list_data_availability(figures.reported, area),
        flow_rules=list_flow_rules(figures.datasets, area, material.language),
        net_tests=list_net_tests(material.traced),
        identities=count_outcomes(material.traced, material.catalogue.identities, area),
        evidence=list_evidence(claims, figures.datasets, area, material.findings),
        unknown_shares=tuple(
            share for share in list_unknown_shares(figures) if share.flow not in list_flows_of_other_producers(claims)
        ),
        challenges=list_challenges(material.catalogue.indicators.values(), claims),
        about=index_subject_answers(claims, material.catalogue.plan),
        counts=list_separate_counts(claims, figures),
        rules=count_rules(
            select_findings_on_country(material.findings, claims), claims, list_account_rules(material.catalogue)
        ),
    )


def list_account_rules(catalogue: Catalogue) -> set[str]:
    accounts = {identity.id for identity in catalogue.identities if identity.is_account}
    return {rule.id for rule in catalogue.rules.values() if accounts.intersection(rule.identities)}


def add_labels(assessment: Assessment, material: AssessmentMaterial) -> Assessment:
    catalogue = material.catalogue
    parts = [part for indicator_result in assessment.indicators for part in indicator_result.parts]
    return replace(
        assessment,
        labels={**collect_labels(catalogue), **index_topic_names(parts, material.figures.reported, catalogue.topics)},
        scales=tuple(scale for _, scale in sorted(catalogue.scales.items())),
        sentences={**catalogue.study.sentences, **index_messages(catalogue)},
    )


def add_comparisons(assessment: Assessment, material: AssessmentMaterial) -> Assessment:
    catalogue, claims = material.catalogue, material.claims
    tested, years = compute_tested_shares(assessment.identities, assessment.accounts)
    issues = find_scheme(catalogue, ISSUES)
    quality_issues = find_issues(issues.ids if issues else (), assessment, material)
    gaps = (
        *list_item_gaps(assessment.scores, catalogue.scales),
        *list_indicator_gaps(assessment.indicators, catalogue.scales),
        *(list_difference_gaps(quality_issues, claims.study.differences) if has_practice(claims.profile) else ()),
    )
    return replace(
        assessment,
        modules=list_modules(assessment.scores, catalogue.scales),
        areas=list_areas(assessment.indicators),
        gaps=merge_same_gaps(gaps, claims.study.same_gaps),
        alignment=assess_alignment(claims, material.figures, find_scheme(catalogue, GROUPS)),
        tested=tested,
        tested_years=years,
        quality=quality_issues,
    )


def has_practice(profile: Profile) -> bool:
    return profile.is_answered and not profile.is_from_public_sources


def add_integration(assessment: Assessment, records: tuple[IntegrationRecord, ...], catalogue: Catalogue) -> Assessment:
    if not records:
        return assessment
    further = {
        f"{scheme_name}.{code}": name
        for scheme_name in INTEGRATION_LISTS
        for code, name in index_names(catalogue, scheme_name).items()
    }
    return replace(assessment, integration=records, labels=dict(sorted({**assessment.labels, **further}.items())))


def list_outdated_answers(profile: Profile, standard: Standard, compared_with: str) -> tuple[str, ...]:
    if compared_with == standard.date:
        return ()
    return tuple(item for item in standard.rewritten if profile.of(item).answer)


def clear_answers(profile: Profile, items: Sequence[str]) -> Profile:
    silent = {item: replace(profile.of(item), answer="") for item in items}
    return replace(profile, answers={**profile.answers, **silent})


def keep_proven_answers(profile: Profile, catalogue: Catalogue) -> Profile:
    """Clear answers without evidence but keep their questions; signed-off answers are confirmed."""
    own = {item.id for item in catalogue.questions.values() if item.of in OWN_WORD_KINDS}

    def supported(answer: Answer) -> Answer:
        if not answer.evidence and profile.signed_off and not answer.is_refused:
            answer = replace(answer, evidence=CONFIRMED)
        if answer.is_verified or answer.item in own:
            return answer
        return replace(answer, answer="", practice=Text(), sources=())

    def of_subject(answers: Mapping[str, Answer]) -> dict[str, Answer]:
        return {item: supported(answer) for item, answer in answers.items()}

    about = {subject: of_subject(answers) for subject, answers in profile.about.items()}
    return replace(profile, answers=of_subject(profile.answers), about=about)


def read_claims(profile: Profile, catalogue: Catalogue) -> Claims:
    items = {**catalogue.items, **catalogue.questions}
    return Claims(
        profile=profile, items=items, scales=catalogue.scales, study=catalogue.study, names=load_names(catalogue)
    )


def index_messages(catalogue: Catalogue) -> dict[str, Text]:
    return {f"rule.{rule}": catalogue.rules[rule].message for rule in catalogue.study.answers}


def select_accounts(traced: Iterable[TracedAccount], identities: Iterable[Identity]) -> tuple[Account, ...]:
    account_ids = {identity.id for identity in identities if identity.is_account}
    return tuple(test.account for test in traced if test.account.identity in account_ids)


def add_sources(traced: Sequence[TracedAccount], datasets: Iterable[Dataset]) -> tuple[TracedAccount, ...]:
    rows: dict[str, dict[int, None]] = {}
    for flow, row in (observation for test in traced for observation in list_observations(test)):
        rows.setdefault(flow, {})[row] = None
    columns = {
        dataset.flow.id: dataset.observations[SOURCE] for dataset in datasets if SOURCE in dataset.observations.columns
    }
    citations = {
        (flow, row): source
        for flow in rows.keys() & columns.keys()
        for row, source in zip(rows[flow], columns[flow].gather(list(rows[flow])), strict=True)
    }
    return tuple(replace(test, account=replace(test.account, sources=list_sources(test, citations))) for test in traced)


def list_observations(test: TracedAccount) -> tuple[tuple[str, int], ...]:
    return (*test.ends, *((flow, row) for _, flow, row in test.parts))


def list_sources(test: TracedAccount, citations: Mapping[tuple[str, int], str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(citations.get, list_observations(test)))))


def list_net_tests(traced: Iterable[TracedAccount]) -> tuple[Account, ...]:
    tests = (test.account for test in traced if test.account.identity == NET_INDICATOR and not test.account.population)
    return tuple(
        test for test in tests if test.residual is not None and FLOW_ITEMS.issubset(term.item for term in test.terms)
    )


def compute_tested_shares(
    results: Sequence[IdentityResult], accounts: Iterable[Account]
) -> tuple[ExplainedNumber, ExplainedNumber]:
    """Compute the shares of account identities and years that were tested, without guard items."""
    relevant = [identity_result for identity_result in results if not identity_result.identity.startswith(GUARD_MODULE)]
    inputs = tuple((identity_result.identity, str(identity_result.tests)) for identity_result in relevant)
    share = ExplainedNumber(compute_tested_share(relevant) if relevant else None, "formula.tested", inputs=inputs)
    yearly = [account for account in accounts if account.identity == ACCOUNT_INDICATOR and not account.population]
    tested = sum(account.outcome != NOT_TESTABLE for account in yearly)
    outcomes = tuple((f"{ACCOUNT_INDICATOR} {account.period}", account.outcome) for account in yearly)
    return share, ExplainedNumber(
        Decimal(tested) / len(yearly) if yearly else None, "formula.tested_years", inputs=outcomes
    )


def index_subject_answers(claims: Claims, plan: RoadmapPlan) -> dict[str, tuple[SubjectAnswer, ...]]:
    """Return answers by subject, standard actions in order of gain and evidence, others in order of id."""
    indicators = {item.id for item in claims.items.values() if item.of == "indicator"}
    gains = {proposal.id: proposal.gain for proposal in plan.proposals}

    def weight(subject: str) -> tuple[str, int, str]:
        evidence = {answer.evidence for answer in claims.profile.about[subject].values() if subject in gains}
        return gains.get(subject, ""), min(map(EVIDENCE_ORDER.index, filter(None, evidence)), default=0), subject

    return {
        subject: tuple(find_subject_answer(answer, claims) for answer in answers.values())
        for subject in sorted(claims.profile.about, key=weight)
        if not indicators.issuperset(answers := claims.profile.about[subject])
    }


def find_subject_answer(answer: Answer, claims: Claims) -> SubjectAnswer:
    label, is_words = claims.label(answer.item, answer.answer), not claims.scale(answer.item).labels
    return SubjectAnswer(
        answer.item,
        answer.answer,
        label=label,
        practice=answer.practice,
        sources=answer.sources,
        evidence=answer.evidence,
        quoted=answer.quoted,
        question=answer.question,
        is_words=is_words,
    )


def compute_score(item: BenchmarkItem, claims: Claims) -> Score:
    answer, scale = claims.profile.of(item.id), claims.scale(item.id)
    return Score(
        item,
        answer.answer,
        label=scale.label(answer.answer),
        points=claims.points(item.id, answer.answer),
        practice=answer.practice,
        sources=answer.sources,
        evidence=answer.evidence,
        quoted=answer.quoted,
        question=answer.question,
        is_gap=bool(scale.gap(answer.answer) and (scale.id != "ALIGN" or item.recommendation)),  # deviates from a text
    )


def assess_indicator(indicator: Indicator, figures: Figures, claims: Claims, year: str) -> IndicatorResult:
    values = compute_values(indicator, figures)
    claim = claims.profile.of(AVAILABILITY_ITEM, indicator.id)
    answers = claims.profile.about.get(indicator.id, {})
    latest = max((value.period for value in values.values), default="")
    return IndicatorResult(
        indicator,
        claim.answer,
        practice=claim.practice,
        values=values.values,
        missing=values.missing,
        sources=claim.sources,
        evidence=claim.evidence,
        parts=values.parts,
        undivided=values.undivided,
        bounds=values.bounds,
        group_rates=values.group_rates,
        answers={item: find_subject_answer(answer, claims) for item, answer in answers.items()},
        topics=list_shown_topics(indicator, figures),
        delay=int(year) - int(latest) if latest else None,
        feasibility=rate_indicator(indicator, claims),
        chances=list_potentials(indicator, claims),
    )
