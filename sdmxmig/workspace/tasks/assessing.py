"""Assessment of practice and data against reference documents, and evidence for answers of a profile."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence, Sized
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import Any

from sdmxmig.catalogue.benchmarking import Profile
from sdmxmig.catalogue.folders import list_search_path
from sdmxmig.catalogue.regional import read_comparisons
from sdmxmig.forms.profiles.dataset import ASSESSMENT_FLOW, build_dataset, build_metadata
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.io.intake.files import MIB, hash_file, read_bytes
from sdmxmig.io.intake.incoming import open_message
from sdmxmig.primitives import __version__
from sdmxmig.primitives.errors import InputError, SdmxmigError, write_count
from sdmxmig.primitives.places import Place
from sdmxmig.quality.validation import validate
from sdmxmig.reporting.outputs import typed_json
from sdmxmig.reporting.sections.evidence import describe_evidence
from sdmxmig.reporting.sections.wording import Wording
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.statistics import assessment
from sdmxmig.statistics.assessment import read_claims
from sdmxmig.statistics.calculations.evidence import find_contradictions, list_evidence
from sdmxmig.statistics.calculations.feasibility import list_potentials
from sdmxmig.statistics.calculations.figures import Figures
from sdmxmig.statistics.calculations.gaps import EarlierAssessment, classify_progress
from sdmxmig.statistics.calculations.peers import AREA, build_peer_comparisons, list_countries
from sdmxmig.statistics.model.assessment import Assessment, PeerComparison
from sdmxmig.statistics.model.evidence import Contradiction, Evidence, render_statement
from sdmxmig.statistics.model.indicator_results import IndicatorResult
from sdmxmig.statistics.model.integration import INTEGRATION_COMMANDS, IntegrationRecord
from sdmxmig.workspace.folder import COUNTRY_FILE, PEERS
from sdmxmig.workspace.tasks.answering import read_present_state, read_profile
from sdmxmig.workspace.tasks.converting import update_data
from sdmxmig.workspace.tasks.data_folder import read_datasets, read_findings
from sdmxmig.workspace.tasks.finding_lists import FindingList, find_store
from sdmxmig.workspace.tasks.messages import is_convertible, list_losses, read_message_datasets
from sdmxmig.workspace.tasks.session import Session

ASSESSMENT = "assessment.json"
ANSWERS, METADATA = "profile.csv", "profile-metadata.xml"


PEERS_LIMIT = 64 * MIB


def assess(session: Session) -> Assessment:
    if is_convertible(session.workspace):
        update_data(session)
    country_assessment = compute_assessment(session)
    files = {ASSESSMENT: typed_json.render(country_assessment)}
    if session.workspace.profile is not None:
        profile = read_profile(session)
        files |= {ANSWERS: write_answers(session, profile), METADATA: write_metadata(session, profile)}
    session.put("assessment", files, options={"folder": session.workspace.name})
    assessed_parts: dict[str, Sized] = {
        "item": country_assessment.scores,
        "indicator": country_assessment.indicators,
        "gap": country_assessment.gaps,
    }
    assessed_parts["contradiction"] = country_assessment.contradictions
    session.stage("assess", ", ".join(write_count(len(parts), noun) for noun, parts in assessed_parts.items()))
    return country_assessment


def compute_assessment(session: Session) -> Assessment:
    profile = read_profile(session)
    has_profile = session.workspace.profile is not None
    session.report_if_older("data", "findings")
    datasets = read_datasets(session) if is_convertible(session.workspace) else ()
    country_assessment = assessment.assess(
        session.workspace.country,
        session.catalogue,
        datasets=datasets,
        findings=read_findings(session.path("findings") / "findings.jsonl"),
        profile=profile,
        answers=validate(build_assessment_dataset(session, profile), session.catalogue) if has_profile else Findings(),
        provenance=list_provenance(session),
    )
    country_assessment = replace(country_assessment, peers=compare_with_peers(session, datasets))
    country_assessment = assessment.add_integration(
        country_assessment, read_integration_records(session, profile.area), session.catalogue
    )
    before = read_earlier_assessment(session)
    if before is None:
        return country_assessment
    return replace(
        country_assessment, progress=classify_progress(before, country_assessment, session.catalogue.study.differences)
    )


def read_earlier_assessment(session: Session) -> EarlierAssessment | None:
    path = session.workspace.previous
    if path is None:
        return None
    before = typed_json.read_earlier(read_bytes(path), str(path))
    if before.area != session.workspace.country.area:
        message = f"The earlier assessment is for “{before.area}”, not for “{session.workspace.country.area}”."
        raise SdmxmigError(message, Place(str(path)), "Name an earlier assessment of the same country.")
    today = session.prepared[: len("2026-01-01")]
    if before.since > today[: len(before.since)]:  # one without day is of a year
        message = f"The “earlier” assessment is of {before.since}, after today’s of {today}."
        hint = f"Name one in {COUNTRY_FILE} under previous that was made before today’s, or correct the clock or --now."
        raise SdmxmigError(message, Place(str(path)), hint)
    return before


def compare_with_peers(session: Session, datasets: Sequence[Dataset]) -> tuple[PeerComparison, ...]:
    """Compare with peers in the workspace; raise `InputError` for unreadable, wrong or oversized files."""
    workspace, catalogue = session.workspace, session.catalogue
    if not workspace.peers:
        return ()
    of_others: list[Dataset] = []
    rest = PEERS_LIMIT
    for path in workspace.peers:
        name, content = read_message_of_others(path, rest)
        rest -= len(content)
        datasets_of_others = read_message_datasets(name, content, catalogue.flows)
        check_others(datasets_of_others, workspace.country.area, path)
        if workspace.country.area in list_countries(datasets_of_others):
            session.say(f"{PEERS}/{path.name}: the figures of {workspace.country.area} itself are ignored.")
        of_others += datasets_of_others
    choice = read_comparisons(list_search_path("structures", workspace.folder), catalogue).page_one
    own = Figures(datasets, workspace.country.area)
    return build_peer_comparisons(
        own, workspace.country.name, of_others, indicators=catalogue.indicators, choice=choice
    )


def read_message_of_others(path: Path, limit: int) -> tuple[str, bytes]:
    with open_message(path, f"{PEERS}/{path.name}") as (name, message):
        content = message.read(limit + 1)
    if len(content) > limit:
        hint = "Put only indicators (DF_INDICATOR) or the latest years there."
        message_text = (
            f"All together and unpacked, the files in {PEERS}/ are larger than {PEERS_LIMIT // MIB or 1} MiB."
        )
        raise InputError(message_text, Place(str(path)), hint)
    return name, content


def check_others(datasets: Sequence[Dataset], area: str, path: Path) -> None:
    if not set(list_countries(datasets)) - {area}:
        hint = f"Put data of other countries here, such as DF_INDICATOR or DF_POP with their code in {AREA}."
        raise InputError("These are not data of another country.", Place(str(path)), hint)


def read_integration_records(session: Session, area: str) -> tuple[IntegrationRecord, ...]:
    """Read integration records in order of commands; raise `InputError` for invalid or foreign records."""
    records = []
    for path in session.workspace.integration:
        record = typed_json.read_integration(read_bytes(path), str(path))
        if record.is_simulated and not session.workspace.country.is_fictional:
            hint = "Remove it, or write fictional = true for a made-up country."
            raise InputError("This is based on simulated records of persons who do not exist.", Place(str(path)), hint)
        if path.name != (name := typed_json.name_integration_file(record.command)):
            raise InputError(f"This is the output of {record.command}.", Place(str(path)), f"Rename it to {name}.")
        if record.area and record.area != area:
            hint = "Remove it: the workspace is for another country."
            raise InputError(f"This was made for {record.area}.", Place(str(path)), hint)
        records.append(record)
    return tuple(sorted(records, key=lambda record: INTEGRATION_COMMANDS.index(record.command)))


def build_assessment_dataset(session: Session, profile: Profile) -> Dataset:
    catalogue = session.catalogue
    return build_dataset(profile, catalogue.flow(ASSESSMENT_FLOW), read_questions(catalogue), session.workspace.sender)


def write_answers(session: Session, profile: Profile) -> bytes:
    answer_data = build_assessment_dataset(session, profile)
    header = session.header(f"{profile.area}_{answer_data.flow.id}")
    for sentence in list_losses(answer_data):
        session.say(sentence)
    return data_bytes(FORMATS["sdmx-csv-2.0"], [answer_data], header)


def write_metadata(session: Session, profile: Profile) -> bytes:
    catalogue, write = session.catalogue, FORMATS["sdmx-ml-3.0"].write_metadata
    metadata_set = build_metadata(profile, catalogue, read_questions(catalogue), session.workspace.sender)
    return write([metadata_set], session.header(f"{profile.area}_{ASSESSMENT_FLOW}_METADATA")) if write else b""


def list_provenance(session: Session) -> list[tuple[str, str]]:
    workspace = session.workspace
    inputs = [*workspace.tables, *workspace.mappings, *workspace.peers, *workspace.integration]
    inputs += [path for path in (session.workspace.profile, session.workspace.previous) if path]
    hashes = [(path.name, f"SHA-256 {hash_file(path)}") for path in inputs]
    return [
        ("sdmxmig", __version__),
        ("Python", platform.python_version()),
        ("prepared", session.prepared),
        ("command", f"sdmxmig run {session.workspace.name}"),
        *hashes,
    ]


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
        return render_statement(contradiction.sentence, self.sentences, language)


NOTHING_BESIDE = AnswerEvidence({}, ())


def build_material(session: Session, profile: Profile) -> DataMaterial:
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
        findings=FindingList(store).select_rules(rules) if store.is_file() else Findings(),
        results=[assessment.assess_indicator(indicator, figures, claims, profile.year) for indicator in indicators],
    )


def compare_answers(session: Session, profile: Profile, material: DataMaterial) -> AnswerEvidence:
    catalogue = session.catalogue
    claims = assessment.read_claims(profile, catalogue)
    shown = list_evidence(claims, material.datasets, session.workspace.country.area, material.findings)
    among_answers = validate(build_assessment_dataset(session, profile), catalogue)
    by_item: dict[str, tuple[Evidence, ...]] = {}
    for piece in shown:
        by_item[piece.item] = (*by_item.get(piece.item, ()), piece)
    return AnswerEvidence(
        by_item,
        find_contradictions(shown, material.results, claims, among_answers),
        results={result.indicator.id: result for result in material.results if result.values},
        sentences={**catalogue.study.sentences, **assessment.index_messages(catalogue)},
        has_data=bool(material.datasets),
    )


def describe_evidence_piece(piece: Evidence, language: str) -> str:
    return describe_evidence(piece, Wording(language))


SOURCE_TYPES, NEEDS = "CL_SRC_TYPE", "CL_SRC_NEED"
ANSWER_WORDS = {"Y": "yes", "P": "partly"}


def list_source_rows(session: Session, language: str) -> list[dict[str, Any]]:
    """List what the best source of each indicator could provide; indicators without a source are omitted."""
    claims = read_claims(read_present_state(session).profile, session.catalogue)
    types, steps = (
        {item.id: item.name.in_language(language) for item in session.catalogue.item_scheme(scheme)}
        for scheme in (SOURCE_TYPES, NEEDS)
    )
    return [
        {
            "indicator": indicator.id,
            "gives": ANSWER_WORDS[chance.answer],
            "item": chance.item,
            "source": types[chance.source],
            "recorded": list(chance.recorded),
            "lacking": list(chance.lacking),
            "asked": list(chance.asked),
            "needs": [steps[code] for code in chance.needs],
        }
        for indicator in session.catalogue.indicators.values()
        for chance in list_potentials(indicator, claims)[:1]
    ]
