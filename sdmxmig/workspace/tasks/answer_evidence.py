"""Evidence shown beside answers of a profile, with the potential of its sources by indicator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.catalogue.benchmarking import Profile
from sdmxmig.catalogue.indicators import Indicator
from sdmxmig.quality.validation import validate
from sdmxmig.reporting.sections.evidence import in_words
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.reporting.statements import sentence_of
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.statistics import assessment
from sdmxmig.statistics.assessment import read_claims
from sdmxmig.statistics.calculations.evidence import contradictions, evidence
from sdmxmig.statistics.calculations.feasibility import chances
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.model.evidence import Contradiction, Evidence
from sdmxmig.statistics.model.indicator_results import Chance, IndicatorResult
from sdmxmig.workspace.tasks.answering import read_present_state
from sdmxmig.workspace.tasks.assessing import dataset
from sdmxmig.workspace.tasks.data_folder import read_datasets
from sdmxmig.workspace.tasks.finding_lists import FindingList, find_store
from sdmxmig.workspace.tasks.messages import is_convertible
from sdmxmig.workspace.tasks.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class DataMaterial:
    datasets: Sequence[Dataset]
    _: KW_ONLY
    findings: Findings
    results: Sequence[IndicatorResult]


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    evidence: Mapping[str, tuple[Evidence, ...]]
    contradictions: tuple[Contradiction, ...]
    _: KW_ONLY
    results: Mapping[str, IndicatorResult] = field(default_factory=dict)
    sentences: Mapping[str, Text] = field(default_factory=dict)
    has_data: bool = False

    def against(self, item: str, subject: str) -> list[Contradiction]:
        return [each for each in self.contradictions if (each.item, each.subject) == (item, subject)]

    def sentence(self, contradiction: Contradiction, language: str) -> str:
        return sentence_of(contradiction.sentence, self.sentences, language)


NOTHING_BESIDE = AnswerEvidence({}, ())


def data_material(session: Session, profile: Profile) -> DataMaterial:
    is_converted = session.results.made("data") is not None and is_convertible(session.workspace)
    datasets = read_datasets(session) if is_converted else ()
    catalogue = session.catalogue
    claims = assessment.read_claims(profile, catalogue)
    figures = Figures(datasets, session.workspace.country.area, claims.names)
    indicators = catalogue.indicators.values() if datasets else ()
    store = find_store(session.out)
    rules = {rule for probe in catalogue.study.probes for rule in probe.rules}
    return DataMaterial(
        datasets,
        findings=FindingList(store).of_rules(rules) if store.is_file() else Findings(),
        results=[assessment.assess_indicator(indicator, figures, claims, profile.year) for indicator in indicators],
    )


def beside_answers(session: Session, profile: Profile, material: DataMaterial) -> AnswerEvidence:
    catalogue = session.catalogue
    claims = assessment.read_claims(profile, catalogue)
    shown = evidence(claims, material.datasets, session.workspace.country.area, material.findings)
    among_answers = validate(dataset(session, profile), catalogue)
    by_item: dict[str, tuple[Evidence, ...]] = {}
    for piece in shown:
        by_item[piece.item] = (*by_item.get(piece.item, ()), piece)
    return AnswerEvidence(
        by_item,
        contradictions(shown, material.results, claims, among_answers),
        results={result.indicator.id: result for result in material.results if result.values},
        sentences={**catalogue.study.sentences, **assessment.messages(catalogue)},
        has_data=bool(material.datasets),
    )


def evidence_in_words(piece: Evidence, language: str) -> str:
    return in_words(piece, Wording(language))


SOURCE_TYPES, NEEDS = "CL_SRC_TYPE", "CL_SRC_NEED"


@dataclass(frozen=True, slots=True)
class IndicatorChances:
    """An indicator with the country's potential sources, most promising first."""

    indicator: Indicator
    chances: tuple[Chance, ...]
    _: KW_ONLY
    sources: dict[str, Text]
    steps: dict[str, Text]


def source_chances(session: Session) -> list[IndicatorChances]:
    """Return indicators in order with their potential sources in the inventory; empty if many."""
    claims = read_claims(read_present_state(session).profile, session.catalogue)
    types = {item.id: item.name for item in session.catalogue.item_scheme(SOURCE_TYPES)}
    steps = {item.id: item.name for item in session.catalogue.item_scheme(NEEDS)}
    return [
        IndicatorChances(
            indicator,
            possible,
            sources={each.source: types[each.source] for each in possible},
            steps={code: steps[code] for each in possible for code in each.needs},
        )
        for indicator in session.catalogue.indicators.values()
        for possible in [chances(indicator, claims)]
    ]
