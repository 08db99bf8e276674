"""Assessing a country: what its profile says, what its data show, and how both compare with the Recommendations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sdmxmig.calculations.evidence import evidence
from sdmxmig.calculations.figures import Figures
from sdmxmig.calculations.indicator_values import values_of
from sdmxmig.calculations.terms import years_in_words
from sdmxmig.calculations.timelines import timelines
from sdmxmig.catalogue import Catalogue
from sdmxmig.demography.accounts import accounts, outcomes_of, trace
from sdmxmig.demography.ledger import books_of
from sdmxmig.errors import DeclarationError
from sdmxmig.model.artefacts import ItemScheme, Text
from sdmxmig.model.assessment import Assessment, Gap, IndicatorResult, Score, candidate_texts, headline
from sdmxmig.model.data import Dataset
from sdmxmig.model.findings import SEVERITIES, Findings
from sdmxmig.model.indicators import Indicator
from sdmxmig.model.profile import BenchmarkItem, Profile, Scale
from sdmxmig.workspace import Workspace

__all__ = ["assess", "candidate_texts", "headline"]

NO_SOURCE = "0"
INDICATOR_SCALE = "AVAIL"
AVAILABILITY = "L01"
"""The item that asks whether an indicator is available."""
PARTIAL = "partial"
LABELLED = (
    "CL_ACC_ITEM",
    "CL_AGE",
    "CL_BIRTH_STATUS",
    "CL_CTZ_STATUS",
    "CL_OBS_STATUS",
    "CL_POLICY_AREA",
    "CL_SEX",
    "CL_TIER",
    "CL_UNIT_MEASURE",
)
"""Codelists whose names go with an assessment, so that a report needs nothing else."""
OWNERS = ("SDMX", "SDMXMIG")
"""Whose lists our structures take; other agencies have lists of the same ids."""
MODULES = "CL_BENCH_ITEM"
SERIES = "CL_SERIES"


def assess(
    workspace: Workspace,
    catalogue: Catalogue,
    datasets: Sequence[Dataset],
    findings: Findings,
    profile: Profile,
    *,
    year: str = "",
    provenance: Sequence[tuple[str, str]] = (),
) -> Assessment:
    """Compare a country's statistics with the Recommendations.

    Indicators are computed from the datasets of the workspace's area, items are answered by the profile, and both
    are brought together: what is declared but not in the data is only not shown, what the data contradict is said.
    `year` is that of the assessment, by default the profile's. Raises `DeclarationError` if the profile is that of
    another country or an indicator names a calculation or term that does not exist.
    """
    if profile.area != workspace.area:
        message = f"The profile is of “{profile.area}”, the workspace of “{workspace.area}”."
        raise DeclarationError(message, profile.place, f'Write area = "{workspace.area}" if it is the same country.')
    figures = Figures(datasets, workspace.area)
    availability = catalogue.scales.get(INDICATOR_SCALE, Scale(INDICATOR_SCALE, (), ()))
    scores = tuple(score(item, profile, catalogue.scales[item.scale]) for item in catalogue.items.values())
    results = tuple(result(one, figures, profile, availability) for one in catalogue.indicators.values())
    return Assessment(
        area=workspace.area,
        country=workspace.name,
        office=workspace.office,
        year=year or profile.year,
        signed_off=profile.signed_off,
        scores=scores,
        indicators=results,
        accounts=accounts(datasets, catalogue.identities, (workspace.area,)),
        series=timelines(figures, names_in(catalogue, SERIES)),
        gaps=(*item_gaps(scores, catalogue.scales), *indicator_gaps(results, availability)),
        findings=tuple((severity, findings.count(severity)) for severity in SEVERITIES),
        sources=dict(profile.sources),
        provenance=tuple(provenance),
        labels=labels(catalogue),
        identities=outcomes_of(
            trace(books_of(datasets), catalogue.identities, (workspace.area,)), catalogue.identities, workspace.area
        ),
        scales=tuple(scale for name, scale in sorted(catalogue.scales.items()) if name in answered_on(catalogue)),
        evidence=evidence(
            catalogue.probes, datasets, workspace.area, {one.item: one.answer for one in profile.answers.values()}
        ),
    )


def answered_on(catalogue: Catalogue) -> set[str]:
    """The scales on which items and indicators are answered."""
    return {INDICATOR_SCALE, *(item.scale for item in catalogue.items.values())}


def score(item: BenchmarkItem, profile: Profile, scale: Scale) -> Score:
    """How one item is answered; without an answer it has neither points nor a gap."""
    given = profile.of(item.id)
    return Score(
        item,
        given.answer,
        scale.label(given.answer),
        dict(scale.points).get(given.answer),
        given.practice,
        given.sources,
        given.mark,
        bool(scale.gap(given.answer)),
    )


def result(indicator: Indicator, figures: Figures, profile: Profile, availability: Scale) -> IndicatorResult:
    """How one indicator stands: all its values, why others are missing, and what the profile says of it."""
    found = values_of(indicator, figures)
    claim = profile.of(AVAILABILITY, indicator.id)
    contradiction = ""
    if claim.answer == NO_SOURCE and found.values:
        years = years_in_words([int(value.period) for value in found.values])
        contradiction = f"The profile says “{availability.label(NO_SOURCE)}”, but the data give values for {years}."
    return IndicatorResult(
        indicator,
        claim.answer,
        claim.practice,
        found.values,
        found.missing,
        claim.sources,
        claim.mark,
        contradiction,
        found.parts,
        found.undivided,
    )


def item_gaps(scores: Iterable[Score], scales: Mapping[str, Scale]) -> Iterator[Gap]:
    """The items that are answered with a gap, in their order; each with what to do about it.

    An item without a declared action is closed by doing what the Recommendations say.
    """
    for one in scores:
        if one.is_gap:
            asked = one.item.recommendation or one.item.name
            partial = scales[one.item.scale].gap(one.answer) == PARTIAL
            yield Gap(one.item.id, asked, one.item.action or asked, one.label, partial)


def indicator_gaps(results: Iterable[IndicatorResult], availability: Scale) -> Iterator[Gap]:
    """The core indicators that are declared as not produced and that the data do not show either."""
    for one in results:
        gap = availability.gap(one.declared)
        if one.indicator.tier == "core" and gap and not one.is_produced:
            yield Gap(
                one.indicator.id,
                one.indicator.name,
                availability.action(one.declared) or one.indicator.name,
                availability.label(one.declared),
                gap == PARTIAL,
            )


def labels(catalogue: Catalogue) -> dict[str, Text]:
    """The names of the codes that an assessment mentions: by ``LIST.CODE``, of columns by their concept alone.

    Modules of the benchmarking study stand as ``CL_BENCH_ITEM.A``, accounting identities as ``ACCOUNTS.A01``.
    """
    found: dict[str, Text] = {}
    topics = {topic for indicator in catalogue.indicators.values() for topic in indicator.primary_topics}
    modules = {item.module for item in catalogue.items.values()}
    for ref, scheme in catalogue.artefacts.items():
        if not isinstance(scheme, ItemScheme):
            continue
        if ref.kind == "ConceptScheme" and ref.agency in OWNERS:
            found |= {item.id: item.name for item in scheme if item.id in topics}
        elif ref.agency in OWNERS and (ref.id in LABELLED or ref.id == MODULES):
            shown = (item for item in scheme if ref.id != MODULES or item.id in modules)
            found |= {f"{ref.id}.{item.id}": item.name for item in shown}
    found |= {f"ACCOUNTS.{identity.id}": identity.name for identity in catalogue.identities}
    return dict(sorted(found.items()))


def names_in(catalogue: Catalogue, codelist: str) -> dict[str, Text]:
    """The names of the codes of a codelist, by code; empty if there is no such list."""
    schemes = (one for ref, one in catalogue.artefacts.items() if ref.id == codelist)
    return {item.id: item.name for one in schemes if isinstance(one, ItemScheme) for item in one}
